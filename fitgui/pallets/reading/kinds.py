"""What a file is, by its first bytes; its name only decides where they say nothing."""

from __future__ import annotations

import codecs
import json
import tarfile
from enum import Enum

HEAD_BYTES = 2048


class Kind(Enum):
    """Kinds of file that are told apart."""

    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    ZIP = "zip"
    TAR = "tar"
    JSON = "JSON"
    """To be tried as JSON because its name or its first character says so."""
    ROOT = "a ROOT file"
    HISTFACTORY_XML = "a HistFactory XML file"
    ZSTANDARD = "a Zstandard archive"
    SEVEN_ZIP = "a 7-Zip archive"
    RAR = "a RAR archive"
    HTML = "a web page"
    LFS_POINTER = "a Git LFS pointer"
    EMPTY = "empty"
    OTHER = "other"


_MAGIC = (
    (b"root\x00", Kind.ROOT),  # the word alone could begin any text; a version below 2^24 follows
    (b"\x1f\x8b", Kind.GZIP),
    (b"BZh", Kind.BZIP2),
    (b"\xfd7zXZ\x00", Kind.XZ),
    (b"PK\x03\x04", Kind.ZIP),
    (b"PK\x05\x06", Kind.ZIP),
    (b"\x28\xb5\x2f\xfd", Kind.ZSTANDARD),
    (b"7z\xbc\xaf\x27\x1c", Kind.SEVEN_ZIP),
    (b"Rar!\x1a\x07", Kind.RAR),
    (b"version https://git-lfs", Kind.LFS_POINTER),
)
_HTML = (b"<!doctype html", b"<html")
_HISTFACTORY = (
    b"<combination",
    b"<!doctype combination",
    b"<!doctype channel",
    b"<channel",
    b"histfactoryschema.dtd",
)
_ENCODINGS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def recognise(head: bytes, path: str) -> Kind:
    """Tell what a file is.

    Args:
        head: Its first :data:`HEAD_BYTES` bytes, or all of it.
        path: Where it stands.

    Returns:
        The kind; :attr:`Kind.OTHER` for anything that a pallet does not need.
    """
    if not head:
        return Kind.EMPTY
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if _is_tar(head):
        return Kind.TAR
    return _text_kind(head, path)


def _text_kind(head: bytes, path: str) -> Kind:
    text = first_text(head)
    if text[:1] in ("{", "[", ""):
        return Kind.JSON
    lowered = text.lower().encode("utf-8", "replace")
    if lowered.startswith(_HTML):
        return Kind.HTML
    if lowered.startswith(b"<") and any(mark in lowered for mark in _HISTFACTORY):
        return Kind.HISTFACTORY_XML
    return Kind.JSON if path.lower().endswith(".json") else Kind.OTHER


def first_text(head: bytes) -> str:
    """The beginning of a text without byte order mark and white space, whatever its Unicode encoding."""
    encoding = next((name for mark, name in _ENCODINGS if head.startswith(mark)), None)
    if encoding is None:
        encoding = json.detect_encoding(head[:4])
    return head.decode(encoding, "replace").lstrip("\ufeff \t\r\n")


def _is_tar(head: bytes) -> bool:
    if len(head) < tarfile.BLOCKSIZE:
        return False
    if head[257:262] == b"ustar":
        return True
    # The oldest tars have no magic, but every header has its checksum.
    try:
        tarfile.TarInfo.frombuf(head[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True
