"""The search of HEPData as far as it matters: OpenSearch's query strings over documents held in memory.

First the query is rewritten as HEPData does it: its query parser splits the text at every ``AND`` and
``OR`` and replaces a field only where a part begins with it. Then it is read as Lucene's classic query
parser reads it: a space means OR, unless ``AND``, ``OR``, ``NOT``, ``+`` or ``-`` say otherwise.
"""

from __future__ import annotations

import re
from typing import Any

from tests.hepdata.matching import Document, Matches, has_phrase, in_range, term, words_of

ALIASES = {
    **{name: f"data_keywords.{name}" for name in ("observables", "cmenergies", "phrases", "reactions")},
    "analysis": "analyses.type",
    "resources": "resources.description",
    "publication_recid": "recid",
}
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
        words = words_of(token["phrase"][1:-1].replace("\\", ""))
        return (lambda document: has_phrase(document, field, words)), at + 1
    if token["range"]:
        return in_range(token["range"], field), at + 1
    return term(re.sub(r"\\(.)", r"\1", token["term"]), field, fuzzy=token["fuzzy"] is not None), at + 1
