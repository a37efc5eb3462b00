"""Where every word of many texts occurs: substrings of words are found in a fraction of a millisecond."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]
Ranks = npt.NDArray[np.uint8]

ABSENT = 255
"""The rank of a row in which a word does not occur."""
_EXACT, _BEGINNING, _INSIDE, _KINDS = 0, 1, 2, 3
_NO_MATCH = 3


class WordIndex:
    """The words of rows, each row in several levels of importance.

    All distinct words stand in one array of bytes, one after the other; looking for a substring compares its
    two rarest bytes with all of them at once, and what is left with the other bytes. So the time hardly
    depends on how often the words occur.
    """

    def __init__(self, rows: Sequence[Sequence[Collection[str]]], levels: int) -> None:
        """Take over the words.

        Args:
            rows: for each row, for each level (the most important first) its words.
            levels: how many levels each row has.
        """
        self._size = len(rows)
        numbers: defaultdict[str, int] = defaultdict(lambda: len(numbers))
        lists = [_Level(rows, level, numbers) for level in range(levels)]
        text = "\n".join(["", *numbers, ""]).encode()
        self._bytes = np.frombuffer(text, dtype=np.uint8)
        self._frequency = np.bincount(self._bytes, minlength=256)
        ends = np.flatnonzero(self._bytes == ord("\n"))
        self._starts, self._lengths = (ends[:-1] + 1).astype(np.int32), (np.diff(ends) - 1).astype(np.int32)
        self._longest = int(self._lengths.max(initial=0))
        self._word_of_byte = np.repeat(np.arange(-1, len(numbers), dtype=np.int32), np.diff(ends, prepend=-1))
        for level in lists:
            level.turn(len(numbers))
        self._levels = lists

    def ranks(self, word: str) -> Ranks:
        """How well a word occurs in each row: 0 is best, :data:`ABSENT` not at all.

        Three ranks a level: the word itself, the beginning of a word, within a word.
        """
        kinds = self._kinds(word.encode())
        ranks = np.full(self._size, ABSENT, dtype=np.uint8)
        matching = np.flatnonzero(kinds != _NO_MATCH)
        for number, level in enumerate(self._levels):
            missing = np.flatnonzero(ranks == ABSENT)
            if not missing.size:
                break
            level.rate(ranks, kinds, matching, missing, first=_KINDS * number)
        return ranks

    def _kinds(self, pattern: bytes) -> Ranks:
        """For each distinct word whether the pattern is it, begins it, or lies within it."""
        kinds = np.full(self._starts.size, _NO_MATCH, dtype=np.uint8)
        if not 0 < len(pattern) <= self._longest:
            return kinds
        offsets = sorted(range(len(pattern)), key=lambda place: self._frequency[pattern[place]])
        starts = self._bytes.size - len(pattern) + 1

        def fits(offset: int) -> npt.NDArray[np.bool_]:
            found: npt.NDArray[np.bool_] = self._bytes[offset : offset + starts] == pattern[offset]
            return found

        possible = fits(offsets[0]) & fits(offsets[1]) if len(offsets) > 1 else fits(0)
        places = np.flatnonzero(possible).astype(np.int32)
        for offset in offsets[2:]:
            places = places[self._bytes[places + offset] == pattern[offset]]
        words = self._word_of_byte[places]
        kinds[words] = _INSIDE
        begun = words[self._starts[words] == places]
        kinds[begun] = _BEGINNING
        kinds[begun[self._lengths[begun] == len(pattern)]] = _EXACT
        return kinds


class _Level:
    """Which words occur in which rows, both ways round."""

    def __init__(
        self, rows: Sequence[Sequence[Collection[str]]], level: int, numbers: defaultdict[str, int]
    ) -> None:
        found: list[int] = []
        for row in rows:
            found.extend(map(numbers.__getitem__, row[level]))
        self._words = np.array(found, dtype=np.int64)
        self._row_ends = np.cumsum([len(row[level]) for row in rows], dtype=np.int64)

    def turn(self, words: int) -> None:
        """Sort by words, once all of them are known."""
        lengths = np.diff(self._row_ends, prepend=0)
        rows = np.repeat(np.arange(self._row_ends.size), lengths)
        self._rows = rows[np.argsort(self._words, kind="stable")]
        self._word_ends = np.cumsum(np.bincount(self._words, minlength=words))

    def rate(self, ranks: Ranks, kinds: Ranks, matching: Ids, missing: Ids, *, first: int) -> None:
        """Rank those of the missing rows in which a matching word occurs, by the shorter way."""
        by_word, by_row = _lengths(self._word_ends, matching), _lengths(self._row_ends, missing)
        if by_word.sum() <= by_row.sum():
            rows = self._rows[_members(self._word_ends, matching, by_word)]
            found = np.repeat(kinds[matching], by_word)
        else:
            found = kinds[self._words[_members(self._row_ends, missing, by_row)]]
            rows = np.repeat(missing, by_row)
        for kind in (_EXACT, _BEGINNING, _INSIDE):
            chosen = rows[found == kind]
            ranks[chosen] = np.minimum(ranks[chosen], first + kind)


def _lengths(ends: Ids, which: Ids) -> Ids:
    return ends[which] - np.where(which > 0, ends[which - 1], 0)


def _members(ends: Ids, which: Ids, lengths: Ids) -> Ids:
    """The places of all members of the chosen lists, list after list."""
    total = np.cumsum(lengths)
    return np.repeat(ends[which] - total, lengths) + np.arange(total[-1] if total.size else 0)
