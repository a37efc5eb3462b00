"""What a figure says about itself: a block of text and the legend, above the data and never on them."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from fitgui.figures.style import Look, Style
from fitgui.figures.text import Text

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.legend import Legend
    from matplotlib.offsetbox import AnchoredOffsetbox, OffsetBox

BRAND = "fitgui"
MOST_OF_ROWS = 0.75
"""The same where rows have the height of their text, however few they are."""
Handle = Any
"""An artist with a label, or a container of some."""
MOST_HEADROOM = 0.34
"""Of the height of the axes; a figure that needs more becomes higher."""


@dataclass(frozen=True, slots=True)
class Caption:
    """The text in the corner of a figure."""

    about: Text
    """Beside the name of the program: whose likelihood it is. It never claims to be a collaboration's."""
    lines: tuple[Text, ...] = ()
    """Energy and luminosity, the analysis, the confidence level."""

    def and_line(self, *more: Text) -> Caption:
        """The caption with further lines."""
        return Caption(self.about, (*self.lines, *more))


def put_header(
    axes: Axes,
    look: Look,
    style: Style,
    caption: Caption,
    handles: Sequence[Handle],
    *,
    columns: int = 1,
    most: float = MOST_HEADROOM,
) -> None:
    """Put caption and legend into the top of the axes, and make room for them above what is drawn.

    The upper end of the vertical axis moves; where there is a lot of text and the figure is small, the figure
    becomes higher. Call it last.

    Args:
        axes: with everything drawn, and with its limits.
        look: of the figure.
        style: of the figure.
        caption: the text.
        handles: of the legend, each with its label.
        columns: of the legend.
        most: headroom; see :data:`MOST_HEADROOM`.
    """
    figure = axes.get_figure(root=True)
    if figure is None:
        raise ValueError("the axes belong to no figure")
    size = look.type_size
    block = _block(axes, look, style, caption)
    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    share = axes.get_window_extent(renderer).width / max(block.get_window_extent(renderer).width, 1.0)
    if share < 1.0:
        block.remove()
        block = _block(axes, look, style, caption, share=share)
    legend = _legend(axes, handles, "upper right", columns) if handles else None
    least, end = axes.get_ylim()
    for _ in range(3):  # headroom changes tick labels, and so the size of the axes, a little
        figure.draw_without_rendering()
        room = axes.get_window_extent(renderer)
        gap = 0.9 * size * figure.dpi / 72.0
        text = block.get_window_extent(renderer)
        height = room.y1 - text.y0
        if legend is not None:
            key = legend.get_window_extent(renderer)
            if text.width + key.width + 2.5 * gap > room.width:  # one below the other
                if 2 * key.width / columns + gap < room.width and len(handles) > 3:
                    legend = _legend(axes, handles, "upper left", 2)
                    key = legend.get_window_extent(renderer)
                legend.set_loc("upper left")
                legend.set_bbox_to_anchor((0.0, (text.y0 - room.y0) / room.height), transform=axes.transAxes)
                height += key.height + 0.4 * gap
            else:
                height = max(height, room.y1 - key.y0)
        needed = (height + 0.8 * gap) / room.height
        if needed > most:
            width, high = figure.get_size_inches()
            figure.set_size_inches(width, high * needed / most)
            continue
        _raise_top(axes, least, end, needed)


def _block(
    axes: Axes, look: Look, style: Style, caption: Caption, *, share: float | None = None
) -> AnchoredOffsetbox:
    """The caption in the upper left corner.

    Args:
        axes: where.
        look: of the figure.
        style: of the figure.
        caption: the text.
        share: how much of the longest line there is room for; longer lines are broken. ``None`` breaks none.
    """
    from matplotlib.offsetbox import AnchoredOffsetbox, VPacker  # noqa: PLC0415

    size = look.type_size
    lines = [caption.about, *caption.lines]
    if share is None:
        rows: list[Artist] = [_first_row(caption.about, look, style)]
        lines = lines[1:]
    else:
        rows = [_first_row(Text(""), look, style)]
        most = max(12, int(0.78 * share * (len(BRAND) + 2 + max(len(line.words) for line in lines))))
        lines = [part for line in lines for part in _broken(line, most)]
    rows += [_text(line, 0.92 * size) for line in lines]
    packed = VPacker(children=rows, pad=0, sep=0.42 * size)
    block = AnchoredOffsetbox("upper left", child=packed, pad=0.0, borderpad=0.7, frameon=False)
    block.set_in_layout(False)
    axes.add_artist(block)
    return block


def _broken(line: Text, most: int) -> list[Text]:
    """A line in pieces of ``most`` letters; mathematics stays whole."""
    if line.mathematics or len(line.words) <= most:
        return [line]
    return [Text(part) for part in textwrap.wrap(line.words, most)]


def _legend(
    axes: Axes, handles: Sequence[Handle], place: Literal["upper left", "upper right"], columns: int
) -> Legend:
    legend: Legend = axes.legend(
        handles=list(handles),
        loc=place,
        ncols=columns,
        borderaxespad=0.6,
        alignment="left",
        columnspacing=1.2,
    )
    legend.set_in_layout(False)
    return legend


def _raise_top(axes: Axes, least: float, end: float, headroom: float) -> None:
    """Move the upper end of the axis so that what was its length takes the lower part of the axes."""
    scale = axes.yaxis.get_transform()
    low, high = scale.transform([least, end])
    axes.set_ylim(least, float(scale.inverted().transform([low + (high - low) / (1.0 - headroom)])[0]))


def _first_row(about: Text, look: Look, style: Style) -> OffsetBox:
    from matplotlib.offsetbox import HPacker, TextArea  # noqa: PLC0415

    size = 1.08 * look.type_size
    slant = "italic" if style is Style.ATLAS else "normal"
    brand = TextArea(BRAND, textprops={"fontsize": size, "fontweight": look.brand, "fontstyle": slant})
    return HPacker(
        children=[brand, _text(about, 0.92 * look.type_size)], pad=0, sep=0.5 * size, align="baseline"
    )


def _text(text: Text, size: float) -> Any:
    from matplotlib.offsetbox import TextArea  # noqa: PLC0415

    return TextArea(text.words, textprops={"fontsize": size, "parse_math": text.mathematics})
