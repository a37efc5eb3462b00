"""Tables with one line for each model point: columns of parameters, and a column for each region."""

from __future__ import annotations

from fitgui.pallets.reading.names import shown
from fitgui.reinterpretation.formats.tables.cells import (
    RegionColumns,
    cross_section_of,
    name_from,
    parameters_of,
    quantity_of_column,
    region_yield,
    uncertainty_columns,
)
from fitgui.reinterpretation.formats.tables.columns import Column, Role
from fitgui.reinterpretation.formats.tables.sheets import Sheet
from fitgui.reinterpretation.formats.texts import stem
from fitgui.reinterpretation.model import Imported, ImportedPoint, Quantity, SignalError


def read_wide(sheet: Sheet, tool: str) -> Imported:
    """Read it.

    Args:
        sheet: without a column of regions.
        tool: what is written into the result.

    Raises:
        SignalError: if it cannot be read.
    """
    regions = _regions(sheet)
    quantity = _one_quantity(sheet, regions)
    names, sections = sheet.one_with(Role.POINT), sheet.one_with(Role.CROSS_SECTION)
    parameters = sheet.all_with(Role.PARAMETER)
    rows = parameters_of(sheet, parameters)
    points: dict[str, ImportedPoint] = {}
    places: dict[str, int] = {}
    empty, bare = 0, 0
    alone = sheet.said.name or stem(sheet.name) if len(sheet.lines) == 1 else ""
    for number, (line, values) in enumerate(zip(sheet.lines, rows, strict=True), 1):
        found = [region_yield(sheet, region, line, at) for region, at in regions.items()]
        kept = tuple(one for one in found if one is not None)
        empty += len(found) - len(kept)
        if not kept:
            bare += 1
            continue
        name = (line.cells[names.at] if names else "") or name_from(values) or alone or f"point_{number}"
        if name in points:
            raise SignalError(
                f"{sheet.name}: the model point {shown(name, 60)} stands twice, on lines {places[name]} and "
                f"{line.number}: remove one, or give the points different names"
            )
        places[name] = line.number
        points[name] = ImportedPoint(name, values, kept, quantity, cross_section_of(sheet, line, sections))
    if not points:
        raise SignalError(f"{sheet.name}: no yields are filled in")
    notes = list(sheet.notes)
    if empty:
        notes.append(f"{sheet.name}: {empty} cells without a yield are left out")
    if bare:
        notes.append(f"{sheet.name}: {bare} line{'s' if bare > 1 else ''} without any yield left out")
    return Imported(
        tool,
        sheet.name,
        sheet.said.analysis,
        tuple(column.name for column in parameters),
        tuple(points.values()),
        sheet.said.luminosity_fb,
        tuple(notes),
        ordered=not any(column.name for column in sheet.all_with(Role.YIELD)),
    )


def _regions(sheet: Sheet) -> dict[str, RegionColumns]:
    values = sheet.all_with(Role.YIELD)
    if not values:
        raise SignalError(
            f"{sheet.name}: no column holds yields: its headings are "
            f"{shown(', '.join(column.heading for column in sheet.columns), 160)}"
        )
    names = {column.name for column in values if column.name}
    regions: dict[str, RegionColumns] = {}
    for column in values:
        if not column.name and len(values) > 1:
            raise SignalError(
                f"{sheet.name}: the column '{shown(column.heading, 60)}' does not say of which region it is, "
                "beside columns of regions: rename or remove it"
            )
        quantity, factor = quantity_of_column(sheet, column)
        statistical, systematics, simulated = uncertainty_columns(sheet, column.name)
        if column.name:
            common = uncertainty_columns(sheet, "")
            _only_relative(sheet, [one for one in (common[0], *common[1]) if one])
            statistical, systematics = statistical or common[0], (*systematics, *common[1])
        regions[column.name or "1"] = RegionColumns(
            column, statistical, systematics, simulated, quantity, factor
        )
    for column in sheet.columns:
        if column.region and column.region not in names:
            raise SignalError(
                f"{sheet.name}: the column '{shown(column.heading, 60)}' is for a region that has no column "
                f"of yields: '{shown(column.region, 60)}' is to be the heading of one"
            )
    return regions


def _only_relative(sheet: Sheet, columns: list[Column]) -> None:
    """An uncertainty for all regions together can only be one in percent."""
    for column in columns:
        for line in sheet.lines:
            cell = line.cells[column.at]
            if cell and not column.relative and not cell.endswith("%"):
                kind = "stat" if column.role is Role.STATISTICAL else f"syst:{column.name}"
                raise SignalError(
                    f"{sheet.name}, line {line.number}, column '{shown(column.heading, 60)}': "
                    f"'{shown(cell, 40)}' is for all regions: write it in percent, or head a column for each "
                    f"region, as in '{kind}:REGION'"
                )


def _one_quantity(sheet: Sheet, regions: dict[str, RegionColumns]) -> Quantity:
    quantities = {at.quantity: region for region, at in regions.items()}
    if len(quantities) > 1:
        (first, a), (second, b) = list(quantities.items())[:2]
        raise SignalError(
            f"{sheet.name}: {shown(a, 60)} is headed as {first.value} and {shown(b, 60)} as {second.value}: "
            "give all regions in the same unit"
        )
    return next(iter(quantities))
