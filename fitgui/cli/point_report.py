"""``fitgui point`` for people: sentences first, then tables; the same as lines for a pipe."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fitgui import words
from fitgui.cli.plain import printable
from fitgui.cli.point_tables import Section, sections
from fitgui.insight.sentences import sentences, warnings
from fitgui.pallets import Analysis, Pallet, SignalPoint
from fitgui_backends.contract import FitOptions

if TYPE_CHECKING:
    from fitgui_backends.engines.detail import PointDetail

_SHORT_NAME = 20
_GAP = 2
"""Between columns."""
_NAMES = ("parameter", "with", "channel")


def show(
    pallet: Pallet,
    analysis: Analysis,
    point: SignalPoint,
    detail: PointDetail,
    *,
    options: FitOptions,
    top: int,
) -> None:
    """Print to the terminal.

    Args:
        pallet: Where it comes from.
        analysis: Of this pallet.
        point: The point.
        detail: What came out.
        options: How it was fitted.
        top: Rows of each ranking; 0 for all.
    """
    console = Console(highlight=False)
    console.print(Text(_clean(point.name), style="bold cyan"), Text(_clean(_place(pallet, analysis, point))))
    for sentence in sentences(options, detail):
        console.print(Text(_clean(sentence)))
    for warning in warnings(detail):
        console.print(Text(f"! {_clean(warning)}", style="yellow"))
    for note in detail.result.notes:
        console.print(Text(_clean(note)))
    for section in sections(detail, top):
        console.print()
        console.print(Text(_clean(section.title), style="bold"))
        if not section.rows:
            continue
        if _is_too_wide(section, console.width):
            for line in _in_lines(section):
                console.print(Text(_clean(line)))
            continue
        table = Table(box=None, pad_edge=False, header_style="dim")
        for heading in section.headings:
            table.add_column(heading, justify="left" if heading in _NAMES else "right", overflow="fold")
        for row in section.rows:
            table.add_row(*(Text(_clean(cell)) for cell in row))
        console.print(table)


def plain_lines(
    pallet: Pallet,
    analysis: Analysis,
    point: SignalPoint,
    detail: PointDetail,
    *,
    options: FitOptions,
    top: int,
) -> list[str]:
    """The same in lines that begin with what they are about; see :func:`show`."""
    lines = [f"point {point.name}  {_place(pallet, analysis, point)}"]
    lines += sentences(options, detail)
    lines += [f"warning {warning}" for warning in warnings(detail)]
    lines += [f"note {note}" for note in detail.result.notes]
    for section in sections(detail, top):
        if not section.rows:
            lines.append(section.title)
        lines += [f"{section.word} {line}" for line in _in_lines(section)]
    return lines


def _in_lines(section: Section) -> list[str]:
    """A line for each row, with the headings in it."""
    return [
        "  ".join([row[0], *(f"{h} {c}" for h, c in zip(section.headings[1:], row[1:], strict=True) if c)])
        for row in section.rows
    ]


def _is_too_wide(section: Section, width: int) -> bool:
    """Whether a table would break numbers, or short names, or long names in more than three parts."""
    needed = -_GAP
    for column, heading in enumerate(section.headings):
        longest = max((cell_len(row[column]) for row in section.rows), default=0)
        if heading in _NAMES:
            longest = max(min(longest, _SHORT_NAME), math.ceil(longest / 3))
        needed += _GAP + max(cell_len(heading), longest)
    return needed > width


def _place(pallet: Pallet, analysis: Analysis, point: SignalPoint) -> str:
    return "  ".join(part for part in (words.coordinates(point.values), analysis.name, pallet.name) if part)


def _clean(text: str) -> str:
    """Without control characters: names are a stranger's."""
    return printable(text)
