"""Where a download grows: a part, what is known of it beside it, and a lock, so that one process writes it.

```
<folder>/<key of the address>.lock
<folder>/<key of the address>/part            what has arrived
                              state.json      of which file, so that it can be gone on with
                              whole/<name>    checked and complete
```
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from fitgui.pallets.hepdata.cancelling import Cancel
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.reading.kinds import HEAD_BYTES, Kind, recognise

KEPT_DAYS = 21.0
"""A part that nobody went on with for so long is removed."""
_POLL_SECONDS = 0.1
_WITH_CHECKSUMS = (Kind.GZIP, Kind.BZIP2, Kind.XZ, Kind.ZIP)


class State(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a part."""

    url: str
    etag: str = ""
    last_modified: str = ""
    total: int | None = None
    """Bytes of the whole, as they are sent."""
    encoding: str = ""
    """In which they are sent."""
    file_name: str = ""
    digest: str = ""
    """Of the whole file, once it is complete."""
    size: int | None = None
    """Of the whole file, once it is complete."""

    @property
    def validator(self) -> str:
        """What ``If-Range`` may name: a strong ETag, else the date (RFC 9110, section 13.1.5)."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.last_modified


class Place:
    """The folder of one download, claimed by this process.

    Args:
        folder: of it alone.
        url: what is downloaded.
    """

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self.part = folder / "part"
        self._state = folder / "state.json"

    def state(self) -> State | None:
        """What is known of the part; ``None`` if there is none that can be gone on with."""
        try:
            state = msgspec.json.decode(self._state.read_bytes(), type=State)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None
        return state if state.url == self.url else None

    @property
    def received(self) -> int:
        """Bytes that are here."""
        try:
            return self.part.stat().st_size
        except FileNotFoundError:
            return 0

    def vouched(self, state: State) -> bool:
        """Whether the part can be gone on with.

        A part of one version of a file with the rest of another must be noticed: by HEPData, which is told
        which file it is, or by the checksums in the file.
        """
        if state.validator:
            return True
        with suppress(OSError), self.part.open("rb") as file:
            return recognise(file.read(HEAD_BYTES), state.file_name) in _WITH_CHECKSUMS
        return False

    def begin(self, state: State) -> None:
        """Start over: an empty part, of what ``state`` says."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.part.open("wb") as file:
            os.fsync(file.fileno())
        self._write(state)

    @contextmanager
    def appending(self) -> Iterator[Callable[[bytes], None]]:
        """Gives what adds bytes to the part; they are on disk at the end, whatever happens.

        Raises:
            HepDataError: of the kind ``DISK``, also from what it gives.
        """
        with disk_errors(self.folder.parent):
            file = self.part.open("ab", buffering=0)

        def write(data: bytes) -> None:
            rest = memoryview(data)
            with disk_errors(self.folder.parent):
                while rest:  # a disk that fills up takes some of it first
                    rest = rest[file.write(rest) or 0 :]

        try:
            yield write
        finally:
            with suppress(OSError):
                os.fsync(file.fileno())
            file.close()

    def complete(self, name: str, digest: str) -> Path:
        """Give the part its name: it is whole and checked."""
        state = self.state() or State(url=self.url)
        size = self.received
        with self.part.open("rb") as file:
            os.fsync(file.fileno())
        self._write(msgspec.structs.replace(state, file_name=name, digest=digest, size=size))
        target = self.folder / "whole" / name
        shutil.rmtree(target.parent, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        self.part.replace(target)
        _sync_folder(target.parent)
        return target

    def whole(self) -> tuple[Path, State] | None:
        """The complete file, if an earlier try came that far; its content is not read again here."""
        state = self.state()
        if state is None or not state.digest or not state.file_name:
            return None
        path = self.folder / "whole" / state.file_name
        try:
            return (path, state) if path.stat().st_size == state.size else None
        except OSError:
            return None

    def clear(self) -> None:
        """Throw away what is here."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write(self, state: State) -> None:
        written = self._state.with_suffix(".new")
        with written.open("wb") as file:
            file.write(msgspec.json.encode(state))
            file.flush()
            os.fsync(file.fileno())
        written.replace(self._state)


@contextmanager
def claim(
    folder: Path, url: str, cancel: Cancel, waiting: Callable[[], object] = lambda: None
) -> Iterator[Place]:
    """Have the place of a download for this process alone, and wait for it while another one has it.

    Args:
        folder: of all downloads; made if it is not there.
        url: what is downloaded.
        cancel: ends the waiting.
        waiting: is called once if there is somebody to wait for.

    Yields:
        The place.

    Raises:
        HepDataError: if the folder cannot be written, or the waiting was cancelled.
    """
    key = hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / f"{key}.lock")
        told = False
        while not _taken(lock):
            if not told:
                waiting()
                told = True
            cancel.wait(_POLL_SECONDS)
    try:
        cancel.check()
        yield Place(folder / key, url)
    finally:
        lock.release()


def clean(folder: Path, *, days: float = KEPT_DAYS, now: float | None = None) -> None:
    """Remove what nobody went on with for weeks; never fails, and leaves alone what is being written."""
    oldest = (time.time() if now is None else now) - 86400.0 * days
    with suppress(OSError):
        for found in list(folder.iterdir()):
            with suppress(OSError):
                if found.suffix == ".lock" and _latest(found, found.with_suffix("")) < oldest:
                    _remove(found)


def _remove(lock_file: Path) -> None:
    lock = FileLock(lock_file)
    if _taken(lock):
        try:
            shutil.rmtree(lock_file.with_suffix(""), ignore_errors=True)
            # Whoever opened it meanwhile sees that it has no name any more, and takes a new one. Windows
            # does not remove what is open; there an empty file stays.
            with suppress(OSError):
                lock_file.unlink()
        finally:
            lock.release()


def _latest(*paths: Path) -> float:
    """When any of them, or anything below, was last written; seconds since the epoch."""
    everything = [path for top in paths for path in (top, *top.rglob("*")) if path.exists()]
    return max((path.stat().st_mtime for path in everything), default=0.0)


def _taken(lock: FileLock) -> bool:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    return True


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turns what the disk says into a sentence.

    Args:
        folder: where the download is written; named in it.

    Raises:
        HepDataError: of the kind ``DISK``.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            text = f"The disk with {folder} is full: free some space there and try again; what came is kept."
        elif error.errno == errno.EFBIG:
            text = (
                f"A file as large as this may not be written in {folder}: raise the limit on the size of "
                "files (ulimit -f), or choose another place with the environment variable FITGUI_DATA."
            )
        else:
            text = (
                f"{folder} cannot be written ({error.strerror or error}): make it writable, or choose "
                "another place with the environment variable FITGUI_DATA."
            )
        raise HepDataError(ErrorKind.DISK, text) from error


def _sync_folder(folder: Path) -> None:
    """The new name reaches the disk, too, where the system has a way to say so."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
