"""What two lines of the list say of a published likelihood, of a kept file, of a download."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fitgui.gui.browser.wording import (
    date_words,
    parsed_time,
    points_words,
    received_words,
    size_words,
)
from fitgui.gui.store_states import DownloadState
from fitgui.pallets.library.item import LibraryItem
from fitgui.pallets.published import AnalysisSummary, Entry, Format, PublishedFile
from fitgui.pallets.readable import readable

if TYPE_CHECKING:
    from fitgui.pallets.catalogue.shelf import Row

SEPARATOR = " · "
HARD = re.compile(r"not a number|\bnan\b|wrong|converg|unstable|hard to fit|minimi[sz]", re.IGNORECASE)
UNKNOWN_SHARE = -1.0
"""A bar for something of which it is not known how much is left."""
PHASES = {
    "waiting": "○ waits for another download",
    "asking": "◔ asking HEPData …",
    "checking": "◔ checking what has come …",
}


@dataclass(frozen=True, slots=True)
class RowLook:
    """Two lines of the list, without any colour."""

    name: str
    facts: str = ""
    state: str = ""
    """Whether it is here, and what it would take; an icon and a word."""
    caution: str = ""
    role: str = "muted"
    """What colour the state has: ``muted``, ``good``, ``warning``, ``error`` or ``accent``."""
    share: float | None = None
    """How much of a download is here: 0 to 1, or :data:`UNKNOWN_SHARE`; ``None`` without one."""

    @property
    def spoken(self) -> str:
        """Everything, for a tooltip and for a screen reader."""
        return "\n".join(filter(None, (self.name, self.facts, self.state, self.caution)))


def look_of_row(row: Row, download: DownloadState | None = None) -> RowLook:
    """A row of the catalogue, or of what HEPData has found."""
    entry = row.entry
    number = _points(row) or ("" if entry.year is None else str(entry.year))
    facts = SEPARATOR.join(filter(None, (entry.analysis or entry.collaboration, number)))
    name, caution = name_of(row), caution_of(entry)
    if download is not None and download.phase not in ("done", "cancelled"):
        return _downloading(name, facts, caution, download)
    state, role = _availability(row, download)
    return RowLook(name, facts, state, caution, role)


def look_of_item(item: LibraryItem, row: Row | None = None) -> RowLook:
    """A file of the library: its size, when it came, from where; ``row`` knows what people call it."""
    published = row is not None and row.published
    name = name_of(row) if row is not None and published else item.name
    version = item.file.version if item.file is not None else None
    if published and version is not None:
        name += f", version {version}"
    added = parsed_time(item.added)
    facts = SEPARATOR.join(
        filter(None, (size_words(item.size), date_words(added) if added else "", origin_words(item)))
    )
    if item.refused:
        return RowLook(name, facts, "✗ does not open", role="error")
    return RowLook(name, facts, caution=caution_of(row.entry) if row is not None else "")


def name_of(row: Row) -> str:
    """What people call it: the nickname, the title, or what the library calls the file."""
    entry = row.entry
    return entry.nickname or readable(entry.title) or row.name


def origin_words(item: LibraryItem) -> str:
    """``from HEPData``, ``from a file``."""
    if not item.origins:
        return ""
    from_hepdata = any(origin.file is not None for origin in item.origins)
    return "from HEPData" if from_hepdata else "from a file"


def contents_of(row: Row) -> tuple[AnalysisSummary, ...]:
    """What opening has found in the latest of its files that was opened, or what the catalogue knows."""
    return next((item.contents for item in row.items if item.contents), row.entry.contents)


def file_of(entry: Entry) -> PublishedFile | None:
    """The file to get where none is chosen: the first of the newest version that may be a likelihood."""
    return next((file for file in entry.files if file.likelihood is not False), None)


def caution_of(entry: Entry) -> str:
    """The icon and words for a likelihood that is known to make trouble; other notes are for the card."""
    hard = any(HARD.search(problem) for problem in entry.known_problems)
    return "⚠ hard to fit" if hard else ""


def why_not(entry: Entry) -> str:
    """Why it cannot be fitted, short; empty where it can, or where that is unknown."""
    if entry.format is Format.HS3:
        return "HS3"
    return "see why" if entry.why_not else ""


def _points(row: Row) -> str:
    return points_words(row.entry, contents_of(row))


def _availability(row: Row, download: DownloadState | None) -> tuple[str, str]:
    kept = row.items[0] if row.items else None
    if kept is not None and kept.refused:
        return "✗ does not open", "error"
    if kept is not None:
        return "✓ library", "good"
    reason = why_not(row.entry)
    if reason:
        return f"⊘ not fittable: {reason}", "muted"
    if download is not None and download.phase == "cancelled" and download.progress is not None:
        part = received_words(download.progress.received, download.progress.total)
        return f"⊘ cancelled, {part}", "muted"
    file = file_of(row.entry)
    size = size_words(file.size) if file is not None else ""
    return f"↓ {size}" if size else "", "muted"


def _downloading(name: str, facts: str, caution: str, download: DownloadState) -> RowLook:
    if download.phase == "failed" and download.page:
        return RowLook(name, facts, "○ get it with a browser", caution, "muted")
    if download.offline:  # the card says the whole sentence
        return RowLook(name, facts, "○ not got: offline", caution, "muted")
    if download.phase == "failed":
        return RowLook(name, "", f"✗ {download.sentence}", caution, "error")
    progress = download.progress
    if download.phase != "downloading" or progress is None:
        state = PHASES.get(download.phase, "◔ getting it …")
        share = None if download.phase == "waiting" else UNKNOWN_SHARE
        return RowLook(name, facts if download.phase == "waiting" else "", state, caution, "accent", share)
    speed = size_words(progress.bytes_per_second)
    state = "↓ " + SEPARATOR.join(
        filter(None, (received_words(progress.received, progress.total), f"{speed}/s" if speed else ""))
    )
    share = progress.received / progress.total if progress.total else UNKNOWN_SHARE
    return RowLook(name, "", state, caution, "accent", min(share, 1.0))
