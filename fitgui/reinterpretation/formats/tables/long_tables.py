"""Tables with one line for each region: of one model point, or of many."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from fitgui.pallets.model import Coordinate
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
from fitgui.reinterpretation.formats.tables.splitting import Line
from fitgui.reinterpretation.formats.tables.telling_apart import LIKE_PARAMETER
from fitgui.reinterpretation.formats.texts import stem
from fitgui.reinterpretation.model import Imported, ImportedPoint, RegionYield, SignalError

_NO_NAMES = frozenset(("total", "sum", "s+b", "s95", "limit", "weight", "weights", "ratio", "fraction", "mc"))
"""Of model points, whatever a file is called."""


@dataclass(slots=True)
class _Gathered:
    """What belongs to one model point so far."""

    line: int
    values: dict[str, Coordinate]
    cross_section_fb: float | None
    regions: dict[str, RegionYield] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    """Line by region, of those without yields, too."""


def read_long(sheet: Sheet, tool: str) -> Imported:
    """Read it.

    Args:
        sheet: with a column of regions, or of channels.
        tool: what is written into the result.

    Raises:
        SignalError: if it cannot be read.
    """
    value = sheet.one_with(Role.YIELD)
    notes = list(sheet.notes)
    if value is None:
        value, note = _only_other(sheet)
        notes.append(note)
    quantity, factor = quantity_of_column(sheet, value)
    at = RegionColumns(value, *uncertainty_columns(sheet, ""), quantity, factor)
    sheet.one_with(Role.STATISTICAL)
    point_column, section_column = sheet.one_with(Role.POINT), sheet.one_with(Role.CROSS_SECTION)
    parameters, unused = _parameters(sheet, value)
    rows = parameters_of(sheet, parameters)
    region_of = _Regions(sheet)
    points: dict[object, _Gathered] = {}
    if point_column:
        _named(sheet, point_column)
    empty = 0
    for line, values in zip(sheet.lines, rows, strict=True):
        key = line.cells[point_column.at] if point_column else tuple(values.items())
        section = cross_section_of(sheet, line, section_column)
        point = points.setdefault(key, _Gathered(line.number, values, section))
        _same(sheet, point, line, values, section)
        region = region_of(line)
        if region in point.places:
            raise SignalError(_twice(sheet, region, point.places[region], line.number))
        point.places[region] = line.number
        found = region_yield(sheet, region, line, at)
        if found is None:
            empty += 1
        else:
            point.regions[region] = found
    if empty:
        notes.append(f"{sheet.name}: lines without a yield are left out: {empty}")
    if unused:
        notes.append(f"{sheet.name}: columns that are not used: {', '.join(unused)}")
    labels = tuple(column.name for column in parameters)
    return _imported(sheet, Imported(tool, sheet.name, "", labels, (), notes=tuple(notes)), points, at)


def _imported(sheet: Sheet, bare: Imported, points: dict[object, _Gathered], at: RegionColumns) -> Imported:
    if not any(point.regions for point in points.values()):
        raise SignalError(
            f"{sheet.name}: no yields are filled in: write numbers into the column "
            f"'{shown(at.value.heading, 60)}'"
        )
    alone = sheet.said.name or stem(sheet.name)
    finished = tuple(
        ImportedPoint(
            key if isinstance(key, str) and key else name_from(point.values) or alone,
            point.values,
            tuple(point.regions.values()),
            at.quantity,
            point.cross_section_fb,
        )
        for key, point in points.items()
        if point.regions
    )
    return replace(
        bare, points=finished, analysis=sheet.said.analysis, luminosity_fb=sheet.said.luminosity_fb
    )


def read_listed(sheet: Sheet, tool: str) -> Imported:
    """Read a column of yields without names of regions: only their order tells.

    Raises:
        SignalError: if it cannot be read.
    """
    sheet.check_unbroken()
    value = sheet.one_with(Role.YIELD)
    if value is None:
        raise SignalError(f"{sheet.name}: no column holds yields")
    quantity, factor = quantity_of_column(sheet, value)
    at = RegionColumns(value, *uncertainty_columns(sheet, ""), quantity, factor)
    section = sheet.one_with(Role.CROSS_SECTION)
    regions = []
    for number, line in enumerate(sheet.lines, 1):
        found = region_yield(sheet, str(number), line, at)
        if found is None:
            raise SignalError(
                f"{sheet.name}, line {line.number}: there is no yield, and the regions have no names: write "
                "0, or a column 'region'"
            )
        regions.append(found)
    sections = {cross_section_of(sheet, line, section) for line in sheet.lines}
    if len(sections) > 1:
        raise SignalError(f"{sheet.name}: one model point has several cross sections: keep one")
    point = ImportedPoint(sheet.said.name or stem(sheet.name), {}, tuple(regions), quantity, sections.pop())
    return Imported(
        tool,
        sheet.name,
        sheet.said.analysis,
        (),
        (point,),
        sheet.said.luminosity_fb,
        sheet.notes,
        ordered=True,
    )


def _only_other(sheet: Sheet) -> tuple[Column, str]:
    """A column that is headed with the name of the model point, where it is the only one: its yields.

    Any other heading may be that of anything: of signal and background together, of limits, of weights.
    """
    others = sheet.all_with(Role.OTHER)
    point = {name.lower() for name in (sheet.said.name, stem(sheet.name)) if name} - _NO_NAMES
    if len(others) == 1 and others[0].name.strip().lower() in point:
        heading = shown(others[0].heading, 60)
        return replace(others[0], role=Role.YIELD), f"{sheet.name}: '{heading}' is taken for the yields"
    what = f", and '{shown(others[0].heading, 60)}' may be anything" if others else ""
    raise SignalError(
        f"{sheet.name}: there are regions, and no column headed 'yield' (or 'events', 'efficiency', 'yield "
        f"[fb]'){what}: head the column with the numbers of your signal so"
    )


def _parameters(sheet: Sheet, value: Column) -> tuple[list[Column], list[str]]:
    """Columns of parameters, and headings of what is not used."""
    first = min(one.at for one in sheet.columns if one.role in (Role.REGION, Role.CHANNEL))
    found, unused = [], []
    for column in sheet.columns:
        if column.role is Role.PARAMETER:
            found.append(column)
        elif column.role is Role.OTHER and column.at != value.at:
            numeric = all(sheet.table.is_number(line.cells[column.at]) for line in sheet.lines)
            if numeric and (column.at < first or LIKE_PARAMETER.fullmatch(column.name)):
                found.append(replace(column, role=Role.PARAMETER))
            else:
                unused.append(column.heading)
    return found, unused


def _named(sheet: Sheet, column: Column) -> None:
    """Either all lines name their model point, or none."""
    without = [line.number for line in sheet.lines if not line.cells[column.at]]
    if without and len(without) < len(sheet.lines):
        raise SignalError(
            f"{sheet.name}, line {without[0]}: the model point has no name: write it into every line"
        )


class _Regions:
    """Tells the name of the region of a line, with its bin where there is a column for it."""

    def __init__(self, sheet: Sheet) -> None:
        region, channel, number = (sheet.one_with(role) for role in (Role.REGION, Role.CHANNEL, Role.BIN))
        column = channel if channel and (number or not region) else region
        self._sheet = sheet
        self._name_at = column.at if column else 0
        self._bin_at = number.at if number else None

    def __call__(self, line: Line) -> str:
        """Of a line.

        Raises:
            SignalError: if it has none.
        """
        name = line.cells[self._name_at]
        if not name:
            raise SignalError(f"{self._sheet.name}, line {line.number}: the region has no name")
        text = "" if self._bin_at is None else line.cells[self._bin_at]
        if not text:
            return name
        plain = text.removesuffix(".0")
        if not (plain.isascii() and plain.isdigit()):
            raise SignalError(
                f"{self._sheet.name}, line {line.number}: '{shown(text, 40)}' is not the number of a bin: "
                "they are counted from 0"
            )
        full = f"{name}[{int(plain)}]"
        known = self._sheet.known_regions
        return name if full.endswith("[0]") and full not in known and name in known else full


def _same(
    sheet: Sheet, point: _Gathered, line: Line, values: dict[str, Coordinate], section: float | None
) -> None:
    if values != point.values or section != point.cross_section_fb:
        what = "parameters" if values != point.values else "cross sections"
        raise SignalError(
            f"{sheet.name}: the same model point has different {what} on lines {point.line} and "
            f"{line.number}: mend one, or give the points different names"
        )


def _twice(sheet: Sheet, region: str, first: int, second: int) -> str:
    sentence = f"{sheet.name}: region {shown(region, 60)} stands twice, on lines {first} and {second}"
    if sheet.one_with(Role.POINT):
        return f"{sentence}, for the same model point: remove one"
    return (
        f"{sentence}: remove one, or, if they are different model points, add a column 'point' with their "
        "names"
    )
