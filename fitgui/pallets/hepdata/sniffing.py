"""What a file is, judged by its first bytes alone: archives are unpacked as far as they have come."""

from __future__ import annotations

import bz2
import lzma
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator
from enum import Enum

from fitgui.pallets.reading.kinds import HEAD_BYTES, Kind, first_text, recognise

FIRST_BYTES = 512 * 1024
"""Of the beginning of a file: nearly every published pallet shows by then what it is."""
MORE_BYTES = 8 * 1024 * 1024
"""The others, in which something large comes first, do by then."""
_MOST_UNPACKED = 16 * 1024 * 1024
_MOST_DEPTH = 6
"""Layers of packing, compression counted apart."""
_JSON_HEAD = MORE_BYTES
_ZIP_HEADER = 30
_BLOCK = tarfile.BLOCKSIZE

_HS3 = re.compile(r'"(?:hs3_version|distributions|parameter_points)"\s*:')
_WORKSPACE = re.compile(r'"(?:channels|observations|measurements|samples|modifiers)"\s*:')
_PATCHES = re.compile(r'"patches"\s*:|"op"\s*:\s*"(?:add|remove|replace)"')
_PATCHED = re.compile(r'"path"\s*:\s*"/(?:channels|observations|measurements)|"patch"\s*:|"/channels/')


class Sniffed(Enum):
    """What the beginning of a file shows."""

    HISTFACTORY = "HistFactory"
    HS3 = "HS3"
    OTHER = "other"
    """Seen whole, and nothing in it is a likelihood; or of a kind that never holds one."""
    UNKNOWN = "unknown"


def sniff(head: bytes, name: str, *, whole: bool) -> Sniffed:
    """Tell what a file is.

    Args:
        head: its first bytes.
        name: of the file; only decides where the bytes say nothing.
        whole: whether that is all of it.
    """
    return _sniff(head, name, whole=whole, depth=0)


def _sniff(data: bytes, name: str, *, whole: bool, depth: int) -> Sniffed:
    if depth > _MOST_DEPTH:  # a file can be made that unpacks to itself
        return Sniffed.UNKNOWN
    kind = recognise(data[:HEAD_BYTES], name)
    if kind is Kind.JSON:
        return _json(data[:_JSON_HEAD], whole=whole and len(data) <= _JSON_HEAD)
    if kind in _UNPACKERS:
        unpacked, complete = _unpacked(data, _UNPACKERS[kind], whole=whole)
        if not unpacked:
            return Sniffed.UNKNOWN
        return _sniff(unpacked, _without_ending(name), whole=complete, depth=depth + 1)
    if kind is Kind.TAR:
        members, complete = _tar_members(data)
    elif kind is Kind.ZIP:
        members, complete = _zip_members(data)
    else:  # if too little has come, even a tar does not show itself
        little = kind in (Kind.OTHER, Kind.EMPTY) and not whole and len(data) < HEAD_BYTES
        return Sniffed.UNKNOWN if little else Sniffed.OTHER
    return _members(members, whole=whole and complete, depth=depth + 1)


def _members(members: list[tuple[str, bytes, bool]], *, whole: bool, depth: int) -> Sniffed:
    found = set()
    for name, data, complete in members:
        if data:
            found.add(_sniff(data, name, whole=complete, depth=depth))
    for sniffed in (Sniffed.HISTFACTORY, Sniffed.HS3):
        if sniffed in found:
            return sniffed
    return Sniffed.OTHER if whole and Sniffed.UNKNOWN not in found else Sniffed.UNKNOWN


def _json(data: bytes, *, whole: bool) -> Sniffed:
    text = first_text(data)
    if _HS3.search(text):
        return Sniffed.HS3
    keys = {match[0] for match in _WORKSPACE.finditer(text)}
    if len(keys) >= 2 or (_PATCHES.search(text) and _PATCHED.search(text)):
        return Sniffed.HISTFACTORY
    return Sniffed.OTHER if whole else Sniffed.UNKNOWN


def _unpacked(
    data: bytes, unpacker: Callable[[bytes, int], tuple[bytes, bool]], *, whole: bool
) -> tuple[bytes, bool]:
    try:
        unpacked, ended = unpacker(data, _MOST_UNPACKED)
    except (zlib.error, lzma.LZMAError, OSError, EOFError, MemoryError):
        return b"", False
    return unpacked, ended and whole


def _gunzip(data: bytes, most: int) -> tuple[bytes, bool]:
    unpacker = zlib.decompressobj(wbits=31)
    return unpacker.decompress(data, most), unpacker.eof


def _unxz(data: bytes, most: int) -> tuple[bytes, bool]:
    unpacker = lzma.LZMADecompressor(memlimit=256 * 1024 * 1024)
    return unpacker.decompress(data, most), unpacker.eof


def _unbzip2(data: bytes, most: int) -> tuple[bytes, bool]:
    unpacker = bz2.BZ2Decompressor()
    return unpacker.decompress(data, most), unpacker.eof


_UNPACKERS: dict[Kind, Callable[[bytes, int], tuple[bytes, bool]]] = {
    Kind.GZIP: _gunzip,
    Kind.XZ: _unxz,
    Kind.BZIP2: _unbzip2,
}


def _tar_members(data: bytes) -> tuple[list[tuple[str, bytes, bool]], bool]:
    """Name, content as far as it has come, and whether that is all; and whether the archive ends here."""
    members: list[tuple[str, bytes, bool]] = []
    position, long_name = 0, ""
    while position + _BLOCK <= len(data):
        block = data[position : position + _BLOCK]
        if not block.strip(b"\0"):
            return members, True
        try:
            header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.HeaderError:
            return members, False
        start = position + _BLOCK
        end = start + header.size
        content = data[start : min(end, start + _MOST_UNPACKED)]
        if header.type == tarfile.GNUTYPE_LONGNAME:
            long_name = content.rstrip(b"\0").decode("utf-8", "replace")
        elif header.isreg():
            members.append((long_name or header.name, content, end <= len(data)))
            long_name = ""
        position = start + -(-header.size // _BLOCK) * _BLOCK
    return members, position == len(data)


def _zip_members(data: bytes) -> tuple[list[tuple[str, bytes, bool]], bool]:
    """As of a tar, from the headers before each member: the directory at the end has not come."""
    members: list[tuple[str, bytes, bool]] = []
    position, left = 0, _MOST_UNPACKED
    while left > 0 and data[position : position + 4] == b"PK\x03\x04" and position + _ZIP_HEADER <= len(data):
        fields = _zip_fields(data, position)
        flags, method, packed_size, name_length, extra_length = fields
        start = position + _ZIP_HEADER + name_length + extra_length
        name = data[position + _ZIP_HEADER : position + _ZIP_HEADER + name_length].decode("utf-8", "replace")
        streamed = bool(flags & 8) and packed_size == 0
        packed = data[start:] if streamed else data[start : start + packed_size]
        content, complete, used = _zip_content(packed, method, left)
        left -= len(content)
        members.append((name, content, complete))
        if streamed:
            following = data.find(b"PK\x03\x04", start + used)
            if not complete or following < 0:
                return members, False
            position = following
        else:
            position = start + packed_size
    return members, data[position : position + 4] in (b"PK\x01\x02", b"PK\x05\x06")


def _zip_fields(data: bytes, position: int) -> Iterator[int]:
    """Flags, method, packed size, length of the name, length of the extra field."""
    for start, length in ((6, 2), (8, 2), (18, 4), (26, 2), (28, 2)):
        yield int.from_bytes(data[position + start : position + start + length], "little")


def _zip_content(packed: bytes, method: int, most: int) -> tuple[bytes, bool, int]:
    """Unpacked, whether that is all, and how many bytes it took."""
    if method == 0:
        return packed, True, len(packed)
    if method != 8:
        return b"", False, 0
    unpacker = zlib.decompressobj(wbits=-15)
    try:
        content = unpacker.decompress(packed, most)
    except zlib.error:
        return b"", False, 0
    return content, unpacker.eof, len(packed) - len(unpacker.unused_data)


def _without_ending(name: str) -> str:
    lowered = name.lower()
    for ending, replacement in ((".tgz", ".tar"), (".txz", ".tar"), (".gz", ""), (".xz", ""), (".bz2", "")):
        if lowered.endswith(ending):
            return name[: -len(ending)] + replacement
    return name
