"""Published contours from the file of a HEPData table, CSV or YAML, to lay them over one's own.

HEPData writes a CSV as blocks that an empty line ends: comments (``#: name: ...``; qualifiers as ``#: RE,,,P
P --> X``), a line of headers, numbers. A binned variable has two more columns (``... LOW``, ``... HIGH``),
an error has two (``stat +``, ``stat -``). YAML has ``independent_variables`` and ``dependent_variables``
(hepdata-submission.readthedocs.io). A contour has one coordinate as independent variable and the other as
dependent one; some have both as independent ones, beside a constant.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from fitgui.exclusion.model import Line

LARGEST_FILE: Final = 5_000_000
"""Bytes; a table of a contour has some thousands."""
_IN_GEV: Final = {"tev": 1000.0, "gev": 1.0, "mev": 0.001}
_HEADER = re.compile(r"^(?P<name>.*?)\s*[\[(](?P<unit>[^\[\]()]*)[\])]\s*$")
_FURTHER = re.compile(r".* (LOW|HIGH|[+-])$")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


class PublishedError(ValueError):
    """A file is no table of a contour: one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Coordinate:
    """A coordinate of a published contour."""

    name: str
    """As published, often in LaTeX."""
    unit: str
    """``GeV`` for all energies, whatever was published; otherwise as published, empty if nothing was."""


@dataclass(frozen=True, slots=True, eq=False)
class PublishedContour:
    """A contour of a table."""

    name: str
    """Of the table, with what tells its contours apart where it has several."""
    x: Coordinate
    y: Coordinate
    line: Line
    """Energies in GeV."""


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    unit: str
    values: tuple[float, ...]
    """NaN where there is no number."""
    qualifiers: tuple[str, ...] = ()


def read_published(path: Path) -> tuple[PublishedContour, ...]:
    """The contours in a file from HEPData, in its order.

    Args:
        path: A ``.csv``, ``.yaml`` or ``.yml`` file.

    Raises:
        PublishedError: if it cannot be read, or is no table of a contour.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise PublishedError(
                f"{path.name} has {size / 1e6:.0f} MB, too much for a contour: choose the file of one table."
            )
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise PublishedError(f"{path.name} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise PublishedError(f"{path.name} is no text: choose a table as CSV or YAML.") from error
    if path.suffix.lower() in (".yaml", ".yml"):
        return _from_yaml(text, path)
    if path.suffix.lower() == ".csv":
        return _from_csv(text, path)
    raise PublishedError(
        f"{path.name} is neither CSV nor YAML: download the table from HEPData as one of these."
    )


def _from_csv(text: str, path: Path) -> tuple[PublishedContour, ...]:
    title, blocks = path.stem, []
    qualifiers: list[str] = []
    rows: list[list[str]] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("#"):
            key, _, value = line.lstrip("#: ").partition(":")
            if key.strip() == "name" and value.strip():
                title = value.strip()
            elif line.startswith("#: ") and ",,," in line:
                qualifiers.append(line.rpartition(",,,")[2].strip())
        elif line.strip():
            rows.append(_cells(line, path))
        elif rows:
            blocks.append((tuple(qualifiers), rows))
            qualifiers, rows = [], []
    found = [
        contour
        for about, table in blocks
        for contour in _of_columns(_columns(table, about, path), title, path)
    ]
    if not found:
        raise PublishedError(
            f"{path.name} has no table: there are no rows of numbers below a line of headers."
        )
    return _told_apart(found, [about for about, _ in blocks])


def _cells(line: str, path: Path) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(line)))
    except csv.Error as error:
        raise PublishedError(f"{path.name} is no valid CSV: {error}.") from error


def _columns(rows: Sequence[Sequence[str]], qualifiers: tuple[str, ...], path: Path) -> list[_Column]:
    header, *body = rows
    used = [place for place, name in enumerate(header) if not _FURTHER.match(name.strip())]
    if not body or any(_NUMBER.fullmatch(name.strip()) for name in header):
        raise PublishedError(
            f"{path.name} has no line of headers above its numbers, as tables of HEPData have."
        )
    columns = []
    for place in used:
        name, unit = _name_and_unit(header[place])
        values = tuple(_number(row[place]) if place < len(row) else math.nan for row in body)
        columns.append(_Column(name, unit, values, qualifiers))
    return columns


def _from_yaml(text: str, path: Path) -> tuple[PublishedContour, ...]:
    import yaml  # noqa: PLC0415  (needed by those only who read a published contour)

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        document = yaml.load(text, Loader=loader)  # noqa: S506  (a safe one, as its name says)
    except (yaml.YAMLError, RecursionError) as error:
        several = "expected a single document" in str(error)
        what = "lists tables and holds none: choose the file of one" if several else "is no valid YAML"
        raise PublishedError(f"{path.name} {what}.") from error
    try:
        independent = [_variable(one) for one in document["independent_variables"]]
        dependent = [_variable(one) for one in document["dependent_variables"]]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise PublishedError(
            f"{path.name} is no table of HEPData: it lacks independent_variables or dependent_variables."
        ) from error
    title = str(document.get("name") or path.stem)
    if len(independent) > 1:
        found = _of_columns([*independent, *dependent[:1]], title, path)
    else:
        found = [contour for one in dependent for contour in _of_columns([*independent, one], title, path)]
    if not found:
        raise PublishedError(f"{path.name} has no dependent variable, and so no contour.")
    return _told_apart(found, [one.qualifiers for one in dependent])


def _variable(entry: Mapping[str, Any]) -> _Column:
    header = entry["header"]
    name, unit = _name_and_unit(str(header["name"]))
    qualifiers = tuple(str(one.get("value", "")) for one in entry.get("qualifiers") or ())
    values = tuple(_yaml_number(one) for one in entry["values"])
    return _Column(name, str(header.get("units") or unit), values, qualifiers)


def _yaml_number(entry: Mapping[str, Any]) -> float:
    if "value" in entry:
        return _number(str(entry["value"]))
    return 0.5 * (_number(str(entry["low"])) + _number(str(entry["high"])))


def _of_columns(columns: list[_Column], title: str, path: Path) -> list[PublishedContour]:
    if len(columns) < 2:
        raise PublishedError(f"{path.name} has one column of numbers: a contour has two coordinates.")
    x, y, *further = columns
    if any(len(set(column.values)) > 1 for column in further):
        raise PublishedError(
            f"{path.name} has values of {further[0].name} over the plane: choose the table of a contour."
        )
    with np.errstate(over="ignore"):
        line_x, line_y = (np.array(one.values) * _IN_GEV.get(one.unit.lower(), 1.0) for one in (x, y))
    known = np.isfinite(line_x) & np.isfinite(line_y)
    if known.sum() < 2:
        raise PublishedError(f"{path.name} has fewer than two rows with both coordinates of a contour.")
    line_x, line_y = line_x[known], line_y[known]
    closed = bool(known.sum() > 3 and line_x[0] == line_x[-1] and line_y[0] == line_y[-1])
    return [PublishedContour(title, _coordinate(x), _coordinate(y), Line(line_x, line_y, closed))]


def _told_apart(
    contours: list[PublishedContour], qualifiers: Sequence[tuple[str, ...]]
) -> tuple[PublishedContour, ...]:
    """Names that differ: by the header of the coordinate, by qualifiers, at last by a number."""
    if len(contours) == 1:
        return tuple(contours)
    own = [contour.y.name for contour in contours]
    if len(set(own)) < len(contours) and len(qualifiers) == len(contours):
        common = set.intersection(*map(set, qualifiers))
        told = [", ".join(one for one in about if one not in common) for about in qualifiers]
        own = told if len(set(told)) == len(contours) and all(told) else own
    if len(set(own)) < len(contours):
        own = [str(number) for number in range(1, len(contours) + 1)]
    return tuple(
        PublishedContour(f"{contour.name}: {name}", contour.x, contour.y, contour.line)
        for contour, name in zip(contours, own, strict=True)
    )


def _coordinate(column: _Column) -> Coordinate:
    return Coordinate(column.name, "GeV" if column.unit.lower() in _IN_GEV else column.unit)


def _name_and_unit(header: str) -> tuple[str, str]:
    match = _HEADER.match(header.strip())
    if match is None or not match["name"]:
        return header.strip(), ""
    # Round brackets may belong to a name: M(STAU); only units of energy are believed there.
    if header.strip().endswith(")") and match["unit"].lower() not in _IN_GEV:
        return header.strip(), ""
    return match["name"], match["unit"].strip()


def _number(text: str) -> float:
    stripped = text.strip()
    return float(stripped) if _NUMBER.fullmatch(stripped) else math.nan
