"""A report as a PDF, set by matplotlib: no further program is needed."""

from __future__ import annotations

import io
from typing import Final

from fitgui.figures.style import Sheet, Style, sheet
from fitgui.figures.text import drawable, shortened
from fitgui.report.blocks import (
    Block,
    Code,
    Facts,
    Heading,
    Paragraphs,
    Picture,
    Report,
    Table,
    legible,
)
from fitgui.report.pages import LEFT, MONO, TEXT_WIDTH, Pages, Type, measured

MOST_ROWS: Final = 2000
"""Of a table; a longer one is in the HTML and in the results file."""
_BODY = Type(9.0)
_QUIET = Type(9.0, colour="#555555")
_WARNING = Type(9.0, colour="#8A3A00")
_HEADING = Type(12.0, weight="bold")
_CELL = Type(7.4)
_HEAD = Type(7.4, weight="bold")
_CODE = Type(7.2, family=MONO)
_LABEL_WIDTH = 42.0
_NARROWEST = 24.0
"""Millimetres of a column of words."""
_SHADE = "#FDF0E3"


def pdf_of(report: Report, *, style: Style = Style.ATLAS) -> bytes:
    """The whole file; the same report gives the same bytes."""
    import matplotlib as mpl  # noqa: PLC0415
    from matplotlib.backends.backend_pdf import PdfPages  # noqa: PLC0415

    stream = io.BytesIO()
    with sheet(style, TEXT_WIDTH) as where:
        pages = Pages(where, shortened(f"{legible(report.title)} · {legible(report.subtitle)}", 110))
        pages.text(report.title, Type(17.0, weight="bold"))
        pages.skip(1.0)
        pages.text(report.subtitle, _QUIET)
        pages.skip(3.0)
        for block, after in zip(report.blocks, [*report.blocks[1:], None], strict=True):
            if not (isinstance(block, Heading) and isinstance(after, Picture)):  # it has a page of its own
                _add(pages, block, where)
        metadata = {"CreationDate": None, "Title": legible(report.title), "Creator": "fitgui"}
        with mpl.rc_context({"savefig.dpi": 72}), PdfPages(stream, metadata=metadata) as file:
            for page in pages.figures:
                file.savefig(page)
    return stream.getvalue()


def _add(pages: Pages, block: Block, where: Sheet) -> None:
    match block:
        case Heading():
            pages.skip(5.0)
            pages.need(18.0)
            pages.text(block.text, _HEADING)
            pages.skip(1.2)
        case Paragraphs():
            for line in block.lines:
                pages.text(line, _WARNING if block.warning else _BODY)
                pages.skip(0.8)
        case Facts():
            edges = (LEFT, LEFT + _LABEL_WIDTH, LEFT + TEXT_WIDTH)
            for row in block.rows:
                pages.row(row, edges, _BODY, right=(False, False))
        case Table():
            _table(pages, block)
        case Picture():
            pages.picture(block.draw(where), block.caption, _BODY)
        case Code():
            pages.code(block.text, _CODE)


def _table(pages: Pages, table: Table) -> None:
    edges = _edges(table)
    last = len(table.headings) - 1
    right = [table.words <= place < last for place in range(last + 1)]

    def head() -> None:
        pages.row(table.headings, edges, _HEAD, right=right)
        pages.rule(0.3, "#444444")
        pages.skip(0.9)

    head()
    for number, row in enumerate(table.rows[:MOST_ROWS]):
        shade = _SHADE if number in table.marked else ""
        pages.row(row, edges, _CELL, right=right, shade=shade, before=head)
    if len(table.rows) > MOST_ROWS:
        pages.text(f"{len(table.rows) - MOST_ROWS} more rows: they are in the report as HTML.", _WARNING)


def _edges(table: Table) -> list[float]:
    """Where columns begin: as wide as their content wants, but names no wider than what is left."""
    wanted = [
        max(
            measured(drawable(heading), _HEAD),
            *(measured(drawable(row[place]), _CELL) for row in table.rows[:300] or [("",) * 99]),
        )
        + 3.0
        for place, heading in enumerate(table.headings)
    ]
    words = [place for place in range(len(wanted)) if place < table.words or place == len(wanted) - 1]
    for place in sorted(words, key=lambda place: -wanted[place]):  # they can be broken, numbers can not
        excess = sum(wanted) - TEXT_WIDTH
        wanted[place] -= min(max(excess, 0.0), max(wanted[place] - _NARROWEST, 0.0))
    scale = min(1.0, TEXT_WIDTH / sum(wanted))
    wanted = [width * scale for width in wanted]
    edges = [LEFT]
    for width in wanted:
        edges.append(edges[-1] + width)
    return edges
