"""What ``fitgui reinterpret`` was asked for: units, regions, channels, and what the user says is right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fitgui.cli.errors import CommandUsageError, unknown
from fitgui.reinterpretation.model import SignalError, Treatment

ACCEPTABLE: Mapping[str, str] = {
    "proposed": "regions whose bins were found by likeness of names",
    "order": "regions that are placed by their order, or yields that look as if in another one",
    "doubled": "several regions in a bin, or one in several",
    "negative": "yields below zero",
    "magnitude": "far more or fewer events than any published signal",
    "units": "yields that look as if in another unit",
    "luminosity": "yields for another luminosity",
    "other-analysis": "a file that speaks of another analysis",
    "zero": "points without any event",
    "sides": "uncertainties that change the yields the same way in both directions",
}
"""What can be confirmed with ``--accept``, by the code of the finding."""
_MISSING = {"zero": Treatment.KEEP, "drop": Treatment.DROP}
_LARGEST_UNCERTAINTY = 10.0
"""In parts of the yields: more is a mistake in the unit."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How yields are to be understood and used."""

    tool: str | None
    of: str | None
    analysis: str | None
    measurement: str | None
    cross_section_fb: float | None
    luminosity_fb: float | None
    map_file: Path | None
    ignored: tuple[str, ...]
    """Regions, or patterns of them."""
    accepted: frozenset[str]
    missing: Treatment | None
    """What becomes of signal regions without yields."""
    treatments: Mapping[str, Treatment]
    """Of channels that were named."""
    uncertainty: float | None
    """In parts of the yields, of signals that have none."""
    scale: float
    with_luminosity: bool


def asked_of(chosen: Mapping[str, Any]) -> Asked:
    """What was typed.

    Raises:
        CommandUsageError: if it does not fit together, or a number lacks its unit.
    """
    for code in chosen["accept"]:
        if code not in ACCEPTABLE:
            raise CommandUsageError(
                f"--accept {code}: there is no such finding that could be accepted, choose one of "
                f"{', '.join(ACCEPTABLE)}"
            )
    both = sorted(set(chosen["drop"]) & set(chosen["keep"]))
    if both:
        raise CommandUsageError(f"--drop and --keep contradict each other about {both[0]}: leave one out")
    treatments = dict.fromkeys(chosen["keep"], Treatment.KEEP) | dict.fromkeys(chosen["drop"], Treatment.DROP)
    return Asked(
        tool=_tool(chosen["tool"]),
        of=chosen["of"],
        analysis=chosen["analysis"],
        measurement=chosen["measurement"],
        cross_section_fb=_with_unit("--cross-section", chosen["cross_section"]),
        luminosity_fb=_with_unit("--luminosity", chosen["luminosity"]),
        map_file=chosen["map_file"],
        ignored=chosen["ignore"],
        accepted=frozenset(chosen["accept"]),
        missing=_MISSING[chosen["missing"]] if chosen["missing"] else None,
        treatments=treatments,
        uncertainty=_part(chosen["signal_uncertainty"]),
        scale=chosen["scale"],
        with_luminosity=not chosen["no_luminosity_uncertainty"],
    )


def _tool(name: str | None) -> str | None:
    from fitgui.reinterpretation.reading import TOOLS  # noqa: PLC0415 -- only where one is named

    if name is not None and name not in TOOLS:
        raise unknown("format", name, TOOLS)
    return name


def _with_unit(option: str, text: str | None) -> float | None:
    """In fb or 1/fb."""
    if text is None:
        return None
    from fitgui.reinterpretation import units  # noqa: PLC0415 -- only where one is given

    read: Callable[[str], float] = units.cross_section if "section" in option else units.luminosity
    try:
        return read(text)
    except SignalError as error:
        raise CommandUsageError(f"{option}: {error}") from error


def _part(text: str | None) -> float | None:
    """``22%`` as 0.22; a unit is asked for, as 22 and 0.22 would both be guesses without one."""
    if text is None:
        return None
    number = text.strip().removesuffix("%").strip()
    try:
        value = float(number) / 100.0
    except ValueError:
        value = -1.0
    if not text.strip().endswith("%") or not 0.0 < value <= _LARGEST_UNCERTAINTY:
        raise CommandUsageError(
            f"--signal-uncertainty {text} is no part of the yields above zero: give it in percent, as in 22%"
        )
    return value
