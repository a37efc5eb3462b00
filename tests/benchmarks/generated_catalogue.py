"""As many published likelihoods as are wanted, each with texts as long as real ones."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fitgui.pallets.catalogue.bundled import load_catalogue
from fitgui.pallets.published import Entry, Format, PublishedFile

SEED = 12
TITLE_WORDS, SUMMARY_WORDS, ABSTRACT_WORDS = 22, 25, 200
COMMON = 0.9
"""Part of the words that come from real titles and summaries; the others are rarer, the rarest once."""
RARE_WORDS = 20_000
TYPED = (
    "stau",
    "sbottom",
    "SUSY-2018-04",
    "arXiv:1911.06660",
    "supersymmetric particles decaying",
    "b-jets missing momentum",
    "charginos neutralinos higgs",
    "τ hadronic",
    "10.17182/hepdata.90607.v3/r3",
    "https://www.hepdata.net/record/ins1755298",
    "13 TeV 139 fb",
    "1 2 3",
    "e a t",
    "qqq",
)
"""What is typed, letter by letter, and taken back: words, numbers, and the least selective there is."""


def entries(count: int) -> tuple[Entry, ...]:
    """That many entries, the same every time."""
    random_ = random.Random(SEED)
    bundled = load_catalogue().entries
    common = [word for entry in bundled for word in f"{entry.title} {entry.summary} {entry.model}".split()]
    states = sorted({state for entry in bundled for state in entry.final_states})
    letters = "abcdefghijklmnopqrstuvwxyz"
    rare = ["".join(random_.choices(letters, k=random_.randint(4, 12))) for _ in range(RARE_WORDS)]
    vocabulary = Vocabulary(random_, common, rare)
    return tuple(_entry(number, vocabulary, states) for number in range(count))


def keystrokes() -> Iterator[str]:
    """What stands in the line after each keystroke."""
    for text in TYPED:
        yield from (text[:length] for length in range(1, len(text) + 1))
        yield from (text[:length] for length in range(len(text) - 1, -1, -1))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words, and how often they are used."""

    random_: random.Random
    common: Sequence[str]
    rare: Sequence[str]

    def text(self, count: int) -> str:
        """So many words: the rarer ones after Zipf's law."""
        return " ".join(
            self.random_.choice(self.common)
            if self.random_.random() < COMMON
            else self.rare[int(self.random_.paretovariate(0.5)) % len(self.rare)]
            for _ in range(count)
        )


def _entry(number: int, vocabulary: Vocabulary, states: Sequence[str]) -> Entry:
    random_, words = vocabulary.random_, vocabulary.text
    record, inspire, year = 80_000 + 31 * number, 1_500_000 + 271 * number, 2010 + number % 17
    files = tuple(
        PublishedFile(
            name=f"likelihoods_{number}.tar.gz",
            doi=f"10.17182/hepdata.{record}.v{version}/r3",
            version=version,
            resource=5 * number + version,
            likelihood=True,
        )
        for version in (2, 1)
    )
    return Entry(
        key=f"ins{inspire}",
        title=words(TITLE_WORDS),
        nickname=words(4),
        summary=words(SUMMARY_WORDS),
        abstract=words(ABSTRACT_WORDS),
        collaboration=random_.choice(["ATLAS", "CMS", "LHCb", "Belle-II"]),
        analysis=f"SUSY-{year}-{number % 97:02d}",
        arxiv=f"{10 + number % 17:02d}{1 + number % 12:02d}.{number:05d}",
        journal=f"Phys. Rev. D {number % 110} ({year}) {random_.randrange(10**6):06d}",
        journal_doi=f"10.1103/PhysRevD.{number % 110}.{number:06d}",
        year=year,
        inspire=inspire,
        record=record,
        energy_tev=13.0,
        luminosity_fb=139.0,
        final_states=tuple(random_.sample(states, min(3, len(states)))),
        model=words(6),
        points=number % 200,
        labels=("m1", "m2"),
        format=Format.PATCH_SET,
        files=files,
        version=2,
        source="hepdata",
        retrieved="2026-11-23",
    )
