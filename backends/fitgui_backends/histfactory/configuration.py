"""Whether a measurement's settings of parameters fit to the parameters that the model has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from fitgui_backends.histfactory.summary import Document, modifiers, parameter_sizes

_ATTRIBUTES = {
    "normfactor": {"inits", "bounds"},
    "shapefactor": {"inits", "bounds"},
    "normsys": {"inits", "bounds", "auxdata"},
    "histosys": {"inits", "bounds", "auxdata"},
    "lumi": {"inits", "bounds", "auxdata", "sigmas"},
    "shapesys": {"inits", "bounds", "auxdata", "factors"},
    "staterror": {"inits", "bounds", "auxdata", "sigmas"},
}
"""What pyhf lets a measurement set (its ``required_parset`` of each modifier); ``fixed`` goes with all."""

_LUMI_NEEDS = ("inits", "bounds", "auxdata")
"""pyhf has no default for these: lumi is the integrated luminosity of the analysis."""


def configuration_findings(document: Document, measurement: Document) -> tuple[list[str], list[str]]:
    """Look for settings with which pyhf builds no model.

    Settings of parameters that the model does not have are none: pyhf ignores them, and a background-only
    workspace may well set parameters that come with the signal.

    Args:
        document: A workspace that matches the schema.
        measurement: One of its measurements.

    Returns:
        Errors and warnings.
    """
    errors: list[str] = []
    warnings: list[str] = []
    place = f'measurement "{measurement["name"]}"'
    settings = measurement["config"]["parameters"]
    for name, count in Counter(parameter["name"] for parameter in settings).items():
        if count > 1:
            errors.append(f'{place} configures the parameter "{name}" twice')
    kinds = {modifier["name"]: modifier["type"] for _, _, modifier in modifiers(document)}
    sizes = parameter_sizes(document)
    for parameter in settings:
        name = parameter["name"]
        if name in kinds:
            where = f'{place}, parameter "{name}"'
            errors += _unfit(parameter, kinds[name], sizes[name], where)
            warnings += _starts_outside(parameter, where)
    configured = {parameter["name"]: parameter for parameter in settings}
    poi = measurement["config"]["poi"]
    where = f'{place}, parameter of interest "{poi}"'
    warnings += _cannot_test(configured.get(poi, {}), where)
    if poi not in kinds:  # as mostly: the signal brings it
        warnings += _starts_outside(configured.get(poi, {}), where)
    if "lumi" in kinds.values():
        _lumi(configured.get("lumi", {}), place, errors, warnings)
    return errors, warnings


def _unfit(parameter: Document, kind: str, size: int, place: str) -> Iterator[str]:
    for attribute, value in parameter.items():
        if attribute in ("name", "fixed"):
            continue
        if attribute not in _ATTRIBUTES[kind]:
            yield f"{place}: a {kind} parameter has no {attribute}"
        elif len(value) != size:
            yield f"{place}: {attribute} has {len(value)} values, the parameter has {size}"
        elif attribute == "bounds" and any(len(pair) != 2 for pair in value):
            yield f"{place}: bounds must be pairs of a lower and an upper one"


def _starts_outside(parameter: Document, place: str) -> Iterator[str]:
    pairs = [pair for pair in parameter.get("bounds", []) if len(pair) == 2]
    for start, (low, high) in zip(parameter.get("inits", []), pairs, strict=False):
        if not low <= start <= high:
            yield f"{place} starts at {start}, outside its bounds {low} to {high}"


def _cannot_test(setting: Document, place: str) -> Iterator[str]:
    if setting.get("fixed"):
        yield f"{place} is fixed, so no signal strength can be tested"
    for pair in setting.get("bounds", [])[:1]:
        left_out = [value for value in (0.0, 1.0) if len(pair) == 2 and not pair[0] <= value <= pair[1]]
        if left_out:
            values = " and ".join(f"{value:g}" for value in left_out)
            yield (
                f"{place} may run from {pair[0]:g} to {pair[1]:g}, which leaves out {values}: "
                "the signal strength 1 cannot be tested against 0"
            )


def _lumi(setting: Document, place: str, errors: list[str], warnings: list[str]) -> None:
    missing = [attribute for attribute in _LUMI_NEEDS if attribute not in setting]
    if missing:
        errors.append(
            f'{place} does not set {", ".join(missing)} of the parameter "lumi", which has no defaults'
        )
    elif "sigmas" not in setting:
        warnings.append(f'{place} gives no sigmas for the parameter "lumi"; pyhf then takes 1')
