"""Published likelihoods and kept files as short as a test needs them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fitgui.pallets.catalogue.filter import Index
from fitgui.pallets.catalogue.shelf import shelf
from fitgui.pallets.library.item import LibraryItem, Origin
from fitgui.pallets.published import AnalysisSummary, Entry, PublishedFile

LBB = Entry(
    key="ins1755298",
    title=r"Search for $\tilde{\chi}_1^\pm\tilde{\chi}_2^0$ with one lepton at $\sqrt{s}=13$ TeV",
    nickname="1Lbb: Wh → ℓν bb",
    collaboration="ATLAS",
    analysis="SUSY-2019-08",
    arxiv="1909.09226",
    inspire=1755298,
    record=90607,
    final_states=("1 lepton", "b jets"),
    points=125,
    files=(
        PublishedFile(
            name="1Lbb-likelihoods-hepdata.tar.gz",
            doi="10.17182/hepdata.90607.v4/r3",
            version=4,
            likelihood=True,
        ),
    ),
    version=4,
    retrieved="2026-08-01",
)
STAU = Entry(
    key="ins1765529",
    title="Search for direct stau production in events with two hadronic τ-leptons",
    nickname="Direct stau",
    collaboration="ATLAS",
    analysis="SUSY-2018-04",
    arxiv="1911.06660",
    inspire=1765529,
    record=92006,
    final_states=("τ",),
    points=171,
)
FOUR_LEPTONS = Entry(key="hepdata.103062", nickname="4ℓ", arxiv="2103.11684", record=103062)


def index_of(*entries: Entry) -> Index:
    """Ready to be searched."""
    return Index(shelf(entries, ()))


def hits(index: Index, text: str) -> list[str]:
    """The keys of the rows that match, best first."""
    return [index.rows[place].key for place in index.match(text)]


def item(digest: str = "a" * 64, **fields: Any) -> LibraryItem:
    """A kept file."""
    given: dict[str, Any] = {
        "name": "lbb",
        "file_name": "lbb.tar.gz",
        "size": 10,
        "added": "2026-11-01T10:00:00+00:00",
        "folder": Path("library") / digest,
    }
    return LibraryItem(digest=digest, **{**given, **fields})


def origin(entry: Entry | None = None, file: PublishedFile | None = None) -> Origin:
    """Where a kept file came from."""
    return Origin(source="somewhere", when="2026-11-01T10:00:00+00:00", entry=entry, file=file)


def contents(*references: str, points: int = 2, labels: tuple[str, ...] = ("m1",)) -> AnalysisSummary:
    """What opening a kept file found."""
    return AnalysisSummary(
        name="SR",
        channels=1,
        bins=2,
        parameters=3,
        labels=labels,
        points=tuple((float(number),) for number in range(points)),
        references=references,
    )
