"""Catalogues as files: the bundled one, and what HEPData said when it was last asked to refresh it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from fitgui.pallets.published import Entry
from fitgui.whole_files import write_whole

SCHEMA = 1


class Document(msgspec.Struct, omit_defaults=True):
    """A catalogue as a file."""

    schema: int
    entries: list[msgspec.Raw]
    made: str = ""
    """Of the bundled one: an ISO date."""
    refreshed: str = ""
    """Of the one in the data folder: an ISO time in UTC."""


def read(path: Path, name: str, problems: list[str]) -> tuple[Document, tuple[Entry, ...]]:
    """Read a catalogue; entries that are damaged are left out and told.

    Args:
        path: the file.
        name: how it is called in a sentence, at its beginning.
        problems: gets a sentence if entries are left out.

    Raises:
        OSError: if the file cannot be read.
        ValueError: if it is no catalogue, or of another schema.
    """
    document = msgspec.json.decode(path.read_bytes(), type=Document)
    if document.schema != SCHEMA:
        raise ValueError(f"its schema is {document.schema}, known is {SCHEMA}")
    entries: list[Entry] = []
    why = ""
    for raw in document.entries:
        try:
            entries.append(_ENTRY.decode(raw))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            why = reason(error)
    left_out = len(document.entries) - len(entries)
    if left_out:
        problems.append(
            f"{name} holds {left_out} of {len(document.entries)} entries that cannot be read ({why})."
        )
    return document, tuple(entries)


def write(path: Path, entries: Iterable[Entry], refreshed: datetime) -> None:
    """Write beside, then rename: whoever reads meanwhile, in another window, reads a whole file.

    Raises:
        OSError: if it cannot be written; what was there before is there still.
    """
    document = {"schema": SCHEMA, "refreshed": iso(refreshed), "entries": tuple(entries)}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, msgspec.json.encode(document))


def iso(time: datetime) -> str:
    """A time as it is written down: in UTC, to the second."""
    return time.astimezone(UTC).isoformat(timespec="seconds")


def reason(error: Exception) -> str:
    """Why something could not be read or written, to be put into a sentence."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).rstrip(".")


_ENTRY: msgspec.json.Decoder[Entry] = msgspec.json.Decoder(Entry)
