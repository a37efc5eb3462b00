"""Streams that count what they yield and never go back."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable
from typing import Protocol

from fitgui.pallets.model import PalletError
from fitgui.pallets.reading.kinds import Kind
from fitgui.pallets.reading.limits import MEBIBYTE, Budget

BLOCK = MEBIBYTE
_XZ_MEMORY = 256 * MEBIBYTE
"""xz -9 needs 65 MB to unpack; a header can ask for 4 GB."""


class BrokenArchive(Exception):  # noqa: N818  # a problem, or a PalletError at the top
    """An archive or a compressed file that cannot be read; the text goes on after its name."""


class Readable(Protocol):
    """Bytes, from front to back."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to ``size`` bytes, empty at the end."""
        ...


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Unpacking:
    """Reads bzip2 and xz with a cap on what one call may produce, and on the memory that xz may take."""

    def __init__(self, packed: Readable, make: Callable[[], _Decompressor]) -> None:
        self._packed = packed
        self._make = make
        self._decompressor = make()
        self._started = False

    def read(self, size: int = -1, /) -> bytes:
        while True:
            if self._decompressor.eof:
                rest = self._decompressor.unused_data or self._packed.read(BLOCK)
                if not rest.strip(b"\x00"):
                    return b""
                self._decompressor = self._make()
            elif self._decompressor.needs_input:
                rest = self._packed.read(BLOCK)
                if not rest:
                    raise EOFError
            else:
                rest = b""
            if data := self._decompressor.decompress(rest, size):
                return data


class Forward:
    """A seekable face for :mod:`tarfile` over a stream that is read once, with every byte counted.

    Going backwards is refused: some damaged headers make tarfile go round in circles.
    """

    def __init__(self, source: Readable, meter: Callable[[int], None] | None) -> None:
        self._source = source
        self._meter = meter
        self._ahead = b""
        self._position = 0
        self._broken: BrokenArchive | None = None
        self.last_block = b""
        """What the latest call of :meth:`read` returned."""

    def peek(self, size: int) -> bytes:
        """The next bytes without passing them."""
        while len(self._ahead) < size and (more := self._pull(BLOCK)):
            self._ahead += more
        return self._ahead[:size]

    def _pull(self, size: int) -> bytes:
        if self._broken is not None:  # what is broken does not get better by being asked again
            raise self._broken
        try:
            data = self._source.read(size)
        except BrokenArchive as error:
            self._broken = error
            raise
        except EOFError as error:
            self._broken = BrokenArchive("is cut off or damaged; download or copy it again")
            raise self._broken from error
        except (OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, ValueError) as error:
            self._broken = BrokenArchive("is damaged and cannot be unpacked; download or copy it again")
            raise self._broken from error
        if self._meter is not None:
            self._meter(len(data))
        return data

    def take(self, size: int) -> list[bytes]:
        """Up to ``size`` bytes in pieces, as they come."""
        pieces = []
        while size > 0:
            if self._ahead:
                piece, self._ahead = self._ahead[:size], self._ahead[size:]
            elif not (piece := self._pull(min(size, BLOCK))):
                break
            elif len(piece) > size:  # a source may give more than was asked for
                piece, self._ahead = piece[:size], piece[size:]
            pieces.append(piece)
            size -= len(piece)
            self._position += len(piece)
        return pieces

    def read(self, size: int = -1, /) -> bytes:
        """Up to ``size`` bytes; used by tarfile for headers, which are never large."""
        if not 0 <= size <= BLOCK:
            raise BrokenArchive("is damaged: it has a header of an absurd size, and was not read")
        self.last_block = b"".join(self.take(size))
        return self.last_block

    def tell(self) -> int:
        """Bytes passed."""
        return self._position

    def seek(self, position: int, whence: int = 0, /) -> int:
        """Go on to a later position."""
        if whence != 0 or position < self._position:
            raise BrokenArchive("is damaged: it has headers that lead backwards, and was not read")
        missing = position - self._position
        while missing > 0:
            passed = sum(map(len, self.take(min(missing, BLOCK))))
            if not passed:
                break
            missing -= passed
        return self._position

    def drain(self) -> None:
        """Pass all that is left: what compresses compares its checksums at its end.

        Raises:
            BrokenArchive: if it is not what was packed.
        """
        while self.take(BLOCK):
            pass

    def everything(self) -> bytes:
        """All that is left."""
        # Its buffer grows in place and is handed over without a copy: never twice the contents in memory.
        collected = io.BytesIO()
        while more := self.take(BLOCK):
            for piece in more:
                collected.write(piece)
        return collected.getvalue()


def decompressed(kind: Kind, packed: Forward, budget: Budget) -> Forward:
    """What a compressed stream holds, counted against the budget.

    Args:
        kind: ``GZIP``, ``BZIP2`` or ``XZ``.
        packed: The compressed stream.
        budget: Is charged with every byte that comes out.

    Returns:
        The stream of its contents.
    """
    source: Readable
    if kind is Kind.GZIP:
        source = gzip.GzipFile(fileobj=_File(packed), mode="rb")
    elif kind is Kind.BZIP2:
        source = _Unpacking(_Packed(packed), bz2.BZ2Decompressor)
    elif kind is Kind.XZ:
        source = _Unpacking(
            _Packed(packed), lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
        )
    else:
        raise PalletError(f"{kind.value} is not a compression that can be read")
    return Forward(source, budget.unpack)


class _Packed:
    """A :class:`Forward` read in pieces of any size."""

    def __init__(self, stream: Forward) -> None:
        self._stream = stream

    def read(self, size: int = -1, /) -> bytes:
        return b"".join(self._stream.take(BLOCK if size < 0 else size))


class _File(io.RawIOBase):
    """A :class:`Forward` as the file object that :mod:`gzip` expects."""

    def __init__(self, stream: Forward) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        data = b"".join(self._stream.take(len(buffer)))
        buffer[: len(data)] = data
        return len(data)
