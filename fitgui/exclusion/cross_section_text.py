"""Tables of cross sections as text: CSV of any kind, columns between spaces, tables of a wiki."""

from __future__ import annotations

import csv
import re

from fitgui.exclusion.cross_section_rows import (
    PERCENT,
    Cells,
    CrossSectionError,
    Role,
    Row,
    columns_of,
    is_number,
    rows_of,
    unit_named,
)

COMMENTS = ("#", "%", "//", "!")
PLUS_MINUS = re.compile(r"\s*(?:±|\+/-|\+-)\s*(?=[\d.])")
UNIT_APART = re.compile(r"(?<=[\d.])\s+(?=(?:%|[mgt]ev|[npfa]b)(?![\w^]))", re.IGNORECASE)
"""Space between a number and its unit."""
BRACKET_APART = re.compile(r"\s+(?=[\[(])")
"""Space between a word of a heading and its unit."""


def rows_of_text(text: str, name: str) -> tuple[list[Row], str]:
    """The rows of a table, and the unit that it has its cross sections in.

    Raises:
        CrossSectionError: if it is no table of numbers.
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    comments = [line.lstrip("#%/! \t:") for _number, line in lines if line.startswith(COMMENTS)]
    written = [(number, line) for number, line in lines if line and not line.startswith(COMMENTS)]
    split = _Splitter([line for _number, line in written])
    headings: list[str] = []
    cells: list[Cells] = []
    loose = ""
    for number, line in written:
        texts = split(PLUS_MINUS.sub(split.between, UNIT_APART.sub("", line)))
        if cells or is_number(texts[0]) or sum(map(is_number, texts)) >= 2:
            cells.append(Cells(f"line {number}", tuple(texts)))
            continue
        texts = split(BRACKET_APART.sub("", line))
        loose += " " + line
        same = len(texts) == len(headings)
        headings = [f"{a} {b}" for a, b in zip(headings, texts, strict=True)] if same else texts
    if not cells:
        return [], "pb"
    width = max(len(line.texts) for line in cells)
    if not headings:
        headings = _heading_in(comments, width)
    elif len(headings) != width:
        headings = [part for part in re.split(r"\s{2,}|\t", loose.strip()) if part]
    if headings and len(headings) != width:
        if PERCENT.search(loose):
            raise CrossSectionError(
                f"{name} has {width} columns, and the line above does not name as many: put every unit into "
                "brackets behind its name, as in 'mass [GeV]  xsec [pb]  uncertainty [%]'."
            )
        comments.append(loose)  # of no use by columns, but it may name the unit
        headings = []
    columns = columns_of(headings, width, name)
    unit = next((column.unit for column in columns if column.role is Role.VALUE), "")
    unit = unit or unit_named(" ".join(comments), name) or "pb"
    return rows_of(columns, cells, unit, name), unit


class _Splitter:
    """Breaks lines where this file does."""

    def __init__(self, lines: list[str]) -> None:
        self._mark = next((mark for mark in ";|,\t" if any(mark in line for line in lines)), "")
        self.between = f" {self._mark or ' '} "

    def __call__(self, line: str) -> list[str]:
        if not self._mark:
            return line.split()
        if self._mark == "|":
            return [cell.strip(" *") for cell in line.strip("|").split("|")]
        if self._mark == ";":
            line = line.replace(",", ".")  # a decimal comma, as where numbers are written with one
        line = line.rstrip().rstrip(self._mark)
        try:
            row = next(csv.reader([line], delimiter=self._mark, skipinitialspace=True))
            return [cell.strip() for cell in row] or [""]  # of nothing but marks
        except (csv.Error, StopIteration):
            return line.split(self._mark)


def _heading_in(comments: list[str], width: int) -> list[str]:
    """The last comment that names as many columns as there are, among them a mass and a cross section."""
    for comment in reversed(comments):
        joined = BRACKET_APART.sub("", comment)
        for texts in (joined.split(), re.split(r"\s{2,}|\t", comment), joined.split(","), joined.split(";")):
            if len(texts) == width:
                try:
                    roles = {column.role for column in columns_of(texts, width, "")}
                except CrossSectionError:
                    continue
                if {Role.MASS, Role.VALUE} <= roles:
                    return texts
    return []
