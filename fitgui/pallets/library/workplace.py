"""Changing the library: one process at a time, and nothing half done is ever listed.

What is added is put together in a folder of its own, ``.incoming-…``, and renamed when it is whole; what is
removed is renamed first, ``.removed-…``. A process that is killed in between leaves such a folder behind; the
next change cleans up. Whether the maker of an incoming folder still lives is told by a lock beside it, which
the operating system releases when a process ends.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from fitgui.pallets.library.errors import LibraryError, explained
from fitgui.pallets.library.files import sync_folder

WAITING_SECONDS = 30.0
"""Changes take milliseconds; who waits longer waits for a process that hangs."""
_INCOMING = ".incoming-"
_REMOVED = ".removed-"
_LOCK = ".lock"


class Workplace:
    """The folder of a library while it is changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Keep all others from changing the library; for as short as possible.

        Raises:
            LibraryError: if another process does not let go, or the folder cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.folder / _LOCK, timeout=WAITING_SECONDS)
            with lock:
                self._clean()
                yield
        except Timeout as error:
            raise LibraryError(
                f"another fitgui has been changing the library {self.folder} for {WAITING_SECONDS:.0f} s: "
                "end it, and try again"
            ) from error
        except (OSError, NotImplementedError) as error:
            raise LibraryError(explained(error, self.folder)) from error

    @contextmanager
    def incoming(self) -> Iterator[Path]:
        """A folder to put something together in; it is gone at the end, unless it was renamed."""
        with self.changing():
            folder = self.folder / f"{_INCOMING}{secrets.token_hex(8)}"
            mark = Path(f"{folder}{_LOCK}")
            alive = FileLock(mark, timeout=0, thread_local=False)
            alive.acquire()
            folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            alive.release()
            with suppress(OSError):
                mark.unlink(missing_ok=True)

    def set_aside(self, folder: Path) -> Path:
        """Rename what is to be removed, while changing; whoever reads it may finish."""
        aside = self.folder / f"{_REMOVED}{secrets.token_hex(8)}"
        folder.rename(aside)
        sync_folder(self.folder)
        return aside

    def put_in_place(self, folder: Path, target: Path) -> None:
        """Rename what is whole, while changing; something damaged that lies there is removed."""
        if target.exists() or target.is_symlink():
            discard(self.set_aside(target))
        folder.rename(target)
        sync_folder(self.folder)

    def _clean(self) -> None:
        """Remove what dead processes left behind."""
        for path in list(self.folder.iterdir()):
            if path.name.startswith(_REMOVED):
                discard(path)
            elif path.name.startswith(_INCOMING):
                self._clean_incoming(path)

    def _clean_incoming(self, path: Path) -> None:
        folder = path.with_name(path.name.removesuffix(_LOCK))
        mark = Path(f"{folder}{_LOCK}")
        lock = FileLock(mark, timeout=0)
        try:
            lock.acquire()
        except (OSError, NotImplementedError):  # Timeout among them: its maker lives
            return
        discard(folder)
        lock.release()
        with suppress(OSError):
            mark.unlink(missing_ok=True)


def discard(path: Path) -> None:
    """Remove a folder or a link; what cannot be removed now is removed some other time."""
    if path.is_symlink() or path.is_file():
        with suppress(OSError):
            path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)


def write_whole(path: Path, data: bytes) -> None:
    """While changing, write a file so that readers see the old one or the new one, also after a power cut."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)  # of a process that was killed
    try:
        with part.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
