"""The search of HEPData as far as it matters: OpenSearch's query strings over documents held in memory.

First the query is rewritten as HEPData does it: its query parser splits the text at every ``AND`` and
``OR`` and replaces a field only where a part begins with it. Then it is read as Lucene's classic query
parser reads it: a space means OR, unless ``AND``, ``OR``, ``NOT``, ``+`` or ``-`` say otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Document = Mapping[str, Any]
Matches = Callable[[Document], bool]

ALIASES = {
    **{name: f"data_keywords.{name}" for name in ("observables", "cmenergies", "phrases", "reactions")},
    "analysis": "analyses.type",
    "resources": "resources.description",
    "publication_recid": "recid",
}
NESTED_APART = ("summary_authors", "dissertation")
"""Found only through queries of their own kind."""
WORD = re.compile(r"\w+(?:(?<=\d)[.,](?=\d)\w+|(?<=[^\W\d_])[.:'](?=[^\W\d_])\w+)*")
TOKEN = re.compile(
    r"""\s*(?:(?P<open>\()|(?P<close>\))|(?P<modifier>[+!-](?=\S))|(?P<operator>AND|OR|NOT|&&|\|\|)(?=[\s()]|$)
    |(?P<field>(?:[^\s:()\[\]{}"^~/!+-]|\\.)(?:[^\s:()\[\]{}"^~/!]|\\.)*):(?P<after>\s*)
    |(?P<phrase>"(?:[^"\\]|\\.)*")(?:~\d+)?(?:\^[\d.]+)?
    |(?P<range>[\[{]\s*\S+\s+TO\s+[^\s\]}]+\s*[\]}])
    |(?P<term>(?:[^\s:()\[\]{}"^~/!+-]|\\.)(?:[^\s:()\[\]{}"^~/!]|\\.)*)(?P<fuzzy>~\d?)?(?:\^[\d.]+)?)""",
    re.VERBOSE,
)


class QueryError(Exception):
    """The query cannot be read; HEPData answers with this text and status 200."""


def rewrite(query: str) -> str:
    """The query as HEPData hands it to OpenSearch."""
    query = query.replace("publication_recid", "recid")
    rewritten = query
    for part in map(str.strip, re.split("AND|OR", query)):
        name, colon, value = part.partition(":")
        new = f"{ALIASES.get(name, name)}:{_quoted(value)}" if colon else _quoted(part)
        if part:
            rewritten = rewritten.replace(part, new)
    return rewritten


def _quoted(phrase: str) -> str:
    if '"' not in phrase and re.fullmatch(r".*-->.*|[\w.]+/[\w.]+", phrase):
        return f'"{phrase}"'
    return phrase


def parse(query: str) -> Matches:
    """What tells whether a document matches the rewritten query.

    Raises:
        QueryError: if OpenSearch would not understand it.
    """
    if not query.strip():
        return lambda document: True
    tokens, position = [], 0
    text = query.rstrip()
    while position < len(text):
        found = TOKEN.match(text, position)
        if found is None:
            raise QueryError(f"Failed to parse query [{query}]")
        tokens.append(found)
        position = found.end()
    matches, rest = _clauses(tokens, 0, None, query)
    if rest != len(tokens):
        raise QueryError(f"Failed to parse query [{query}]")
    return matches


def _clauses(tokens: list[re.Match[str]], at: int, field: str | None, query: str) -> tuple[Matches, int]:
    """Clauses up to the closing parenthesis: those that must match, those that may, those that must not."""
    clauses: list[list[Any]] = []
    joined, sign = "", ""
    while at < len(tokens) and not tokens[at]["close"]:
        token = tokens[at]
        if operator := token["operator"]:
            if operator == "NOT":
                sign = "-"
            elif joined or sign or not clauses:
                raise QueryError(f"Failed to parse query [{query}]")
            else:
                joined = {"&&": "AND", "||": "OR"}.get(operator, operator)
            at += 1
            continue
        if modifier := token["modifier"]:
            sign = "-" if modifier in "-!" else "+"
            at += 1
            continue
        matches, at = _clause(tokens, at, field, query)
        if joined == "AND" and clauses and clauses[-1][0] == "may":
            clauses[-1][0] = "must"
        kind = "not" if sign == "-" else "must" if sign == "+" or joined == "AND" else "may"
        clauses.append([kind, matches])
        joined = sign = ""
    if joined or sign or not clauses:
        raise QueryError(f"Failed to parse query [{query}]")
    must = [matches for kind, matches in clauses if kind == "must"]
    may = [matches for kind, matches in clauses if kind == "may"]
    never = [matches for kind, matches in clauses if kind == "not"]

    def all_of(document: Document) -> bool:
        if any(matches(document) for matches in never):
            return False
        if must:
            return all(matches(document) for matches in must)
        return not may or any(matches(document) for matches in may)

    return all_of, at


def _clause(tokens: list[re.Match[str]], at: int, field: str | None, query: str) -> tuple[Matches, int]:
    token = tokens[at]
    if token["field"]:
        following = tokens[at + 1] if at + 1 < len(tokens) else None
        if following is None or not any(following[kind] for kind in ("open", "phrase", "range", "term")):
            raise QueryError(f"Failed to parse query [{query}]")
        return _clause(tokens, at + 1, token["field"].replace("\\", ""), query)
    if token["open"]:
        matches, at = _clauses(tokens, at + 1, field, query)
        if at >= len(tokens):
            raise QueryError(f"Failed to parse query [{query}]")
        return matches, at + 1
    if token["phrase"]:
        words = _words(token["phrase"][1:-1].replace("\\", ""))
        return (lambda document: _has_phrase(document, field, words)), at + 1
    if token["range"]:
        return _range(token["range"], field), at + 1
    return _term(re.sub(r"\\(.)", r"\1", token["term"]), field, fuzzy=token["fuzzy"] is not None), at + 1


def _term(term: str, field: str | None, *, fuzzy: bool) -> Matches:
    if term == "*":
        return lambda document: field is None or bool(list(_values(document, field)))
    if "*" in term or "?" in term:
        pattern = re.compile("".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in term.lower()))
        return lambda document: any(
            pattern.fullmatch(word) for value in _values(document, field) for word in _words(str(value))
        )
    words = _words(term)
    if fuzzy and len(words) == 1:
        return lambda document: any(
            _near(words[0], word) for value in _values(document, field) for word in _words(str(value))
        )
    return lambda document: _has_phrase(document, field, words)


def _near(wanted: str, word: str) -> bool:
    """Within the edit distance that ``AUTO`` allows."""
    allowed = 0 if len(wanted) < 3 else 1 if len(wanted) < 6 else 2
    row = list(range(len(word) + 1))
    for i, a in enumerate(wanted, 1):
        row, before = [i], row
        for j, b in enumerate(word, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (a != b)))
    return row[-1] <= allowed


def _range(text: str, field: str | None) -> Matches:
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


def _words(text: str) -> list[str]:
    """As the standard analyser: lower case; ``1909.09226`` is one word, ``SUSY-2019-08`` are three."""
    return [word.lower() for word in WORD.findall(text)]


def _has_phrase(document: Document, field: str | None, words: list[str]) -> bool:
    if not words:
        return False
    for value in _values(document, field):
        if isinstance(value, float) and len(words) == 1 and re.fullmatch(r"[\d.]+", words[0]):
            if float(words[0]) == value:
                return True
            continue
        there = _words(str(value))
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
