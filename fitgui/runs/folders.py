"""Where fitgui keeps its files; the environment variable ``FITGUI_DATA`` moves all of them to one folder."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path, user_log_path


def default_data_folder() -> Path:
    """The folder of the journal; not created here."""
    chosen = os.environ.get("FITGUI_DATA")
    return Path(chosen).expanduser() if chosen else user_data_path("fitgui", appauthor=False)


def default_log_folder() -> Path:
    """The folder of the log files; not created here."""
    chosen = os.environ.get("FITGUI_DATA")
    return Path(chosen).expanduser() / "logs" if chosen else user_log_path("fitgui", appauthor=False)
