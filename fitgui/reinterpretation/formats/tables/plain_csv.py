"""Signal yields as a plain table: CSV of any kind, with a line for each region or for each model point."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from fitgui.reinterpretation.formats.signs import same_sided
from fitgui.reinterpretation.formats.tables.columns import Role, is_heading
from fitgui.reinterpretation.formats.tables.long_tables import read_listed, read_long
from fitgui.reinterpretation.formats.tables.sheets import Sheet, first_headings, sheet_of, untitled
from fitgui.reinterpretation.formats.tables.splitting import table_of
from fitgui.reinterpretation.formats.tables.statements import states_unit
from fitgui.reinterpretation.formats.tables.unnamed import read_unnamed
from fitgui.reinterpretation.formats.tables.wide_tables import read_wide
from fitgui.reinterpretation.formats.texts import decoded
from fitgui.reinterpretation.model import Imported, SignalError

_FOREIGN = (
    frozenset({"sr", "events", "acceptance", "err"}),  # SimpleAnalysis
    frozenset({"analysis", "sr", "o", "b", "s"}),  # CheckMATE
)
"""Headings of other tools that would be misread here: their columns of these names mean something else."""

_ENOUGH = 1 << 18
"""Characters that tell what a file is."""


def looks_like(text: str | bytes, name: str) -> bool:
    """Whether a file is such a table: under headings, or names of regions each with a number.

    Args:
        text: of the file.
        name: of the file; it does not matter.
    """
    try:
        table = table_of(_beginning(decoded(text, name)[0]), name, strict=False)
    except SignalError:
        return False
    lines, _titles = untitled(table)
    first = lines[0].cells
    if not first or first[0][:1] in ("{", "[", "<", "("):
        return False
    headings, number = first_headings(lines, table)
    words = {cell.lower() for cell in headings}
    if any(words >= foreign for foreign in _FOREIGN):
        return False
    if not headings:
        return all(len(line.cells) == 2 and table.is_number(line.cells[1]) for line in lines) or all(
            table.is_number(cell) for line in lines for cell in line.cells
        )
    rest = lines[1:] if number == lines[0].number else lines
    numbers = any(table.is_number(cell) for line in rest[:50] for cell in line.cells)
    told = sum(map(is_heading, headings)) >= 2 or numbers or states_unit(table.comments)
    if len(headings) == 1:
        return is_heading(headings[0]) and bool(rest) and all(table.is_number(line.cells[0]) for line in rest)
    return told


def _beginning(text: str) -> str:
    """The first lines of a long file."""
    end = text.rfind("\n", 0, _ENOUGH) + 1
    return text[:end] if end and len(text) > _ENOUGH else text


def read(
    text: str | bytes,
    name: str,
    *,
    known_regions: Collection[str] = (),
    labels: Collection[str] = (),
    tool: str = "csv",
) -> tuple[Imported, ...]:
    """Read a table of signal yields.

    Args:
        text: of the file.
        name: of the file, for sentences; without its ending the name of a single point.
        known_regions: of the target, channels and bins as they are written; they help to tell columns of
            regions from columns of parameters.
        labels: of the parameters of the target, for the same.
        tool: what is written into the result.

    Returns:
        One.

    Raises:
        SignalError: if it cannot be read; the sentence names line and column.
    """
    sheet = sheet_of(text, name, known_regions, labels)
    if {column.heading.strip().lower() for column in sheet.columns} >= _FOREIGN[0]:
        raise SignalError(f"{name} is a file of SimpleAnalysis: read it as one")
    if not sheet.columns:
        return (read_unnamed(sheet, tool),)
    reader = read_long if sheet.is_long else read_listed if _is_listed(sheet) else read_wide
    imported = reader(sheet, tool)
    return (replace(imported, findings=same_sided(imported.points, name)),)


def _is_listed(sheet: Sheet) -> bool:
    """Whether there are yields without names of regions, of one model point."""
    values = sheet.all_with(Role.YIELD)
    several = any(column.role in (Role.POINT, Role.PARAMETER) for column in sheet.columns)
    return len(values) == 1 and not values[0].name and not several
