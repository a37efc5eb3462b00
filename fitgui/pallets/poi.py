"""Whether there is a signal strength to test, found without reading a patch."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fitgui.pallets.model import Analysis, SignalPoint
from fitgui_backends.histfactory.summary import modifiers, poi_name

_BOUNDS = (0.0, 10.0)
"""Of a normfactor that a measurement says nothing about, as pyhf defines them."""


def poi_problem(analysis: Analysis, points: Iterable[SignalPoint], measurement: str | None) -> str | None:
    """Why no point of a measurement can be tested, as far as that is known without fitting.

    Patches of tens of megabytes are not unpacked: that the parameter of interest stands nowhere in their
    bytes is enough to refuse all points at once. A single point that lacks it fails by itself, with its own
    sentence.

    Args:
        analysis: the workspace.
        points: that are to be fitted; the workspace alone where there are none.
        measurement: defines the parameter of interest; ``None`` takes the first.

    Returns:
        One sentence, or ``None`` where nothing is wrong.
    """
    name = measurement or next(iter(analysis.measurements), None)
    patches = [point.operations for point in points]
    if any(b'"measurements"' in patch or b"/measurements" in patch for patch in patches):
        return None  # a patch may name another one
    poi = poi_name(analysis.workspace, name)
    if poi is None:
        return (
            f"Measurement {name} of analysis {analysis.name} names no parameter of interest (its poi is "
            f"empty), so there is no signal strength to test{_others(analysis, name)}."
        )
    if any(modifier["name"] == poi for _, _, modifier in modifiers(analysis.workspace)):
        return None
    written = json.dumps(poi, ensure_ascii=False).encode("utf-8", "surrogatepass")
    # What has escapes may spell it in another way.
    if any(written in patch or b"\\" in patch for patch in patches):
        return None
    where = "the background or of a chosen signal point" if patches else "the workspace"
    return (
        f"The parameter of interest {poi} of measurement {name} of analysis {analysis.name} is in no "
        f"modifier of {where}, so there is no signal strength to test{_others(analysis, name)}."
    )


def outside_bounds(analysis: Analysis, point: SignalPoint, measurement: str | None, mu: float) -> str | None:
    """Why a signal strength cannot be tested: it is outside the bounds of the parameter of interest.

    Args:
        analysis: the workspace.
        point: that is to be fitted.
        measurement: defines the parameter of interest; ``None`` takes the first.
        mu: the signal strength.

    Returns:
        The end of a sentence, or ``None`` where nothing is wrong.
    """
    name = measurement or next(iter(analysis.measurements), None)
    if b'"measurements"' in point.operations or b"/measurements" in point.operations:
        return None  # a patch may set others
    for candidate in analysis.workspace["measurements"]:
        if candidate["name"] == name:
            low, high = _bounds(candidate)
            if not low <= mu <= high:
                poi = candidate["config"]["poi"]
                return f"is outside the bounds of {poi}, {low:g} to {high:g}: test a value within them"
    return None


def largest_mu(analysis: Analysis, measurement: str | None) -> float | None:
    """The upper bound of the parameter of interest, as far as the workspace tells.

    Args:
        analysis: the workspace.
        measurement: defines the parameter of interest; ``None`` takes the first.
    """
    name = measurement or next(iter(analysis.measurements), None)
    for candidate in analysis.workspace["measurements"]:
        if candidate["name"] == name and candidate["config"]["poi"]:
            return float(_bounds(candidate)[1])
    return None


def _bounds(measurement: Mapping[str, Any]) -> Sequence[float]:
    config = measurement["config"]
    settings = {parameter["name"]: parameter for parameter in config["parameters"]}
    bounds: Sequence[float] = next(iter(settings.get(config["poi"], {}).get("bounds", [])), _BOUNDS)
    return bounds


def _others(analysis: Analysis, name: str | None) -> str:
    """What else could be chosen."""
    others = [other for other in analysis.measurements if other != name]
    return f": choose another measurement ({', '.join(others)})" if others else ": ask who published it"
