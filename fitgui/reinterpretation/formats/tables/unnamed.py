"""Tables without headings: names of regions with a number each, or nothing but numbers."""

from __future__ import annotations

from collections.abc import Iterator

from fitgui.pallets.reading.names import shown
from fitgui.reinterpretation.formats.tables.cells import RegionColumns, quantity_of_column, region_yield
from fitgui.reinterpretation.formats.tables.columns import Column, Role
from fitgui.reinterpretation.formats.tables.sheets import Sheet
from fitgui.reinterpretation.formats.tables.splitting import Line
from fitgui.reinterpretation.formats.texts import stem
from fitgui.reinterpretation.model import Imported, ImportedPoint, RegionYield, SignalError

_HINT = (
    "write a first line that names the columns, as in 'region, yield, stat' for one model point or 'm1, m2, "
    "SR1, SR2' for many"
)


def read_unnamed(sheet: Sheet, tool: str) -> Imported:
    """Read it: one model point.

    Args:
        sheet: without headings.
        tool: what is written into the result.

    Raises:
        SignalError: if it is not clear what the numbers are.
    """
    said = sheet.said
    value = Column(0, "yield", Role.YIELD)
    at = RegionColumns(value, None, (), None, *quantity_of_column(sheet, value))
    ordered = all(sheet.table.is_number(cell) for line in sheet.lines for cell in line.cells if cell)
    regions: dict[str, RegionYield] = {}
    places: dict[str, int] = {}
    for region, number, cell in _numbers(sheet) if ordered else _pairs(sheet):
        if region in places:
            raise SignalError(
                f"{sheet.name}: region {shown(region, 60)} stands twice, on lines {places[region]} and "
                f"{number}: remove one"
            )
        places[region] = number
        if found := region_yield(sheet, region, Line(number, [cell]), at):
            regions[region] = found
    if not regions:
        raise SignalError(f"{sheet.name}: no yields are filled in")
    notes = list(sheet.notes)
    if not ordered and (left := len(sheet.lines) - len(regions)):
        notes.append(f"{sheet.name}: lines without a yield are left out: {left}")
    if ordered and sheet.table.decimal_comma:
        notes.append(f"{sheet.name}: the comma in the numbers is taken for that of decimals")
    point = ImportedPoint(
        said.name or stem(sheet.name), {}, tuple(regions.values()), at.quantity, said.cross_section_fb
    )
    return Imported(
        tool, sheet.name, said.analysis, (), (point,), said.luminosity_fb, tuple(notes), ordered=ordered
    )


def _numbers(sheet: Sheet) -> Iterator[tuple[str, int, str]]:
    """A column or a row of numbers: how many there are before it, and one more, is the name of each."""
    sheet.check_unbroken()
    cells = [_without_ends(sheet, line) for line in sheet.lines]
    if len(cells) > 1 and max(map(len, cells)) > 1:
        raise SignalError(f"{sheet.name} has several lines and columns of numbers, and no headings: {_HINT}")
    every = [(line.number, cell) for line, each in zip(sheet.lines, cells, strict=True) for cell in each]
    for at, (number, cell) in enumerate(every, 1):
        yield str(at), number, cell


def _without_ends(sheet: Sheet, line: Line) -> list[str]:
    """The cells of a line without the empty ones around them."""
    filled = [at for at, cell in enumerate(line.cells) if cell]
    cells = list(line.cells[filled[0] : filled[-1] + 1])
    if not all(cells):
        raise SignalError(
            f"{sheet.name}, line {line.number}: a cell between numbers is empty, and the regions have no "
            "names: write 0 where there is nothing, or add names"
        )
    return cells


def _pairs(sheet: Sheet) -> Iterator[tuple[str, int, str]]:
    """The name of a region and its number in every line."""
    for line in sheet.lines:
        cells = [cell for cell in line.cells if cell]
        if len(cells) > 2 or (len(cells) == 2 and not sheet.table.is_number(cells[1])):
            raise SignalError(
                f"{sheet.name}, line {line.number}: it is not clear what '{shown(' '.join(cells), 60)}' "
                f"holds: {_HINT}"
            )
        if len(cells) == 1 and sheet.table.is_number(cells[0]):
            raise SignalError(
                f"{sheet.name}, line {line.number}: the number {cells[0]} has no name of a region, and not "
                f"all lines are numbers alone: {_HINT}"
            )
        if len(cells) == 2 and line.cells[0]:
            yield cells[0].removesuffix(":") or cells[0], line.number, cells[1]
