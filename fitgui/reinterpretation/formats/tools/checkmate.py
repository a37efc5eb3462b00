"""What CheckMATE writes: ``evaluation/total_results.txt``, ``analysis/..._signal.dat``, ``..._control.dat``.

``total_results.txt`` is a table, cells apart by two spaces or more: one line of headings, one line for each
signal region of each analysis. Which columns there are is the user's choice (``-tefc``); by default
``analysis sr o b db s ds s95obs s95exp robscons rexpcons``. ``s`` is the signal in events for the cross
section of the run and the luminosity of the analysis; ``ds`` its total uncertainty, in quadrature that of
the number of simulated events (``signal_err_stat``) and that of the cross section (``signal_err_sys``).
Limits and ratios may be ``nan`` or ``inf`` where there was no signal.

The ``.dat`` files have a header (``XSect: 12 fb``, ``MCEvents: 10000`` ...) and the table ``SR Sum_W Sum_W2
Acc N_Norm``, or ``CR`` for control regions; they hold one sample of events each.

After CheckMATE 2 (github.com/CheckMATE2/checkmate2): its reference results (``data/ref_results``),
``evaluator.py``, ``resultcollector.py``, ``advprint.py`` and ``AnalysisBase::finish``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from fitgui.pallets.reading.names import shown
from fitgui.reinterpretation.formats.texts import (
    Regions,
    decoded,
    finite,
    head,
    lines_of,
    listed,
    number,
    stem,
    uncertainty,
)
from fitgui.reinterpretation.model import Imported, ImportedPoint, Quantity, RegionYield, SignalError

TOOL = "checkmate"
CROSS_SECTION = "signal_cross_section"
"""What the uncertainty of the cross section is called, where the file tells it apart."""

_NAMES = {
    "analysis": ("analysis", "ana"),
    "region": ("sr", "cr", "signalregion"),
    "events": ("s", "signalnorm", "signalnormevents", "signal_normevents", "n_norm"),
    "total": ("ds", "signalerrtot", "signal_err_tot", "sig_err_tot"),
    "stat": ("signalerrstat", "signal_err_stat", "sig_err_stat", "ds_stat"),
    "sys": ("signalerrsys", "signal_err_sys", "sig_err_sys", "ds_sys"),
    "weights": ("sum_w",),
    "squares": ("sum_w2",),
    "cut": ("cut",),
}
"""How CheckMATE calls its columns (``line_from_data`` knows several names for some)."""
_ROLE = {name: role for role, names in _NAMES.items() for name in names}
_APART = re.compile(r" {2,}|\t+")
_FILE = re.compile(r"((?:atlas|cms)_\w+?)_(?:signal|control|cutflow)\.dat$", re.IGNORECASE)
_XSECT = re.compile(r"^\s*@?\s*XSect:\s*(\S+)\s*fb", re.MULTILINE)


def looks_like(text: str | bytes, name: str) -> bool:
    """Whether there is a heading of CheckMATE."""
    try:
        content = head(decoded(text, name)[0])
    except SignalError:
        return False
    return any(_heading(line) is not None for line in content.split("\n"))


def read(text: str | bytes, name: str) -> tuple[Imported, ...]:
    """Read the signal of all analyses of a run.

    Args:
        text: The content of the file.
        name: Of the file: the point is called after it.

    Returns:
        One for each analysis, in the order of the file, of one point.

    Raises:
        SignalError: if it is no such table, or a number is missing.
    """
    content, notes = decoded(text, name)
    columns: dict[str, int] | None = None
    width = 0
    found: dict[str, _Analysis] = {}
    for line_number, line in lines_of(content, name):
        if not line.strip() or line.lstrip().startswith(("#", "@")):
            continue
        heading = _heading(line)
        if heading is not None:
            if columns is None:
                columns, width = heading, len(line.split())
            continue
        if columns is None:
            continue  # the header of a .dat file, or what was printed before
        where = f"{name}, line {line_number}"
        cells = _cells(line)
        if len(cells) < width:
            cells = line.split()
        if len(cells) < width:
            raise SignalError(
                f"{where}: it has {len(cells)} cells, and the heading names {width}: is it cut off?"
            )
        analysis = cells[columns["analysis"]] if "analysis" in columns else _analysis_of(name)
        found.setdefault(analysis, _Analysis(Regions(name))).take(cells, columns, where)
    if columns is None:
        raise SignalError(
            f"{name} has no line of headings with 'sr' and 's', as total_results.txt of CheckMATE has."
        )
    if "cut" in columns:
        raise SignalError(
            f"{name} counts events behind the cuts of CheckMATE, not in regions: take "
            "evaluation/total_results.txt."
        )
    if not any(len(each.regions) for each in found.values()):
        raise SignalError(f"{name} lists no region: CheckMATE ran without an analysis, or stopped too early.")
    if stem(name) == "best_signal_regions":
        notes += (
            "This file has the best region of each analysis only: total_results.txt beside it has all.",
        )
    if "squares" in columns:
        notes += (
            f"{name} holds one process of a run only: if the signal has several, take "
            "evaluation/total_results.txt, which adds them up.",
        )
    section = _XSECT.search(content)
    return tuple(
        each.imported(name, analysis, notes, uncertainty(section[1]) if section else None)
        for analysis, each in found.items()
    )


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in _APART.split(line.strip()) if cell.strip()]


def _heading(line: str) -> dict[str, int] | None:
    """Where the columns stand, if this is a line of headings."""
    names = [cell.strip(":").lower() for cell in line.split()]
    if len(names) < 3 or any(number(name) is not None for name in names):
        return None
    columns: dict[str, int] = {}
    for index, name in enumerate(names):
        role = _ROLE.get(name)
        if role is not None:
            columns.setdefault(role, index)
    named = "region" in columns or "cut" in columns
    telling = {"analysis", "total", "stat", "weights"} & columns.keys()
    return columns if named and "events" in columns and telling else None


def _analysis_of(name: str) -> str:
    """The analysis that a ``.dat`` file is named after."""
    found = _FILE.search(name.replace("\\", "/").rsplit("/", 1)[-1])
    return found[1] if found else ""


@dataclass(slots=True)
class _Analysis:
    """What is gathered of one analysis."""

    regions: Regions
    total: bool = False
    without_uncertainty: list[str] = field(default_factory=list)

    def take(self, cells: list[str], columns: dict[str, int], where: str) -> None:
        """One line of the table."""
        region = cells[columns["region"]] if "region" in columns else cells[columns["cut"]]
        value = finite(cells[columns["events"]], region, where)

        def of(role: str) -> float | None:
            return uncertainty(cells[columns[role]]) if role in columns else None

        statistical, sys = of("stat"), of("sys")
        if statistical is None and "squares" in columns:
            weights, squares = number(cells[columns["weights"]]) or 0.0, of("squares") or 0.0
            statistical = abs(value) * math.sqrt(squares) / abs(weights) if weights and value else 0.0
        elif statistical is None and sys is None:
            statistical = of("total")
            self.total = self.total or statistical is not None
        if statistical is None:
            self.without_uncertainty.append(region)
        systematics = {CROSS_SECTION: (-sys, sys)} if sys else {}
        self.regions.add(
            RegionYield(shown(region, 200), value, statistical=statistical, systematics=systematics), where
        )

    def imported(
        self, name: str, analysis: str, notes: tuple[str, ...], cross_section_fb: float | None
    ) -> Imported:
        said = list(notes)
        if self.total:
            said.append(
                "CheckMATE's ds is taken as the statistical uncertainty of the signal; it includes that "
                "of the cross "
                "section where the run was given one."
            )
        if self.without_uncertainty:
            said.append(f"The uncertainty is no number in {listed(self.without_uncertainty)}.")
        said += self.regions.notes
        point = ImportedPoint(
            name=stem(name),
            values={},
            regions=self.regions.tuple(),
            quantity=Quantity.EVENTS,
            cross_section_fb=cross_section_fb or None,
        )
        return Imported(
            tool=TOOL,
            source=name,
            analysis=shown(analysis, 200),
            labels=(),
            points=(point,),
            notes=tuple(said),
        )
