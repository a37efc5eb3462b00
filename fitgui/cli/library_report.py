"""How what is kept is written: for machines, for a pipe, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from fitgui import words
from fitgui.cli import caveats
from fitgui.cli.cells import cell
from fitgui.cli.plain import printable
from fitgui.pallets.library.item import LibraryItem, Origin
from fitgui.pallets.published import AnalysisSummary, Entry, Licence, PublishedFile

_UNKNOWN = "–"


def document(item: LibraryItem, entry: Entry | None, named: PublishedFile | None = None) -> dict[str, Any]:
    """What is kept, for machines; what is unknown is null.

    Args:
        item: What is kept.
        entry: What is known of where it was published.
        named: By which of the published files that it is it was named.
    """
    file = named or item.file
    licence = _licence(item)
    return {
        "name": item.name,
        "digest": item.digest,
        "file_name": item.file_name,
        "path": str(item.path),
        "size": item.size,
        "added": item.added,
        "source": _source(item),
        "title": (entry.title or None) if entry else None,
        "collaboration": (entry.collaboration or None) if entry else None,
        "analysis": (entry.analysis or None) if entry else None,
        "arxiv": (entry.arxiv or None) if entry else None,
        "inspire": entry.inspire if entry else None,
        "record_doi": (entry.record_doi or None) if entry else None,
        "file_doi": (file.doi or None) if file else None,
        "version": file.version if file else None,
        "licence": {"name": licence.name, "url": licence.url} if licence else None,
        "refused": item.refused or None,
        "analyses": None if item.contents is None else [_analysis(a) for a in item.contents],
        "points": None if item.contents is None else _points(item.contents),
        "origins": [_origin_document(origin) for origin in item.origins],
        **caveats.document(entry),
    }


def _origin_document(origin: Origin) -> dict[str, Any]:
    return {
        "source": origin.source,
        "when": origin.when,
        "file_doi": (origin.file.doi or None) if origin.file else None,
        "compared": None if origin.file is None else not origin.by_hand,
    }


def _analysis(analysis: AnalysisSummary) -> dict[str, Any]:
    return {
        "name": analysis.name,
        "channels": analysis.channels,
        "bins": analysis.bins,
        "parameters": analysis.parameters,
        "poi": analysis.poi,
        "labels": list(analysis.labels),
        "points": len(analysis.points),
    }


def row_lines(items: Sequence[LibraryItem]) -> Iterator[str]:
    """A line for each, for a pipe."""
    for item in items:
        yield "  ".join((item.name, *_cells(item)))


def show_rows(items: Sequence[LibraryItem]) -> None:
    """A table for a person."""
    if not items:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("pallet", "size", "points", "kept", "from"):
        table.add_column(
            heading, overflow="fold", justify="right" if heading in ("size", "points") else "left"
        )
    for item in items:
        table.add_row(cell(item.name, style="bold"), *(cell(text) for text in _cells(item)))
    Console().print(table)


def detail_lines(item: LibraryItem, entry: Entry | None) -> Iterator[str]:
    """All that is known of one, for a pipe."""
    for heading, text in _details(item, entry):
        yield f"{heading} {text}"


def show_detail(item: LibraryItem, entry: Entry | None) -> None:
    """All that is known of one, for a person."""
    console = Console()
    for heading, text in _details(item, entry):
        style = "bold" if heading == "pallet" else ""
        console.print(Text.assemble((f"{heading:<9} ", "dim"), (printable(text), style)), soft_wrap=True)


def _details(item: LibraryItem, entry: Entry | None) -> Iterator[tuple[str, str]]:
    yield "pallet", item.name
    if entry is not None:
        if entry.title:
            yield "title", entry.title
        known = [entry.collaboration, entry.analysis, entry.arxiv and f"arXiv:{entry.arxiv}", entry.journal]
        if any(known):
            yield "paper", ", ".join(text for text in known if text)
        if entry.record_doi:
            yield "record", entry.record_doi
    for analysis in item.contents or ():
        yield "analysis", _contents(analysis)
    if item.refused:
        yield "refused", item.refused
    yield from caveats.details(entry)
    licence = _licence(item)
    yield "licence", f"{licence.name} {licence.url}".strip() if licence else "not known"
    for origin in item.origins:
        yield "from", f"{_origin(origin)}, {_local(origin.when)}"
    yield "size", words.size(item.size)
    yield "digest", item.digest
    yield "path", str(item.path)


def _cells(item: LibraryItem) -> tuple[str, str, str, str]:
    points = _UNKNOWN if item.contents is None else str(_points(item.contents))
    return words.size(item.size), points, _local(item.added), _source(item) or _UNKNOWN


def _source(item: LibraryItem) -> str | None:
    """Where it was last from: the DOI of the file, else the path or address; not looked after."""
    doi = next((file.doi for file in item.files if file.doi), None)
    return doi or next((origin.source for origin in item.origins), None)


def _points(contents: Sequence[AnalysisSummary]) -> int:
    return sum(len(analysis.points) for analysis in contents)


def _contents(analysis: AnalysisSummary) -> str:
    counted = [
        words.count(len(analysis.points), "point"),
        words.count(analysis.channels, "channel"),
        words.count(analysis.bins, "bin"),
        words.count(analysis.parameters, "parameter"),
    ]
    return f"{analysis.name}: {', '.join(counted)}"


def _origin(origin: Origin) -> str:
    doi = origin.file.doi if origin.file is not None else ""
    compared = ", not compared with HEPData's file" if origin.by_hand else ""
    return f"{doi} ({origin.source}){compared}" if doi else f"{origin.source}{compared}"


def _licence(item: LibraryItem) -> Licence | None:
    return next((file.licence for file in item.files if file.licence is not None), None)


def _local(when: str) -> str:
    """The time on the user's clock; a time that somebody wrote by hand stays as it is."""
    try:
        return datetime.fromisoformat(when).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return when
