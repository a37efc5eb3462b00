"""What the directions of an uncertainty are called in headings: ``up`` and ``down``, ``hi`` and ``lo`` ..."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_UP = ("up", "1up", "up1", "hi", "high", "upper", "plus", "+", "+1", "+1sigma")
_DOWN = ("down", "dn", "dw", "1down", "down1", "1dn", "lo", "low", "lower")
_MINUS = ("minus", "-", "−", "-1", "-1sigma")
_SIDES = dict.fromkeys(_UP, "up") | dict.fromkeys((*_DOWN, *_MINUS), "down")
"""What the two directions of an uncertainty are called."""
_WITH_SIDE = re.compile(
    r"(?P<name>[^:]+?)[\s_]+(?P<side>1?up|1?down|1?dn|hi|lo|plus|minus)(?P<rest>:.*)?", re.IGNORECASE
)
"""``JES_up``, ``JES__1up``."""


@dataclass(frozen=True, slots=True)
class Direction:
    """What a name of an uncertainty says."""

    name: str
    side: str
    """``up`` or ``down``."""
    region: str
    """Behind a colon; empty where there is none."""


def side_of(word: str) -> str:
    """``up`` or ``down``, however it is called; empty if a word is no direction."""
    return _SIDES.get(word.lower(), "")


def directions_in(names: Mapping[int, str]) -> dict[int, Direction]:
    """Names of uncertainties that hold a direction, where the other one is there, too.

    One alone is left out: ``pile_up`` has no direction.

    Args:
        names: of uncertainties by column, with the region behind a colon where they are for one.
    """
    found = {
        key: Direction(match["name"], side_of(match["side"]), (match["rest"] or "")[1:].strip())
        for key, name in names.items()
        if (match := _WITH_SIDE.fullmatch(name)) is not None
    }
    there: dict[tuple[str, str], set[str]] = {}
    for each in found.values():
        there.setdefault((each.name, each.region), set()).add(each.side)
    return {key: each for key, each in found.items() if len(there[each.name, each.region]) > 1}
