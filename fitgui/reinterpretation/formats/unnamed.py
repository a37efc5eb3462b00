"""Tables without headings: names of regions with a number each, or nothing but numbers."""

from __future__ import annotations

from fitgui.pallets.reading.names import shown
from fitgui.reinterpretation.formats.cells import stem
from fitgui.reinterpretation.formats.sheets import Sheet
from fitgui.reinterpretation.model import Imported, ImportedPoint, Quantity, RegionYield, SignalError


def read_unnamed(sheet: Sheet, tool: str) -> Imported:
    """Read it: one model point.

    Args:
        sheet: without headings.
        tool: what is written into the result.

    Raises:
        SignalError: if it is not clear what the numbers are.
    """
    table, said = sheet.table, sheet.said
    lines = sheet.lines
    quantity, factor = said.quantity or Quantity.EVENTS, said.factor
    ordered = all(table.is_number(cell) for line in lines for cell in line.cells if cell)
    regions: dict[str, RegionYield] = {}
    places: dict[str, int] = {}
    if ordered:
        if len(lines) > 1 and max(len([cell for cell in line.cells if cell]) for line in lines) > 1:
            raise SignalError(
                f"{sheet.name} has several lines and several columns of numbers, and no headings: write a "
                "first line that names the columns, as in 'region, yield, stat' or 'm1, m2, SR1, SR2'"
            )
        cells = [(line.number, cell) for line in lines for cell in line.cells if cell]
        for at, (number, cell) in enumerate(cells, 1):
            value = table.number(cell, number, str(at))
            regions[str(at)] = RegionYield(str(at), value * factor if factor != 1.0 else value)
    else:
        for line in lines:
            cells_ = [cell for cell in line.cells if cell]
            if len(cells_) > 2 or (len(cells_) == 2 and not table.is_number(cells_[1])):
                raise SignalError(
                    f"{sheet.name}, line {line.number}: it is not clear what '{shown(' '.join(cells_), 60)}' "
                    "holds: write a first line that names the columns, as in 'region, yield, stat' or 'm1, "
                    "m2, SR1, SR2'"
                )
            if len(cells_) < 2 or not line.cells[0]:
                continue
            region = cells_[0]
            if region in places:
                raise SignalError(
                    f"{sheet.name}: region {shown(region, 60)} stands twice, on lines {places[region]} and "
                    f"{line.number}: remove one"
                )
            places[region] = line.number
            value = table.number(cells_[1], line.number, region)
            regions[region] = RegionYield(region, value * factor if factor != 1.0 else value)
    if not regions:
        raise SignalError(f"{sheet.name}: no yields are filled in")
    left = 0 if ordered else len(lines) - len(regions)
    notes = (f"{sheet.name}: {left} lines without a yield are left out",) if left else ()
    if ordered and table.decimal_comma:
        notes = (f"{sheet.name}: the comma in the numbers is taken for that of decimals",)
    point = ImportedPoint(
        said.name or stem(sheet.name), {}, tuple(regions.values()), quantity, said.cross_section_fb
    )
    return Imported(tool, sheet.name, said.analysis, (), (point,), said.luminosity_fb, notes, ordered=ordered)
