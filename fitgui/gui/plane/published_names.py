"""What a published contour is, told by its names: observed or expected, the contour or a variation of it.

Tables of HEPData carry no other mark. A contour moved by a standard deviation, experimental or of the theory,
must never be taken for the limit itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from fitgui.exclusion.model import Surface

_PLAIN = (
    (re.compile(r"\\(?:text|math)(?:rm|it|bf|sf)?\b|[${}\\]"), ""),
    (re.compile(r"\+\s*/\s*-|\+-|\bpm(?=\s*\d)"), "±"),
    (re.compile(r"[−–—]"), "-"),
    (re.compile(r"σ|\bst(?:d|andard)\.?[\s_]*dev(?:iation)?s?\b\.?|(?<![a-z])s\.?d\.?(?![a-z])"), " sigma "),
    (re.compile(r"\bplus\b"), "+"),
    (re.compile(r"\bminus\b"), "-"),
    (re.compile(r"\bone\b"), "1"),
    (re.compile(r"\btwo\b"), "2"),
)
_SIDE = r"up(?:ward|per)?|down(?:ward)?|low(?:er)?|high(?:er)?"
_SIGMA = re.compile(
    r"(?P<sign>[±+-])?\s*\(?(?P<count>\d(?:\.\d)?)?[\s*_-]*sig(?:ma)?(?![a-z])"
    rf"(?:[\s_(,-]*(?P<after>{_SIDE})(?![a-z]))?"
)
_BEFORE = re.compile(rf"(?<![a-z])(?P<side>{_SIDE})[\s_(,-]*$")
_SHORT = re.compile(
    r"(?:exp|obs)(?:ected|erved)?[\s_.]*(?P<sign>[pm+-])(?P<count>[12])(?:s(?:ig(?:ma)?)?)?(?:[\s)]*$|_)"
)
_ASIDE = re.compile(
    r"(?:^|[\s_(,-]|(?<=exp)|(?<=obs))(?P<side>up|down)(?:ward)?"
    r"(?:[\s_]+(?:variation|error|contour|edge|band))?[\s_)\]]*$"
    r"|(?<![a-z])(?P<edge>up(?:per)?|down|low(?:er)?)[\s_](?:variation|error|edge|band|uncertainty)"
)
_EXPECTED = re.compile(r"exp(?:ected|(?![a-z])|(?=up|down|[pm]\d))")
_OBSERVED = re.compile(r"obs(?:erved|(?![a-z])|(?=up|down|[pm]\d))")
_THEORY = re.compile(r"theor|susy|(?<![a-z])th(?![a-z])|cross[\s-]?section|xsec")


@dataclass(frozen=True, slots=True)
class ContourKind:
    """What a contour is."""

    surface: Surface
    """Observed or expected; a contour whose names tell nothing counts as observed."""
    variation: str = ""
    """``+1σ``, ``-1σ theory``, ``up``; empty for the contour itself."""

    @property
    def name(self) -> str:
        """``expected +1σ``."""
        return f"{self.surface.value} {self.variation}".strip()


def kind_of_names(names: Iterable[str]) -> ContourKind:
    """What a contour is, told by all that it is called.

    Args:
        names: the most telling first, such as the header of a column before the title of its table.
    """
    surface: Surface | None = None
    variation: str | None = None
    for name in names:
        text = _plain(name)
        expected, observed = bool(_EXPECTED.search(text)), bool(_OBSERVED.search(text))
        found = _variation(text)
        if variation is None and (found or expected or observed):
            variation = found
        if surface is None and expected != observed:
            surface = Surface.EXPECTED if expected else Surface.OBSERVED
    return ContourKind(surface or Surface.OBSERVED, variation or "")


def _plain(name: str) -> str:
    text = name.casefold().replace("\\pm", "±").replace("\\sigma", " sigma ")
    for pattern, instead in _PLAIN:
        text = pattern.sub(instead, text)
    return text


def _variation(text: str) -> str:
    theory = " theory" if _THEORY.search(text) else ""
    if (short := _SHORT.search(text)) is not None:
        sign = short["sign"].replace("p", "+").replace("m", "-")
        return f"{sign}{short['count']}σ{theory}"
    for match in _SIGMA.finditer(text):
        before = _BEFORE.search(text[: match.start()])
        side = match["after"] or (before["side"] if before is not None else "")
        sign = match["sign"] or ("" if not side else "+" if side.startswith(("up", "high")) else "-")
        if sign or match["count"]:  # sigma alone is a cross-section
            return f"{sign}{match['count'] or 1}σ{theory}"
    if (aside := _ASIDE.search(text)) is not None:
        side = aside["side"] or aside["edge"]
        return ("up" if side.startswith("up") else "down") + theory
    return ""
