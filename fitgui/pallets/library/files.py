"""Bringing files and folders into the library, safe on disk, with the digest that opening them gives."""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import suppress
from pathlib import Path

from fitgui.pallets.library.errors import LibraryError
from fitgui.pallets.reading.limits import DEFAULT_LIMITS, MEBIBYTE, Budget
from fitgui.pallets.reading.names import shown
from fitgui.pallets.reading.source import digest_part, folder_contents

_WITHOUT_WAITING = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)


def digest_of(path: Path) -> str:
    """The digest of a file or folder, as :attr:`fitgui.pallets.Pallet.digest`.

    Raises:
        LibraryError: if it is neither, or too large, or a part of it cannot be read.
        PalletError: if a folder is too large.
        OSError: if it cannot be read.
    """
    return _read(path, None)[0]


def copy(path: Path, target: Path) -> tuple[str, int]:
    """Copy a file, or of a folder what is read of it, and wait until all of it is on the disk.

    Args:
        path: What is copied; its links are not followed.
        target: Where the copy goes; nothing lies there.

    Returns:
        Digest and size in bytes of what was copied.

    Raises:
        LibraryError, PalletError, OSError: as :func:`digest_of`; a part of the copy may lie there then.
    """
    return _read(path, target)


def move(path: Path, target: Path) -> tuple[str, int, bool]:
    """Have a file at another place, without room for a second copy where the file system can do that.

    Args:
        path: A file; it may still be there afterwards, to be removed when all is well.
        target: Where it goes; nothing lies there.

    Returns:
        Digest and size in bytes of what lies there now, and whether it is at ``path`` no more: then whoever
        fails afterwards has to rename it back.

    Raises:
        LibraryError, PalletError, OSError: as :func:`copy`.
    """
    gone = False
    if not stat.S_ISREG(path.lstat().st_mode):
        return (*copy(path, target), gone)
    try:
        os.link(path, target)
    except (OSError, NotImplementedError):  # another disk, or a file system without links
        try:
            path.rename(target)
        except OSError:
            return (*copy(path, target), gone)
        gone = True
    try:
        return (*_read(target, None), gone)
    except BaseException:
        if gone:
            move_back(target, path)
        raise


def move_back(target: Path, path: Path) -> None:
    """Undo :func:`move`, where it said that the file is gone from its place."""
    with suppress(OSError):
        target.rename(path)


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk, where the system can do that."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _read(path: Path, target: Path | None) -> tuple[str, int]:
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        return _read_folder(path, target)
    if stat.S_ISREG(mode):
        return _read_file(path, target)
    raise LibraryError(f"{shown(path.name)} is neither a file nor a folder, so it cannot be kept.")


def _read_file(path: Path, target: Path | None) -> tuple[str, int]:
    hasher = hashlib.sha256()
    size = 0
    with os.fdopen(os.open(path, _WITHOUT_WAITING), "rb") as source:
        copied = target.open("xb") if target is not None else None
        try:
            while block := source.read(MEBIBYTE):
                size += len(block)
                if size > DEFAULT_LIMITS.file_bytes:
                    most = DEFAULT_LIMITS.file_bytes // MEBIBYTE
                    raise LibraryError(
                        f"{shown(path.name)} is larger than {most} MB, which no pallet is, so it is not kept."
                    )
                hasher.update(block)
                if copied is not None:
                    copied.write(block)
            if copied is not None:
                copied.flush()
                os.fsync(copied.fileno())
        finally:
            if copied is not None:
                copied.close()
    return hasher.hexdigest(), size


def _read_folder(path: Path, target: Path | None) -> tuple[str, int]:
    hasher = hashlib.sha256()
    size = 0
    problems: list[str] = []
    if target is not None:
        target.mkdir()
    for relative, data in folder_contents(path, Budget(shown(path.name)), problems):
        hasher.update(digest_part(relative, data))
        size += len(data)
        if target is not None:
            _write(target / relative, data)
    if target is not None:
        for folder in (target, *(entry for entry in target.rglob("*") if entry.is_dir())):
            sync_folder(folder)
    return hasher.hexdigest(), size


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
