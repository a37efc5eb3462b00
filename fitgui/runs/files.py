"""Writing what a user named a file for: whole, or with a sentence about why not."""

from __future__ import annotations

import os
from pathlib import Path

from fitgui import whole_files
from fitgui.runs.plan import RunError


def write_whole(path: Path, text: str) -> None:
    """Write text beside the file, then rename; an earlier file stays until the new one is whole.

    Raises:
        RunError: if it cannot be written.
    """
    write_whole_bytes(path, text.encode("utf-8"))


def write_whole_bytes(path: Path, content: bytes) -> None:
    """The same for what is no text.

    Raises:
        RunError: if it cannot be written.
    """
    try:
        whole_files.write_whole(path, content)
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror or error}; choose another place") from error


def check_writable(path: Path) -> None:
    """Find out before hours of fitting whether a file can be written where it is wanted.

    Raises:
        RunError: if its folder does not exist or takes no files, or the path is a folder.
    """
    try:
        _check_writable(path)
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror or error}; choose another place") from error


def _check_writable(path: Path) -> None:
    if path.is_dir():
        raise RunError(f"{path} is a folder: name a file in it")
    # A pipe is asked by its own name: behind /dev/fd/3 stands a link that leads nowhere.
    where = path if path.exists() and not path.is_file() else path.resolve().parent
    if not where.exists():
        raise RunError(f"there is no folder {where}: create it, or choose another place")
    if where != path and not where.is_dir():
        raise RunError(f"{where} is no folder: choose another place")
    if not os.access(where, os.W_OK):
        raise RunError(f"{where} cannot be written: change its permissions, or choose another place")
