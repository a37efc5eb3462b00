"""Folders of pools: where they are, which of them nobody uses any more, and what is left in those."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import time
import uuid
from pathlib import Path

import psutil

from fitgui_backends.couriers.parsl_interchange import give_back_noted
from fitgui_backends.remote.courier_process import ServiceError

KEPT = 3
"""Folders of earlier processes, newest first: they hold what jobs printed."""
FOREIGN_SECONDS = 14 * 24 * 3600.0
"""After which a folder of another host (a login node) is removed: its process cannot be seen from here."""

_OWNER = "owner.json"
_PLAIN = re.compile(r"[\w./+@:=-]+")


def new_folder(parent: Path) -> Path:
    """A folder of this process for one pool.

    Parsl writes paths into shell scripts without quoting them; where the folder would not survive that, a
    hidden folder in the home folder takes its place.

    Raises:
        ServiceError: if neither can be used, in words.
    """
    places = [parent, Path.home() / ".fitgui-parsl"]
    plain = [place for place in places if _PLAIN.fullmatch(str(place))]
    if not plain:
        raise ServiceError(
            f"Parsl cannot work in {parent}, for its name has blanks or signs of the shell: choose another "
            "folder for fitgui's data."
        )
    folder = plain[0] / f"{time.strftime('%Y%m%d-%H%M%S')}-{uuid.uuid4().hex[:6]}"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)  # keys of the workers will lie there
        (folder / _OWNER).write_text(json.dumps(_owner()), encoding="utf-8")
    except OSError as error:
        raise ServiceError(
            f"Parsl needs a folder of its own, but {folder} cannot be written ({error.strerror})."
        ) from error
    return folder


def tidy(parent: Path) -> None:
    """Remove folders of processes that have ended, but a few; cancel blocks that they left behind."""
    try:
        folders = sorted((entry.parent for entry in parent.glob(f"*/{_OWNER}")), reverse=True)
    except OSError:
        return
    ended = [folder for folder in folders if not _is_alive(folder)]
    for folder in ended:
        give_back_noted(folder / "blocks")
    for folder in ended[KEPT:]:
        shutil.rmtree(folder, ignore_errors=True)


def _owner() -> dict[str, str | int | float]:
    return {"host": socket.gethostname(), "pid": os.getpid(), "began": psutil.Process().create_time()}


def _is_alive(folder: Path) -> bool:
    """Whether the process of a folder may still be there."""
    try:
        owner = json.loads((folder / _OWNER).read_text(encoding="utf-8"))
        if owner["host"] != socket.gethostname():
            return time.time() - folder.stat().st_mtime < FOREIGN_SECONDS
        return bool(abs(psutil.Process(owner["pid"]).create_time() - owner["began"]) < 1.0)
    except psutil.AccessDenied:
        return True
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return False
