"""What the columns of a table of cross sections mean: mass, cross section, uncertainties, and their units."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

PICOBARNS = {"ab": 1e-6, "fb": 1e-3, "pb": 1.0, "nb": 1e3}
"""Of a unit."""
GEV = {"mev": 1e-3, "gev": 1.0, "tev": 1e3}
UNIT = re.compile(r"(?<![a-z])(ab|fb|pb|nb)(?![a-z])(?!\s*(?:\^|\*\*)?\s*[{(]?\s*(?:[-−–]|⁻))", re.IGNORECASE)
"""A unit of cross sections; an inverse one is a luminosity."""
MASS_UNIT = re.compile(r"(?<![a-z])(mev|gev|tev)(?![a-z])", re.IGNORECASE)
PERCENT = re.compile(r"%|percent", re.IGNORECASE)
DOUBT = re.compile(
    r"unc|err|delta|Δ|±|\+/?-|%|percent|rel|pdf|scale|stat|sys|[-+−]\s*1\s*(sig|σ)", re.IGNORECASE
)
SECTION = re.compile(r"xs|x-?sec|cross|sig|σ", re.IGNORECASE)
MASS = re.compile(r"mass|^\W*m|gev|tev", re.IGNORECASE)
UP = re.compile(r"(?<![a-z])(up|plus|high|hi)(?![a-z])|\+(?!/?-)", re.IGNORECASE)
DOWN = re.compile(r"(?<![a-z])(down|dn|minus|low|lo)(?![a-z])|(?:^|[\s_(\[])[-−]|[-−]\W*$", re.IGNORECASE)
BOTH = re.compile(r"±|\+/?-")
CELL = re.compile(
    r"\s*[(\[]?\s*([-+−]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][-+−]?\d+)?)\s*(%|[munpfat]b|[mgt]ev)?\s*[)\]]?\s*",
    re.IGNORECASE,
)
NO_NUMBER = frozenset({"", "-", "–", "—", "n/a", "nan", "none"})
"""What stands in a column of uncertainties where there is none."""


class CrossSectionError(Exception):
    """A file is no table of cross sections; the text is one sentence: what is wrong, where, what to do."""


class Role(StrEnum):
    """What a column holds."""

    MASS = "mass"
    VALUE = "cross section"
    BOTH = "uncertainty"
    UP = "uncertainty upwards"
    DOWN = "uncertainty downwards"
    HIGHER = "cross section and uncertainty"
    LOWER = "cross section without uncertainty"
    OTHER = "something else"


@dataclass(frozen=True, slots=True)
class Row:
    """One mass with its cross section."""

    mass: float
    """In GeV."""
    value: float
    """In pb."""
    up: float = 0.0
    """Uncertainty upwards in pb; 0 where none is given."""
    down: float = 0.0


@dataclass(frozen=True, slots=True)
class Cells:
    """One line of a file, or one entry."""

    place: str
    """Where it stands, in words."""
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """What a heading says."""

    role: Role
    unit: str = ""
    """As in :data:`PICOBARNS` or :data:`GEV`, or ``%``, or ``relative``; empty where none is named."""


def unit_named(text: str, name: str) -> str:
    """The unit of cross sections that a text names; empty where it names none.

    Raises:
        CrossSectionError: if it names several.
    """
    units = dict.fromkeys(found.lower() for found in UNIT.findall(text))
    if len(units) > 1:
        raise CrossSectionError(
            f"{name} names both {' and '.join(units)}: write the unit into the heading of the column of "
            "cross sections, as in 'xsec [fb]'."
        )
    return next(iter(units), "")


def columns_of(headings: Sequence[str], width: int, name: str) -> list[Column]:
    """What the columns mean, by their headings where there are any, else by their order.

    Args:
        headings: one for each column, or none.
        width: how many columns there are.
        name: of the file.

    Raises:
        CrossSectionError: if mass and cross section are not to be found.
    """
    if width < 2:
        raise CrossSectionError(f"{name} has one column only: a mass and a cross section are needed.")
    if not headings:
        order = (
            [Role.MASS, Role.VALUE, Role.UP, Role.DOWN] if width == 4 else [Role.MASS, Role.VALUE, Role.BOTH]
        )
        if width > len(order):
            raise CrossSectionError(
                f"{name} has {width} columns without headings: write a first line that names them, as in "
                "'mass [GeV], xsec [pb], uncertainty [%]'."
            )
        return [Column(role) for role in order[:width]]
    columns = [_column(heading) for heading in headings]
    for wanted in (Role.MASS, Role.VALUE):
        if not any(column.role is wanted for column in columns):
            free = next((at for at, column in enumerate(columns) if column.role is Role.OTHER), None)
            if free is None:
                raise CrossSectionError(
                    f"{name} has no column that is headed as a {wanted}: its headings are "
                    f"{_shown(', '.join(heading.strip() or 'empty' for heading in headings))}."
                )
            columns[free] = Column(wanted, columns[free].unit)
    return columns


def _column(heading: str) -> Column:
    doubt = DOUBT.search(heading) is not None
    up, down = UP.search(heading) is not None, DOWN.search(heading) is not None
    unit = UNIT.search(heading)
    if doubt or ((up or down) and SECTION.search(heading)):
        scale = unit.group(1).lower() if unit else ""
        if PERCENT.search(heading):
            scale = "%"
        elif not scale and re.search("rel", heading, re.IGNORECASE):
            scale = "relative"
        if BOTH.search(heading) or up == down:
            return Column(Role.BOTH, scale)
        if not doubt:
            return Column(Role.HIGHER if up else Role.LOWER, scale)
        return Column(Role.UP if up else Role.DOWN, scale)
    mass = MASS_UNIT.search(heading)
    if SECTION.search(heading) or unit:
        return Column(Role.VALUE, unit.group(1).lower() if unit else "")
    if MASS.search(heading):
        return Column(Role.MASS, mass.group(1).lower() if mass else "")
    return Column(Role.OTHER)


def rows_of(columns: Sequence[Column], lines: Sequence[Cells], unit: str, name: str) -> list[Row]:
    """Numbers in GeV and pb.

    Args:
        columns: what they mean; of several for masses or cross sections the first is taken.
        lines: of the table.
        unit: of cross sections where neither heading nor cell names one.
        name: of the file.

    Raises:
        CrossSectionError: if a cell is no number.
    """
    at = {role: [i for i, column in enumerate(columns) if column.role is role] for role in Role}
    mass_at, value_at = at[Role.MASS][0], at[Role.VALUE][0]
    rows = []
    for line in lines:
        if len(line.texts) <= max(mass_at, value_at):
            raise CrossSectionError(
                f"{name}, {line.place}: a mass and a cross section are needed, and there is only "
                f"'{_shown(' '.join(line.texts))}'."
            )
        where = f"{name}, {line.place}"
        mass, mass_unit = _number(line.texts[mass_at], where)
        value, value_unit = _number(line.texts[value_at], where)
        own = value_unit or columns[value_at].unit or unit
        if own not in PICOBARNS or (mass_unit or "gev") not in GEV:
            raise CrossSectionError(
                f"{where}: '{_shown(line.texts[mass_at])}, {_shown(line.texts[value_at])}' is not a mass and "
                "a cross section."
            )
        section = value * PICOBARNS[own]

        def doubts(
            role: Role, where: str = where, line: Cells = line, section: float = section, own: str = own
        ) -> list[float]:
            texts = [(line.texts[i], columns[i].unit) for i in at[role] if i < len(line.texts)]
            return [_doubt(text, scale, section, own, where) for text, scale in texts]

        both = doubts(Role.BOTH)
        up = [*both, *doubts(Role.UP), *(higher - section for higher in doubts(Role.HIGHER) if higher)]
        down = [*both, *doubts(Role.DOWN), *(section - lower for lower in doubts(Role.LOWER) if lower)]
        rows.append(
            Row(
                mass * GEV[mass_unit or columns[mass_at].unit or "gev"],
                section,
                math.hypot(*up),
                math.hypot(*down),
            )
        )
    return rows


def is_number(text: str) -> bool:
    """Whether a cell is a number, with or without a unit."""
    return CELL.fullmatch(text) is not None


def _shown(text: str, length: int = 60) -> str:
    """What a file holds, short and without characters that a terminal obeys."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text.strip())
    return plain if len(plain) <= length else f"{plain[: length - 1]}…"


def _number(text: str, where: str) -> tuple[float, str]:
    found = CELL.fullmatch(text)
    if found is None:
        raise CrossSectionError(f"{where}: '{_shown(text)}' is not a number.")
    digits = found.group(1).replace("−", "-").lower().replace("d", "e")
    return float(digits), (found.group(2) or "").lower()


def _doubt(text: str, scale: str, section: float, own: str, where: str) -> float:
    """An uncertainty in pb; the sign of one downwards does not matter."""
    if text.strip().lower() in NO_NUMBER:
        return 0.0
    value, unit = _number(text, where)
    unit = unit or scale or own
    if unit == "%":
        return abs(value) / 100.0 * section
    if unit == "relative":
        return abs(value) * section
    if unit not in PICOBARNS:
        raise CrossSectionError(f"{where}: '{_shown(text)}' is not the uncertainty of a cross section.")
    return abs(value) * PICOBARNS[unit]
