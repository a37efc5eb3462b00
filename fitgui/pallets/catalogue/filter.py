"""Which rows of the shelf match what was typed and chosen, best first, quickly enough for every keystroke."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from fitgui.pallets.catalogue.folding import QueryWord, query_words
from fitgui.pallets.catalogue.haystack import LEVELS, words_of
from fitgui.pallets.catalogue.shelf import Row
from fitgui.pallets.catalogue.word_index import ABSENT, Ranks, WordIndex

Mask = npt.NDArray[np.bool_]
Sums = npt.NDArray[np.int32]
_REMEMBERED = 64
"""Words whose ranks are kept: those of the text while it is typed, and corrected."""


@dataclass(frozen=True, slots=True)
class Facets:
    """What may be chosen beside the text; ``None`` or nothing chosen lets everything through."""

    collaboration: str | None = None
    final_states: frozenset[str] = frozenset()
    """All of these."""
    has_points: bool | None = None
    """Whether there is a grid of signal points. Where nobody knows, it is neither."""
    kept: bool | None = None
    """Whether a file of it is on this machine."""
    fittable: bool | None = None
    """Whether it can be fitted. Where nobody knows, it is neither."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows there would be after one more choice, with the text and the other facets as they are."""

    total: int
    """Rows that match now."""
    collaborations: Mapping[str, int] = field(default_factory=dict)
    """Every collaboration of the shelf, by name."""
    final_states: Mapping[str, int] = field(default_factory=dict)
    """Every final state of the shelf, by name; together with those that are chosen already."""
    has_points: Mapping[bool, int] = field(default_factory=dict)
    kept: Mapping[bool, int] = field(default_factory=dict)
    fittable: Mapping[bool, int] = field(default_factory=dict)


class Index:
    """The rows of a shelf, made ready to be searched by one thread at a time; what it finds never changes."""

    def __init__(self, rows: Iterable[Row]) -> None:
        """Fold all texts of the rows; about 0.3 ms a row that was not seen before."""
        self.rows: Sequence[Row] = tuple(rows)
        self._words = WordIndex([words_of(row) for row in self.rows], LEVELS)
        self._collaborations = _groups([row.entry.collaboration] for row in self.rows)
        self._final_states = _groups(row.entry.final_states for row in self.rows)
        self._switches = {
            "has_points": _switch(row.has_points for row in self.rows),
            "kept": _switch(row.kept for row in self.rows),
            "fittable": _switch(row.fittable for row in self.rows),
        }
        self._remembered: dict[str, Ranks] = {}
        self._last: tuple[tuple[QueryWord, ...], Mask, Sums] | None = None

    def match(self, text: str, facets: Facets = Facets()) -> list[int]:
        """The positions of the rows that fit, best first; rows of the same rank stay in their order.

        Every word of the text has to occur, as a word or within one, in any place. Hits in nicknames and
        numbers come before hits in the title, these before hits in anything else, abstracts last; within
        these, whole words before beginnings before the middle of words.
        """
        hit, sums = self._sums(tuple(query_words(text)))
        for mask in self._masks(facets).values():
            hit = hit & mask
        places = np.flatnonzero(hit)
        best_first: list[int] = places[np.argsort(sums[places], kind="stable")].tolist()
        return best_first

    def counts(self, text: str, facets: Facets = Facets()) -> Counts:
        """How many rows each further choice would leave."""
        hit, _ = self._sums(tuple(query_words(text)))
        masks = self._masks(facets)

        def others(name: str) -> Mask:
            left = hit
            for other, mask in masks.items():
                if other != name:
                    left = left & mask
            return left

        chosen = others("")
        switches = {name: _both(others(name), states) for name, states in self._switches.items()}
        return Counts(
            total=int(chosen.sum()),
            collaborations=_count(others("collaboration"), self._collaborations),
            final_states=_count(chosen, self._final_states),
            **switches,
        )

    def _masks(self, facets: Facets) -> dict[str, Mask]:
        """Which rows each chosen facet lets through."""
        nothing = np.zeros(len(self.rows), dtype=np.bool_)
        masks = {}
        if facets.collaboration is not None:
            masks["collaboration"] = self._collaborations.get(facets.collaboration, nothing)
        for state in facets.final_states:
            masks[f"final state {state}"] = self._final_states.get(state, nothing)
        for name, states in self._switches.items():
            wanted: bool | None = getattr(facets, name)
            if wanted is not None:
                masks[name] = states[wanted]
        return masks

    def _sums(self, words: tuple[QueryWord, ...]) -> tuple[Mask, Sums]:
        """Which rows have all words, and the sum of their ranks."""
        if self._last is None or self._last[0] != words:
            hit = np.ones(len(self.rows), dtype=np.bool_)
            sums = np.zeros(len(self.rows), dtype=np.int32)
            for word in words:
                ranks = self._ranks(word.whole)
                if word.parts:
                    ranks = np.minimum(ranks, np.maximum.reduce([self._ranks(part) for part in word.parts]))
                hit &= ranks != ABSENT
                sums += ranks
            self._last = (words, hit, sums)
        return self._last[1:]

    def _ranks(self, word: str) -> Ranks:
        ranks = self._remembered.pop(word, None)
        if ranks is None:
            ranks = self._words.ranks(word)
        self._remembered[word] = ranks
        if len(self._remembered) > _REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        return ranks


def _groups(values: Iterable[Iterable[str]]) -> dict[str, Mask]:
    """For each value, by name, which rows have it."""
    lists = [tuple(row) for row in values]
    groups = {name: np.zeros(len(lists), np.bool_) for name in sorted({v for row in lists for v in row if v})}
    for place, row in enumerate(lists):
        for name in row:
            if name:
                groups[name][place] = True
    return groups


def _switch(values: Iterable[bool | None]) -> dict[bool, Mask]:
    known = list(values)
    return {state: np.array([value is state for value in known], dtype=np.bool_) for state in (True, False)}


def _count(rows: Mask, groups: Mapping[str, Mask]) -> dict[str, int]:
    return {name: int(np.count_nonzero(rows & members)) for name, members in groups.items()}


def _both(rows: Mask, states: Mapping[bool, Mask]) -> dict[bool, int]:
    return {state: int(np.count_nonzero(rows & members)) for state, members in states.items()}
