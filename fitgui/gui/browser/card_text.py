"""The detail card in words: what is known of a published likelihood, and how well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape

from fitgui import words
from fitgui.gui.appearance import breakable
from fitgui.gui.browser.links import links_of
from fitgui.gui.browser.wording import (
    age_words,
    date_words,
    energy_and_luminosity,
    parsed_time,
    points_words,
    size_words,
)
from fitgui.gui.theme import Theme
from fitgui.pallets.published import AnalysisSummary, Entry, Format, PublishedFile
from fitgui.pallets.readable import readable

DOUBT = "\N{NO-BREAK SPACE}?"
"""Behind what nobody could check."""
DOUBT_EXPLAINED = "? behind a fact: it could not be checked"
SOURCES = {"catalogue": "the catalogue", "hepdata": "HEPData", "library": "the library"}
WORD = 10
"""Longer words of the table may be broken: its second column is narrow."""
FORMATS = {
    Format.PATCH_SET: "HistFactory JSON, patch sets",
    Format.PATCH_FILES: "HistFactory JSON, a patch file per point",
    Format.WORKSPACES: "HistFactory JSON, a workspace per point",
    Format.MEASUREMENT: "HistFactory JSON, a measurement",
    Format.HS3: "HS3",
}


def name_of(entry: Entry) -> str:
    """What people call it; else the paper's title."""
    return entry.nickname or title_of(entry) or entry.key


def title_of(entry: Entry) -> str:
    """The paper's title, empty where it is unknown."""
    return _marked(entry, "title", readable(entry.title)) if entry.title else ""


def byline_of(entry: Entry) -> str:
    """``ATLAS · SUSY-2018-04 · 2020``."""
    known = (
        ("collaboration", entry.collaboration),
        ("analysis", entry.analysis),
        ("year", "" if entry.year is None else str(entry.year)),
    )
    return " · ".join(_marked(entry, name, text) for name, text in known if text)


def links_html(entry: Entry, colours: Theme) -> str:
    """Links to the paper and to the record; the journal without one where its DOI is unknown."""
    parts = [
        f"<a style='color: {colours.accent}' href='{escape(address)}'>{escape(text)}</a>"
        + (DOUBT if name in entry.unchecked else "")
        for text, address, name in links_of(entry)
    ]
    if entry.journal and not entry.journal_doi:
        parts.insert(1 if entry.arxiv else 0, escape(_marked(entry, "journal", entry.journal)))
    return " · ".join(parts)


def facts_html(
    entry: Entry, contents: Sequence[AnalysisSummary], file: PublishedFile | None, colours: Theme
) -> str:
    """A table of what is known; what is unknown is left out, but for the points."""
    energy, luminosity = energy_and_luminosity(entry)
    data = ((energy, "energy_tev"), (luminosity, "luminosity_fb"))
    facts = [
        ("Data", ", ".join(_marked(entry, name, text) for text, name in data if text)),
        ("Final state", ", ".join(_marked(entry, "final_states", text) for text in entry.final_states)),
        ("Model", _marked(entry, "model", readable(entry.model)) if entry.model else ""),
        ("Points", _points(entry, contents)),
        ("Coordinates", _some(_labels(entry, contents))),
        ("Format", FORMATS.get(entry.format, "")),
        ("File", _file(file)),
    ]
    rows = "".join(_table_row(name, escape(breakable(text, WORD)), colours) for name, text in facts if text)
    if file is not None and file.licence is not None:
        rows += _table_row("Licence", _licence(file, colours), colours)
    rows += _table_row("Known from", escape(source_of(entry)), colours)
    if set(entry.unchecked):
        rows += _table_row("", DOUBT_EXPLAINED, colours)
    return f"<table cellspacing='0' cellpadding='1'>{rows}</table>"


def problems_of(entry: Entry) -> str:
    """What is known to make trouble; empty where nothing is."""
    return "\n\n".join(f"⚠ {breakable(readable(problem))}" for problem in entry.known_problems)


def source_of(entry: Entry, now: datetime | None = None) -> str:
    """``the catalogue of 3 Aug 2026``, ``HEPData, 3 min ago``, ``the catalogue, and HEPData 3 min ago``."""
    when = parsed_time(entry.retrieved)
    if when is None:
        return SOURCES.get(entry.source, entry.source)
    if len(entry.retrieved) <= len("2026-01-01"):
        return f"{SOURCES.get(entry.source, entry.source)} of {date_words(when)}"
    # A time of day is of an answer, whose facts were added to those of the catalogue.
    before = "the catalogue, and " if entry.source == "catalogue" else ""
    return f"{before}HEPData {age_words(when, now)}"


def _marked(entry: Entry, name: str, text: str) -> str:
    return text + DOUBT if name in entry.unchecked else text


def _points(entry: Entry, contents: Sequence[AnalysisSummary]) -> str:
    known = points_words(entry, contents)
    if not known:
        return "" if entry.format is Format.HS3 else "unknown"
    analyses = len(contents) or entry.workspaces or 0
    return f"{known}, {words.count(analyses, 'analysis')}" if analyses > 1 else known


def _labels(entry: Entry, contents: Sequence[AnalysisSummary]) -> Iterable[str]:
    found = dict.fromkeys(label for analysis in contents for label in analysis.labels)
    return found or entry.labels


def _some(names: Iterable[str], most: int = 8) -> str:
    listed = list(names)
    return ", ".join(listed[:most]) + (f" and {len(listed) - most} more" if len(listed) > most else "")


def _file(file: PublishedFile | None) -> str:
    if file is None:
        return ""
    version = "" if file.version is None else f"version {file.version}"
    return " · ".join(filter(None, (file.name or file.doi, version, size_words(file.size))))


def _licence(file: PublishedFile, colours: Theme) -> str:
    assert file.licence is not None
    name, address = escape(file.licence.name), escape(file.licence.url)
    if not file.licence.url.startswith("https://"):
        return name
    return f"<a style='color: {colours.accent}' href='{address}'>{name}</a>"


def _table_row(name: str, value: str, colours: Theme) -> str:
    return (
        f"<tr><td style='color: {colours.muted}'>{name.replace(' ', '&nbsp;')}&nbsp;&nbsp;</td>"
        f"<td>{value}</td></tr>"
    )
