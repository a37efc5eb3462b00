"""What nobody foresaw: one sentence for the user, the rest into a file for whoever repairs it."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
import traceback
from pathlib import Path

from fitgui import __version__
from fitgui.folders import default_log_folder


def report(error: BaseException) -> str:
    """Write a traceback to a log file; return the sentence that says where."""
    what = f"{type(error).__name__}: {error}".strip().rstrip(":").rstrip(".")
    lines = [
        f"fitgui {__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"command: {sys.argv[1:]}",
        "".join(traceback.format_exception(error)),
    ]
    name = f"trouble-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
    for folder in (default_log_folder(), Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / name
            path.write_text("\n".join(lines), encoding="utf-8")
        except OSError:
            continue
        return f"something went wrong that should not ({what}); please report it with the file {path}"
    return f"something went wrong that should not ({what}); please report it"
