"""How found likelihoods are written: for machines, for a pipe, for a terminal."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from fitgui import words
from fitgui.cli import caveats
from fitgui.cli.cells import cell
from fitgui.pallets.catalogue.bundled import Catalogue
from fitgui.pallets.catalogue.shelf import Row
from fitgui.pallets.published import PublishedFile

_NARROWEST_NAME = 20
"""Columns of the terminal that a name needs; with less, each likelihood gets lines of its own."""
_UNKNOWN = "–"
_POINTS_EXPLAINED = f"points: yes or none where their number is not known, {_UNKNOWN} where nothing is"
_FEW = 6
"""Likelihoods of which all known problems are told."""


def document(row: Row) -> dict[str, Any]:
    """A likelihood for machines; what is unknown is null. docs/catalogue.md says what the keys mean."""
    entry = row.entry
    return {
        "title": entry.title or None,
        "collaboration": entry.collaboration or None,
        "analysis": entry.analysis or None,
        "arxiv": entry.arxiv or None,
        "inspire": entry.inspire,
        "record_doi": entry.record_doi or None,
        "file_doi": entry.file_doi or None,
        "points": entry.points,
        "source": "library" if row.kept else entry.source,
        **caveats.document(entry),
        "why_not": entry.why_not or None,
        "files": [_file(file) for file in entry.files],
    }


def _file(file: PublishedFile) -> dict[str, Any]:
    return {
        "name": file.name or None,
        "doi": file.doi or None,
        "version": file.version,
        "likelihood": file.likelihood,
        "type": file.type or None,
        "description": file.description or None,
        "size": file.size,
    }


def line(row: Row) -> str:
    """A likelihood for a pipe: always the same fields, parted by two blanks; a dash for what is unknown."""
    return "  ".join((_address(row), *_short(row), row.name))


def show(rows: Sequence[Row], catalogue: Catalogue) -> None:
    """A table, or lines where the terminal is too narrow for one; nothing is cut."""
    console = Console()
    cells = [(_address(row), *_marked(row)) for row in rows]
    taken = sum(max((len(row[column]) for row in cells), default=0) + 2 for column in range(len(_HEADINGS)))
    if rows and console.width - taken >= _NARROWEST_NAME:
        console.print(_table(rows))
    else:
        for row in rows:
            console.print(cell(row.name, style="bold"), soft_wrap=True)
            for fact in _facts(row):
                console.print(cell(f"  {fact}"), soft_wrap=True)
    if {"yes", "none"} & {row[2] for row in map(_short, rows)}:
        console.print(cell(_POINTS_EXPLAINED, style="dim"))
    for warning in _warnings(rows):
        console.print(cell(f"! {warning}", style="yellow"))
    if any(text.endswith(caveats.DOUBT) for row in cells for text in row):
        console.print(cell(caveats.DOUBT_EXPLAINED, style="dim"), soft_wrap=True)
    if rows:
        console.print(cell(_foot(rows, catalogue), style="dim"), soft_wrap=True)


def _warnings(rows: Sequence[Row]) -> Iterator[str]:
    """Why some cannot be fitted, and what is known to make trouble; of a long list only how many that are."""
    reasons: dict[str, list[str]] = {}
    for row in rows:
        if row.entry.why_not:
            reasons.setdefault(row.entry.why_not, []).append(row.name)
    for why_not, names in reasons.items():
        yield f"{', '.join(names)}: {why_not}"
    troubled = [row for row in rows if row.entry.known_problems]
    if len(rows) <= _FEW:
        for row in troubled:
            for problem in row.entry.known_problems:
                yield f"{row.name}: {problem}"
    elif troubled:
        yield (
            f"{words.count(len(troubled), 'likelihood')} of these "
            f"{'has' if len(troubled) == 1 else 'have'} known problems: search for one to read them"
        )


_HEADINGS = ("analysis", "arXiv", "points", "kept as", "DOI")


def _table(rows: Sequence[Row]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("likelihood", overflow="fold", min_width=_NARROWEST_NAME)
    for heading in _HEADINGS:
        table.add_column(heading, no_wrap=True, justify="right" if heading == "points" else "left")
    for row in rows:
        cells = (row.name, *_marked(row), _address(row))
        table.add_row(*(cell(text, style="" if number else "bold") for number, text in enumerate(cells)))
    return table


def _address(row: Row) -> str:
    """By what it can be got: the DOI of its one likelihood, else the record's."""
    return row.entry.file_doi or row.entry.record_doi or _UNKNOWN


def _short(row: Row) -> tuple[str, str, str, str]:
    entry = row.entry
    points = str(entry.points) if entry.points is not None else ("yes" if row.has_points else _UNKNOWN)
    if row.has_points is False:
        points = "none"
    return (
        entry.analysis or _UNKNOWN,
        entry.arxiv or _UNKNOWN,
        points,
        ", ".join(item.name for item in row.items) or _UNKNOWN,
    )


def _marked(row: Row) -> tuple[str, str, str, str]:
    """The same for people: what nobody could check says so."""
    analysis, arxiv, points, kept = _short(row)
    entry = row.entry
    return (
        caveats.marked(entry, "analysis", analysis),
        caveats.marked(entry, "arxiv", arxiv),
        caveats.marked(entry, "points", points),
        kept,
    )


def _facts(row: Row) -> list[str]:
    """What the table has in its columns, for a terminal that is too narrow for them; what is known only."""
    analysis, arxiv, points, kept = _marked(row)
    known = {"": analysis, "arXiv:": arxiv, "signal points: ": points}
    first = "  ".join(name + value for name, value in known.items() if value != _UNKNOWN)
    second = f"kept as {kept}" if kept != _UNKNOWN else ""
    address = _address(row)
    return [fact for fact in (first, second, address if address != _UNKNOWN else "") if fact]


def _foot(rows: Sequence[Row], catalogue: Catalogue) -> str:
    """How to go on, and how old this is."""
    kept = next((row.items[0].name for row in rows if row.items and row.fittable), "")
    there = next((_address(row) for row in rows if row.fittable is not False and row.entry.record_doi), "")
    if kept:
        how = f" `fitgui run {shlex.quote(kept)}` fits it."
    else:
        how = f" `fitgui download {there}` keeps it here, `fitgui run {there}` fits it." if there else ""
    age = f"Catalogue of {catalogue.made:%Y-%m-%d}" if catalogue.made else "Catalogue"
    if catalogue.refreshed:
        age += f", refreshed {catalogue.refreshed.astimezone():%Y-%m-%d}"
    return f"{words.count(len(rows), 'likelihood')}.{how} {age}; --online asks HEPData."
