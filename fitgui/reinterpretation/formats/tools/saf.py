"""Cut-flows of MadAnalysis 5 in SAF: ``Output/SAF/<sample>/<analysis>/Cutflows/<region>.saf``.

One file is one region. ``<InitialCounter>`` has what was there before any cut, then a ``<Counter>`` for
each cut: a line with the name of the cut, then ``nentries``, ``sum of weights`` and ``sum of weights^2``,
each in two columns: events with positive weights and events with negative ones (whose sum of weights is
below zero). The efficiency of the region is the sum of weights in the last counter over that in the initial
one.

The characters that a file's name cannot have are replaced in the names of regions (``>`` by
``_greater_than_``, blanks by ``_`` ...). ``Output/SAF/<sample>/<sample>.saf`` has the cross section of the
sample, in pb.

After MadAnalysis 5 (github.com/MadAnalysis/madanalysis5): ``CounterManager::Write_TextFormat``,
``SAFWriter::WriteHeader``, ``run_recast.py`` (``read_cutflows``, ``clean_region_name``), and ma5_expert
(github.com/jackaraz/ma5_expert).
"""

from __future__ import annotations

import math
import re

from fitgui.reinterpretation.formats.texts import decoded, finite, head, lines_of, number, stem
from fitgui.reinterpretation.model import Imported, ImportedPoint, Quantity, RegionYield, SignalError

TOOL = "madanalysis"
_BEGINNINGS = ("<InitialCounter>", "<Counter>")
_ENDS = ("</InitialCounter>", "</Counter>")
_SAMPLE = re.compile(r"<SampleGlobalInfo>[^\n]*\n(?:[ \t]*#[^\n]*\n|\s*\n)*[ \t]*([^<\n]+)\n")
_ROWS = {"# nentries": 0, "# sum of weights^2": 2, "# sum of weights": 1}
"""The longer one first: both end alike."""


def is_saf(text: str) -> bool:
    """Whether a text is SAF of any kind: cut-flows, samples, histograms."""
    return re.search(r"<(SAFheader|InitialCounter|SampleGlobalInfo|Histo)>", head(text)) is not None


def looks_like(text: str | bytes, name: str) -> bool:
    """Whether it is SAF."""
    try:
        return is_saf(decoded(text, name)[0])
    except SignalError:
        return False


def read(text: str | bytes, name: str) -> tuple[Imported, ...]:
    """Read one cut-flow: a point with one region, which is called as the file is.

    Raises:
        SignalError: if it is no cut-flow, or a number is missing.
    """
    content, notes = decoded(text, name)
    region = region_of(content, name)
    point = ImportedPoint(name=stem(name), values={}, regions=(region,), quantity=Quantity.EFFICIENCY)
    said = (
        *notes,
        "A cut-flow is one region; choose its folder (Cutflows, or one above) to have all regions at once.",
    )
    return (Imported(tool=TOOL, source=name, analysis="", labels=(), points=(point,), notes=said),)


def region_of(text: str, name: str) -> RegionYield:
    """The region that a cut-flow is about.

    Args:
        text: Of the file, with a line feed between its lines.
        name: Of the file: the region is called after it.

    Returns:
        The efficiency with its statistical uncertainty, ``sqrt(sum of squared weights) / sum of all
        weights``, and the number of simulated events that passed.

    Raises:
        SignalError: if it is no cut-flow, or a number is missing.
    """
    initial: list[float] | None = None
    last: list[float] | None = None
    counter: list[float | None] | None = None
    region = stem(name)
    for line_number, line in lines_of(text, name):
        where = f"{name}, line {line_number}"
        word = line.strip()
        if word in _BEGINNINGS:
            counter = [None, None, None]
        elif word in _ENDS:
            if counter is None or None in counter:
                raise SignalError(
                    f"{where}: this counter has no entries or no sum of weights; is the file damaged?"
                )
            whole = [value for value in counter if value is not None]
            initial, last = (whole, last) if word == _ENDS[0] else (initial, whole)
            counter = None
        elif counter is not None:
            _take(counter, line, region, where)
    if counter is not None:
        raise SignalError(f"{name} ends in the middle of a counter: is it cut off?")
    if initial is None:
        raise SignalError(
            f"{name} is SAF of MadAnalysis, but no cut-flow: choose the folder Output/SAF/.../Cutflows, "
            "or one above."
        )
    if initial[1] == 0:
        raise SignalError(f"{name}: no event was read before the first cut (the sum of weights is 0).")
    if last is None:
        raise SignalError(f"{name} has no cut: it does not say what passes region {region}.")
    return RegionYield(
        region,
        last[1] / initial[1],
        statistical=math.sqrt(max(last[2], 0.0)) / abs(initial[1]),
        simulated=max(last[0], 0.0),
    )


def cross_section_fb(text: str) -> float | None:
    """The cross section of a sample, from ``<sample>.saf``; ``None`` where it has none."""
    found = _SAMPLE.search(text)
    value = number(found[1].split()[0]) if found and found[1].split() else None
    return 1000.0 * value if value is not None and math.isfinite(value) and value > 0 else None


def _take(counter: list[float | None], line: str, region: str, where: str) -> None:
    """One line of a counter: the columns for positive and for negative weights are added."""
    for mark, place in _ROWS.items():
        if line.rstrip().endswith(mark):
            cells = line.split("#", 1)[0].split()
            if not cells:
                raise SignalError(f"{where}: the line has no number.")
            counter[place] = sum(finite(cell, region, where) for cell in cells[:2])
            return
