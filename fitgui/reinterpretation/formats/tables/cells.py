"""Cells of a table of signal yields as numbers: yields, uncertainties, parameters, names of points."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fitgui.pallets.model import Coordinate
from fitgui.pallets.reading.names import shown
from fitgui.reinterpretation.formats.tables.columns import Column, Role
from fitgui.reinterpretation.formats.tables.sheets import Sheet
from fitgui.reinterpretation.formats.tables.splitting import Line
from fitgui.reinterpretation.formats.texts import NUMBER
from fitgui.reinterpretation.model import Quantity, RegionYield, SignalError
from fitgui.reinterpretation.units import cross_section, femtobarns


@dataclass(frozen=True, slots=True)
class RegionColumns:
    """Where the numbers of a region stand."""

    value: Column
    statistical: Column | None
    systematics: tuple[Column, ...]
    simulated: Column | None
    quantity: Quantity
    factor: float

    def __post_init__(self) -> None:
        for column in (self.statistical, *self.systematics):
            if column and femtobarns(column.unit) is not None and self.quantity is not Quantity.CROSS_SECTION:
                raise SignalError(
                    f"the column '{shown(column.heading, 60)}' has a unit that the yields do not have: give "
                    "both in the same"
                )


def quantity_of_column(sheet: Sheet, column: Column) -> tuple[Quantity, float]:
    """What the numbers of a column of yields are, and the factor to the unit that is kept.

    Raises:
        SignalError: if heading and comment disagree.
    """
    said = sheet.said
    if column.quantity is None:
        return (said.quantity or Quantity.EVENTS, said.factor)
    same = said.quantity is column.quantity and (not column.unit or said.factor == column.factor)
    if said.quantity is not None and not same:
        raise SignalError(
            f"{sheet.name}: the heading '{shown(column.heading, 60)}' and the line '# unit' say different "
            "units: mend one"
        )
    return column.quantity, said.factor if same and not column.unit else column.factor


def region_yield(sheet: Sheet, region: str, line: Line, at: RegionColumns) -> RegionYield | None:
    """A region of a line; ``None`` where it has no yield.

    Raises:
        SignalError: if a cell is no number.
    """
    number = sheet.table.number
    cell, _sign, beside = line.cells[at.value.at].partition("±")
    if not cell:
        return None
    if cell[-1] == "%" and at.quantity is Quantity.EFFICIENCY:
        value = number(cell[:-1].rstrip(), line.number, at.value.heading) / 100.0
    else:
        value = number(cell, line.number, at.value.heading)
        value = value * at.factor if at.factor != 1.0 else value
    statistical = _uncertainty(sheet, line, at.statistical, abs(value), at.factor)
    if beside:
        if statistical is not None:
            raise SignalError(
                f"{sheet.name}, line {line.number}: {shown(region, 60)} has an uncertainty behind ±, and one "
                "of its own: keep one"
            )
        alone = Line(line.number, [beside])
        statistical = _uncertainty(sheet, alone, replace(at.value, at=0, unit=""), abs(value), at.factor)
    if statistical is not None and statistical < 0.0:
        raise SignalError(
            f"{sheet.name}, line {line.number}: the statistical uncertainty of {shown(region, 60)} is below "
            "zero: mend it"
        )
    simulated = _uncertainty(sheet, line, at.simulated, value, 1.0)
    if not at.systematics:
        return RegionYield(region, value, statistical, simulated=simulated)
    changes, uncorrelated = _changes(sheet, region, line, at, value)
    return RegionYield(region, value, statistical, changes, uncorrelated, simulated)


def _changes(
    sheet: Sheet, region: str, line: Line, at: RegionColumns, value: float
) -> tuple[dict[str, tuple[float, float]], frozenset[str]]:
    """(down, up) of each systematic uncertainty, and which of them are uncorrelated."""
    changes: dict[str, tuple[float, float]] = {}
    uncorrelated: set[str] = set()
    sides: dict[str, set[str]] = {}
    for column in at.systematics:
        change = _uncertainty(sheet, line, column, value, at.factor)
        if change is None:
            continue
        name = column.name
        if name in changes and (not column.side or not {"", column.side}.isdisjoint(sides[name])):
            raise SignalError(
                f"{sheet.name}, line {line.number}: the uncertainty {shown(name, 60)} of {shown(region, 60)} "
                "is given twice: leave all but one of its cells empty"
            )
        down, up = changes.get(name, (0.0, 0.0))
        sides.setdefault(name, set()).add(column.side)
        if not column.side:
            changes[name] = (-change, change)
        else:
            changes[name] = (change, up) if column.side == "down" else (down, change)
        if not column.correlated:
            uncorrelated.add(name)
    for name, given in sides.items():
        if given in ({"up"}, {"down"}):
            there, missing = ("up", "down") if given == {"up"} else ("down", "up")
            raise SignalError(
                f"{sheet.name}, line {line.number}: the uncertainty {shown(name, 60)} of {shown(region, 60)} "
                f"has a number for '{there}', and none for '{missing}': write it, 0 where nothing changes, "
                f"or head one column 'syst:{shown(name, 60)}' that counts in both directions"
            )
    return changes, frozenset(uncorrelated)


def _uncertainty(
    sheet: Sheet, line: Line, column: Column | None, value: float, factor: float
) -> float | None:
    """In the unit of the value: a percentage is of the value."""
    if column is None or not (cell := line.cells[column.at]):
        return None
    if cell[-1] == "%":
        return sheet.table.number(cell[:-1].rstrip(), line.number, column.heading) / 100.0 * value
    change = sheet.table.number(cell, line.number, column.heading)
    if column.relative:
        return change / 100.0 * value
    factor = femtobarns(column.unit) or factor
    return change * factor if factor != 1.0 else change


def uncertainty_columns(sheet: Sheet, region: str) -> tuple[Column | None, tuple[Column, ...], Column | None]:
    """Statistical, systematic, simulated: of one region, or (empty) of all."""

    def of(role: Role) -> list[Column]:
        return [one for one in sheet.columns if one.role is role and one.region == region]

    statistical, simulated = of(Role.STATISTICAL), of(Role.SIMULATED)
    return (
        statistical[0] if statistical else None,
        tuple(of(Role.SYSTEMATIC)),
        simulated[0] if simulated else None,
    )


def parameters_of(sheet: Sheet, columns: Sequence[Column]) -> list[dict[str, Coordinate]]:
    """Coordinates of every line; a column of which a cell is no number is one of words."""
    rows: list[dict[str, Coordinate]] = [{} for _ in sheet.lines]
    for column in columns:
        cells = [line.cells[column.at] for line in sheet.lines]
        comma = sheet.table.decimal_comma
        plain = [cell.replace(",", ".", 1) if comma else cell for cell in cells]
        numeric = all(not cell or NUMBER.fullmatch(cell) for cell in plain)
        for row, line, cell in zip(rows, sheet.lines, cells, strict=True):
            if numeric and cell:
                number = sheet.table.number(cell, line.number, column.heading)
                row[column.name] = number * column.factor if column.factor != 1.0 else number
            elif cell:
                row[column.name] = cell
    return rows


def cross_section_of(sheet: Sheet, line: Line, column: Column | None) -> float | None:
    """In fb; what the file states for all points where the line has none.

    Raises:
        SignalError: if it has no unit, or is no number above zero.
    """
    if column is None or not line.cells[column.at]:
        return sheet.said.cross_section_fb
    cell = line.cells[column.at]
    if sheet.table.decimal_comma and "." not in cell:
        cell = cell.replace(",", ".", 1)
    if column.unit and NUMBER.fullmatch(cell):
        cell = f"{cell} {column.unit}"
    try:
        return cross_section(cell)
    except SignalError as error:
        hint = "" if column.unit else ", or the unit into the heading, as in 'cross section [fb]'"
        raise SignalError(
            f"{sheet.name}, line {line.number}, column '{shown(column.heading, 60)}': {error}{hint}"
        ) from error


def name_from(values: Mapping[str, Coordinate]) -> str:
    """A name for a point that has none: ``m1_300_m2_150``."""
    words = []
    for label, value in values.items():
        text = f"{value:.10g}" if isinstance(value, float) else value
        words += [label, text.replace(".", "p").replace("-", "m")]
    return "_".join(part for word in words for part in re.findall(r"[A-Za-z0-9]+", word))
