"""The one thing that the card offers to do with what is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from fitgui.gui.browser.row_looks import PHASES
from fitgui.gui.browser.wording import received_words, size_words
from fitgui.gui.store_states import DownloadState
from fitgui.pallets.library.item import LibraryItem
from fitgui.pallets.published import Format, PublishedFile

if TYPE_CHECKING:
    from fitgui.pallets.catalogue.shelf import Row


class Verb(Enum):
    """What the button does."""

    OPEN = auto()
    GET = auto()
    CANCEL = auto()
    BROWSE = auto()
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class Primary:
    """The button, and the sentence above it."""

    verb: Verb
    text: str
    explanation: str
    remark: str = ""
    role: str = "muted"
    """Of the remark."""


SAVE_AND_DROP = "Open the page in your browser, save the file, then drop it here."
READING = Primary(Verb.NOTHING, "Opening …", "A pallet is being read")


def primary_of(
    row: Row,
    file: PublishedFile | None,
    item: LibraryItem | None,
    download: DownloadState | None,
    opened: str,
) -> Primary:
    """What can be done with the chosen file of a row.

    Args:
        row: what is chosen.
        file: which of its files; ``None`` where none is known.
        item: the kept copy of that file, if there is one.
        download: how its getting stands.
        opened: digest of the pallet that is open.
    """
    if download is not None and download.going_on:
        return Primary(Verb.CANCEL, "Cancel", "Give up the download; what is here is kept", _going(download))
    if item is not None:
        return _kept(item, opened)
    size = size_words(file.size) if file is not None else ""
    reason = _why_not(row)
    if reason:
        return Primary(Verb.NOTHING, "Not fittable", reason, reason, "warning")
    if download is not None and download.can_retry and _about(download, file):
        return _ended(download)
    if not row.published:
        return Primary(Verb.NOTHING, "Not here", "The file is not in the library any more")
    text = f"Get and open ({size})" if size else "Get and open"
    return Primary(Verb.GET, text, "Download it from HEPData, keep it in the library, and open it")


def _kept(item: LibraryItem, opened: str) -> Primary:
    if item.digest == opened:
        return Primary(Verb.NOTHING, "✓ Open", "This pallet is open")
    if item.refused:
        return Primary(Verb.OPEN, "Try to open", "Open the kept file", f"✗ {item.refused}", "error")
    return Primary(Verb.OPEN, "Open", "Open the kept file; no network is needed")


def _ended(download: DownloadState) -> Primary:
    """Of a download that did not bring the file."""
    if download.page:
        return Primary(
            Verb.BROWSE,
            "Open in browser",
            f"Open {download.page} in the system's browser; save the file there, then drop it here",
            f"○ {download.sentence.partition(':')[0]}. {SAVE_AND_DROP}",
        )
    again = "Get it again; what is here is not fetched twice"
    if download.phase == "failed":
        return Primary(Verb.GET, "Retry", again, _left(download), "error")
    here = download.progress is not None and download.progress.received
    return Primary(Verb.GET, "Go on" if here else "Get and open", again, _left(download))


def _about(download: DownloadState, file: PublishedFile | None) -> bool:
    """Whether it was the file that is chosen now."""
    had = download.file
    if had is None or file is None:
        return True
    known = ((had.doi, file.doi), (had.version, file.version), (had.resource, file.resource))
    return all(one == other for one, other in known if one and other)


def _why_not(row: Row) -> str:
    entry = row.entry
    if entry.why_not:
        return entry.why_not
    return "It is written in HS3, which fitgui does not fit." if entry.format is Format.HS3 else ""


def _going(download: DownloadState) -> str:
    progress = download.progress
    if download.phase != "downloading" or progress is None:
        return PHASES.get(download.phase, "◔ getting it …")
    speed = size_words(progress.bytes_per_second)
    parts = [received_words(progress.received, progress.total), f"{speed}/s" if speed else ""]
    if progress.resumed_from:
        parts.append(f"resumed at {size_words(progress.resumed_from)}")
    return "↓ " + " · ".join(filter(None, (*parts, progress.note)))


def _left(download: DownloadState) -> str:
    if download.phase == "failed":
        return f"✗ {download.sentence}"
    progress = download.progress
    part = f": {received_words(progress.received, progress.total)} are here" if progress is not None else ""
    return f"⊘ cancelled{part}"
