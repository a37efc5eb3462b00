"""Whether there is a place for what is to be downloaded: told before anybody is asked for it."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from fitgui import words
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.places import disk_errors

_LEAST_BYTES = 64 * 1024
"""For what is written beside a file, and a beginning of it."""


def check_place(folder: Path) -> None:
    """See whether files can be written in a folder that need not be there yet; nothing is created.

    Args:
        folder: Where downloads or the library are.

    Raises:
        HepDataError: of the kind ``DISK``, if it cannot be written, or the disk is full.
    """
    with disk_errors(folder):
        there = _existing(folder)
        if not there.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, f"{there} is no folder")
        if not os.access(there, os.W_OK | os.X_OK):
            read_only = hasattr(os, "statvfs") and os.statvfs(there).f_flag & getattr(os, "ST_RDONLY", 0)
            code = errno.EROFS if read_only else errno.EACCES
            raise OSError(code, os.strerror(code))
    check_room("What is downloaded", folder, _LEAST_BYTES)


def check_room(name: str, folder: Path, needed: int) -> None:
    """See whether so much can be written.

    Args:
        name: Of what is to be written, for the sentence.
        folder: Where.
        needed: Bytes.

    Raises:
        HepDataError: of the kind ``DISK``, if there is less room.
    """
    with disk_errors(folder):
        free = shutil.disk_usage(_existing(folder)).free
    if needed > free:
        raise HepDataError(
            ErrorKind.DISK,
            f"{name} needs {words.size(needed)}, but on the disk with {folder} only {words.size(free)} are "
            "free: free some space there, then try again.",
        )


def on_one_disk(one: Path, other: Path) -> bool:
    """Whether a file can be moved from one folder to the other without room for a copy."""
    try:
        return _existing(one).stat().st_dev == _existing(other).stat().st_dev
    except OSError:
        return False


def _existing(path: Path) -> Path:
    """The path, or what of it there is."""
    for place in (path.absolute(), *path.absolute().parents):
        if place.exists():
            return place
    return path
