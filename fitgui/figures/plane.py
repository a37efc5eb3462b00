"""The mass plane: contours at 95 % CL, the band around the expected one, the forbidden side, values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from fitgui import words
from fitgui.exclusion.model import AxisChoice, Exclusion, Floats, Line, Region, Surface
from fitgui.figures.colours import OF_CLS, OF_LIMIT, ColourScale, beyond, coloured, norm_of, put_ticks
from fitgui.figures.header import Caption, put_header
from fitgui.figures.left_out import NOTHING_LEFT_OUT, LeftOut, draw_left_out
from fitgui.figures.style import DASHED, DOTTED, Look, Sheet, Stroke
from fitgui.figures.text import Text
from fitgui_backends.levels import EXCLUSION_CLS

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARGIN = 0.04
"""Of the range of the points, around them."""
SMALLEST_NUMBER = 3.6
"""Points of type; below, numbers are left out rather than made smaller."""
_OVERLAYS = (3, 2, 1, 4)
"""Colours of what is compared with, as places in the series of a look."""


@dataclass(frozen=True, slots=True)
class PlaneWords:
    """What the axes are called."""

    x: Text
    y: Text
    forbidden: Text | None = None
    """Along the diagonal, on the side where the decay is not possible."""


@dataclass(frozen=True, slots=True, eq=False)
class PointValues:
    """A number for each point of the plane."""

    title: Text
    values: Floats
    """Shape (n,), in the order of the points; NaN where there is none."""
    logarithmic: bool = False
    """How it is coloured."""
    least: float = 0.0
    """Smaller values are written as smaller than this."""
    write: Callable[[float], str] | None = None
    """How a value is written; ``None``: as :meth:`written` does it by itself."""
    scale: ColourScale | None = None
    """Of the colours; ``None`` spans the values."""
    threshold: float = EXCLUSION_CLS
    """On which side of it a value is, can be seen when it is written by itself."""

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which can be written, shape (n,); infinity only where there is a way to write it."""
        return np.isfinite(self.values) if self.write is None else ~np.isnan(self.values)

    def written(self, value: float) -> str:
        """``0.25``, ``0.047``, ``<0.001``: as short as it may be at a point."""
        if self.write is not None:
            return self.write(value)
        return f"<{self.least:g}" if value < self.least else words.beside(value, self.threshold)


@dataclass(frozen=True, slots=True)
class PlaneOptions:
    """What is drawn besides the contours."""

    points: Literal["nothing", "marks", "numbers", "colours"] = "marks"
    two_sigma: bool = False
    one_sigma: bool = True
    observed: bool = True
    expected: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class PlaneOverlay:
    """Contours to compare with: of another run, or published ones."""

    name: Text
    contours: Mapping[Surface, Sequence[Line]]
    """Observed and expected, as far as they are known."""
    moved: bool = False
    """Whether they are moved by standard deviations, and drawn thin."""


def plane_figure(
    sheet: Sheet,
    exclusion: Exclusion,
    axis_words: PlaneWords,
    caption: Caption,
    *,
    axis: AxisChoice = AxisChoice(),  # noqa: B008  (frozen)
    values: PointValues | None = None,
    options: PlaneOptions = PlaneOptions(),
    left_out: LeftOut = NOTHING_LEFT_OUT,
    overlays: Sequence[PlaneOverlay] = (),
) -> Figure:
    """The figure of a mass plane, with the observed contour solid and the expected one dashed.

    Args:
        sheet: style and width.
        exclusion: the points, and what they say.
        axis_words: titles.
        caption: the text in the corner.
        axis: scales, and which side of the diagonal is possible.
        values: for numbers at the points, or their colours.
        options: what is drawn.
        left_out: the points on which the contours do not rest; they have marks of their own.
        overlays: what the contours are compared with.
    """
    look = sheet.look
    figure = sheet.figure()
    axes = figure.add_subplot()
    axes.set_xscale(axis.x_scale)
    axes.set_yscale(axis.y_scale)
    _set_limits(axes, exclusion, axis, left_out)
    top = axes.get_ylim()[1]
    handles: list[Artist] = []
    if options.two_sigma:
        handles += _band(axes, exclusion.bands.get(2, ()), look.plane_band_two, "Expected ±2 σ", 1.0)
    if options.one_sigma:
        handles += _band(axes, exclusion.bands.get(1, ()), look.plane_band, "Expected ±1 σ", 1.1)
    observed = Stroke("Observed limit", look.observed, 1.5 * look.line)
    expected = Stroke("Expected limit", look.expected, look.line, DASHED)
    handles = [
        *(_contour(axes, exclusion.contours, Surface.OBSERVED, observed) if options.observed else []),
        *(_contour(axes, exclusion.contours, Surface.EXPECTED, expected) if options.expected else []),
        *reversed(handles),
    ]
    for number, overlay in enumerate(overlays):
        handles += _overlay(axes, overlay, look, number)
    if axis.allowed != "all":
        _diagonal(axes, axis, look, top)
    if options.points != "nothing":
        handles += draw_left_out(axes, left_out, look)
        handles += _marks(axes, exclusion, values, options, look)
    for setter, text in ((axes.set_xlabel, axis_words.x), (axes.set_ylabel, axis_words.y)):
        setter(text.words, parse_math=text.mathematics)
    if exclusion.problem:
        caption = caption.and_line(Text(f"No contour: {exclusion.problem}"))
    if left_out.sentence:
        caption = caption.and_line(Text(left_out.sentence))
    if options.points == "numbers" and values is not None:
        caption = caption.and_line(_about_numbers(axes, values))
    put_header(axes, look, sheet.style, caption, handles)
    if axis.allowed != "all" and axis_words.forbidden is not None:
        _name_the_diagonal(axes, axis, axis_words.forbidden, look, top)
    return figure


def _marks(
    axes: Axes, exclusion: Exclusion, values: PointValues | None, options: PlaneOptions, look: Look
) -> list[Artist]:
    """At the points on which the contours rest."""
    if not exclusion.points.x.size:
        return []
    if options.points == "marks" or values is None:
        return _points(axes, exclusion, look)
    if options.points == "numbers":
        _numbers(axes, exclusion, values, look)
        return []
    return _coloured(axes, exclusion, values, look)


def _set_limits(axes: Axes, exclusion: Exclusion, axis: AxisChoice, left_out: LeftOut) -> None:
    x, y = left_out.places.T
    for values, scale, set_limits in (
        (np.concatenate([exclusion.points.x, x]), axis.x_scale, axes.set_xlim),
        (np.concatenate([exclusion.points.y, y]), axis.y_scale, axes.set_ylim),
    ):
        if not values.size:
            continue
        low, high = float(values.min()), float(values.max())
        if scale == "log" and low > 0:
            stretch = (high / low) ** MARGIN if high > low else 1.5
            set_limits(low / stretch, high * stretch)
        else:
            margin = MARGIN * (high - low) or max(1.0, 0.05 * abs(high))
            set_limits(low - margin, high + margin)


def _band(axes: Axes, regions: Sequence[Region], colour: str, label: str, order: float) -> list[Artist]:
    from matplotlib.patches import PathPatch  # noqa: PLC0415
    from matplotlib.path import Path  # noqa: PLC0415

    patch = None
    for region in regions:
        rings = [_ring(line) for line in (region.outline, *region.holes)]
        path = Path.make_compound_path(*(Path(ring, closed=True) for ring in rings))
        patch = PathPatch(path, facecolor=colour, edgecolor="none", zorder=order, label=label)
        axes.add_patch(patch)
    return [patch] if patch is not None else []


def _ring(line: Line) -> Floats:
    """Shape (k, 2), closed."""
    ring = np.column_stack([line.x, line.y])
    return ring if np.array_equal(ring[0], ring[-1]) else np.vstack([ring, ring[:1]])


def _overlay(axes: Axes, overlay: PlaneOverlay, look: Look, number: int) -> list[Artist]:
    """In one colour, observed solid and expected dashed, below the contours of the run."""
    colour = _OVERLAYS[number % len(_OVERLAYS)]
    drawn: list[Artist] = []
    for surface, more, dashes in ((Surface.OBSERVED, "", "-"), (Surface.EXPECTED, ", expected", DASHED)):
        label = overlay.name.words if overlay.moved else f"{overlay.name.words}{more}"
        stroke = Stroke(label, look.series[colour], (0.6 if overlay.moved else 1.1) * look.line, dashes)
        drawn += _contour(axes, overlay.contours, surface, stroke, gid=f"overlay {surface}", order=2.7)
    return drawn


def _contour(
    axes: Axes,
    contours: Mapping[Surface, Sequence[Line]],
    surface: Surface,
    stroke: Stroke,
    *,
    gid: str = "",
    order: float = 2.9,
) -> list[Artist]:
    drawn: list[Artist] = []
    for line in contours.get(surface, ()):
        drawn += axes.plot(
            line.x,
            line.y,
            color=stroke.colour,
            linestyle=stroke.dashes,
            linewidth=stroke.width,
            label=stroke.label,
            gid=gid or str(surface),
            zorder=order + (0.1 if surface is Surface.OBSERVED else 0.0),
            solid_capstyle="round",
        )
    return drawn[:1]


def _diagonal(axes: Axes, axis: AxisChoice, look: Look, top: float) -> None:
    """``y = x`` as far as the points go."""
    low, high = _ends_of_diagonal(axes, top)
    if low < high:
        straight = np.linspace(low, high, 2 if axis.x_scale == axis.y_scale else 100)
        axes.plot(
            straight, straight, color=look.quiet, linestyle=DOTTED, linewidth=0.8 * look.line, zorder=1.5
        )


def _ends_of_diagonal(axes: Axes, top: float) -> tuple[float, float]:
    (left, right), bottom = axes.get_xlim(), axes.get_ylim()[0]
    return max(left, bottom), min(right, top)


def _name_the_diagonal(axes: Axes, axis: AxisChoice, text: Text, look: Look, top: float) -> None:
    """Say along the diagonal, on its forbidden side, what is there; nothing where there is no room for it."""
    low, high = _ends_of_diagonal(axes, top)
    if low >= high:
        return
    middle = 0.5 * (low + high) if axis.x_scale == "linear" else float(np.sqrt(max(low, 1e-9 * high) * high))
    near = [middle - 0.01 * (high - low), middle + 0.01 * (high - low)]
    start, end = axes.transData.transform([(value, value) for value in near])
    steps = end - start
    away = 0.3 * look.type_size * np.array([-steps[1], steps[0]]) / np.hypot(*steps)
    below = axis.allowed == "below diagonal"
    name = axes.annotate(
        text.words,
        (middle, middle),
        xytext=tuple(away if below else -away),
        textcoords="offset points",
        rotation=float(np.degrees(np.arctan2(steps[1], steps[0]))),
        rotation_mode="anchor",
        ha="center",
        va="bottom" if below else "top",
        fontsize=0.8 * look.type_size,
        color=look.quiet,
        parse_math=text.mathematics,
        zorder=4,
        gid="forbidden",
    )
    name.set_in_layout(False)
    room = axes.transData.transform([(low, low), (high, high)])
    figure = axes.get_figure(root=True)
    if figure is None:
        return
    taken = name.get_window_extent(figure.canvas.get_renderer())  # type: ignore[attr-defined]
    if taken.width > room[1, 0] - room[0, 0] or taken.height > room[1, 1] - room[0, 1]:
        name.remove()


def _points(axes: Axes, exclusion: Exclusion, look: Look) -> list[Artist]:
    """Quiet marks."""
    points = exclusion.points
    area = (0.28 * look.type_size) ** 2
    return [
        axes.scatter(
            points.x,
            points.y,
            s=area,
            c=look.quiet,
            linewidths=0,
            zorder=2.5,
            label="Fitted points",
            gid="points",
        )
    ]


def _coloured(axes: Axes, exclusion: Exclusion, values: PointValues, look: Look) -> list[Artist]:
    """Marks whose colours are values, with a scale; a point without a value is an open mark."""
    points = exclusion.points
    known = np.isfinite(values.values)
    size = (0.56 * look.type_size) ** 2
    without: list[Artist] = []
    if not known.all():
        without.append(
            axes.scatter(
                points.x[~known],
                points.y[~known],
                s=size,
                facecolors="none",
                edgecolors=look.quiet,
                linewidths=0.08 * look.type_size,
                zorder=2.5,
                label="No number, or beyond the scale",
                gid="without",
            )
        )
    if not known.any():
        return without
    low, high = float(values.values[known].min()), float(values.values[known].max())
    norm = norm_of(values.scale, low, high, logarithmic=values.logarithmic)
    marks = axes.scatter(
        points.x[known],
        points.y[known],
        s=size,
        c=coloured(norm, values.values[known]),
        cmap="viridis",
        norm=norm,
        edgecolors="white",
        linewidths=0.04 * look.type_size,
        zorder=2.5,
        gid="points",
    )
    extend = beyond(norm, low, high)
    bar = _figure_of(axes).colorbar(marks, ax=axes, pad=0.02, fraction=0.06, extend=extend)
    put_ticks(bar, values.scale, look)
    bar.set_label(values.title.words, parse_math=values.title.mathematics)
    return without


def _numbers(axes: Axes, exclusion: Exclusion, values: PointValues, look: Look) -> None:
    """Numbers at the points, as small as they must be; where points are too close, the later one has none."""
    from matplotlib.transforms import Bbox  # noqa: PLC0415

    figure = _figure_of(axes)
    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    points = exclusion.points
    size = max(SMALLEST_NUMBER, 0.55 * look.type_size)
    taken: list[Bbox] = []
    for x, y, value, shown in zip(points.x, points.y, values.values, values.known, strict=True):
        if not shown:
            continue
        text = axes.text(
            float(x),
            float(y),
            values.written(float(value)),
            fontsize=size,
            ha="center",
            va="center",
            zorder=4,
            gid="number",
            parse_math=False,
            bbox={"boxstyle": "square,pad=0.08", "facecolor": "white", "alpha": 0.75, "linewidth": 0.0},
        )
        box = text.get_window_extent(renderer)
        # The header will bring the points closer together, to about half of their distances.
        later = Bbox.from_bounds(
            box.x0 - 0.1 * box.width, box.y0 - 0.5 * box.height, 1.2 * box.width, 2.0 * box.height
        )
        if any(later.overlaps(other) for other in taken):
            text.remove()
        else:
            taken.append(later)


def _figure_of(axes: Axes) -> Figure:
    figure = axes.get_figure(root=True)
    if figure is None:
        raise ValueError("the axes belong to no figure")
    return figure


def _about_numbers(axes: Axes, values: PointValues) -> Text:
    shown = sum(text.get_gid() == "number" for text in axes.texts)
    whole = int(values.known.sum())
    some = "" if shown == whole else f" (at {shown} of {whole} points)"
    return Text(f"Numbers: {values.title.words}{some}", values.title.mathematics)


def values_picked(
    title: Text,
    names: Sequence[str],
    numbers: Mapping[str, float | None],
    *,
    logarithmic: bool,
    write: Callable[[float], str],
    scale: ColourScale | None = None,
) -> PointValues:
    """Any number of the points of a plane.

    Args:
        title: what it is.
        names: of the points, in their order.
        numbers: by name; a point that is missing, or has ``None``, has no number.
        logarithmic: how it is coloured.
        write: how it is written.
        scale: of the colours; ``None`` spans the values.
    """
    raw = [numbers.get(name) for name in names]
    values = np.array([np.nan if value is None else value for value in raw], dtype=np.float64)
    return PointValues(title, values, logarithmic=logarithmic, write=write, scale=scale)


def values_of(
    kind: Literal["cls", "limit"], names: Sequence[str], numbers: Mapping[str, float | None]
) -> PointValues:
    """Observed CLs, or the observed limit on mu, of the points of a plane.

    Args:
        kind: which of the two.
        names: of the points, in their order.
        numbers: by name; a point that is missing, or has ``None``, has no number.
    """
    raw = [numbers.get(name) for name in names]
    values = np.array([np.nan if value is None else value for value in raw], dtype=np.float64)
    if kind == "cls":
        title = Text(r"observed CL$_\mathrm{s}$", mathematics=True)
        return PointValues(title, values, least=0.001, scale=OF_CLS)
    title = Text(r"observed upper limit on $\mu$", mathematics=True)
    return PointValues(title, values, scale=OF_LIMIT, threshold=1.0)
