"""Finding commands by some of their letters."""

from __future__ import annotations

from collections.abc import Sequence

_WORD = 8
"""For a letter that begins a word."""
_FIRST = 2
"""For the first letter of all, besides."""
_RUN = 5
"""For a letter right after the one before."""
_GAP = 1
"""Against every letter that is passed over, up to a word's length."""
_LONGEST_GAP = 6


def score(query: str, text: str) -> int | None:
    """How well a text fits what was typed: every word of the query has its letters in the text, in order.

    Args:
        query: what was typed; the order of its words does not matter, nor does case.
        text: of a command.

    Returns:
        More for letters that begin words and that stand together; ``None`` where it does not fit.
    """
    folded = text.casefold()
    total = 0
    for word in query.casefold().split():
        found = _best(word, folded)
        if found is None:
            return None
        total += found
    return total


def ranked(query: str, texts: Sequence[str]) -> list[int]:
    """The places of the texts that fit, the best first; equals in their order."""
    scores = [(place, score(query, text)) for place, text in enumerate(texts)]
    fitting = [(place, found) for place, found in scores if found is not None]
    return [place for place, found in sorted(fitting, key=lambda item: -item[1])]


def _best(word: str, text: str) -> int | None:
    """The best way to find the letters of a word in a text, one after the other.

    For every letter the best score that ends at each of its places is kept: as many steps as letters of the
    word times letters of the text, which are few.
    """
    ends: dict[int, int] = {-1: 0}
    for letter in word:
        found: dict[int, int] = {}
        for place, here in enumerate(text):
            if here != letter:
                continue
            before = [
                (value + (_RUN if place == last + 1 and last >= 0 else -_gap(last, place)))
                for last, value in ends.items()
                if last < place
            ]
            if before:
                starts = place == 0 or not text[place - 1].isalnum()
                found[place] = max(before) + (_WORD if starts else 0) + (_FIRST if place == 0 else 0)
        if not found:
            return None
        ends = found
    return max(ends.values())


def _gap(last: int, place: int) -> int:
    """What is lost by passing over letters; nothing before the first one."""
    return 0 if last < 0 else _GAP * min(place - last - 1, _LONGEST_GAP)
