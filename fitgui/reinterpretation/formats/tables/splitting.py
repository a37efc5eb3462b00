"""Tables of text taken apart: encoding, delimiter, comments, numbers with a point or a comma."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from fitgui.pallets.reading.names import shown
from fitgui.reinterpretation.formats.texts import NUMBER
from fitgui.reinterpretation.formats.texts import number as number_of
from fitgui.reinterpretation.model import SignalError

_COMMA_NUMBER = re.compile(r"[-+−]?[0-9]*,[0-9]+(?:[eE][-+]?[0-9]+)?(?=\s*(?:%|[a-zµ]*b)?\s*$)")
_POINT_NUMBER = re.compile(r"[-+−]?[0-9]*\.[0-9]+(?:[eE][-+]?[0-9]+)?\s*%?")
_THOUSANDS = re.compile(r"[-+−]?[0-9]{1,3}(?:([.,'\s])[0-9]{3})+(?:[.,][0-9]+)?")
_POINT_THOUSANDS = re.compile(r"[-+−]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+")
_COMMENT = re.compile(r'\s*"?\s*(?:#|//|%)')
_TRAILING_COMMENT = re.compile(r"\s#\s.*$")
_UNIT_APART = re.compile(r"(?<=[0-9.])[ \t]+(?=(?:%|[numpfaµ]?b)(?![\w^/-]))")
_BRACKET_APART = re.compile(r"(?<=\w)[ \t]+(?=[\[(])")
_EITHER_WAY = re.compile(r"\S+[ \t]+[-+−]?[0-9]+,[0-9]+")
_RULE = re.compile(r"\s*[|+]?(?:\s*:?-{2,}:?\s*[|+]?)+\s*")
"""A line of dashes, below the headings of a table of a wiki."""
_PLUS_MINUS = re.compile(r"(?<=[0-9.])\s*\$?\s*(?:±|\+/-|\+-|\\pm)\s*(?=[0-9.])")
_ALONE = re.compile(r"[-+−]?[0-9]+(?:,[0-9]+)?")
_SAMPLE = 200
"""Lines that are looked at to find the delimiter."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table."""

    number: int
    """Of the line in the file, counted from 1."""
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Comment:
    """What a line of comment says."""

    number: int
    text: str
    """Without its mark, and without what a spreadsheet adds behind it."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file taken apart; cells are stripped."""

    name: str
    lines: tuple[Line, ...]
    """The headings, where there are any, are the first."""
    comments: tuple[Comment, ...]
    delimiter: str
    """Empty for any number of spaces."""
    decimal_comma: bool

    def number(self, cell: str, line: int, column: str) -> float:
        """A finite number.

        Args:
            cell: its text.
            line: where it stands, for the sentence.
            column: its heading, for the sentence.

        Raises:
            SignalError: if it is none.
        """
        if self.decimal_comma and "," in cell and "." not in cell:
            cell = cell.replace(",", ".", 1)
        value = number_of(cell)
        if value is not None and math.isfinite(value):
            return value
        raise SignalError(f"{self.name}, line {line}, column '{shown(column, 60)}': {_no_number(cell)}")

    def is_number(self, cell: str) -> bool:
        """Whether a cell is a number, with a percent sign or without."""
        plain = cell.partition("±")[0].removesuffix("%").rstrip()
        if self.decimal_comma and "," in plain:
            plain = plain.replace(",", ".", 1)
        return NUMBER.fullmatch(plain) is not None or plain.lower() in ("nan", "inf", "-inf")


def table_of(text: str, name: str, *, strict: bool = True) -> Table:
    """Take a table apart; nothing is understood yet.

    Args:
        text: of the file, with a line feed between its lines (:func:`.texts.decoded`).
        name: of the file.
        strict: whether numbers have to be written all the same way.

    Raises:
        SignalError: if there is nothing in it, or lines cannot be taken apart.
    """
    comments: list[Comment] = []
    numbers: list[int] = []
    kept: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if _COMMENT.match(line):
            comments.append(Comment(number, _without_mark(line)))
        elif line.strip(" \t,;\"'") and not _RULE.fullmatch(line):
            kept.append(_cleaned(line))
            numbers.append(number)
    if kept and kept[0].lstrip().startswith("|"):  # as on a wiki
        kept = [line.strip().removeprefix("|").removesuffix("|") for line in kept]
    delimiter = _delimiter(kept) if kept else ""
    lines = tuple(line for line in _split(kept, numbers, delimiter, name) if any(line.cells))
    if not lines:
        raise SignalError(f"{name} holds no numbers: it is empty, or all of its lines are comments")
    comma = False
    if delimiter != ",":
        try:
            comma = _decimal_comma(lines, name, delimiter)
        except SignalError:
            if strict:
                raise
    return Table(name, lines, tuple(comments), delimiter, comma)


def _cleaned(line: str) -> str:
    """Without a comment at its end, and with ± however it is written."""
    if "#" in line and '"' not in line:
        line = _TRAILING_COMMENT.sub("", line)
    if "±" in line or "+-" in line or "+/-" in line or "\\pm" in line:
        line = _PLUS_MINUS.sub("±", line)
    return line


def _without_mark(line: str) -> str:
    return line.strip().strip('"').strip().lstrip("#/% \t").rstrip(',; \t"')


def _delimiter(lines: Sequence[str]) -> str:
    """The mark that divides all lines into as many cells; of several the one that numbers cannot hold."""
    sample = lines[:_SAMPLE]
    if all(_EITHER_WAY.fullmatch(line.strip()) for line in sample):
        return ""  # 'SR1  3,2': the comma is that of the number
    if len(sample) > 1 and all(_ALONE.fullmatch(line.strip()) for line in sample):
        return ""  # one number in each line
    often = [
        mark
        for mark in "|\t;,"
        if mark in sample[0] or 2 * sum(mark in line for line in sample) >= len(sample)
    ]
    words = {len(line.split()) for line in sample}
    if often == [","] and "," not in sample[0] and len(words) == 1 and words != {1}:
        return ""  # headings between spaces
    for mark in often:
        try:
            rows = list(csv.reader(sample, delimiter=mark))
        except csv.Error:
            continue
        while rows and sum(map(bool, rows[0])) == 1:  # a title
            del rows[0]
        if rows and {len(row) for row in rows} == {len(rows[0])} != {1}:
            return mark
    return often[0] if often else ""


def _split(lines: Sequence[str], numbers: Sequence[int], delimiter: str, name: str) -> list[Line]:
    if not delimiter:
        return [
            Line(number, _BRACKET_APART.sub("", _UNIT_APART.sub("", line)).split())
            for number, line in zip(numbers, lines, strict=True)
        ]
    reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter, skipinitialspace=True)
    rows = []
    begins = 0
    try:
        for row in reader:
            rows.append(Line(numbers[begins], [cell.strip() for cell in row]))
            begins = reader.line_num
    except csv.Error as error:
        raise SignalError(
            f"{name}, line {numbers[begins]}: the cells cannot be told apart ({error})"
        ) from error
    return rows


def _decimal_comma(lines: Sequence[Line], name: str, delimiter: str) -> bool:
    """Whether numbers are written as 3,2.

    Raises:
        SignalError: if both 3,2 and 3.2 stand in the file, or a comma may be one of thousands.
    """
    commas = [
        (line.number, part)
        for line in lines
        for cell in line.cells
        if "," in cell
        for part in cell.split("±")
        if _COMMA_NUMBER.match(part)
    ]
    if not commas:
        if delimiter == ";":
            _check_points(lines, name)
        return False
    where = f"{name}, line {commas[0][0]}"
    point = next(
        (
            (line.number, cell)
            for line in lines
            for cell in line.cells
            if "." in cell and _POINT_NUMBER.fullmatch(cell)
        ),
        None,
    )
    if point is not None:
        raise SignalError(
            f"{where}: '{shown(commas[0][1], 40)}' has a decimal comma, and '{shown(point[1], 40)}' on line "
            f"{point[0]} a decimal point: write all numbers the same way"
        )
    if all(_THOUSANDS.fullmatch(cell) for _number, cell in commas):
        raise SignalError(
            f"{where}: '{shown(commas[0][1], 40)}' may be {commas[0][1].replace(',', '')} or "
            f"{commas[0][1].replace(',', '.')}: write decimals with a point, and thousands without a mark"
        )
    return True


def _check_points(lines: Sequence[Line], name: str) -> None:
    """Semicolons divide columns where a comma is the mark of decimals, and a point may be one of thousands.

    Raises:
        SignalError: if all points in numbers may be.
    """
    parts = ((line.number, part) for line in lines for cell in line.cells for part in cell.split("±"))
    points = [
        (number, part.strip()) for number, part in parts if "." in part and NUMBER.fullmatch(part.strip(" %"))
    ]
    if points and all(_POINT_THOUSANDS.fullmatch(part) for _number, part in points):
        number, part = points[0]
        raise SignalError(
            f"{name}, line {number}: '{shown(part, 40)}' may be {part.replace('.', '')} or "
            f"{part.replace('.', ',')}, as semicolons divide the columns: write thousands without a mark, or "
            "divide the columns by commas or tabs"
        )


def _no_number(cell: str) -> str:
    text = f"'{shown(cell, 40)}'"
    if not cell:
        return "there is no number"
    if _THOUSANDS.fullmatch(cell):
        return f"{text} has a mark between thousands: write the number without it, decimals with a point"
    if "," in cell and _COMMA_NUMBER.match(cell):
        return f"{text} has a decimal comma: write a point, or divide the columns by semicolons or tabs"
    if cell.lower().lstrip("+-") in ("nan", "inf", "infinity", "na", "n/a", "none", "null", "-", "–", "—"):
        return f"{text} is not a number: leave the cell empty if there is none, or mend it"
    return f"{text} is not a number"
