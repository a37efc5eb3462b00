"""Numbers by data set, as SModels and what surrounds it write them.

* SModelS' own output (``.py``: ``smodelsOutput = {...}``; ``.json``: the same): ``ExptRes`` is a list of
  results, each with ``AnalysisID``, ``DataSetID``, ``dataType``, ``theory prediction (fb)`` (cross section
  times branching ratios times efficiency, that is the visible cross section of the region) and ``lumi
  (fb-1)``. Only results of type ``efficiencyMap`` are about regions. By default SModelS tells the best
  region of an analysis only; ``reportAllSRs = True`` and ``combineSRs = False`` have it tell all.
* Efficiency maps of the em-bakery of smodels-utils (``.embaked``): a dictionary from the masses of a point
  to its efficiencies by data set, ``{(800.0, 100.0): {'SR1': 0.0012, '__nevents__': 50000, '__t__':
  '2021-01-01_00:00:00'}, ...}``.
* Efficiencies of one point by data set, as a dictionary (``{'SR_HM_Low_MCT': 1.2e-3}``) or a line for each
  (``SR_HM_Low_MCT: 1.2e-3``). They are only taken for efficiencies where a comment says so (``#
  efficiencies``), ``__nevents__`` is among them, or the user names the format.

After SModelS (smodels.readthedocs.io, "Output Description"; github.com/SModelS/smodels, ``printers``),
smodels-utils (github.com/SModelS/smodels-utils, ``dataHandlerObjects.embaked``). What maps its data sets to
channels of a likelihood (``globalInfo.txt``) is a map of regions, not a signal.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from fitgui.pallets.reading.names import shown
from fitgui.reinterpretation.formats.texts import Regions, decoded, head, listed, number, stem
from fitgui.reinterpretation.formats.tools.literals import NotLiteralError, literal
from fitgui.reinterpretation.model import Imported, ImportedPoint, Quantity, RegionYield, SignalError

TOOL = "smodels"
_OUTPUT = re.compile(r"^\s*smodelsOutput\s*=", re.MULTILINE)
_JSON = re.compile(r"^\s*\{\s*\"(OutputStatus|ExptRes)\"\s*:")
_MAPS = re.compile(r"^(?:\s*#[^\n]*\n)*\s*\{\s*\(")
_DICTIONARY = re.compile(r"^(?:\s*#[^\n]*\n)*\s*\{\s*(?:\(|')")
_SAID = re.compile(
    r"^\s*#[\s#]*(?:(?:unit|units|quantity|what)\s*[:=]\s*)?(?:the|my|signal)?\s*(?:efficienc(?:y|ies)|acceptances?)\b"
    r"|__nevents__",
    re.IGNORECASE | re.MULTILINE,
)
"""By a comment that begins so a list of numbers says that it is one of efficiencies: ``# events after
acceptance`` does not."""
_LINE = re.compile(r"""^\s*["']?([A-Za-z][\w.+\-\[\]]*)["']?\s*:\s*(\S+)\s*,?\s*(?:#.*)?$""")
_EVENTS = "__nevents__"
_MOST_POINTS = 100_000


def looks_like(text: str | bytes, name: str) -> bool:
    """Whether it is one of these, and says that its numbers are efficiencies."""
    start = _start(text, name)
    if _OUTPUT.search(start) or _JSON.match(start) or _MAPS.match(start):
        return True
    return _SAID.search(start) is not None and (_DICTIONARY.match(start) is not None or _is_lines(start))


def leaves_open(text: str | bytes, name: str) -> bool:
    """Whether it is a dictionary that does not say whether its numbers are efficiencies or events."""
    return _DICTIONARY.match(_start(text, name)) is not None and not looks_like(text, name)


def read(text: str | bytes, name: str) -> tuple[Imported, ...]:
    """Read the numbers of each analysis.

    Args:
        text: The content of the file.
        name: Of the file.

    Raises:
        SignalError: if it is none of these, or a number is missing.
    """
    content, notes = decoded(text, name)
    start = head(content)
    try:
        if _OUTPUT.search(start):
            return _results(literal(content, "smodelsOutput"), name, notes)
        if _JSON.match(start):
            return _results(json.loads(content), name, notes)
        if _DICTIONARY.match(start):
            return _maps(literal(content), name, notes)
    except NotLiteralError as error:
        raise SignalError(f"{name} {error}.") from error
    except (ValueError, RecursionError) as error:
        raise SignalError(f"{name} is not valid JSON: is it cut off?") from error
    return (_one(name, _of_lines(content, name), "", notes),)


def _results(output: Any, name: str, notes: tuple[str, ...]) -> tuple[Imported, ...]:
    """The results in SModelS' own output."""
    results = output.get("ExptRes") if isinstance(output, Mapping) else None
    if not isinstance(results, list) or not results:
        raise SignalError(
            f"{name} is output of SModelS without a result (ExptRes): no analysis constrains the model."
        )
    found: dict[str, Regions] = {}
    luminosities: dict[str, float] = {}
    left_out: list[str] = []
    for entry in results:
        if not isinstance(entry, Mapping):
            raise SignalError(f"{name}: a result in ExptRes is no dictionary.")
        analysis, data_set = str(entry.get("AnalysisID", "")), entry.get("DataSetID")
        if (
            entry.get("dataType") != "efficiencyMap"
            or not isinstance(data_set, str)
            or "combined" in data_set
        ):
            left_out.append(analysis)
            continue
        region = _region(data_set, entry.get("theory prediction (fb)"), name)
        found.setdefault(analysis, Regions(name)).add(region, name)
        luminosity = _finite(entry.get("lumi (fb-1)"))
        if luminosity is not None and luminosity > 0:
            luminosities[analysis] = luminosity
    if not found:
        raise SignalError(
            f"{name} has no result for a single region: run SModelS with reportAllSRs = True and "
            "combineSRs = False."
        )
    if left_out:
        analyses = listed(dict.fromkeys(left_out))
        notes += (f"Results that are upper limits or combine regions were left out: {analyses}.",)
    return tuple(
        Imported(
            tool=TOOL,
            source=name,
            analysis=shown(analysis, 200),
            labels=(),
            points=(
                ImportedPoint(
                    name=_input_of(output) or stem(name),
                    values={},
                    regions=regions.tuple(),
                    quantity=Quantity.CROSS_SECTION,
                ),
            ),
            luminosity_fb=luminosities.get(analysis),
            notes=(*notes, *regions.notes, *(_ONE_REGION if len(regions) == 1 else ())),
        )
        for analysis, regions in found.items()
    )


_ONE_REGION = (
    "SModelS tells the best region only, unless it is run with reportAllSRs = True and combineSRs = "
    "False: the others "
    "may have signal, too.",
)


def _input_of(output: Mapping[str, Any]) -> str:
    """The name of the model point: its SLHA or LHE file."""
    status = output.get("OutputStatus")
    path = status.get("input file") if isinstance(status, Mapping) else None
    return shown(PurePosixPath(path.replace("\\", "/")).stem, 200) if isinstance(path, str) else ""


def _maps(value: Any, name: str, notes: tuple[str, ...]) -> tuple[Imported, ...]:
    """Efficiencies of one point, or of many by their masses."""
    if not isinstance(value, Mapping) or not value:
        raise SignalError(f"{name} holds no dictionary with efficiencies.")
    if not all(isinstance(key, tuple) for key in value):
        return (_one(name, value, "", notes),)
    if len(value) > _MOST_POINTS:
        raise SignalError(f"{name} has more than {_MOST_POINTS} points.")
    width = len(next(iter(value)))
    if any(len(key) != width or None in map(_finite, key) for key in value):
        raise SignalError(f"{name}: the keys are not masses, the same number of them for each point.")
    labels = tuple(f"m{index}" for index in range(1, width + 1))
    points = []
    computed = False
    for masses, efficiencies in value.items():
        called = "_".join(f"{mass:g}" for mass in masses)
        if not isinstance(efficiencies, Mapping):
            raise SignalError(f"{name}: point {called} has no efficiencies by data set.")
        point = _point(called, efficiencies, name)
        computed = computed or any(region.statistical is not None for region in point.regions)
        values = dict(zip(labels, map(float, masses), strict=True))
        points.append(
            ImportedPoint(name=called, values=values, regions=point.regions, quantity=Quantity.EFFICIENCY)
        )
    notes += _COMPUTED if computed else ()
    return (Imported(tool=TOOL, source=name, analysis="", labels=labels, points=tuple(points), notes=notes),)


_COMPUTED = (
    "The statistical uncertainty was computed from the number of simulated events (__nevents__), as it is "
    "without weights.",
)


def _one(name: str, efficiencies: Mapping[Any, Any], analysis: str, notes: tuple[str, ...]) -> Imported:
    point = _point(stem(name), efficiencies, name)
    computed = any(region.statistical is not None for region in point.regions)
    said = (
        *notes,
        "The numbers were taken as efficiencies (acceptance times efficiency).",
        *(_COMPUTED if computed else ()),
    )
    return Imported(tool=TOOL, source=name, analysis=analysis, labels=(), points=(point,), notes=said)


def _point(called: str, efficiencies: Mapping[Any, Any], name: str) -> ImportedPoint:
    """A point from its efficiencies by data set; keys with two underscores are about the point itself."""
    events = _finite(efficiencies.get(_EVENTS))
    regions = Regions(name)
    for key, value in efficiencies.items():
        if isinstance(key, str) and key.startswith("__"):
            continue
        if not isinstance(key, str):
            raise SignalError(
                f"{name}: point {called} has the data set {shown(repr(key), 60)}, which is no name."
            )
        region = _region(key, value, name)
        if region.value > 1:
            raise SignalError(
                f"{name}: {region.region} has the efficiency {region.value:g}, and none is above 1; give "
                "events as CSV or "
                "JSON instead."
            )
        if events is not None and events > 0 and region.value >= 0:
            error = math.sqrt(region.value * (1 - region.value) / events)
            region = RegionYield(region.region, region.value, error, simulated=region.value * events)
        regions.add(region, name)
    if not len(regions):
        raise SignalError(f"{name}: point {called} has no efficiency.")
    return ImportedPoint(name=called, values={}, regions=regions.tuple(), quantity=Quantity.EFFICIENCY)


def _region(data_set: str, value: object, name: str) -> RegionYield:
    events = _finite(value)
    if events is None:
        raise SignalError(f"{name}: region {shown(data_set, 80)} has no number ({shown(repr(value), 40)}).")
    return RegionYield(shown(data_set, 200), events)


def _finite(value: object) -> float | None:
    """A finite number; ``None`` for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def _start(text: str | bytes, name: str) -> str:
    """Enough of the text to recognise it; nothing if it is none."""
    try:
        return head(decoded(text, name)[0])
    except SignalError:
        return ""


def _is_lines(start: str) -> bool:
    """Whether all lines are ``name: number``."""
    lines = [
        line
        for line in start.split("\n")[:-1] or [start]
        if line.strip() and not line.lstrip().startswith("#")
    ]
    found: Sequence[re.Match[str] | None] = [_LINE.match(line) for line in lines]
    return bool(found) and all(
        match is not None and number(match[2].rstrip(",")) is not None for match in found
    )


def _of_lines(content: str, name: str) -> dict[str, float]:
    efficiencies: dict[str, float] = {}
    for line_number, line in enumerate(content.split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.match(line)
        value = number(match[2].rstrip(",")) if match else None
        if match is None or value is None:
            raise SignalError(f"{name}, line {line_number}: it is not a name, a colon and a number.")
        if match[1] in efficiencies:
            raise SignalError(
                f"{name}, line {line_number}: region {shown(match[1], 80)} is there for the second time."
            )
        efficiencies[match[1]] = value
    if not efficiencies:
        raise SignalError(f"{name} lists no region.")
    return efficiencies
