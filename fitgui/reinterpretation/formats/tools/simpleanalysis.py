"""The acceptances that ATLAS SimpleAnalysis writes: ``<Analysis>.txt``.

A table between commas: ``SR,events,acceptance,err``. Its first row counts all events (``All,N,sum of
weights,sum of squared weights``); each further one is a region with its unweighted number of events, its
acceptance (sum of weights of those that passed over the sum of all weights) and the statistical uncertainty
of that (root of the sum of squared weights over the sum of all weights). Reweighting (PDFs, for instance)
adds columns. Output merged by ``-o`` has one heading, and each row the name of its analysis and two
underscores before its own: ``ZeroLepton2016__SRa``, ``ZeroLepton2016__All``.

After SimpleAnalysis (gitlab.cern.ch/atlas-sa/simple-analysis): its documentation
(simpleanalysis.docs.cern.ch) and ``OutputHandler::saveRegions``.
"""

from __future__ import annotations

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
    stem,
    uncertainty,
)
from fitgui.reinterpretation.model import Imported, ImportedPoint, Quantity, RegionYield, SignalError

TOOL = "simpleanalysis"
_COLUMNS = ("sr", "events", "acceptance", "err")
_HEADING = re.compile(
    r"^[ \t#]*\"?sr\"?[ \t]*([,;\t])[ \t]*\"?events\"?[ \t]*\1[ \t]*\"?acceptance\"?",
    re.IGNORECASE | re.MULTILINE,
)
_CUTS = re.compile(r"(?i)^_?(cut_?flow|cf(?=[_\d])|cuts?_?\d)")
"""Rows that count events behind single cuts."""
_ALL = "All"
_MERGED = "__"


def looks_like(text: str | bytes, name: str) -> bool:
    """Whether there is the heading of SimpleAnalysis."""
    try:
        return _HEADING.search(head(decoded(text, name)[0])) is not None
    except SignalError:
        return False


def read(text: str | bytes, name: str) -> tuple[Imported, ...]:
    """Read the acceptances of one analysis, or of several that were merged.

    Args:
        text: The content of the file.
        name: Of the file: the point is called after it.

    Returns:
        One for each analysis, of one point.

    Raises:
        SignalError: if it is no such table, or a number is missing.
    """
    content, notes = decoded(text, name)
    heading = _HEADING.search(content)
    if heading is None:
        raise SignalError(
            f"{name} has no line 'SR,events,acceptance,err', as all output of SimpleAnalysis has."
        )
    merged = re.findall(
        rf'^[ \t"]*(\S+?){_MERGED}{_ALL}"?[ \t]*{re.escape(heading[1])}', content, re.MULTILINE
    )
    table = _Table(name, heading[1], merged)
    for line_number, line in lines_of(content, name):
        table.take(line.strip(), f"{name}, line {line_number}")
    blocks = [block for block in table.blocks if len(block.regions)]
    if not blocks:
        raise SignalError(
            f"{name} lists no region: SimpleAnalysis ran without a region, or stopped too early."
        )
    return tuple(block.imported(name, notes) for block in blocks)


@dataclass(slots=True)
class _Block:
    """The rows of one analysis."""

    analysis: str
    regions: Regions
    cuts: list[str] = field(default_factory=list)
    above_one: list[str] = field(default_factory=list)
    without_uncertainty: list[str] = field(default_factory=list)
    further: tuple[str, ...] = ()

    def imported(self, name: str, notes: tuple[str, ...]) -> Imported:
        said = list(notes)
        if self.cuts:
            said.append(f"Rows that count events behind single cuts were left out: {listed(self.cuts)}.")
        if self.further:
            said.append(f"Further columns were left out: {listed(self.further)}.")
        if self.without_uncertainty:
            said.append(f"The statistical uncertainty is no number in {listed(self.without_uncertainty)}.")
        said += self.regions.notes
        if self.above_one:
            said.append(f"The acceptance is above 1 in {listed(self.above_one)}: look at the weights.")
        point = ImportedPoint(
            name=stem(name), values={}, regions=self.regions.tuple(), quantity=Quantity.EFFICIENCY
        )
        return Imported(
            tool=TOOL, source=name, analysis=self.analysis, labels=(), points=(point,), notes=tuple(said)
        )


class _Table:
    def __init__(self, name: str, mark: str, merged: list[str]) -> None:
        self._name = name
        self._mark = mark
        self._merged = sorted(merged, key=len, reverse=True)
        self._columns: dict[str, int] = {}
        self._further: tuple[str, ...] = ()
        self._parts: dict[str, _Block] = {}
        self.blocks: list[_Block] = []

    def take(self, line: str, where: str) -> None:
        """One line."""
        if not line or (line.startswith("#") and not _HEADING.match(line)):
            return
        cells = [cell.strip().strip('"') for cell in line.lstrip("# \t").split(self._mark)]
        if cells[0].lower() == _COLUMNS[0] and _HEADING.match(line):
            self._head(cells)
            return
        if not self._columns:
            return  # what was printed before the table
        analysis, region = self._parted(cells[0])
        if region == _ALL:
            self._begin(analysis)
            return
        if not region:
            raise SignalError(f"{where}: the row has no name.")
        block = self._parts.get(analysis) or self._begin(analysis)
        if _CUTS.match(region):
            block.cuts.append(region)
            return
        self._add(block, region, cells, where)

    def _parted(self, row: str) -> tuple[str, str]:
        """The analysis and the region of a row's name: merged output has both."""
        for analysis in self._merged:
            if row.startswith(analysis + _MERGED):
                return analysis, row[len(analysis) + len(_MERGED) :]
        return "", row

    def _head(self, cells: list[str]) -> None:
        names = [cell.lower() for cell in cells]
        self._columns = {column: names.index(column) for column in _COLUMNS if column in names}
        self._further = tuple(cell for cell in cells if cell and cell.lower() not in _COLUMNS)
        self._parts = {}  # outputs that were written into one file, one after the other

    def _begin(self, analysis: str) -> _Block:
        block = _Block(shown(analysis, 200), Regions(self._name), further=self._further)
        self._parts[analysis] = block
        self.blocks.append(block)
        return block

    def _add(self, block: _Block, region: str, cells: list[str], where: str) -> None:
        def cell(column: str) -> str | None:
            index = self._columns.get(column)
            text = cells[index] if index is not None and index < len(cells) else None
            return text.replace(",", ".") if text is not None and self._mark == ";" else text

        value = finite(cell("acceptance") or "", region, where)
        statistical = uncertainty(cell("err"))
        if statistical is None:
            block.without_uncertainty.append(region)
        if value > 1:
            block.above_one.append(region)
        block.regions.add(
            RegionYield(
                shown(region, 200), value, statistical=statistical, simulated=uncertainty(cell("events"))
            ),
            where,
        )
