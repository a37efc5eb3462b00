"""Texts made comparable: ``SUSY-2019-08`` and ``susy201908``; a stau in LaTeX, in Unicode and as a word."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

_GREEK = {c: unicodedata.name(c).split()[-1].lower() for c in "αβγδεζηθικμνξοπρσςτυφχψω"} | {"λ": "lambda"}
_OTHERS = {"√": "sqrt", "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "æ": "ae", "œ": "oe", "ı": "i"}
_SIGNS = {
    "→": "->",
    "←": "<-",
    "↔": "<->",
    "⇒": "=>",
    "±": "+-",
    "∓": "-+",
    "−": "-",
    "–": "-",
    "—": "-",
    "‐": "-",
}
_SIGNS |= {
    "×": "*",
    "·": "*",
    "⁄": "/",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "≥": ">=",
    "≤": "<=",
    "≈": "~",
}
_PLAIN = str.maketrans(_GREEK | _OTHERS | _SIGNS)

_LATEX = re.compile(r"\\(?:([A-Za-z]+)\s*|(.))", re.DOTALL)
_LATEX_NAMES = {"ell": "l", "pm": "+-", "mp": "-+", "hbar": "h", "varepsilon": "epsilon", "varphi": "phi"}
_LATEX_NAMES |= dict.fromkeys(
    ("to", "rightarrow", "longrightarrow", "leftrightarrow", "times", "cdot", "quad", "qquad"), " "
)
_LATEX_LOOKS = re.compile(
    "(wide)?(tilde|hat)|bar|overline|vec|text(rm|it|bf|sc|style)?|math(rm|it|bf|cal|sf|bb)|rm|it|bf|sf|em|emph"
    "|left|right|[bB]igg?|ensuremath|[mh]box|boldsymbol|(display|script)style|kern|limits|operatorname|not"
)
"""Commands that say how something looks: nothing to search for."""

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_SIGN = re.compile(r"[^\w\s]|_")
_ASCII_SIGNS = {code: " " for code in range(128) if not chr(code).isalnum()}
_DIGITS_AND_WORD = re.compile(r"(?<![^\s])(\d{1,3}) ([^\W\d_]\w*)")
_TILDE = re.compile(
    r"\\(?:wide)?tilde\s*\{?\s*\\?([A-Za-z]+)\s*\}?((?:\s*[_^]\{?\s*\\?\w+\}?)*)|(\w)\u0303(\S*)"
)
_SUB_AND_SUPER = re.compile(
    r"(_(?:\{[^{}]*\}|\\?\w))\s*(\^(?:\{[^{}]*\}|\\[A-Za-z]+|\w))"
    r"|(\^(?:\{[^{}]*\}|\\[A-Za-z]+|\w))\s*(_(?:\{[^{}]*\}|\\?\w))"
    r"|([⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻±]+)([₀₁₂₃₄₅₆₇₈₉]+)|([₀₁₂₃₄₅₆₇₈₉]+)([⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻±]+)"
)
_SUPERPARTNERS = {
    "tau": "stau", "τ": "stau", "t": "stop", "b": "sbottom", "q": "squark", "g": "gluino", "ell": "slepton",
    "ℓ": "slepton", "l": "slepton", "e": "selectron", "mu": "smuon", "μ": "smuon", "nu": "sneutrino",
    "ν": "sneutrino", "G": "gravitino",
}  # fmt: skip
_ADDRESS = re.compile(
    r"^(?:https?://)?(?:www\.|dx\.)?(?:doi\.org/|arxiv\.org/(?:abs|pdf)/|inspirehep\.net/(?:literature|record)/"
    r"|hepdata\.net/record/)",
    re.IGNORECASE,
)
_ARXIV_VERSION = re.compile(r"^((?:arxiv:)?\d{4}\.\d{4,5})v\d*$", re.IGNORECASE)
_RECORD_VERSION = re.compile(r"^(.*hepdata\.\d+)\..*$", re.IGNORECASE)


class QueryWord(NamedTuple):
    """One word to look for."""

    whole: str
    """Without signs: ``susy201908``."""
    parts: tuple[str, ...] = ()
    """Instead of the whole all of these may occur, in any place: ``b`` and ``jets`` for ``b-jets``."""


def fold(text: str) -> str:
    """One way of writing for what reads the same; signs stay, words are parted by single blanks.

    Case, accents, sub- and superscripts vanish, Greek letters become their names, LaTeX commands what they
    stand for. Folding twice changes nothing.
    """
    if not text.isascii():
        text = _BEYOND_ASCII.sub(_without_marks, text)
    if "\\" in text:
        text = _LATEX.sub(_latex, text)
    if not text.isascii():
        text = _BEYOND_ASCII.sub(_spelt, text)
    return " ".join(text.casefold().split())


def tokens(text: str) -> set[str]:
    """Every word that a text can be found by, each of letters and digits only.

    ``SUSY-2019-08`` gives its parts and ``susy201908``; ``3 leptons`` gives also ``3leptons``; what stands
    under a tilde in LaTeX or Unicode also gives the superpartner's name; what has indices gives both orders.
    """
    folded = fold(text)
    found = _tokens(folded)
    if "\\" in text or "^" in text or not text.isascii():
        for variant in _variants(text):
            found |= _tokens(fold(variant))
    return found


def query_words(text: str) -> list[QueryWord]:
    """What was typed, as words to look for; each once, in their order."""
    found: dict[QueryWord, None] = {}
    for word in text.split():
        for folded in fold(_shortened(word)).split():
            parts = tuple(_SIGN.sub(" ", folded).split())
            if parts:
                loose = len(parts) > 1 and all(part.isalpha() for part in parts)
                found[QueryWord("".join(parts), parts if loose else ())] = None
    return list(found)


def _tokens(folded: str) -> set[str]:
    parted = folded.translate(_ASCII_SIGNS) if folded.isascii() else _SIGN.sub(" ", folded)
    found = set(parted.split())
    for word in folded.split(" "):
        if not word.isalnum():
            found.add(_SIGN.sub("", word))
    if _DIGITS_AND_WORD.search(folded):
        found.update(digits + word for digits, word in _DIGITS_AND_WORD.findall(folded))
    found.discard("")
    return found


def _shortened(word: str) -> str:
    """What in a pasted address or number names the paper or the record, whatever its version."""
    word = _ADDRESS.sub("", word)
    if "://" in word:
        word = word.partition("://")[2]
    word = word.partition("?")[0]
    word = _ARXIV_VERSION.sub(r"\1", word)
    return _RECORD_VERSION.sub(r"\1", word)


def _without_marks(match: re.Match[str]) -> str:
    return _plain(match[0])


def _spelt(match: re.Match[str]) -> str:
    return _plain(match[0].casefold()).translate(_PLAIN)


@lru_cache(maxsize=10_000)
def _plain(text: str) -> str:
    """Compatible letters for all that has some, without combining marks."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _latex(match: re.Match[str]) -> str:
    name, sign = match.groups()
    if name is None:
        return " " if sign in ",;:! \\" else sign
    if _LATEX_LOOKS.fullmatch(name):
        return ""
    return _LATEX_NAMES.get(name, name)


def _variants(text: str) -> list[str]:
    """The same in other words: names of superpartners, indices in the other order, ``lv`` for ``ℓν``."""
    decomposed = unicodedata.normalize("NFD", text)
    found = [_superpartner(match) for match in _TILDE.finditer(decomposed)]
    for word in text.split():
        if ("_" in word and "^" in word) or not word.isascii():
            others = (_SUB_AND_SUPER.sub(_swapped, word), word.replace("ν", "v"))
            found += [other for other in others if other != word]
    return found


def _superpartner(match: re.Match[str]) -> str:
    letter, indices = match[1] or match[3], match[2] or match[4] or ""
    if letter in ("chi", "χ"):
        if "0" in indices or "⁰" in indices:
            return "neutralino"
        return "chargino" if re.search(r"pm|mp|[±∓+⁺⁻-]", indices) else "electroweakino"
    return _SUPERPARTNERS.get(letter, "")


def _swapped(match: re.Match[str]) -> str:
    first, second = (group for group in match.groups() if group is not None)
    return second + first
