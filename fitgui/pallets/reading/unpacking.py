"""Finding files in archives, and in archives in archives, without writing anything to disk."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, cast

from fitgui.pallets.model import PalletError
from fitgui.pallets.reading.kinds import HEAD_BYTES, Kind, recognise
from fitgui.pallets.reading.limits import MEBIBYTE, Budget
from fitgui.pallets.reading.names import claims_archive, is_noise, member_name, shown
from fitgui.pallets.reading.streams import BLOCK, BrokenArchive, Forward, decompressed
from fitgui.pallets.reading.zip_table import check_directory, check_entry

INSIDE = "!/"
"""Joins the path of an archive and the path in it."""

_ARCHIVES = (Kind.GZIP, Kind.BZIP2, Kind.XZ, Kind.ZIP, Kind.TAR)
_COMPRESSED = (Kind.GZIP, Kind.BZIP2, Kind.XZ)
_SUFFIXES = {Kind.GZIP: (".gz", ".gzip"), Kind.BZIP2: (".bz2",), Kind.XZ: (".xz",)}
_NOTEWORTHY = (Kind.ROOT, Kind.HISTFACTORY_XML, Kind.ZSTANDARD, Kind.SEVEN_ZIP, Kind.RAR, Kind.LFS_POINTER)
_ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)
_DIRECTORY_BYTES = 8 * MEBIBYTE
NO_ARCHIVE = "is damaged, or no archive although its name says so; download or copy it again"
"""Goes on after the name of a file."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file that may matter."""

    path: str
    kind: Kind
    data: bytes = field(default=b"", repr=False)
    """Its contents where it is to be tried as JSON."""


@dataclass(slots=True)
class Unpacker:
    """Walks through one source and keeps its account."""

    budget: Budget
    problems: list[str] = field(default_factory=list)

    def open(self, path: str, stream: Forward, depth: int = 0) -> Iterator[Found]:
        """Everything of interest in a file that stands at ``path``.

        Args:
            path: Its place, archives inside archives joined by :data:`INSIDE`; empty for the source itself.
            stream: Its contents.
            depth: Layers around it.

        Yields:
            JSON with its contents, and what can be named but not used without.

        Raises:
            PalletError: if it is hostile.
            BrokenArchive: if it, and not only something inside it, is damaged.
        """
        kind = recognise(stream.peek(HEAD_BYTES), path or self.budget.name)
        self.budget.layer(depth)
        if kind in _COMPRESSED:
            yield from self._compressed(path, kind, stream, depth)
        elif kind is Kind.TAR:
            yield from self._tar(path, stream, depth)
        elif kind is Kind.ZIP:
            yield from self._zip(path, stream.everything(), depth)
        elif kind is Kind.JSON:
            yield Found(path, kind, stream.everything())
        elif kind in _NOTEWORTHY or (kind in (Kind.HTML, Kind.EMPTY) and _claims_json(path)):
            yield Found(path, kind)
        elif kind is Kind.OTHER and depth == 0 and claims_archive(path or self.budget.name):
            raise BrokenArchive(NO_ARCHIVE)

    def member(self, path: str, stream: Forward, depth: int) -> Iterator[Found]:
        """The same for a member: if it is damaged, that is a problem, not the end.

        Nothing of it is given then: its checksums come last, so nobody knows which part of it is wrong.
        """
        try:
            found = list(self.open(path, stream, depth))
        except BrokenArchive as error:
            self.problems.append(f"{path} {error}.")
        else:
            yield from found

    def _compressed(self, path: str, kind: Kind, stream: Forward, depth: int) -> Iterator[Found]:
        """What is packed, and whether it is what was packed: its checksum is behind the end of a tar."""
        inner = decompressed(kind, stream, self.budget)
        held = recognise(inner.peek(HEAD_BYTES), path)
        try:
            yield from self.open(path if held in _ARCHIVES else _without_suffix(path, kind), inner, depth + 1)
        except BrokenArchive:
            inner.drain()  # if its checksum is wrong, then that is why
            raise
        if held not in _NOTEWORTHY:
            inner.drain()

    def _refuse(self, reason: str) -> PalletError:
        return PalletError(
            f"{self.budget.name} {reason}, as only a damaged or hostile archive does, and was not read."
        )

    def _tar(self, path: str, stream: Forward, depth: int) -> Iterator[Found]:
        prefix = f"{path}{INSIDE}" if path else ""
        try:
            archive = tarfile.TarFile(fileobj=cast("IO[bytes]", stream), mode="r", encoding="utf-8")
            while (info := archive.next()) is not None:
                archive.members.clear()  # type: ignore[attr-defined]
                self.budget.member()
                yield from self._tar_member(prefix, info, stream, depth)
        except (tarfile.TarError, ValueError, OverflowError, RecursionError) as error:
            raise BrokenArchive("is cut off or damaged; download or copy it again") from error
        # Where tarfile meets a header that it cannot read, it stops as if the archive ended there.
        if stream.last_block.strip(b"\x00"):
            raise BrokenArchive("is damaged in the middle; download or copy it again")
        if not stream.last_block:
            self.problems.append(
                f"{path or self.budget.name} ends without the mark that ends an archive; "
                "it may have been cut off."
            )

    def _tar_member(self, prefix: str, info: tarfile.TarInfo, stream: Forward, depth: int) -> Iterator[Found]:
        name = member_name(info.name)
        if name is None:
            raise self._refuse(
                f'holds a file with the path "{shown(info.name, 60)}" that leads out of the archive'
            )
        if info.issym() or info.islnk():
            raise self._refuse(f'holds a link, "{shown(name, 60)}"')
        if info.isdir():
            return
        if not info.isreg() or info.issparse():
            raise self._refuse(f'holds "{shown(name, 60)}", which is a device or another special file')
        if is_noise(name):
            return
        stream.seek(info.offset_data)
        content = Forward(_Part(stream, info.size), None)
        wanted = recognise(content.peek(HEAD_BYTES), name)
        if wanted is Kind.OTHER:
            self._miss(prefix + shown(name))
            return
        data = content.everything() if wanted in (*_ARCHIVES, Kind.JSON) else content.peek(HEAD_BYTES)
        if len(data) < min(info.size, HEAD_BYTES) or (
            wanted in (*_ARCHIVES, Kind.JSON) and len(data) < info.size
        ):
            raise BrokenArchive("is cut off or damaged; download or copy it again")
        yield from self.member(prefix + shown(name), Forward(io.BytesIO(data), None), depth + 1)

    def _miss(self, path: str) -> None:
        """Tell of what is called an archive and cannot be one."""
        if claims_archive(path):
            self.problems.append(f"{path} {NO_ARCHIVE}.")

    def _zip(self, path: str, data: bytes, depth: int) -> Iterator[Found]:
        prefix = f"{path}{INSIDE}" if path else ""
        try:
            with zipfile.ZipFile(_ZipFile(data)) as archive:
                check_directory(data, archive)
                for info in archive.infolist():
                    self.budget.member()
                    check_entry(data, info)
                    yield from self._zip_member(prefix, archive, info, depth)
        except zipfile.BadZipFile as error:
            raise BrokenArchive("is cut off or damaged; download or copy it again") from error
        except (
            EOFError,
            OSError,
            zlib.error,
            ValueError,
            NotImplementedError,
            RecursionError,
            OverflowError,
        ) as error:
            raise BrokenArchive("is damaged and cannot be unpacked; download or copy it again") from error

    def _zip_member(
        self, prefix: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo, depth: int
    ) -> Iterator[Found]:
        name = member_name(info.filename)
        if name is None:
            raise self._refuse(
                f'holds a file with the path "{shown(info.filename, 60)}" that leads out of the archive'
            )
        mode = info.external_attr >> 16
        if stat.S_ISLNK(mode):
            raise self._refuse(f'holds a link, "{shown(name, 60)}"')
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise self._refuse(f'holds "{shown(name, 60)}", which is a device or another special file')
        if info.is_dir() or info.filename.endswith("\\") or is_noise(name):
            return
        if info.flag_bits & 0x1:
            raise BrokenArchive("is encrypted; unpack it with its password first")
        if info.compress_type not in _ZIP_METHODS:
            raise BrokenArchive(
                f'packs "{shown(name, 60)}" in an uncommon way; unpack it and open the folder'
            )
        with archive.open(info) as member:
            content = Forward(member, self.budget.unpack)
            wanted = recognise(content.peek(HEAD_BYTES), name)
            if wanted is Kind.OTHER:
                content.drain()  # it may be of no use only because it is damaged
                self._miss(prefix + shown(name))
                return
            whole = wanted in (*_ARCHIVES, Kind.JSON)
            contents = content.everything() if whole else content.peek(HEAD_BYTES)
            if whole and len(contents) != info.file_size:
                raise BrokenArchive("is damaged: its table of contents is wrong; download or copy it again")
        yield from self.member(prefix + shown(name), Forward(io.BytesIO(contents), None), depth + 1)


class _Part:
    """The next ``size`` bytes of a stream."""

    def __init__(self, stream: Forward, size: int) -> None:
        self._stream = stream
        self._left = size

    def read(self, size: int = -1, /) -> bytes:
        pieces = self._stream.take(min(self._left, BLOCK if size < 0 else size))
        data = b"".join(pieces)
        self._left -= len(data)
        return data


class _ZipFile(io.BytesIO):
    """Keeps :mod:`zipfile` from reading a directory of millions of entries, which it does in one piece."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _DIRECTORY_BYTES:
            raise BrokenArchive("is damaged: it has a table of contents of an absurd size, and was not read")
        return super().read(size)


def _claims_json(path: str) -> bool:
    """Whether somebody will miss it: the source itself, or what is called JSON."""
    return not path or path.lower().endswith(".json")


def _without_suffix(path: str, kind: Kind) -> str:
    lowered = path.lower()
    for suffix in _SUFFIXES[kind]:
        if lowered.endswith(suffix):
            return path[: -len(suffix)]
    return path
