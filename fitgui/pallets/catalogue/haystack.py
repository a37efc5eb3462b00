"""By which words a row of the shelf is found, and how much each of them counts."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import lru_cache

from fitgui.pallets.catalogue.folding import tokens
from fitgui.pallets.catalogue.shelf import Row
from fitgui.pallets.published import Format

LEVELS = 4
"""Names and numbers; title and model; everything else that is short; summary and abstract."""

_FORMAT_WORDS = {
    Format.PATCH_SET: "patch set patchset signal grid",
    Format.PATCH_FILES: "patch files signal grid",
    Format.WORKSPACES: "workspace per point signal grid",
    Format.MEASUREMENT: "measurement without signal grid",
    Format.HS3: "HS3",
    Format.UNKNOWN: "",
}

_ALSO_CALLED = {
    "missing momentum": "MET ETmiss missing transverse",
    "b jets": "b-tagged bb",
    "τ": "taus ditau",
    "top": "tops tt ttbar",
    "photons": "diphoton γγ",
    "W or Z": "boson vector",
    "1 lepton": "single-lepton",
    "2 leptons": "dilepton",
    "3+ leptons": "trilepton multilepton",
    "0 leptons": "hadronic",
    "same-sign leptons": "SS",
    "displaced": "LLP long-lived",
}
"""What people type for a final state, beside its name."""


def words_of(row: Row) -> tuple[tuple[str, ...], ...]:
    """The words of a row, each once a level, the most important level first."""
    entry = row.entry
    names = (
        entry.nickname,
        entry.analysis,
        f"arXiv:{entry.arxiv} {entry.arxiv}" if entry.arxiv else "",
        f"ins{entry.inspire}" if entry.inspire is not None else "",
        str(entry.record or ""),
        *(item.name for item in row.items),
    )
    short = (
        entry.collaboration,
        entry.journal,
        entry.journal_doi,
        entry.record_doi,
        str(entry.year or ""),
        f"{entry.energy_tev:g} TeV" if entry.energy_tev is not None else "",
        f"{entry.luminosity_fb:g}/fb {entry.luminosity_fb:g} fb-1" if entry.luminosity_fb is not None else "",
        _FORMAT_WORDS[entry.format],
        *entry.final_states,
        *(word.replace(" ", "") for word in entry.final_states),
        *(_ALSO_CALLED.get(word, "") for word in entry.final_states),
        *entry.labels,
        *(file.name for file in entry.files),
        *(file.doi for file in entry.files),
        *(f"resource/{file.resource}" for file in entry.files if file.resource is not None),
        *(analysis.name for analysis in entry.contents),
        *(item.file_name for item in row.items),
        *(f"sha256:{item.digest}" for item in row.items),
    )
    return (
        _tokens(names),
        _tokens((entry.title, entry.model)),
        _tokens(short),
        _tokens((entry.summary, entry.abstract, entry.why_not, *entry.known_problems)),
    )


def _tokens(texts: Iterable[str]) -> tuple[str, ...]:
    return _tokens_of("\n".join(text for text in texts if text))


@lru_cache(maxsize=40_000)
def _tokens_of(text: str) -> tuple[str, ...]:
    """Remembered: most rows are the same when the shelf changes."""
    return tuple(map(sys.intern, tokens(text)))
