"""How figures look: the settings of matplotlib, colours, sizes; and how they become files.

Drawing needs the settings from the first artist to the last byte, and matplotlib keeps them for the whole
process: :func:`sheet` lends them to one thread at a time.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MILLIMETRES: Final = 25.4
"""Of an inch."""
COLUMN: Final = 86.0
"""Millimetres of a column of a journal."""
PAGE: Final = 178.0
"""... of its whole page."""
SLIDE: Final = 254.0
"""... of a slide (10 inches)."""
NARROWEST: Final = 60.0
WIDEST: Final = 600.0
DOTS: Final = 300
"""Per inch, of a PNG."""
KINDS: Final = ("pdf", "svg", "png")
_LOCK = threading.RLock()
_TYPE: Final = ((60.0, 6.5), (86.0, 7.5), (178.0, 10.5), (254.0, 17.0), (600.0, 40.0))
"""Width in millimetres, and the size of type in points that is read well on it."""


class Style(StrEnum):
    """Whose look figures have."""

    ATLAS = "atlas"
    """As mplhep has it; nothing in the figure says that ATLAS made it."""
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Look:
    """Colours and sizes within one figure."""

    observed: str
    expected: str
    one_sigma: str
    two_sigma: str
    plane_band: str
    """Around the expected contour in a plane."""
    plane_band_two: str
    quiet: str
    """What is there to compare with, or to know: grid points, the diagonal."""
    series: tuple[str, ...]
    """For things that are told apart by colour and by something else."""
    type_size: float
    """In points."""
    line: float
    """Width of a line that matters, in points."""
    brand: str
    """The font of the name in the corner: its weight."""


_SERIES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#6E6E6E")
"""Okabe and Ito."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """How a curve is drawn."""

    label: str
    colour: str
    width: float
    """In points."""
    dashes: str | tuple[int, tuple[float, ...]] = "-"


DASHED: Final = (0, (5.0, 2.2))
DOTTED: Final = (0, (1.0, 1.4))


class Sheet:
    """Makes figures of one style and width, and files of them; use within :func:`sheet`."""

    def __init__(self, style: Style, width: float) -> None:
        self.style = style
        self.width = width
        """In millimetres."""
        size = _type_size(width)
        line = size / 6.0
        if style is Style.ATLAS:
            self.look = Look(
                observed="#9B0A20",
                expected="#1B2A6B",
                one_sigma="#57B75F",
                two_sigma="#FBE45A",
                plane_band="#FBE45A",
                plane_band_two="#FDF6C4",
                quiet="#7A7A7A",
                series=_SERIES,
                type_size=size,
                line=line,
                brand="bold",
            )
        else:
            self.look = Look(
                observed="#111111",
                expected="#0072B2",
                one_sigma="#8FC1E3",
                two_sigma="#D6E8F5",
                plane_band="#B9D9EE",
                plane_band_two="#E6F1F9",
                quiet="#8A8F98",
                series=_SERIES,
                type_size=size,
                line=line,
                brand="bold",
            )

    def figure(self, aspect: float = 0.75) -> Figure:
        """An empty figure whose parts make room for each other.

        Args:
            aspect: height over width.
        """
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
        from matplotlib.figure import Figure  # noqa: PLC0415

        inches = self.width / MILLIMETRES
        figure = Figure(figsize=(inches, inches * aspect), layout="constrained")
        FigureCanvasAgg(figure)  # so that text can be measured
        return figure

    def encoded(self, figure: Figure, kind: str) -> bytes:
        """The figure as a file; the same figure gives the same bytes.

        Args:
            figure: made by :meth:`figure`.
            kind: one of :data:`KINDS`.
        """
        stream = io.BytesIO()
        metadata: dict[str, Any] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind, {})
        figure.savefig(stream, format=kind, dpi=DOTS if kind == "png" else 72, metadata=metadata)
        return stream.getvalue()


@contextmanager
def sheet(style: Style = Style.ATLAS, width: float = PAGE) -> Iterator[Sheet]:
    """The settings of a style for as long as something is drawn; other threads wait.

    Args:
        style: the look.
        width: of each figure, in millimetres.
    """
    import matplotlib as mpl  # noqa: PLC0415

    with _LOCK, mpl.rc_context(_settings(style, _type_size(width))):
        yield Sheet(style, width)


def _type_size(width: float) -> float:
    """In points; straight lines between the widths of :data:`_TYPE`."""
    bounded = min(max(width, NARROWEST), WIDEST)
    for (lower, small), (upper, large) in pairwise(_TYPE):
        if bounded <= upper:
            return small + (large - small) * (bounded - lower) / (upper - lower)
    raise AssertionError


def _settings(style: Style, size: float) -> Any:
    """The rcParams of a style; lengths follow the size of type."""
    settings: dict[str, Any] = _defaults()
    if style is Style.ATLAS:
        import mplhep  # noqa: PLC0415  # its fonts become known by importing it

        settings.update({key: value for key, value in mplhep.style.ATLAS.items() if value is not None})
        # Letter by letter, the first family that has it.
        settings["font.family"] = ["sans-serif", "DejaVu Sans"]
        settings["font.sans-serif"] = [
            "TeX Gyre Heros",
            "Nimbus Sans",
            "Helvetica",
            "Arial",
            "Liberation Sans",
        ]
        settings["mathtext.fontset"] = "stixsans"  # with upright digits, and all signs
    else:
        settings.update({"font.family": ["DejaVu Sans"], "mathtext.fontset": "dejavusans"})
        settings.update({"axes.spines.top": False, "axes.spines.right": False})
        settings.update({"xtick.direction": "out", "ytick.direction": "out", "axes.labelcolor": "#222222"})
    long, short = (0.9, 0.45) if style is Style.ATLAS else (0.45, 0.25)
    settings.update(
        {
            "font.size": size,
            "axes.labelsize": 1.1 * size,
            "axes.titlesize": 1.1 * size,
            "xtick.labelsize": size,
            "ytick.labelsize": size,
            "legend.fontsize": 0.92 * size,
            "legend.title_fontsize": 0.92 * size,
            "legend.frameon": False,
            "legend.borderpad": 0.2,
            "legend.handlelength": 1.8,
            "legend.labelspacing": 0.3,
            "lines.linewidth": size / 6.0,
            "axes.linewidth": size / 13.0,
            "axes.labelpad": 0.4 * size,
            "axes.formatter.limits": (-4, 5),
            "axes.formatter.use_mathtext": False,
            "axes.unicode_minus": True,
            "xtick.major.size": long * size * 0.7,
            "ytick.major.size": long * size * 0.7,
            "xtick.minor.size": short * size * 0.7,
            "ytick.minor.size": short * size * 0.7,
            "xtick.major.width": size / 16.0,
            "ytick.major.width": size / 16.0,
            "xtick.minor.width": size / 18.0,
            "ytick.minor.width": size / 18.0,
            "figure.constrained_layout.h_pad": 0.4 * size / 72.0,
            "figure.constrained_layout.w_pad": 0.4 * size / 72.0,
            "pdf.fonttype": 42,
            "svg.hashsalt": "fitgui",
            "svg.fonttype": "path",  # the fonts of mathematics are on few machines
            "savefig.bbox": None,
            "savefig.pad_inches": 0.0,
            "savefig.facecolor": "white",
            "text.usetex": False,
        }
    )
    return settings


def _defaults() -> dict[str, Any]:
    """What matplotlib itself has for settings, whatever the user's matplotlibrc says; without the backend."""
    import matplotlib as mpl  # noqa: PLC0415

    left = ("backend", "backend_fallback", "toolbar", "interactive", "timezone", "datapath", "webagg", "tk.")
    return {key: value for key, value in mpl.rcParamsDefault.items() if not key.startswith(left)}
