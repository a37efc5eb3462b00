"""What the window knows of a download and of HEPData at a moment; immutable, made by the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from fitgui.pallets.published import PublishedFile

if TYPE_CHECKING:
    from fitgui.pallets.hepdata.progress import Progress

Phase = Literal["waiting", "asking", "downloading", "checking", "done", "failed", "cancelled"]
"""``waiting`` for one of two places; ``asking`` HEPData where the bytes are; ``checking`` what has come."""


@dataclass(frozen=True, slots=True)
class DownloadState:
    """How the getting of one published likelihood stands."""

    key: str
    """Of the row."""
    file: PublishedFile | None
    """Which file was asked for; ``None``: the only likelihood of the newest version."""
    phase: Phase
    progress: Progress | None = None
    """Bytes and speed; kept when it fails or is cancelled, for what is here is not fetched again."""
    sentence: str = ""
    """Why it failed and what to do, or what is worth knowing; mostly nothing."""
    page: str = ""
    """What to open in a browser, where it failed because HEPData lets only browsers in."""
    offline: bool = False
    """Whether it failed because HEPData could not be reached."""

    @property
    def going_on(self) -> bool:
        """Whether there is something to cancel."""
        return self.phase in ("waiting", "asking", "downloading", "checking")

    @property
    def can_retry(self) -> bool:
        """Whether it ended without the file."""
        return self.phase in ("failed", "cancelled")


@dataclass(frozen=True, slots=True)
class HepDataState:
    """How things stand with HEPData: what was asked last, and what it came to."""

    asking: bool = False
    offline: bool = False
    """HEPData could not be reached when it was last tried."""
    sentence: str = ""
    """What to tell about the last question, in words; empty if there is nothing to tell."""
    searched: str = ""
    """The text whose answer is on show, or is being asked for."""
    retrieved: datetime | None = None
    """When HEPData gave that answer (UTC); in the past where it was remembered."""
    total: int = 0
    """Published likelihoods that HEPData has for that text."""
    cached: bool = False
    """Whether the answer is a remembered one."""
    page: str = ""
    """What to open in a browser, where HEPData let only browsers in when it was last asked."""
