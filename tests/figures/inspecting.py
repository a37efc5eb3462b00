"""What a drawn figure shows: its texts, where they stand, its curves."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnchoredOffsetbox
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from fitgui.figures.of_run import RunFigures, Wishes
from tests.takeaway.recorded import stored


def figures_of(name: str, wishes: Wishes = Wishes()) -> RunFigures:  # noqa: B008
    """Of a published pallet, out of stored results."""
    record, snapshot, origin = stored(name)
    return RunFigures(record.id, record.plan, snapshot, origin.entry, wishes=wishes)


def texts_of(figure: Figure) -> list[Text]:
    """Every text that is drawn, with letters in it."""
    figure.draw_without_rendering()
    hidden = {label for axes in figure.axes for label in _labels_out_of_view(axes)}
    found = figure.findobj(Text)
    return [
        text for text in found if text.get_text().strip() and text.get_visible() and id(text) not in hidden
    ]


def words_of(figure: Figure) -> str:
    """All of them, one in a line."""
    return "\n".join(text.get_text() for text in texts_of(figure))


def box_of(artist: Artist, figure: Figure) -> Bbox:
    """Where it is, in pixels."""
    return artist.get_window_extent(figure.canvas.get_renderer())  # type: ignore[attr-defined]


def outside(figure: Figure) -> list[str]:
    """Texts that are cut by the edge of the figure."""
    page = figure.bbox
    return [
        text.get_text()
        for text in texts_of(figure)
        if (box := box_of(text, figure)).x0 < page.x0 - 0.5
        or box.x1 > page.x1 + 0.5
        or box.y0 < page.y0 - 0.5
        or box.y1 > page.y1 + 0.5
    ]


def overlapping(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts that lie on each other by more than the hair of a pixel."""
    boxes = [
        (text.get_text(), box_of(text, figure)) for text in texts_of(figure) if not text.get_rotation() % 90
    ]
    found = []
    for (one, first), (other, second) in combinations(boxes, 2):
        shared = Bbox.intersection(first, second)
        if (
            shared is not None
            and shared.width > 1.0
            and shared.height > 0.25 * min(first.height, second.height)
        ):
            found.append((one, other))
    return found


def legend_bottom(figure: Figure) -> float:
    """How far down caption and legend reach in the first axes, in pixels."""
    axes = figure.axes[0]
    figure.draw_without_rendering()
    header = [artist for artist in axes.get_children() if isinstance(artist, AnchoredOffsetbox)]
    legend = axes.get_legend()
    parts = [*header, *([legend] if legend is not None else [])]
    return min(box_of(part, figure).y0 for part in parts)


def curves(figure: Figure, gid: str) -> list[np.ndarray]:
    """Data of the lines with this mark, each of shape (k, 2)."""
    return [
        np.column_stack(line.get_data(orig=True)) for line in figure.axes[0].lines if line.get_gid() == gid
    ]


def _labels_out_of_view(axes: Axes) -> set[int]:
    """Of ticks outside of the view: they exist, but are not drawn."""
    found = set()
    for axis in (axes.xaxis, axes.yaxis):
        seen = {id(tick) for tick in axis._update_ticks()} if axis.get_visible() else set()
        for tick in (*axis.majorTicks, *axis.minorTicks):
            if id(tick) not in seen:
                found |= {id(tick.label1), id(tick.label2)}
    return found
