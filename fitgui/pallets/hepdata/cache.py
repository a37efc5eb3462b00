"""Answers of HEPData that are kept for a while, so that nothing is asked twice and offline is no end."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

DEFAULT_CAP = 64 * 1024 * 1024
_ENDING = ".answer"
_UNFINISHED = ".part"
_UNFINISHED_FOR = timedelta(hours=1)
_LARGEST_BODY = 256 * 1024 * 1024


class CachedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that was right when it was given."""

    url: str
    retrieved: datetime
    """In UTC."""
    body: bytes

    def age(self, now: datetime) -> timedelta:
        """How old it is; one from the future, after the clock was set back, is as old as can be."""
        passed = now - self.retrieved
        return passed if passed >= timedelta(0) else timedelta.max


class AnswerCache:
    """Answers by address, in a folder that anybody may delete at any time.

    Keeping is best effort: what cannot be written is asked for again, what cannot be read is not there.
    Several processes may use one folder: an answer is written aside and renamed when whole.

    Args:
        folder: is made when the first answer is kept.
        cap: bytes of all answers together; the oldest go first.
        clock: tells the time in UTC.
    """

    def __init__(
        self,
        folder: Path,
        *,
        cap: int = DEFAULT_CAP,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.folder = folder
        self._cap = cap
        self._clock = clock

    def get(self, url: str, longest: timedelta | None = None) -> CachedAnswer | None:
        """The answer that an address gave last.

        Args:
            url: was asked.
            longest: how old it may be; ``None`` for any age.
        """
        path = self._path(url)
        try:
            answer = msgspec.msgpack.decode(path.read_bytes(), type=CachedAnswer)
            unpacker = zlib.decompressobj()
            body = unpacker.decompress(answer.body, _LARGEST_BODY)
        except OSError:
            return None
        except (msgspec.MsgspecError, zlib.error, ValueError):
            with suppress(OSError):
                path.unlink()
            return None
        if not unpacker.eof or answer.url != url or answer.retrieved.tzinfo is None:
            return None
        if longest is not None and answer.age(self._clock()) > longest:
            return None
        return msgspec.structs.replace(answer, body=body)

    def put(self, url: str, body: bytes) -> CachedAnswer:
        """Keep an answer, if it can be kept."""
        answer = CachedAnswer(url=url, retrieved=self._clock(), body=body)
        packed = msgspec.msgpack.encode(msgspec.structs.replace(answer, body=zlib.compress(body, 6)))
        if len(packed) <= self._cap // 4:
            with suppress(OSError):
                self._write(self._path(url), packed)
                self._shrink()
        return answer

    def clear(self) -> None:
        """Forget everything."""
        for path, _ in self._kept():
            with suppress(OSError):
                path.unlink()

    def _path(self, url: str) -> Path:
        return self.folder / (hashlib.sha256(url.encode()).hexdigest()[:40] + _ENDING)

    def _write(self, path: Path, data: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.folder, suffix=_UNFINISHED)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise

    def _kept(self) -> list[tuple[Path, os.stat_result]]:
        """All files of the cache; others may delete them meanwhile."""
        found = []
        with suppress(OSError):
            for path in self.folder.iterdir():
                if path.suffix in (_ENDING, _UNFINISHED):
                    with suppress(OSError):
                        found.append((path, path.stat()))
        return found

    def _shrink(self) -> None:
        """Down to the cap, and without what a killed process left half-written."""
        kept = sorted(self._kept(), key=lambda one: one[1].st_mtime, reverse=True)
        oldest_part = self._clock().timestamp() - _UNFINISHED_FOR.total_seconds()
        total = 0
        for path, status in kept:
            total += status.st_size
            unfinished = path.suffix == _UNFINISHED
            if (unfinished and status.st_mtime < oldest_part) or (not unfinished and total > self._cap):
                with suppress(OSError):
                    path.unlink()
