"""Which published likelihood a run was about, from what its plan tells: the pallet need not be here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from fitgui.pallets.model import Coordinate
from fitgui.pallets.published import AnalysisSummary, Entry

_RECORD = re.compile(r"hepdata\.(\d+)", re.ASCII)


def entry_of_analysis(
    entries: Iterable[Entry],
    *,
    source: str,
    shape: tuple[int, int, int],
    labels: Sequence[str],
    values: Collection[Mapping[str, Coordinate]],
) -> Entry | None:
    """The entry that an analysis is from.

    Args:
        entries: of the catalogue.
        source: of the pallet; a DOI of HEPData tells the record.
        shape: how many channels, bins and parameters its workspace has.
        labels: the names of its coordinates.
        values: the coordinates of some of its points, or of all.

    Returns:
        The entry of that record, else the only one that has been seen to hold such an analysis with all of
        these points; ``None`` where nothing fits, or several do.
    """
    known = tuple(entries)
    if (named := _RECORD.search(source)) is not None:
        number = int(named[1])
        return next((entry for entry in known if entry.record == number), None)
    points = {tuple(point.get(label) for label in labels) for point in values}
    if not points or not labels:
        return None
    fitting = [
        entry
        for entry in known
        if any(_holds(summary, shape, tuple(labels), points) for summary in entry.contents)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _holds(
    summary: AnalysisSummary,
    shape: tuple[int, int, int],
    labels: tuple[str, ...],
    points: set[tuple[Coordinate | None, ...]],
) -> bool:
    same = (summary.channels, summary.bins, summary.parameters) == shape and summary.labels == labels
    return same and points <= set(summary.points)
