"""Signal yields as JSON: ``{"channel": [yields]}``, or the documented form with points and uncertainties."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from fitgui.pallets.model import Coordinate
from fitgui.pallets.reading.names import shown
from fitgui.reinterpretation.analysis_numbers import numbers_in
from fitgui.reinterpretation.formats.documents.json_shape import (
    FileJson,
    PointJson,
    SystematicJson,
    bins_of,
    file_of,
    number_of,
    parsed,
)
from fitgui.reinterpretation.formats.signs import same_sided
from fitgui.reinterpretation.formats.tables.cells import name_from
from fitgui.reinterpretation.formats.tables.statements import quantity_of, spoken_luminosity
from fitgui.reinterpretation.formats.texts import decoded, stem
from fitgui.reinterpretation.model import Imported, ImportedPoint, Quantity, RegionYield, SignalError
from fitgui.reinterpretation.units import cross_section, luminosity

_OF_PYHF = frozenset({"patches", "observations", "op"})
"""Keys of a patch set, a workspace, an operation."""


def looks_like(text: str | bytes, name: str) -> bool:
    """Whether a file is JSON with yields by channel, and not one of pyhf.

    Args:
        text: of the file.
        name: of the file; it does not matter.
    """
    try:
        plain = decoded(text, name)[0].lstrip()
    except SignalError:
        return False
    if not plain.startswith("{"):
        return False
    try:
        document = parsed(plain, name)
    except SignalError:
        return True  # what is wrong with it is said when it is read
    return isinstance(document, dict) and _is_ours(document)


def _is_ours(document: dict[str, Any]) -> bool:
    if _OF_PYHF & document.keys():
        return False
    if isinstance(points := document.get("points"), list):
        return all(isinstance(one, dict) for one in points[:5])
    return isinstance(document.get("yields"), dict) or any(_is_yields(entry) for entry in document.values())


def _is_yields(entry: Any) -> bool:
    numbers = entry if isinstance(entry, list) else [entry]
    return any(isinstance(one, int | float) and not isinstance(one, bool) for one in numbers)


def read(
    text: str | bytes,
    name: str,
    *,
    known_regions: Collection[str] = (),  # noqa: ARG001  (the same for all formats)
    labels: Collection[str] = (),  # noqa: ARG001
) -> tuple[Imported, ...]:
    """Read signal yields from JSON.

    Args:
        text: of the file.
        name: of the file, for sentences; without its ending the name of a single point.
        known_regions: not needed here: the form says what is a region.
        labels: not needed here.

    Returns:
        One.

    Raises:
        SignalError: if it cannot be read; the sentence names the place, as in ``points[3].yields.SR1``.
    """
    content, said = decoded(text, name)
    document = parsed(content, name)
    if not isinstance(document, dict):
        raise SignalError(
            f"{name} holds no object: yields are written as {{\"channel\": [numbers]}}, or as 'points' "
            "with 'yields'"
        )
    if not document:
        raise SignalError(f"{name} is empty")
    found = file_of(document, name)
    bare = "points" not in document
    alone = stem(name) if len(found.points) == 1 else ""
    points: dict[str, ImportedPoint] = {}
    for number, each in enumerate(found.points):
        place = f"points[{number}]."
        point = _point(each, found, "" if bare else place, name, alone or f"point_{number + 1}")
        if point.name in points:
            raise SignalError(
                f"{name}, points[{number}]: the model point {shown(point.name, 60)} stands twice: remove "
                "one, or give it another name"
            )
        points[point.name] = point
    kept = tuple(point for point in points.values() if point.regions)
    if not kept:
        raise SignalError(f"{name}: no yields are filled in")
    notes = list(said)
    if len(kept) < len(points):
        notes.append(f"{name}: points without any yield are left out: {len(points) - len(kept)}")
    seen = tuple(dict.fromkeys(label for point in kept for label in point.values))
    order = tuple(dict.fromkeys((*(label for label in found.parameters if label in seen), *seen)))
    try:
        lumi = None if found.luminosity is None else luminosity(_text(found.luminosity))
    except SignalError as error:
        raise SignalError(f"{name}, luminosity: {error}") from error
    about = _texts(found.about)
    if lumi is None and (spoken := spoken_luminosity(about, name, "'luminosity': '139 fb-1'")):
        lumi = spoken[0]
        notes.append(f"{name}: '{shown(spoken[1], 40)}' is taken for the luminosity of the numbers")
    analysis = found.analysis or ", ".join(dict.fromkeys(n for _, text in about for n in numbers_in(text)))
    findings = same_sided(kept, name)
    return (Imported("json", name, analysis, order, kept, lumi, tuple(notes), findings=findings),)


def _texts(about: Any) -> list[tuple[str, str]]:
    """What a file says about itself in words."""
    lines = about if isinstance(about, list) else [about]
    return [("about", line) for line in lines if isinstance(line, str)]


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _point(point: PointJson, file: FileJson, place: str, name: str, alone: str) -> ImportedPoint:
    values: dict[str, Coordinate] = {
        label: value for label, value in point.values.items() if value is not None
    }
    quantity, factor = _quantity(point, file, place, name)
    yields = {
        region: number_of(entry, where, name) * factor if factor != 1.0 else number_of(entry, where, name)
        for region, entry, where in bins_of(point.yields, f"{place}yields", name)
    }
    sizes = {region: abs(value) for region, value in yields.items()}
    statistical = _changes(point.statistical, sizes, factor, f"{place}statistical", name)
    for region, value in statistical.items():
        if value < 0.0:
            raise SignalError(f"{name}, {place}statistical.{shown(region, 60)}: an uncertainty is below zero")
    simulated = _changes(point.simulated, yields, 1.0, f"{place}simulated", name)
    changes: dict[str, dict[str, tuple[float, float]]] = {region: {} for region in yields}
    for label, systematic in point.systematics.items():
        where = f"{place}systematics.{shown(label, 60)}"
        for region, both in _systematic(systematic, yields, factor, where, name).items():
            changes[region][label] = both
    own = frozenset(label for label, systematic in point.systematics.items() if not systematic.correlated)
    return ImportedPoint(
        point.name or name_from(values) or alone,
        values,
        tuple(
            RegionYield(
                region,
                value,
                statistical.get(region),
                changes[region],
                own.intersection(changes[region]),
                simulated.get(region),
            )
            for region, value in yields.items()
        ),
        quantity,
        _section(point, file, place, name),
    )


def _quantity(point: PointJson, file: FileJson, place: str, name: str) -> tuple[Quantity, float]:
    written = point.quantity if point.quantity is not None else file.quantity
    if written is None:
        return Quantity.EVENTS, 1.0
    if (found := quantity_of(written)) is None:
        where = f"{place}quantity" if point.quantity is not None else "quantity"
        raise SignalError(
            f"{name}, {where}: '{shown(written, 40)}' is not known: write 'events', 'efficiency', 'fb' or "
            "'pb'"
        )
    return found


def _section(point: PointJson, file: FileJson, place: str, name: str) -> float | None:
    written, where = point.cross_section, f"{place}cross_section"
    if written is None:
        written, where = file.cross_section, "cross_section"
    try:
        return None if written is None else cross_section(_text(written))
    except SignalError as error:
        raise SignalError(f"{name}, {where}: {error}") from error


def _changes(
    entries: Mapping[str, Any] | str, yields: Mapping[str, float], factor: float, place: str, name: str
) -> dict[str, float]:
    """Uncertainties by region; a text is a percentage of every yield."""
    if isinstance(entries, str):
        return {region: number_of(entries, place, name, percent_of=value) for region, value in yields.items()}
    found = {}
    for region, entry, where in bins_of(entries, place, name):
        if region not in yields:
            raise SignalError(f"{name}, {where}: there is no yield of {shown(region, 60)} that it belongs to")
        value = number_of(entry, where, name, percent_of=yields[region])
        found[region] = value if isinstance(entry, str) or factor == 1.0 else value * factor
    return found


def _systematic(
    systematic: SystematicJson, yields: Mapping[str, float], factor: float, place: str, name: str
) -> dict[str, tuple[float, float]]:
    """(down, up) by region."""
    if systematic.symmetric is not None:
        if systematic.up is not None or systematic.down is not None:
            raise SignalError(f"{name}, {place}: 'symmetric' stands beside 'up' or 'down': keep one of both")
        both = _changes(systematic.symmetric, yields, factor, f"{place}.symmetric", name)
        return {region: (-value, value) for region, value in both.items()}
    if systematic.up is None and systematic.down is None:
        raise SignalError(f"{name}, {place}: 'up' and 'down', or 'symmetric', are missing")
    up = _changes(systematic.up or {}, yields, factor, f"{place}.up", name)
    down = _changes(systematic.down or {}, yields, factor, f"{place}.down", name)
    for there, missing, others in (("up", "down", up.keys() - down), ("down", "up", down.keys() - up)):
        if region := next((each for each in yields if each in others), ""):
            raise SignalError(
                f"{name}, {place}: '{there}' has a number for {shown(region, 60)}, and '{missing}' has none: "
                "write it, 0 where nothing changes, or give 'symmetric' instead of both"
            )
    return {region: (down[region], up[region]) for region in yields if region in up}
