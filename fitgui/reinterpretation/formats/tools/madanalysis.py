"""What MadAnalysis 5 writes when it recasts: ``CLs_output.dat``, ``CLs_output_summary.dat``.

A table of fixed width: ``# analysis name signal region best? sig95(exp) sig95(obs) 1-CLs || efficiency stat
syst1(20.0%)`` ...; the summary has the name of the sample before it. Where the sample has no cross section,
``best?`` and ``1-CLs`` are left out. Names of regions may hold spaces. Lines without numbers behind ``||``
are bands of CLs, and likelihoods of several regions (``[SL]-...``, ``[pyhf]-...-profile``). A second run
adds to a file.

* ``efficiency`` is the sum of weights that passed over the sum of all weights, with seven digits after the
  point.
* ``stat`` is ``sqrt(eff (1 - eff) / (sum of weights x luminosity))``. That has nothing to do with how many
  events were simulated (for a sample that is normalised to 0.04 pb it came out twice as large as the
  efficiency), so it is not taken over. The SAF cut-flows (:mod:`.saf`) have the sums of squared weights.
* ``syst1`` ... are uncertainties that the user set, as absolute changes of the efficiency, the same
  relative one in all regions.

After MadAnalysis 5 (github.com/MadAnalysis/madanalysis5): ``run_recast.py`` (``write_cls_header``,
``write_cls_output``), ``recast_configuration.py`` (``collect_outputs``); arXiv:1910.11418.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from fitgui.pallets.coordinates import coordinates_from_names
from fitgui.pallets.reading.names import shown
from fitgui.reinterpretation.formats.texts import (
    MOST_REGIONS,
    decoded,
    finite,
    head,
    lines_of,
    listed,
    number,
    stem,
    uncertainty,
)
from fitgui.reinterpretation.formats.tools import saf
from fitgui.reinterpretation.model import Imported, ImportedPoint, Quantity, RegionYield, SignalError

TOOL = "madanalysis"
_BAR = "||"
_HEADING = re.compile(r"^#.*analysis name\s.*signal region\s.*\|\|.*efficiency", re.IGNORECASE | re.MULTILINE)
_LIKELIHOOD = re.compile(r"^\[(SL|pyhf)\]-")
_GLUED = re.compile(r"[\d.eE+]+-1")
"""``sig95(exp)`` and a missing ``sig95(obs)``, with no space between."""
_BEST = ("0", "1", "-1")
"""What MadAnalysis writes below ``best?``."""
_FINE = 1e-4
"""Below this an efficiency has fewer than four digits."""


def looks_like(text: str | bytes, name: str) -> bool:
    """Whether there is the heading of CLs_output, or a cut-flow in SAF."""
    try:
        content = decoded(text, name)[0]
    except SignalError:
        return False
    return _HEADING.search(head(content)) is not None or saf.looks_like(content, name)


def read(text: str | bytes, name: str) -> tuple[Imported, ...]:
    """Read the efficiencies of all samples and analyses.

    Args:
        text: The content of the file: ``CLs_output.dat``, ``CLs_output_summary.dat``, or one cut-flow in SAF.
        name: Of the file.

    Returns:
        One for each analysis, with a point for each sample.

    Raises:
        SignalError: if it is no such table, or a number is missing.
    """
    content, notes = decoded(text, name)
    heading = _HEADING.search(head(content))
    if heading is None:
        if saf.is_saf(content):
            return saf.read(content, name)
        raise SignalError(
            f"{name} has no line '# analysis name ... signal region ... || efficiency', as CLs_output.dat "
            "of "
            "MadAnalysis has."
        )
    columns = _Columns.of(content[heading.start() :].split("\n", 1)[0])
    runs = _Runs(name)
    left_out: list[str] = []
    for line_number, line in lines_of(content, name):
        left, bar, right = line.partition(_BAR)
        if line.lstrip().startswith("#") or not bar or not left.strip():
            continue
        where = f"{name}, line {line_number}"
        dataset, analysis, region = columns.names(left, where)
        if _LIKELIHOOD.match(region) or not right.split():
            left_out.append(region)
            continue
        if not columns.is_whole(left):
            raise SignalError(
                f"{where}: it has fewer numbers before the bar than the heading names: is the line cut off, "
                "or does a column miss?"
            )
        runs.add(analysis, dataset or stem(name), columns.region(region, right.split(), where))
    rows = runs.last()
    if not rows:
        raise SignalError(f"{name} lists no region: MadAnalysis recast nothing, or stopped too early.")
    notes += _notes(left_out, runs.again, rows.values(), stat=columns.stat)
    return tuple(_imported(name, analysis, samples, notes) for analysis, samples in rows.items())


class _Runs:
    """The regions of each analysis and sample; where one comes again, another run added to the file."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._runs: dict[tuple[str, str], list[dict[str, RegionYield]]] = {}
        self.again: list[str] = []
        """Regions that have other numbers in a later run."""

    def add(self, analysis: str, dataset: str, region: RegionYield) -> None:
        """One more line."""
        runs = self._runs.setdefault((analysis, dataset), [{}])
        if (before := runs[-1].get(region.region)) is not None:
            if before != region:
                self.again.append(region.region)
            runs.append({})
        runs[-1][region.region] = region
        if len(runs[-1]) > MOST_REGIONS:
            raise SignalError(f"{self._name} has more than {MOST_REGIONS} regions, which no search has.")

    def last(self) -> dict[str, dict[str, dict[str, RegionYield]]]:
        """Regions by analysis and sample, of the last run.

        Raises:
            SignalError: if it does not list all that an earlier one listed, with other numbers.
        """
        found: dict[str, dict[str, dict[str, RegionYield]]] = {}
        for (analysis, dataset), runs in self._runs.items():
            whole: dict[str, RegionYield] = {}
            for run in runs:
                whole |= run
            differ = any(run[name] != whole[name] for run in runs for name in run)
            if (missing := [name for name in whole if name not in runs[-1]]) and differ:
                raise SignalError(
                    f"{self._name} holds several runs of {shown(analysis, 80)}, and the last one lists no "
                    f"{listed(missing)}: keep the lines of one run, or run MadAnalysis into a new folder."
                )
            found.setdefault(analysis, {})[dataset] = whole
        return found


@dataclass(frozen=True, slots=True)
class _Columns:
    """What the heading tells."""

    dataset: bool
    """Whether the name of the sample stands first."""
    numbers: int
    """Between the name of the region and the bar."""
    best: bool
    """Whether the first of these says if the region is the best one."""
    systematics: tuple[str, ...]
    stat: bool

    @classmethod
    def of(cls, heading: str) -> _Columns:
        left, _, right = heading.partition(_BAR)
        behind = re.split(r"signal region", left, maxsplit=1, flags=re.IGNORECASE)[-1]
        right_names = right.split()
        return cls(
            dataset="dataset name" in left.lower(),
            numbers=len(behind.split()),
            best="best?" in behind.lower(),
            systematics=tuple(each for each in right_names if each.lower().startswith("syst")),
            stat="stat" in (each.lower() for each in right_names),
        )

    def _without_numbers(self, left: str) -> tuple[list[str], int]:
        """The words before the numbers, and how many of these are missing."""
        words = left.split()
        numbers = self.numbers
        while numbers > 0 and words:
            if number(words[-1]) is None and not _GLUED.fullmatch(words[-1]):
                break
            numbers -= 2 if _GLUED.fullmatch(words.pop()) else 1
        return words, numbers

    def is_whole(self, left: str) -> bool:
        """Whether all numbers stand left of the bar; else one of the name of the region was taken for one."""
        words, missing = self._without_numbers(left)
        return missing <= 0 and (not self.best or left.split()[len(words)] in _BEST)

    def names(self, left: str, where: str) -> tuple[str, str, str]:
        """The sample, the analysis and the region of what stands left of the bar."""
        words, _missing = self._without_numbers(left)
        before = 2 if self.dataset else 1
        if len(words) <= before:
            raise SignalError(f"{where}: it names no signal region; is the line cut off?")
        dataset = words[0] if self.dataset else ""
        # A region may hold several spaces in a row; they are kept.
        region = left.split(None, before)[before].strip()
        for word in reversed(left.split()[len(words) :]):
            region = region[: len(region) - len(word)].rstrip()
        return shown(dataset, 200), shown(words[before - 1], 200), shown(region, 200)

    def region(self, region: str, right: list[str], where: str) -> RegionYield:
        """The numbers behind the bar."""
        value = finite(right[0], region, where)
        further = right[2 if self.stat else 1 :]
        systematics = {}
        for title, text in zip(self.systematics, further, strict=False):
            size = uncertainty(text)
            if size:
                systematics[title.partition("(")[0]] = (-size, size)
        return RegionYield(region, value, systematics=systematics)


def _notes(
    left_out: list[str],
    again: list[str],
    analyses: Iterable[dict[str, dict[str, RegionYield]]],
    *,
    stat: bool,
) -> tuple[str, ...]:
    said = []
    if stat:
        said.append(
            "MadAnalysis computes its 'stat' from the sum of weights and the luminosity, not from the "
            "number of "
            "simulated events, so it was not taken over; the cut-flows (Output/SAF/.../Cutflows) have the "
            "numbers for it."
        )
    values = [
        region.value for samples in analyses for regions in samples.values() for region in regions.values()
    ]
    coarse = sum(0 < value < _FINE for value in values)
    if coarse:
        said.append(
            f"MadAnalysis writes seven digits after the point: {coarse} of {len(values)} efficiencies "
            "have fewer than "
            "four digits; the cut-flows (Output/SAF/.../Cutflows) are more exact."
        )
    if left_out:
        said.append(f"Lines about several regions at once were left out: {listed(dict.fromkeys(left_out))}.")
    if again:
        said.append(
            f"MadAnalysis added to a file that was there; of {listed(dict.fromkeys(again))} the last "
            "numbers count."
        )
    return tuple(said)


def _imported(
    name: str, analysis: str, samples: dict[str, dict[str, RegionYield]], notes: tuple[str, ...]
) -> Imported:
    labels, values = coordinates_from_names(list(samples)) if len(samples) > 1 else ((), [{}])
    points = tuple(
        ImportedPoint(
            name=sample, values=where, regions=tuple(regions.values()), quantity=Quantity.EFFICIENCY
        )
        for (sample, regions), where in zip(samples.items(), values, strict=True)
    )
    return Imported(tool=TOOL, source=name, analysis=analysis, labels=labels, points=points, notes=notes)
