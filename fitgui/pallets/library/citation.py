"""How a published likelihood is cited: BibTeX of HEPData's record or file, and of the paper."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fitgui.pallets.library.latex import latex
from fitgui.pallets.published import Entry, PublishedFile

_JOURNAL = re.compile(
    r"(?P<journal>.*[^\s\d]) ?(?P<volume>\d+[A-Z]?),? ?\((?P<year>\d{4})\),? (?P<pages>[\w.\-–]+)"
)
"""``Eur.Phys.J.C 80 (2020) 691``, as INSPIRE writes it."""
_SEVERAL = re.compile(r"\s*(?:,|;|&| and )\s*")
_HEPDATA = "10.17182/"
_YEAR = re.compile(r"\d{4}")
_NOT_IN_KEYS = re.compile(r"[^\w:./+-]", re.ASCII)


def bibtex(entry: Entry, file: PublishedFile | None = None) -> str:
    """What is to be cited by whoever uses a published likelihood.

    HEPData asks for the paper and, besides, for its record. The second entry is in HEPData's own form: of the
    file if it has a DOI, else of the record, in the version of the file if that is known.

    Args:
        entry: What is known of it.
        file: Which of its files.

    Returns:
        Up to two entries with an empty line between them; empty if nothing is known that could be cited.
    """
    return "\n\n".join(text for text in (_paper(entry), _record(entry, file)) if text)


def _record(entry: Entry, file: PublishedFile | None) -> str:
    """As on HEPData's page, below "Cite"."""
    version = file.version if file is not None else None
    doi = entry.record_doi
    title, kind = latex(entry.title), "collection"
    if file is not None and file.doi:
        doi, kind = file.doi, "other"
        title = f"``{latex(file.name)}'' of ``{title}''" if file.name and title else title or latex(file.name)
    elif doi and version is not None:
        doi = f"{doi}.v{version}"
    if not doi:
        return ""
    if title and version is not None:
        title = f"{title} (Version {version})"
    return _entry(
        "misc",
        doi.removeprefix(_HEPDATA),
        {
            "author": _author(entry),
            "title": title and f"{{{title}}}",
            "howpublished": f"{{HEPData ({kind})}}",
            # Of the record, not of the paper: HEPData counts from its last change.
            "year": _year(entry.updated),
            "note": rf"\url{{https://doi.org/{doi}}}",
        },
    )


def _paper(entry: Entry) -> str:
    """As INSPIRE has it, except that the names of thousands of authors are not known here."""
    if not (entry.arxiv or entry.journal or entry.journal_doi):
        return ""
    journal = _JOURNAL.fullmatch(entry.journal.strip())
    known = journal.groupdict() if journal is not None else {}
    year = known.get("year") or (str(entry.year) if entry.year is not None else "")
    key = f"arXiv:{entry.arxiv}" if entry.arxiv else entry.journal_doi or entry.key
    return _entry(
        "article",
        key,
        {
            "author": _author(entry),
            "collaboration": latex(" and ".join(_collaborations(entry))),
            "title": entry.title and f"{{{latex(entry.title)}}}",
            "eprint": entry.arxiv,
            "archivePrefix": "arXiv" if entry.arxiv else "",
            "doi": entry.journal_doi,
            "journal": latex(known.get("journal", entry.journal)),
            "volume": known.get("volume", ""),
            "pages": known.get("pages", "").replace("–", "-"),
            "year": year,
        },
    )


def _author(entry: Entry) -> str:
    return " and ".join(f"{{{latex(name)} Collaboration}}" for name in _collaborations(entry))


def _collaborations(entry: Entry) -> list[str]:
    names = [name.removesuffix(" Collaboration").strip() for name in _SEVERAL.split(entry.collaboration)]
    return [name for name in names if name]


def _year(date: str) -> str:
    matched = _YEAR.match(date)
    return matched[0] if matched else ""


def _entry(kind: str, key: str, fields: Mapping[str, str]) -> str:
    lines = [f'    {name} = "{value}"' for name, value in fields.items() if value]
    return "@{}{{{},\n{}\n}}".format(kind, _NOT_IN_KEYS.sub("", key), ",\n".join(lines))
