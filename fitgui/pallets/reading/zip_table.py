"""Whether the table of contents of a ZIP file tells the truth.

It has no checksum: where a bit of it is wrong, a file could be missing without a word, or be refused for a
reason that is none. But what it says of each file stands before that file, too.
"""

from __future__ import annotations

import struct
import zipfile

from fitgui.pallets.reading.streams import BrokenArchive

_END = b"PK\x05\x06"
_LOCAL = struct.Struct("<4s5H3L2H")
_MANY = 0xFFFF
"""As the number of files, it stands for one that is written elsewhere."""
_ENCRYPTED = 0x1
_UTF8 = 0x800
_WRONG = "is damaged: its table of contents is wrong; download or copy it again"


def check_directory(data: bytes, archive: zipfile.ZipFile) -> None:
    """See whether as many files are listed as the file says at its end.

    Args:
        data: The ZIP file.
        archive: What was made of it.

    Raises:
        BrokenArchive: if they are more or fewer.
    """
    end = data.rfind(_END)
    said = int.from_bytes(data[end + 10 : end + 12], "little")
    if end >= 0 and said != _MANY and said != len(archive.infolist()) & _MANY:
        raise BrokenArchive(_WRONG)


def check_entry(data: bytes, info: zipfile.ZipInfo) -> None:
    """See whether a file is listed as it stands there: by the same name, packed in the same way.

    Args:
        data: The ZIP file.
        info: What its table says of one file.

    Raises:
        BrokenArchive: if not.
    """
    start = info.header_offset
    if start < 0 or start + _LOCAL.size > len(data):
        raise BrokenArchive(_WRONG)
    _, _, flags, method, _, _, _, _, _, length, _ = _LOCAL.unpack_from(data, start)
    name = data[start + _LOCAL.size : start + _LOCAL.size + length]
    try:
        there = name.decode("utf-8" if info.flag_bits & _UTF8 else "cp437")
    except UnicodeDecodeError as error:
        raise BrokenArchive(_WRONG) from error
    if there != info.orig_filename or method != info.compress_type or (flags ^ info.flag_bits) & _ENCRYPTED:
        raise BrokenArchive(_WRONG)
