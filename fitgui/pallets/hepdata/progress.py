"""How far a download is, how fast it goes, and when it will be done."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from enum import StrEnum

import msgspec

REPORTS_PER_SECOND = 10.0
SMOOTHING_SECONDS = 3.0
"""Over how long the speed is averaged: long enough to be read, short enough to notice a change."""
_SHORTEST_SECONDS = 0.2
"""Before that there is no speed worth telling."""


class Phase(StrEnum):
    """What is being done to have a file."""

    WAITING = "waiting"
    """For another window or command that downloads the same."""
    ASKING = "asking"
    """HEPData, which file it is."""
    DOWNLOADING = "downloading"
    CHECKING = "checking"
    """That it is whole, and that it opens."""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a download is."""

    phase: Phase = Phase.DOWNLOADING
    received: int = 0
    """Bytes that are here, those of earlier tries included."""
    total: int | None = None
    """Bytes of the whole file, where the server told."""
    bytes_per_second: float | None = None
    """Smoothed; ``None`` before it can be told, and while nothing is to arrive."""
    resumed_from: int = 0
    """Bytes that were here when this try began."""
    seconds_left: float | None = None
    note: str = ""
    """Why nothing arrives for the time being, in words; empty while bytes arrive."""
    at: float = msgspec.field(default_factory=time.monotonic)
    """When this was so, of :func:`time.monotonic`; a view can tell from it that nothing has come for long."""

    @property
    def fraction(self) -> float | None:
        """From 0 to 1."""
        return None if not self.total else min(1.0, self.received / self.total)


class Meter:
    """Measures a download and reports it now and then.

    Args:
        report: is told.
        clock: seconds, for the speed.
    """

    def __init__(
        self, report: Callable[[Progress], object], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._report = report
        self._clock = clock
        self._received = self._resumed_from = self._told = 0
        self._total: int | None = None
        self._phase = Phase.ASKING
        self._reported = clock()
        self._weighted_bytes = self._weighted_seconds = 0.0
        self._last: float | None = None
        """When the latest bytes of this try came."""

    def begin(self, resumed_from: int, total: int | None) -> None:
        """A try begins; the speed of an earlier one is kept."""
        self._received = self._resumed_from = resumed_from
        self._total = total
        self._last = None
        self.enter(Phase.DOWNLOADING)

    def enter(self, phase: Phase, note: str = "") -> None:
        """Something else is being done."""
        self._phase = phase
        self._tell(note)

    def add(self, count: int) -> None:
        """Bytes have arrived."""
        now = self._clock()
        if self._last is not None:  # how long the first bytes took is not known: they came with the answer
            passed = max(0.0, now - self._last)
            # An average in which the past fades away exponentially; it is exact from the first bytes on.
            fade = math.exp(-passed / SMOOTHING_SECONDS)
            self._weighted_bytes = self._weighted_bytes * fade + count
            self._weighted_seconds = self._weighted_seconds * fade + passed
        self._last = now
        self._received += count
        if now - self._reported >= 1.0 / REPORTS_PER_SECOND:
            self._tell("")

    def flush(self) -> None:
        """Nothing more comes for now: tell what was not told yet."""
        if self._told != self._received:
            self._tell("")

    def finish(self) -> None:
        """All is here, and is checked next."""
        self._total = self._received
        self.enter(Phase.CHECKING)

    def _tell(self, note: str) -> None:
        self._reported = self._clock()
        self._told = self._received
        speed = None if note or self._phase is not Phase.DOWNLOADING else self._speed()
        left = None
        if speed and self._total is not None:
            left = max(0, self._total - self._received) / speed
        self._report(
            Progress(
                phase=self._phase,
                received=self._received,
                total=self._total,
                bytes_per_second=speed,
                resumed_from=self._resumed_from,
                seconds_left=left,
                note=note,
            )
        )

    def _speed(self) -> float | None:
        return (
            self._weighted_bytes / self._weighted_seconds
            if self._weighted_seconds >= _SHORTEST_SECONDS
            else None
        )
