"""How the browser puts sizes, times and contents into words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from fitgui import words
from fitgui.pallets.published import AnalysisSummary, Entry, Format

UNITS = ("B", "kB", "MB", "GB", "TB")
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


def size_words(size: float | None) -> str:
    """``340 B``, ``92 kB``, ``2.6 MB``; empty where it is not known."""
    return "" if size is None else words.size(round(size))


def received_words(received: int, total: int | None) -> str:
    """``1.2 of 2.6 MB``, ``1.2 MB``."""
    if not total:
        return size_words(received)
    whole = size_words(total)
    unit = whole.split()[1]
    part = received / 1000 ** UNITS.index(unit)
    return f"{part:.{1 if '.' in whole else 0}f} of {whole}"


def age_words(when: datetime, now: datetime | None = None) -> str:
    """``just now``, ``3 min ago``, ``2 h ago``, ``5 days ago``, then the date."""
    seconds = ((now or datetime.now(UTC)) - when).total_seconds()
    if seconds < MINUTE:
        return "just now"
    if seconds < HOUR:
        return f"{int(seconds / MINUTE)} min ago"
    if seconds < DAY:
        return f"{int(seconds / HOUR)} h ago"
    if seconds < 14 * DAY:
        days = int(seconds / DAY)
        return "yesterday" if days == 1 else f"{days} days ago"
    return date_words(when)


def date_words(when: date) -> str:
    """``3 Aug 2026``: no order of numbers to guess."""
    return f"{when.day} {when:%b %Y}"


def parsed_time(text: str) -> datetime | None:
    """An ISO time, of UTC where it names no zone; ``None`` where it is none."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when if when.tzinfo is not None else when.replace(tzinfo=UTC)


def points_words(entry: Entry, contents: Sequence[AnalysisSummary]) -> str:
    """``125 points``, ``3 × 57 points``, ``measurement``; empty where nothing is known."""
    counts = [len(analysis.points) for analysis in contents if analysis.points]
    if len(counts) > 1 and len(set(counts)) == 1:
        return f"{len(counts)} × {words.count(counts[0], 'point')}"
    total = sum(counts) or entry.points
    if total:
        return words.count(total, "point")
    if entry.format is Format.MEASUREMENT or (contents and not counts):
        return "measurement, no grid"
    return ""


def energy_and_luminosity(entry: Entry) -> tuple[str, str]:
    """``13 TeV``, ``139 fb⁻¹``; empty where unknown."""
    energy = "" if entry.energy_tev is None else f"{entry.energy_tev:g} TeV"
    luminosity = "" if entry.luminosity_fb is None else f"{entry.luminosity_fb:g} fb⁻¹"
    return energy, luminosity
