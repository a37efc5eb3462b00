"""A table of signal yields with its headings understood."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from fitgui.pallets.reading.names import shown
from fitgui.reinterpretation.formats.tables.columns import (
    Column,
    Hints,
    Role,
    columns_of,
    is_acceptance,
    is_count,
    is_doubtful,
    is_heading,
)
from fitgui.reinterpretation.formats.tables.splitting import Comment, Line, Table, table_of
from fitgui.reinterpretation.formats.tables.statements import Said, said_by, without_luminosity
from fitgui.reinterpretation.formats.tables.telling_apart import looks_told, told_apart
from fitgui.reinterpretation.formats.texts import decoded
from fitgui.reinterpretation.model import SignalError

_LONG = (Role.REGION, Role.CHANNEL)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table whose headings are understood."""

    table: Table
    columns: tuple[Column, ...]
    """None where the table has no headings."""
    lines: Sequence[Line]
    """Without the headings, with as many cells as there are columns."""
    said: Said
    known_regions: frozenset[str]
    notes: tuple[str, ...]

    @property
    def name(self) -> str:
        """Of the file."""
        return self.table.name

    @property
    def is_long(self) -> bool:
        """Whether every line is one region of one model point."""
        roles = {column.role for column in self.columns}
        return Role.REGION in roles or Role.CHANNEL in roles

    def check_unbroken(self) -> None:
        """Where only the order of numbers tells, nothing may be missing between them.

        Raises:
            SignalError: if a line between others is empty.
        """
        there = {line.number for line in self.table.lines} | {each.number for each in self.table.comments}
        first, last = self.lines[0].number, self.lines[-1].number
        if missing := next((number for number in range(first, last) if number not in there), 0):
            raise SignalError(
                f"{self.name}, line {missing}: it is empty, and the regions have no names: write 0 where "
                "there is nothing, or add a column 'region'"
            )

    def all_with(self, role: Role) -> list[Column]:
        """The columns of a role."""
        return [column for column in self.columns if column.role is role]

    def one_with(self, role: Role) -> Column | None:
        """The only column of a role.

        Raises:
            SignalError: if there are several.
        """
        found = self.all_with(role)
        if len(found) > 1:
            raise SignalError(
                f"{self.name}: both '{shown(found[0].heading, 60)}' and '{shown(found[1].heading, 60)}' "
                f"would be the {role.value}: remove or rename one of these columns"
            )
        return found[0] if found else None


def sheet_of(
    text: str | bytes, name: str, known_regions: Collection[str] = (), labels: Collection[str] = ()
) -> Sheet:
    """Take a table apart and understand its headings.

    Raises:
        SignalError: if that is not possible.
    """
    content, encoding = decoded(text, name)
    table = table_of(content, name)
    lines, titles = untitled(table)
    headings, number = first_headings(lines, table)
    said = said_by(
        (*table.comments, *titles),
        name,
        headings=[Comment(number, heading) for heading in headings],
        decimal_comma=table.decimal_comma,
    )
    headings = [without_luminosity(heading) or heading for heading in headings]
    hints = Hints(said.parameters, said.regions, frozenset(known_regions), tuple(labels))
    beside = any("±" in cell for line in lines for cell in line.cells)
    taken = [f"{name}: what stands behind ± is taken for the statistical uncertainty"] if beside else []
    taken = [*encoding, *taken, *said.notes]
    if not headings:
        return Sheet(table, (), lines, said, hints.known_regions, tuple(taken))
    if number == lines[0].number:
        del lines[0]
    if not lines:
        raise SignalError(f"{name} holds headings only: no line with numbers follows them")
    headings, lines, notes = _trimmed(headings, lines, name)
    notes += taken
    lines = _as_wide(headings, lines, table)
    columns = columns_of(headings, hints, number, name)
    absent = [one for one in (*said.parameters, *said.regions) if one not in {c.name for c in columns}]
    if absent:
        raise SignalError(
            f"{name}: a line of comment names '{shown(absent[0], 60)}', and no column has this heading: they "
            f"are {shown(', '.join(headings), 160)}"
        )
    if not any(column.role in _LONG for column in columns):
        columns, sentences = told_apart(columns, hints, name, points=len(lines))
        notes += sentences
    for column in columns:
        if is_doubtful(column):
            notes.append(f"{name}: the column '{column.heading}' is taken for the statistical uncertainty")
        if is_count(column):
            notes.append(
                f"{name}: '{column.heading}' is taken for the expected events, not for a number of simulated "
                "ones; those are headed 'simulated'"
            )
        if is_acceptance(column):
            notes.append(f"{name}: '{column.heading}' is taken for acceptance times efficiency")
        if column.role is Role.PARAMETER and column.factor != 1.0:
            notes.append(f"{name}: '{column.heading}' is converted to GeV")
        if column.role is Role.SYSTEMATIC and column.name == "syst":
            notes.append(
                f"{name}: the column '{column.heading}' is taken for one systematic uncertainty that moves "
                "all regions together; write 'uncorrelated:NAME' where every region has its own"
            )
    return Sheet(table, tuple(columns), lines, said, hints.known_regions, tuple(notes))


def untitled(table: Table) -> tuple[list[Line], list[Comment]]:
    """The lines from the headings on, and what stands above them without the mark of a comment."""
    lines = list(table.lines)
    titles = []
    while len(lines) > 1 and _is_title(lines, table):
        titles.append(Comment(lines[0].number, next(cell for cell in lines[0].cells if cell)))
        del lines[0]
    return lines, titles


def _is_title(lines: Sequence[Line], table: Table) -> bool:
    """Whether the first line is a sentence above a table of several columns."""
    first = [cell for cell in lines[0].cells if cell]
    widest = max(sum(map(bool, line.cells)) for line in lines[1:10])
    return bool(table.delimiter) and len(first) == 1 < widest and not table.is_number(first[0])


def first_headings(lines: Sequence[Line], table: Table) -> tuple[list[str], int]:
    """The headings and the number of their line; none where the table begins with numbers."""
    first = lines[0]
    if not any(table.is_number(cell) for cell in first.cells):
        return list(first.cells), first.number
    width = max(len(line.cells) for line in lines)
    for comment in reversed(table.comments):
        if comment.number > first.number or ":" in next(
            iter(comment.text.split(table.delimiter or None)), ""
        ):
            continue
        texts = [part.strip(' "') for part in comment.text.split(table.delimiter or None)]
        if len(texts) == width >= 2 and _are_headings(texts, first, table):
            return texts, comment.number
        break  # only the last one stands above the columns
    return [], 0


def _are_headings(texts: Sequence[str], first: Line, table: Table) -> bool:
    """Whether the words of a comment are headings, and no sentence of as many words as there are columns."""
    if any(table.is_number(part) for part in texts):
        return False
    if all(table.is_number(cell) for cell in first.cells):
        return any(is_heading(part) or looks_told(part) for part in texts)
    return any(_column_role(part) in _LONG for part in texts)


def _column_role(text: str) -> Role:
    (column,) = columns_of([text], Hints(), 0, "")
    return column.role


def _trimmed(headings: list[str], lines: list[Line], name: str) -> tuple[list[str], list[Line], list[str]]:
    """Without columns that have neither heading nor content, and without the index that pandas writes."""
    if all(headings):
        return headings, lines, []
    notes: list[str] = []
    kept = []
    for at, heading in enumerate(headings):
        cells = [line.cells[at] if at < len(line.cells) else "" for line in lines]
        if heading:
            kept.append(at)
        elif at == 0 and cells == [str(number) for number in range(len(cells))]:
            notes.append(f"{name}: the first column counts the lines, and is left out")
        elif any(cells):
            raise SignalError(f"{name}: column {at + 1} has no heading: give it one, or remove it")
    width = len(headings)
    lines = [
        Line(
            line.number,
            [line.cells[at] if at < len(line.cells) else "" for at in kept] + list(line.cells[width:]),
        )
        for line in lines
    ]
    return [headings[at] for at in kept], lines, notes


def _as_wide(headings: Sequence[str], lines: list[Line], table: Table) -> list[Line]:
    """Every line with as many cells as there are headings: empty ones at the end may have been left out."""
    width = len(headings)
    filled = []
    for line in lines:
        cells = line.cells
        if len(cells) == width:
            filled.append(line)
            continue
        if len(cells) > width and any(cells[width:]):
            raise SignalError(
                f"{table.name}, line {line.number}: there are {len(cells)} cells under {width} headings: "
                "remove what is too much, and write numbers without marks between thousands"
            )
        if len(cells) < width and not table.delimiter:
            raise SignalError(
                f"{table.name}, line {line.number}: there are {len(cells)} cells under {width} headings: "
                "where a cell is empty, divide the columns by commas or tabs"
            )
        filled.append(Line(line.number, [*cells[:width], *[""] * (width - len(cells))]))
    return filled
