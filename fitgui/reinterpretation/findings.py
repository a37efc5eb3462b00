"""How findings are worded: made in one place, so that all of them look the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fitgui.reinterpretation.model import Finding

NAMED: Final = 4
"""Names that a sentence tells."""
_IMPORTANCE: Final = (
    ("left-out", "bins", "not-a-number", "negative-uncertainty", "other-analysis", "unmapped", "missing"),
    ("order", "units", "magnitude", "luminosity"),
    ("negative", "zero", "doubled", "proposed", "sides", "fractions", "large-uncertainty", "no-effect"),
    ("unused", "patch-changes"),
    ("no-uncertainty", "few-simulated", "cross-section"),
    ("few-events", "bound", "scale", "outside-grid"),
    ("contamination",),
)
"""Codes, those first that make an answer wrong; others come after them."""
_STAYS_OR_GOES: Final = (
    "kept-without-signal",
    "kept",
    "published-drop",
    "lost-control",
    "lost-signal",
    "lost-constraint",
    "correlated",
    "fixed",
    "listed",
    "elsewhere",
    "ignored",
    "zeros",
)
"""What was chosen, or stands beside it anyhow: last."""
_RANKS: Final = {
    **{code: rank for rank, codes in enumerate(_IMPORTANCE) for code in codes},
    **{code: len(_IMPORTANCE) + 1 + number for number, code in enumerate(_STAYS_OR_GOES)},
}


def severe(code: str, sentence: str) -> Finding:
    """What forbids to fit anything until it is mended or confirmed.

    Args:
        code: for the program (:attr:`Finding.code`).
        sentence: what is wrong, where, what to do; it ends in a full stop if it ends in nothing yet.
    """
    return Finding(severe=True, sentence=_ended(sentence), code=code)


def note(code: str, sentence: str) -> Finding:
    """What one should know; arguments as of :func:`severe`."""
    return Finding(severe=False, sentence=_ended(sentence), code=code)


def by_importance(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """What forbids to fit first, then doubts about the numbers, and last what stays in the fit or goes.

    Args:
        findings: of whatever was looked at; equally important ones keep their order.
    """
    return tuple(sorted(findings, key=lambda one: (not one.severe, _RANKS.get(one.code, len(_IMPORTANCE)))))


def few(names: Iterable[str], most: int = NAMED) -> str:
    """Names with commas between them: all of them, or the first and how many more there are.

    Args:
        names: in their order.
        most: so many are told at most, the last of them as ``and 3 more``.
    """
    listed = list(names)
    if len(listed) <= most:
        return ", ".join(listed)
    return f"{', '.join(listed[: most - 1])} and {len(listed) - most + 1} more"


def all_of(names: Iterable[str]) -> str:
    """All names, as the subject of a sentence: ``a, b and c``."""
    listed = list(names)
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}"


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."
