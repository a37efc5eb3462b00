"""Where fitgui keeps its files; the environment variable ``FITGUI_DATA`` moves all of them to one folder."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path, user_data_path, user_log_path


def default_data_folder() -> Path:
    """The folder of the journal and of the library; not created here."""
    return _chosen() or user_data_path("fitgui", appauthor=False)


def default_signals_folder() -> Path:
    """The folder of signals of one's own that were fitted, as pallets; not created here."""
    return default_data_folder() / "signals"


def default_cache_folder() -> Path:
    """The folder of what can be asked for again at any time; not created here."""
    chosen = _chosen()
    return chosen / "cache" if chosen else user_cache_path("fitgui", appauthor=False)


def default_log_folder() -> Path:
    """The folder of the log files; not created here."""
    chosen = _chosen()
    return chosen / "logs" if chosen else user_log_path("fitgui", appauthor=False)


def _chosen() -> Path | None:
    chosen = os.environ.get("FITGUI_DATA")
    return Path(chosen).expanduser() if chosen else None
