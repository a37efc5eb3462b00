r"""Titles and abstracts as plain text: HEPData gives them with LaTeX, some with MathML.

Sub- and superscripts become Unicode's own where these exist for all of their characters and the script is
short (``\tilde{\chi}^0_1`` is ``χ̃⁰₁``); others keep their mark (``E_T^miss``), as physicists type them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from html import unescape

LONGEST_SCRIPT = 3
DEEPEST = 60
"""Groups within groups beyond this are left out: they come from strangers."""
GREEK = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon"
SYMBOLS = {
    "to": " → ",
    "rightarrow": " → ",
    "longrightarrow": " → ",
    "leftarrow": " ← ",
    "leftrightarrow": " ↔ ",
    "ell": "ℓ",
    "hbar": "ħ",
    "pm": "±",
    "mp": "∓",
    "times": "×",
    "cdot": "·",
    "sim": "~",
    "simeq": "≃",
    "approx": "≈",
    "le": "≤",
    "leq": "≤",
    "ge": "≥",
    "geq": "≥",
    "ll": "≪",
    "gg": "≫",
    "neq": "≠",
    "infty": "∞",
    "prime": "′",
    "dagger": "†",
    "circ": "°",
    "degree": "°",
    "ldots": "…",
    "dots": "…",
    "cdots": "…",
    "langle": "⟨",
    "rangle": "⟩",
    "varepsilon": "ε",
    "varphi": "φ",
    "vartheta": "ϑ",
    "slash": "/",
    "quad": " ",
    "qquad": " ",
}
ACCENTS = {
    "bar": "\N{COMBINING MACRON}",
    "overline": "\N{COMBINING MACRON}",
    "tilde": "\N{COMBINING TILDE}",
    "widetilde": "\N{COMBINING TILDE}",
    "hat": "\N{COMBINING CIRCUMFLEX ACCENT}",
    "widehat": "\N{COMBINING CIRCUMFLEX ACCENT}",
    "vec": "\N{COMBINING RIGHT ARROW ABOVE}",
    "dot": "\N{COMBINING DOT ABOVE}",
}
for _letter in [*GREEK.split(), "phi", "chi", "psi", "omega"]:
    _name = _letter.replace("lambda", "lamda").upper()
    SYMBOLS[_letter] = unicodedata.lookup(f"GREEK SMALL LETTER {_name}")
    SYMBOLS[_letter.capitalize()] = unicodedata.lookup(f"GREEK CAPITAL LETTER {_name}")
ABOVE = dict(zip("0123456789+-−=()ni*±′", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ*±′", strict=True))
BELOW = dict(
    zip("0123456789+-−=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True)
)
WITH_ARGUMENT = frozenset({"textsuperscript", "textsubscript", "sqrt"})
FRACTIONS = frozenset({"frac", "tfrac", "dfrac"})
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:]*)[^<>]*>")
_TOKEN = re.compile(r"\\[a-zA-Z]+\s*|\\.|.", re.DOTALL)
_MARKED_UP = re.compile(r"[$\\{}<&~^]")


@lru_cache(maxsize=4096)
def readable(text: str) -> str:
    """``text`` without mark-up, its mathematics in Unicode; whatever is not understood stays as it is."""
    if _MARKED_UP.search(text):
        text = _Reader(_without_tags(unescape(text))).read()
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _without_tags(text: str) -> str:
    """HTML and MathML: sub- and superscripts become LaTeX, other tags leave their text."""
    scripts = {"sub": r"\textsubscript{", "sup": r"\textsuperscript{"}

    def mark(found: re.Match[str]) -> str:
        opening = scripts.get(found[2].casefold().split(":")[-1])
        if opening is None:
            return ""
        return "}" if found[1] else opening

    return _TAG.sub(mark, text)


class _Reader:
    """Reads LaTeX from left to right; a missing brace ends with the text."""

    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.findall(text)
        self._at = 0
        self._in_mathematics = False
        self._depth = 0

    def read(self) -> str:
        """Everything up to the closing brace of this group, or to the end."""
        parts: list[str] = []
        while self._at < len(self._tokens):
            sign = self._take()
            if sign == "}":
                break
            parts.append(self._meaning(sign))
        return "".join(parts)

    def _take(self) -> str:
        sign: str = self._tokens[self._at]
        self._at += 1
        return sign

    def _meaning(self, sign: str) -> str:
        self._depth += 1
        try:
            return self._meaning_at_depth(sign) if self._depth <= DEEPEST else ""
        finally:
            self._depth -= 1

    def _meaning_at_depth(self, sign: str) -> str:
        if sign == "{":
            return self.read()
        if sign == "$":
            self._in_mathematics = not self._in_mathematics
            return ""
        if sign in "^_" and (self._in_mathematics or self._next() == "{"):
            return _script(sign, self._argument())
        if sign == "~":
            return " "
        if sign.startswith("\\") and len(sign) > 1:
            return self._command(sign[1:])
        return sign

    def _command(self, name_and_space: str) -> str:
        name = name_and_space.rstrip()
        if name in SYMBOLS:
            # Within mathematics a space after a command means nothing.
            return SYMBOLS[name] + (name_and_space[len(name) :] if not self._in_mathematics else "")
        if name in ACCENTS or name in WITH_ARGUMENT:
            return _applied(name, self._argument())
        if name in FRACTIONS:
            return f"{self._argument()}/{self._argument()}"
        if len(name) == 1 and not name.isalpha():
            return " " if name in ",;: !" else name
        return ""  # a command about fonts: its argument is a group that follows

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _argument(self) -> str:
        """A group or the next sign."""
        while self._next().isspace():
            self._at += 1
        if self._next() in ("", "$", "}"):
            return ""
        return self._meaning(self._take())


def _applied(command: str, content: str) -> str:
    if command in ACCENTS:
        return content[:1] + ACCENTS[command] + content[1:] if content else ""
    if command == "sqrt":
        return f"√{content}" if len(content) == 1 else f"√({content})"
    return _script("^" if command == "textsuperscript" else "_", content)


def _script(mark: str, content: str) -> str:
    table = ABOVE if mark == "^" else BELOW
    content = content.strip()
    if 0 < len(content) <= LONGEST_SCRIPT and all(character in table for character in content):
        return "".join(table[character] for character in content)
    return f"{mark}{content}" if content else ""
