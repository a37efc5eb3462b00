"""Answers of ``fitgui reinterpret``: what was fitted, what came out, and what is to be known of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fitgui import words
from fitgui.cli.reinterpret_asked import Asked
from fitgui.cli.reinterpret_signals import Candidate, plain, without_points
from fitgui.pallets import Pallet, SignalPoint
from fitgui.pallets.poi import largest_mu
from fitgui.reinterpretation.answer.comparing import Row, most_sensitive
from fitgui.reinterpretation.answer.verdict import Verdict, verdict
from fitgui.reinterpretation.findings import note
from fitgui.reinterpretation.looking_over.caveats import caveats
from fitgui.reinterpretation.model import Finding, Signal, SignalError
from fitgui.reinterpretation.patching.own_pallet import own_pallet
from fitgui.reinterpretation.patching.patch import signal_point
from fitgui.runs.export import results_document
from fitgui.runs.plan import RunPlan
from fitgui.runs.snapshot import PointStatus, RunSnapshot
from fitgui_backends.results import FitResult

_LOOKED_AT = 300
"""Points of a scan whose caveats are looked for."""


@dataclass(slots=True)
class Answer:
    """One analysis, and what became of it."""

    candidate: Candidate
    asked: Asked
    pallet: Pallet | None = None
    """The signals on this analysis, as they are kept; ``None`` where the candidate has a problem."""
    plan: RunPlan | None = None
    snapshot: RunSnapshot | None = None
    run_id: str = ""

    @property
    def points(self) -> tuple[SignalPoint, ...]:
        """What is fitted, in the order of the signals."""
        return () if self.pallet is None else self.pallet.analyses[0].points

    @property
    def statuses(self) -> list[PointStatus]:
        """Of the points, as far as they were fitted."""
        return [] if self.snapshot is None else [self.snapshot.points[point.name] for point in self.points]

    @property
    def rows(self) -> list[Row]:
        """One for each point, as several analyses are compared by it."""
        target, problem = self.candidate.target, self.candidate.problem
        if problem:
            return []
        statuses = self.statuses
        if not statuses:
            return [Row(target, signal) for signal in self.candidate.signals]
        largest = largest_mu(target.analysis, target.measurement)
        return [
            Row(target, signal, status.result, status.error or "", largest)
            for signal, status in zip(self.candidate.signals, statuses, strict=True)
        ]

    @property
    def results(self) -> dict[str, Any] | None:
        """Of the run, as in the results file."""
        if self.plan is None or self.snapshot is None:
            return None
        return results_document(self.plan, self.snapshot)

    def verdict(self, result: FitResult) -> Verdict:
        """What a result says."""
        target = self.candidate.target
        return verdict(result, largest=largest_mu(target.analysis, target.measurement))

    def caveats(self, number: int) -> tuple[Finding, ...]:
        """What to know of the answer for one point."""
        signal, statuses = self.candidate.signals[number], self.statuses
        treatments = self.candidate.treatments(signal, self.asked)
        result = statuses[number].result if statuses else None
        return caveats(self.candidate.target, signal, treatments, result)

    def all_caveats(self) -> list[Finding]:
        """The same for all points: what several of them have in common is said once."""
        count = len(self.candidate.signals)
        numbers = range(0, count, max(1, -(-count // _LOOKED_AT)))
        found: dict[str, list[tuple[int, str]]] = {}
        for number in numbers:
            for finding in self.caveats(number):
                found.setdefault(finding.code, []).append((number, finding.sentence))
        return [note(code, self._joined(each, len(numbers))) for code, each in found.items()]

    def _joined(self, found: Sequence[tuple[int, str]], total: int) -> str:
        number, sentence = found[0]
        if len(found) == total and all(each == sentence for _, each in found):
            return sentence
        looked = "" if total == len(self.candidate.signals) else " that were looked at"
        name = self.candidate.signals[number].name
        return f"{len(found)} of {total} points{looked}, for example {name}: {sentence}"


def make_answer(candidate: Candidate, asked: Asked) -> Answer:
    """The signals of a candidate as a pallet, which is not kept yet.

    Points that cannot be added to the analysis are left out, with a finding that says so; where none can,
    the candidate gets a problem.
    """
    if candidate.problem:
        return Answer(candidate, asked)
    target = candidate.target
    points: list[SignalPoint] = []
    troubles: dict[int, str] = {}
    for number, signal in enumerate(candidate.signals):
        try:
            points.append(signal_point(target, signal, candidate.treatments(signal, asked)))
        except SignalError as error:
            troubles[number] = str(error)
    candidate = without_points(candidate, troubles)
    if candidate.problem:
        return Answer(candidate, asked)
    if candidate.left_out:
        candidate = replace(candidate, findings=(_left_out(candidate), *candidate.findings))
    imported = candidate.imported
    stem = imported.source.rsplit(".", 1)[0] if "." in imported.source[1:] else imported.source
    try:
        pallet = own_pallet(target, f"{stem} in {target.analysis.name}", points, imported.labels)
    except SignalError as error:
        return Answer(replace(candidate, problem=plain(str(error))), asked)
    return Answer(candidate, asked, pallet)


def _left_out(candidate: Candidate) -> Finding:
    """Which points have no answer."""
    name, why = next(iter(candidate.left_out.items()))
    out, total = len(candidate.left_out), len(candidate.left_out) + len(candidate.signals)
    which = f"for example {name}" if out > 1 else name
    return note("left-out", f"{out} of {words.count(total, 'point')} cannot be fitted ({which}): {why}")


def names_of(answers: Iterable[Answer]) -> list[str]:
    """Of all model points, in order; analyses of one file have the same, of several files not always."""
    signals: Iterator[Signal] = (signal for answer in answers for signal in answer.candidate.signals)
    return list(dict.fromkeys(signal.name for signal in signals))


def by_point(answers: Sequence[Answer]) -> Mapping[str, tuple[list[Row], int | None]]:
    """For each model point the rows of all analyses, and which of them is the most sensitive one."""
    tables = [{row.signal.name: row for row in answer.rows if row.signal is not None} for answer in answers]
    found = {}
    for name in names_of(answers):
        rows = [
            table.get(name) or Row(answer.candidate.target, problem=_why_not(answer.candidate, name))
            for answer, table in zip(answers, tables, strict=True)
        ]
        found[name] = (rows, most_sensitive(rows))
    return found


def _why_not(candidate: Candidate, name: str) -> str:
    """Why a point has no answer."""
    return candidate.problem_in_short or candidate.left_out.get(name) or "no such point"
