"""Pages of A4 that are filled from the top: text, broken where it must be, rows of tables, figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from fitgui.figures.style import MILLIMETRES, Sheet
from fitgui.figures.text import drawable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 210.0, 297.0
"""Millimetres of A4."""
LEFT, TOP, BOTTOM = 16.0, 16.0, 18.0
TEXT_WIDTH = WIDTH - 2 * LEFT
POINT = MILLIMETRES / 72.0
"""Millimetres of a point."""
SPACING = 1.35
"""Of lines, in heights of type."""
MONO = "DejaVu Sans Mono"


@dataclass(frozen=True, slots=True)
class Type:
    """How text is set."""

    size: float = 9.0
    """In points."""
    weight: str = "normal"
    family: str = ""
    """Empty is that of the style."""
    colour: str = "#1a1a1a"

    @property
    def line(self) -> float:
        """Height of a line in millimetres."""
        return self.size * SPACING * POINT


class Pages:
    """Makes pages, one after the other; finished ones are handed out by :meth:`figures`."""

    def __init__(self, where: Sheet, footer: str) -> None:
        self._where = where
        self._footer = footer
        self._done: list[Figure] = []
        self._page: Figure | None = None
        self._y = TOP
        """Of the next line's top, from the top of the page."""

    @property
    def figures(self) -> list[Figure]:
        """All pages."""
        return self._done

    def skip(self, millimetres: float) -> None:
        """Leave room, but not at the top of a page."""
        if self._page is not None and self._y > TOP:
            self._y += millimetres

    def need(self, millimetres: float) -> bool:
        """Begin another page where there is not that much room left; tell whether that was so."""
        full = self._page is None or self._y + millimetres > HEIGHT - BOTTOM
        if full:
            self._page = self._new()
            self._y = TOP
        return full

    def text(self, text: str, kind: Type, *, indent: float = 0.0, width: float | None = None) -> None:
        """A paragraph, from the left."""
        for line in broken(drawable(text), kind, width if width is not None else TEXT_WIDTH - indent):
            self.need(kind.line)
            self.put(line, LEFT + indent, kind)
            self._y += kind.line

    def code(self, text: str, kind: Type) -> None:
        """Lines as they are; their blanks count."""
        for raw in text.split("\n"):
            blanks = len(raw) - len(raw.lstrip(" "))
            self.text(raw, kind, indent=blanks * 0.6 * kind.size * POINT) if raw.strip() else self.skip(
                kind.line
            )

    def row(
        self,
        cells: Sequence[str],
        edges: Sequence[float],
        kind: Type,
        *,
        right: Sequence[bool],
        shade: str = "",
        before: Callable[[], object] | None = None,
    ) -> None:
        """A row of cells that are as high as the highest of them.

        Args:
            cells: text.
            edges: where they begin, and where the last one ends, in millimetres; one more than cells.
            kind: type.
            right: which are set to the right.
            shade: colour behind them.
            before: is called where another page begins, before the row.
        """
        parts = [
            broken(drawable(cell), kind, end - start - 2.0)
            for cell, start, end in zip(cells, edges, edges[1:], strict=False)
        ]
        height = max(map(len, parts)) * kind.line + 0.4
        if self.need(height) and before is not None:
            before()
        if shade:
            self.rule(height, shade)
        top = self._y
        for lines, start, end, to_right in zip(parts, edges, edges[1:], right, strict=False):
            self._y = top
            for line in lines:
                self.put(line, end - 1.0 if to_right else start + 1.0, kind, right=to_right)
                self._y += kind.line
        self._y = top + height

    def rule(self, height: float, colour: str) -> None:
        """A bar over the width of the text."""
        from matplotlib.patches import Rectangle  # noqa: PLC0415

        page = self._page
        if page is not None:
            page.add_artist(
                Rectangle(
                    (LEFT / WIDTH, 1 - (self._y + height) / HEIGHT),
                    TEXT_WIDTH / WIDTH,
                    height / HEIGHT,
                    transform=page.transFigure,
                    facecolor=colour,
                    edgecolor="none",
                    zorder=-1,
                )
            )

    def put(self, text: str, x: float, kind: Type, *, right: bool = False) -> None:
        """One line, at the height that comes next."""
        page = self._page
        if page is not None:
            page.text(
                x / WIDTH,
                1 - self._y / HEIGHT,
                text,
                va="top",
                ha="right" if right else "left",
                parse_math=False,
                **_properties(kind),
            )

    def picture(self, figure: Figure, caption: str, kind: Type) -> None:
        """A page with a figure that was drawn on a sheet of the width of the text, and its caption."""
        wide, high = (float(part) * MILLIMETRES for part in figure.get_size_inches())
        room = HEIGHT - TOP - BOTTOM - 6 * kind.line
        scale = min(1.0, room / high)
        engine: Any = figure.get_layout_engine()
        figure.set_size_inches(WIDTH / MILLIMETRES, HEIGHT / MILLIMETRES)
        bottom = 1 - (TOP + high * scale) / HEIGHT
        engine.set(rect=(LEFT / WIDTH, bottom, wide / WIDTH, high * scale / HEIGHT))
        self._page, self._y = figure, TOP + high * scale + kind.line
        self._finish(figure)
        self.text(caption, kind)
        self._page = None

    def _new(self) -> Figure:
        from matplotlib.figure import Figure  # noqa: PLC0415

        page = Figure(figsize=(WIDTH / MILLIMETRES, HEIGHT / MILLIMETRES))
        self._finish(page)
        return page

    def _finish(self, page: Figure) -> None:
        """The line at the foot of a page."""
        self._done.append(page)
        kind = Type(7.5, colour="#666666")
        y = 10.0 / HEIGHT
        page.text(LEFT / WIDTH, y, drawable(self._footer), va="bottom", parse_math=False, **_properties(kind))
        number = str(len(self._done))
        page.text(1 - LEFT / WIDTH, y, number, va="bottom", ha="right", **_properties(kind))


def _properties(kind: Type) -> dict[str, Any]:
    found: dict[str, Any] = {"fontsize": kind.size, "fontweight": kind.weight, "color": kind.colour}
    return {**found, "family": kind.family} if kind.family else found


def broken(text: str, kind: Type, width: float) -> list[str]:
    """Lines that are no wider than ``width`` millimetres; a word that is too long is cut."""
    lines, line = [], ""
    for whole in text.split(" "):
        word = whole
        while word:
            longer = f"{line} {word}" if line else word
            if measured(longer, kind) <= width:
                line, word = longer, ""
            elif line:
                lines.append(line)
                line = ""
            else:
                most = _letters(word, kind, width)
                lines.append(word[:most])
                word = word[most:]
    return [*lines, line] if line or not lines else lines


def _letters(word: str, kind: Type, width: float) -> int:
    """How many letters of a word fit; one at least."""
    low, high = 1, len(word)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if measured(word[:middle], kind) <= width else (low, middle - 1)
    return low


def measured(text: str, kind: Type) -> float:
    """Width in millimetres."""
    return _width(text, kind.family, kind.weight) * kind.size * POINT


@lru_cache(maxsize=20_000)
def _width(text: str, family: str, weight: str) -> float:
    """In sizes of type."""
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415
    from matplotlib.textpath import text_to_path  # noqa: PLC0415

    font = FontProperties(family=family or None, weight=weight, size=100.0)
    wide, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(wide) / 100.0
