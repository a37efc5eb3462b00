"""What the legend of the plane says: marks, lines, bands, and what has to be known of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fitgui.exclusion.model import Exclusion, Surface
from fitgui.gui.plane.compared import Overlay
from fitgui.gui.plane.contour_item import ContourLooks, Wanted
from fitgui.gui.plane.legend import Entry
from fitgui.gui.plane.live import Found
from fitgui.gui.plane.mark_looks import MARKS

SAME = 1e-3
"""Of the extent of a contour."""


def entries_for(
    kinds: Sequence[str],
    exclusion: Exclusion | None,
    overlays: Sequence[Overlay],
    wanted: Wanted,
    looks: ContourLooks,
) -> list[Entry]:
    """The entries for what is drawn, and for nothing else."""
    entries: list[Entry] = []
    if exclusion is not None:
        if wanted.observed and exclusion.contours[Surface.OBSERVED]:
            entries.append(Entry("Observed 95 % CL", (looks.observed,)))
        line = (looks.expected,) if wanted.expected and exclusion.contours[Surface.EXPECTED] else ()
        if wanted.band and exclusion.bands.get(1):
            entries.append(Entry("Expected ±1σ", line, band=looks.band, edge=looks.edge))
        elif line:
            entries.append(Entry("Expected 95 % CL", line))
        if wanted.wide_band and exclusion.bands.get(2):
            entries.append(Entry("±2σ", band=looks.wide_band))
    for number, overlay in enumerate(overlays):
        drawn = [surface for surface in (Surface.OBSERVED, Surface.EXPECTED) if overlay.contours.get(surface)]
        if drawn or not overlay.variations:
            same = ": contours agree" if _agree(exclusion, overlay) else ""
            entries.append(
                Entry(overlay.name + same, tuple(looks.other(number, surface) for surface in drawn))
            )
        entries += [
            Entry(f"Published {kind.name}", (looks.other(number, kind.surface, thin=True),))
            for kind in overlay.variations
        ]
    return [*entries, *(Entry(MARKS[kind]) for kind in kinds)]


def _agree(exclusion: Exclusion | None, overlay: Overlay) -> bool:
    """Whether the contours of another run are those on show, to a thousandth of their extent."""
    if exclusion is None or overlay.variations or not any(overlay.contours.values()):
        return False
    for surface, theirs in overlay.contours.items():
        ours = exclusion.contours[surface]
        if [len(line.x) for line in ours] != [len(line.x) for line in theirs]:
            return False
        for one, two in zip(ours, theirs, strict=True):
            for mine, other in ((one.x, two.x), (one.y, two.y)):
                if not np.allclose(mine, other, rtol=0.0, atol=SAME * float(np.ptp(mine) or 1.0)):
                    return False
    return True


def hints_for(shared: int, hidden: int, found: Found | None) -> list[str]:
    """Sentences below the entries: the reading first, then what is missing in the picture.

    Args:
        shared: how many points lie on others.
        hidden: how many have no place on a logarithmic axis.
        found: of the contours.
    """
    return [
        "" if found is None else found.reading,
        "" if found is None else found.problem,
        f"{shared} {'point lies' if shared == 1 else 'points lie'} on others: choose other axes to part them"
        if shared
        else "",
        f"{hidden} {'point has' if hidden == 1 else 'points have'} no place on a logarithmic axis, being at 0"
        if hidden
        else "",
    ]
