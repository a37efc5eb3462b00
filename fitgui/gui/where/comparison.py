"""What a worker reported, beside this machine; no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fitgui_backends.contract import Health

OURS = "fitgui-backends"
LIBRARIES = (OURS, "pyhf", "numpy", "scipy", "iminuit", "jax")
ABSENT = ("", "none", "not installed", "missing", "-", "–")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was reported."""

    what: str
    there: str
    here: str
    """Empty where it says nothing of this machine."""
    verdict: str
    """Icon and word; empty where there is nothing to compare."""


def version_of(details: Mapping[str, str], name: str) -> str | None:
    """The version of a library as it was reported; ``None`` where it is not installed, or nothing is said."""
    value = _told(details, name)
    return None if value.strip().casefold() in ABSENT else value


def lacks(details: Mapping[str, str], name: str) -> bool:
    """Whether it was reported that a library is not installed."""
    value = _told(details, name).strip().casefold()
    return bool(value) and value in ABSENT


def _told(details: Mapping[str, str], name: str) -> str:
    return next((text for key, text in details.items() if key.casefold() == name.casefold()), "")


def engines_there(worker: Health | None) -> frozenset[str] | None:
    """The engines that can run where a worker reported from; ``None`` where nothing is known."""
    if worker is None or not worker.ready or not worker.details:
        return None
    needed = {"pyhf": "pyhf", "newton": OURS}
    return frozenset(name for name, library in needed.items() if not lacks(worker.details, library))


def summary(worker: Health, here: Mapping[str, str]) -> list[tuple[str, str]]:
    """What it comes to: sentences with their level (``good``, ``warning`` or ``error``)."""
    engines = engines_there(worker)
    if engines is None:
        return [("warning", "⚠ The worker did not say what is installed there.")]
    if not engines:
        return [("error", "✗ Neither fitgui-backends nor pyhf is installed there: nothing can be fitted.")]
    said = []
    if engines == {"pyhf"}:
        said.append(
            ("warning", "⚠ fitgui-backends is not installed there: newton cannot run there, pyhf can.")
        )
    elif engines == {"newton"}:
        said.append(("warning", "⚠ pyhf is not installed there: only newton can run there."))
    else:
        said.append(("good", "✓ newton and pyhf can run there."))
    for name in (OURS, "pyhf"):
        there, ours = version_of(worker.details, name), version_of(here, name)
        if there is not None and ours is not None and there != ours:
            said.append(
                ("warning", f"⚠ {name} is {there} there and {ours} here: numbers may differ slightly.")
            )
    return said


def lines(worker: Mapping[str, str], here: Mapping[str, str]) -> list[Line]:
    """Everything that was reported, versions first, each beside what this machine has."""
    known = {key.casefold(): key for key in worker}
    first = [known[name.casefold()] for name in ("python", *LIBRARIES) if name.casefold() in known]
    found = [_line(key, worker[key], here) for key in first]
    found += [_line(key, value, here) for key, value in worker.items() if key not in first]
    return found


def _line(name: str, value: str, here: Mapping[str, str]) -> Line:
    ours = _told(here, name)
    lowered = name.casefold()
    if lowered in LIBRARIES:
        there = version_of({name: value}, name)
        if there is None:
            return Line(name, "not installed", ours, "✗ missing" if ours else "")
        differs = "⚠ differs" if lowered in (OURS, "pyhf") else "· differs"
        verdict = "" if not ours else "✓ same" if there == ours else differs
        return Line(name, there, ours, verdict)
    if lowered == "python":
        return Line(name, value, ours, "✓ same" if value == ours else "· may differ")
    return Line(name, value, ours, "")
