"""Writing a file so that it is either whole or not there."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

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
        if path.exists() and not path.is_file():  # a pipe or a device cannot be renamed over
            path.write_bytes(content)
            return
        target = path.resolve()  # through a link, so that the link stays
        part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
        try:
            with part.open("xb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            if target.exists():
                part.chmod(target.stat().st_mode & 0o7777)
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
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
