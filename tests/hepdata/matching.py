"""Whether a document matches one term, phrase or range, as OpenSearch sees its fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Document = Mapping[str, Any]
Matches = Callable[[Document], bool]

NESTED_APART = ("summary_authors", "dissertation")
"""Found only through queries of their own kind."""
WORD = re.compile(r"\w+(?:(?<=\d)[.,](?=\d)\w+|(?<=[^\W\d_])[.:'](?=[^\W\d_])\w+)*")


def term(text: str, field: str | None, *, fuzzy: bool) -> Matches:
    if text == "*":
        return lambda document: field is None or bool(list(_values(document, field)))
    if "*" in text or "?" in text:
        pattern = re.compile("".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in text.lower()))
        return lambda document: any(
            pattern.fullmatch(word) for value in _values(document, field) for word in words_of(str(value))
        )
    words = words_of(text)
    if fuzzy and len(words) == 1:
        return lambda document: any(
            _near(words[0], word) for value in _values(document, field) for word in words_of(str(value))
        )
    return lambda document: has_phrase(document, field, words)


def _near(wanted: str, word: str) -> bool:
    """Within the edit distance that ``AUTO`` allows."""
    allowed = 0 if len(wanted) < 3 else 1 if len(wanted) < 6 else 2
    row = list(range(len(word) + 1))
    for i, a in enumerate(wanted, 1):
        row, before = [i], row
        for j, b in enumerate(word, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (a != b)))
    return row[-1] <= allowed


def in_range(text: str, field: str | None) -> Matches:
    low, high = re.split(r"\s+TO\s+", text[1:-1].strip())

    def inside(value: object) -> bool:
        try:
            number = float(str(value))
            above = low == "*" or (number >= float(low) if text[0] == "[" else number > float(low))
            below = high == "*" or (number <= float(high) if text[-1] == "]" else number < float(high))
        except ValueError:
            return False
        return above and below

    return lambda document: any(inside(value) for value in _values(document, field))


def words_of(text: str) -> list[str]:
    """As the standard analyser: lower case; ``1909.09226`` is one word, ``SUSY-2019-08`` are three."""
    return [word.lower() for word in WORD.findall(text)]


def has_phrase(document: Document, field: str | None, words: list[str]) -> bool:
    if not words:
        return False
    for value in _values(document, field):
        if isinstance(value, float) and len(words) == 1 and re.fullmatch(r"[\d.]+", words[0]):
            if float(words[0]) == value:
                return True
            continue
        there = words_of(str(value))
        if any(there[i : i + len(words)] == words for i in range(len(there) - len(words) + 1)):
            return True
    return False


def _values(document: Document, field: str | None) -> Iterable[object]:
    """All values of a field by its dotted name, or of all fields."""
    if field is None or field == "_all":
        for name, value in document.items():
            if name not in NESTED_APART:
                yield from _flat(value)
        return
    if field.split(".")[0] in NESTED_APART:
        return
    found: list[Any] = [document]
    for name in field.removesuffix(".raw").split("."):
        found = [value[name] for value in found if isinstance(value, Mapping) and name in value]
        found = [inner for value in found for inner in (value if isinstance(value, list) else [value])]
    for value in found:
        if not isinstance(value, Mapping) or "gte" in value:
            yield from _flat(value)


def _flat(value: object) -> Iterable[object]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _flat(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _flat(inner)
    elif value is not None:
        yield value
