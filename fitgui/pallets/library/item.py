"""What the library knows of a file that it keeps, and how that is written down."""

from __future__ import annotations

import math
import re
import stat
from pathlib import Path
from typing import Any

import msgspec

from fitgui.pallets.published import AnalysisSummary, Entry, PublishedFile
from fitgui.pallets.reading.names import shown

FILE = "item.json"
CONTENT = "content"
_SCHEMA = 1
_MOST_ORIGINS = 20
_MOST_BYTES = 64 << 20
_VERSION = re.compile(r"hepdata\.\d+\.v(\d+)", re.IGNORECASE)


class Origin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a file came from, once."""

    source: str
    """The path that was opened, or the address that was downloaded."""
    when: str
    """ISO time in UTC."""
    entry: Entry | None = None
    """The published likelihood that it is a file of, as known at that time."""
    file: PublishedFile | None = None
    """Which file of it."""
    by_hand: bool = False
    """Whether somebody said that it is this file; it was not compared with HEPData's."""

    @property
    def version(self) -> int:
        """The version of the record; 0 if nobody knows."""
        if self.file is None:
            return 0
        matched = _VERSION.search(self.file.doi)
        return self.file.version or (int(matched[1]) if matched else 0)


class LibraryItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One file or folder that the library keeps."""

    digest: str
    """As :attr:`fitgui.pallets.Pallet.digest`: sha256 of the file."""
    name: str
    """Unique in the library, without the ending of an archive; by it the pallet can be opened."""
    file_name: str
    size: int
    """In bytes, on disk."""
    added: str
    """ISO time in UTC."""
    origins: tuple[Origin, ...] = ()
    """The latest first."""
    contents: tuple[AnalysisSummary, ...] | None = None
    """What opening it found; ``None`` if it was never opened."""
    refused: str = ""
    """Why it cannot be opened, as it was last tried."""
    folder: Path
    """Where it lies; not stored."""

    @property
    def path(self) -> Path:
        """The file or folder itself."""
        return self.folder / CONTENT / self.file_name

    @property
    def entry(self) -> Entry | None:
        """The published likelihood that :attr:`file` is of, if that is known; as it was last told."""
        published = self.published
        chief = published[0].entry if published else None
        known = [origin.entry for origin in self.origins if origin.entry is not None]
        return next((entry for entry in known if chief is None or entry.key == chief.key), None)

    @property
    def file(self) -> PublishedFile | None:
        """The published file that it is, if that is known; of the newest version that is the same."""
        return next(iter(self.files), None)

    @property
    def files(self) -> tuple[PublishedFile, ...]:
        """All published files that it is, the newest first: versions of a record may hold the same file."""
        return tuple(origin.file for origin in self.published if origin.file is not None)

    @property
    def published(self) -> tuple[Origin, ...]:
        """Origins that name a published file: first what HEPData gave, then what somebody said."""
        known = [origin for origin in self.origins if origin.file is not None]
        return tuple(sorted(known, key=lambda origin: (origin.by_hand, -origin.version)))


class DamagedItemError(Exception):
    """What lies in the library cannot be used; the text says why, without saying which it is."""


def with_origin(item: LibraryItem, origin: Origin) -> LibraryItem:
    """The item with one more origin in front; what is known of an equal one is not lost."""
    same = [known for known in item.origins if _same(known, origin)]
    entry = origin.entry or next((known.entry for known in same if known.entry), None)
    files = [known for known in same if known.file is not None]
    file = origin.file or next((known.file for known in files), None)
    by_hand = all(known.by_hand for known in files) if files else origin.by_hand
    by_hand = by_hand and (origin.by_hand or origin.file is None)
    merged = msgspec.structs.replace(origin, entry=entry, file=file, by_hand=by_hand)
    others = [known for known in item.origins if known not in same]
    return msgspec.structs.replace(item, origins=(merged, *others)[:_MOST_ORIGINS])


def _same(one: Origin, other: Origin) -> bool:
    if one.file and other.file:
        if one.file.doi and other.file.doi:
            return one.file.doi == other.file.doi
        if one.file.resource is not None and other.file.resource is not None:
            return one.file.resource == other.file.resource
    return one.source == other.source


def encoded(item: LibraryItem) -> bytes:
    """The item as a JSON document, without the folder."""
    known = {name: getattr(item, name) for name in item.__struct_fields__ if name != "folder"}
    document = {"schema": _SCHEMA, **_writable(msgspec.to_builtins(known))}
    return msgspec.json.format(msgspec.json.encode(document), indent=1)


def _writable(value: Any) -> Any:
    """The same without what JSON cannot say: half characters, as odd file names have, and infinity."""
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case float() if not math.isfinite(value):
            return str(value)
        case dict():
            return {_writable(key): _writable(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_writable(inner) for inner in value]
    return value


def read_item(folder: Path) -> LibraryItem:
    """What lies in a folder of the library.

    Raises:
        DamagedItemError: if its description or its content is missing, damaged or somewhere else.
    """
    try:
        if folder.is_symlink():
            raise DamagedItemError("it is a link, and links are not followed")
        item = _decoded(_bytes(folder / FILE), folder)
        _check_content(item)
    except OSError as error:
        raise DamagedItemError(f"it cannot be read ({error.strerror or error})") from error
    return item


def _bytes(path: Path) -> bytes:
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_BYTES:
            raise DamagedItemError("its description is no file of fitgui's")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise DamagedItemError("its description is missing") from error


def _decoded(data: bytes, folder: Path) -> LibraryItem:
    try:
        document = msgspec.json.decode(data, type=dict[str, Any])
        if document.get("schema") != _SCHEMA:
            raise DamagedItemError("its description was not written by this or an older fitgui")
        item = msgspec.convert({**document, "folder": folder}, LibraryItem)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise DamagedItemError("its description is damaged") from error
    name = item.file_name
    if item.digest != folder.name or not item.name or name in ("", ".", "..") or set(name) & set("/\\\0"):
        raise DamagedItemError("its description belongs to something else")
    return item


def _check_content(item: LibraryItem) -> None:
    try:
        status = item.path.lstat()
        inside = stat.S_ISDIR(item.path.parent.lstat().st_mode)
    except FileNotFoundError as error:
        raise DamagedItemError(f"its content {shown(item.file_name)} is missing") from error
    if stat.S_ISREG(status.st_mode) and inside:
        if status.st_size != item.size:
            raise DamagedItemError(f"its content {shown(item.file_name)} has another size than it had")
    elif not (stat.S_ISDIR(status.st_mode) and inside):
        raise DamagedItemError(f"its content {shown(item.file_name)} is neither a file nor a folder")
