"""Which columns are parameters and which are regions, in a table with a line for each model point."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import replace

from fitgui.pallets.reading.names import shown
from fitgui.reinterpretation.formats.tables.columns import Column, Hints, Role, fraction_of, parameter_column
from fitgui.reinterpretation.model import Quantity, SignalError
from fitgui.reinterpretation.units import femtobarns

LIKE_REGION = re.compile(r"SR|CR|VR|(?:^|_)(?:TR|WR)|region|_cuts$|\[\d+\]$|(?:^|[_\s])bin_?\d+", re.ASCII)
LIKE_PARAMETER = re.compile(
    r"m\W*\w{0,6}\)?|mass\w*|m_?\w{1,10}|tan_?\s?b(?:eta)?|c?tau|lifetime|width|coupling|br\w*|g\w?|x\d?|y\d?"
    r"|lambda\w*|kappa\w*|alpha\w*|mu",
    re.IGNORECASE,
)
_UNCERTAIN = r"stat(?:[\s_]?(?:unc|err|error|uncertainty))?|err|error|unc|uncertainty|±|\+/-"
_WORD = rf"(?P<word>{_UNCERTAIN}|raw|simulated|nmc)"
_BEHIND = re.compile(rf"(?P<region>.+?)[\s_.]*{_WORD}", re.IGNORECASE)
_BEFORE = re.compile(rf"{_WORD}[\s_.(]+(?P<region>.+?)\)?", re.IGNORECASE)


def told_apart(
    columns: Sequence[Column], hints: Hints, name: str, *, points: int
) -> tuple[list[Column], list[str]]:
    """Parameters and regions of a table with a line for each point.

    What the file says counts first, then the names of the target, then whether headings look like those of
    regions (``SR``, ``CR``, ``VR``, ``channel[0]``) or of parameters; columns before the first region are
    parameters.

    Args:
        columns: of the table.
        hints: what is known from elsewhere.
        name: of the file.
        points: how many lines there are.

    Returns:
        The columns, with regions as :attr:`Role.YIELD` that have a name; and sentences where something was
        taken by the looks of it.

    Raises:
        SignalError: if nothing tells which are which.
    """
    columns = [_for_region(column, columns) for column in columns]
    named = {column.region for column in columns if column.region}
    loose = [column for column in columns if column.role is Role.OTHER]
    known = {
        column.at: kind
        for column in loose
        if (kind := _known(column, hints, named, {other.name for other in loose})) is not None
    }
    open_ = [column for column in loose if column.at not in known]
    if open_:
        known |= _by_looks(columns, open_, known, name, points)
    done = [
        column
        if column.at not in known
        else replace(column, role=known[column.at], quantity=_quantity_of(column), factor=_factor_of(column))
        if known[column.at] is Role.YIELD
        else parameter_column(column.at, column.heading, column.name, column.unit)
        for column in columns
    ]
    sentences = [_sentence(done, {column.at for column in open_}, name)]
    if guessed := [f"'{c.heading}'" for c in columns if c.role is Role.STATISTICAL and not _is_stated(c)]:
        sentences.append(
            f"{name}: taken for the statistical uncertainty of the region beside: {', '.join(guessed[:4])}"
            + (" …" if len(guessed) > 4 else "")
        )
    return done, [sentence for sentence in sentences if sentence]


def looks_told(heading: str) -> bool:
    """Whether a heading looks like that of a region or of a parameter."""
    return bool(LIKE_REGION.search(heading) or LIKE_PARAMETER.fullmatch(heading))


def _for_region(column: Column, columns: Sequence[Column]) -> Column:
    """``syst:NAME:REGION``, ``REGION_err`` or ``stat_REGION``, where there is a column of that region."""
    if column.role is Role.OTHER:
        return _beside(column, {other.name for other in columns if other.role is Role.OTHER})
    if column.role is not Role.SYSTEMATIC or column.side or ":" not in column.name:
        return column
    for other in columns:
        if other.role is Role.OTHER and column.name.endswith(f":{other.name}"):
            return replace(
                column, name=column.name.removesuffix(f":{other.name}").rstrip(), region=other.name
            )
    return column


def _beside(column: Column, others: Set[str]) -> Column:
    """A column whose name is that of another one, with a word for an uncertainty or a count."""
    for pattern in (_BEHIND, _BEFORE):
        found = pattern.fullmatch(column.name)
        if found and found["region"] in others:
            count = found["word"].lower() in ("raw", "simulated", "nmc")
            role = Role.SIMULATED if count else Role.STATISTICAL
            return replace(column, role=role, name="", region=found["region"])
    return column


def _known(column: Column, hints: Hints, named: set[str], others: set[str]) -> Role | None:
    written = {column.name, column.heading.strip()}
    if not written.isdisjoint(hints.parameters):
        return Role.PARAMETER
    if not written.isdisjoint(hints.regions) or column.name in named or column.name in hints.known_regions:
        return Role.YIELD
    if column.name in hints.labels:
        return Role.PARAMETER
    # Where the file lists one kind in full, and all that it lists are there, the rest is the other.
    if hints.parameters and not hints.regions:
        return Role.YIELD
    if hints.regions and set(hints.regions) <= others:
        return Role.PARAMETER
    return None


def _by_looks(
    columns: Sequence[Column], open_: Sequence[Column], known: dict[int, Role], name: str, points: int
) -> dict[int, Role]:
    like_region = {
        column.at for column in open_ if LIKE_REGION.search(column.name) or femtobarns(column.unit)
    }
    regions = like_region | {at for at, role in known.items() if role is Role.YIELD}
    like_parameter = {column.at for column in open_ if LIKE_PARAMETER.fullmatch(column.name)} - like_region
    one_region = any(column.role is Role.YIELD for column in columns)
    if regions:
        first = min(regions)
        return {column.at: Role.PARAMETER if column.at < first else Role.YIELD for column in open_}
    if like_parameter and (one_region or len(like_parameter) < len(open_)):
        return {column.at: Role.PARAMETER if column.at in like_parameter else Role.YIELD for column in open_}
    marked = Role.PARAMETER in known.values() or any(
        column.role in (Role.PARAMETER, Role.POINT) for column in columns
    )
    if marked or points == 1:  # parameters are marked, or none are needed
        return {column.at: Role.YIELD for column in open_}
    headings = ", ".join(column.heading for column in open_)
    raise SignalError(
        f"{name}: it is not clear which of the columns {shown(headings, 120)} are parameters of the model "
        f"and which are regions: write a line '# parameters: {shown(open_[0].heading, 40)}' above the table, "
        "with the names of the parameters"
    )


def _quantity_of(column: Column) -> Quantity | None:
    if femtobarns(column.unit) is not None:
        return Quantity.CROSS_SECTION
    if column.relative:
        return Quantity.EFFICIENCY
    return Quantity.EVENTS if column.unit.lower() in ("events", "event") else None


def _factor_of(column: Column) -> float:
    return femtobarns(column.unit) or fraction_of(column.unit)


def _is_stated(column: Column) -> bool:
    return not column.region or column.heading.strip().lower().startswith("stat:")


def _sentence(columns: Sequence[Column], taken: set[int], name: str) -> str:
    parameters = [column.name for column in columns if column.at in taken and column.role is Role.PARAMETER]
    regions = [column.name for column in columns if column.at in taken and column.role is Role.YIELD]
    if not parameters:
        return ""
    shown_regions = ", ".join(regions[:4]) + (" …" if len(regions) > 4 else "")
    return (
        f"{name}: {' and '.join(parameters)} {'are' if len(parameters) > 1 else 'is'} taken for parameters "
        "of the model"
        + (f", {shown_regions} for regions" if regions else "")
        + f"; a line '# parameters: {', '.join(parameters)}' above the table settles it"
    )
