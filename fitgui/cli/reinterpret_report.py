"""What ``fitgui reinterpret`` prints: the verdict first, then what to know of it, then the regions."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.text import Text

from fitgui import words
from fitgui.cli.output import is_terminal, print_line
from fitgui.cli.plain import printable
from fitgui.cli.reinterpret_answers import Answer, by_point
from fitgui.cli.reinterpret_signals import Candidate
from fitgui.cli.report import extras
from fitgui.reinterpretation.answer.comparing import MOST_SENSITIVE, NOT_COMBINED, Row, cells, conclusion
from fitgui.reinterpretation.answer.verdict import State, Verdict
from fitgui.reinterpretation.findings import by_importance
from fitgui.reinterpretation.model import Assignment, Finding, Quantity, Target
from fitgui_backends.results import FitResult

_MOST_REGIONS = 24
"""More are counted only: ``--show-map`` shows them all."""
_NARROW = 40


def print_verdict(answer: Answer) -> None:
    """The answer for one model point on one analysis; nothing where it could not be fitted."""
    result = answer.statuses[0].result
    if result is None:
        return
    print_said(answer.verdict(result))
    if also := _also(result):
        _paragraph(f"Also computed: {'; '.join(also)}.")
    _listed("What to know:", [*_notes(answer, answer.caveats(0)), *_warnings(answer)])
    print_line("")
    for line in map_lines(answer.candidate, most=_MOST_REGIONS):
        print_line(line)


def print_said(said: Verdict) -> None:
    """A verdict, and what it means."""
    _headline(said.headline)
    _paragraph(said.sentence)


def print_scan(answer: Answer) -> None:
    """What is to be said of a scan besides the table of its results."""
    results = [status.result for status in answer.statuses if status.result is not None]
    states = [answer.verdict(result).state for result in results]
    candidate = answer.candidate
    print_states(_where(candidate.target), states, len(candidate.signals) + len(candidate.left_out))
    _listed("What to know:", _notes(answer, answer.all_caveats()))
    print_line("")
    for line in map_lines(answer.candidate, most=_MOST_REGIONS):
        print_line(line)


def print_states(where: str, states: Iterable[State], total: int) -> None:
    """What became of the points of a scan, in a line.

    Args:
        where: the pallet and its analysis.
        states: of the points that have an answer.
        total: of all points.
    """
    print_line("")
    _headline(f"{where}: {_states(Counter(states), total)}")


def print_comparison(answers: Sequence[Answer]) -> None:
    """One model point, or many, on several analyses; the most sensitive one is marked."""
    points = by_point(answers)
    if len(points) > 1:
        _print_points(answers)
        return
    [(rows, best)] = points.values()
    said = None if best is None else rows[best].verdict
    first, *others = conclusion(rows)
    if said is not None:
        _headline(said.headline)
        first = first.removesuffix(f" {said.headline}.")
    for sentence in (first, *others):
        _paragraph(sentence)
    print_line("")
    for number, row in enumerate(rows):
        for line in _row_lines(row, best=number == best):
            print_line(line)
    notes = [
        [*_notes(answer, answer.caveats(0)), *_warnings(answer)] if answer.statuses else []
        for answer in answers
    ]
    told = [set(each) for each in notes if each]
    common = set.intersection(*told) if len(told) > 1 else set()
    _listed("What to know:", [sentence for sentence in next(filter(None, notes), []) if sentence in common])
    for number, answer in enumerate(answers):
        if not answer.statuses:
            continue
        print_line("")
        print_line(f"{'★ ' if number == best else ''}{_where(answer.candidate.target)}:")
        _bullets([sentence for sentence in notes[number] if sentence not in common])
        for line in map_lines(answer.candidate, most=0, title=False):
            print_line(line)


def print_maps(candidates: Iterable[Candidate]) -> None:
    """Where regions go, side by side with the bins of the analysis."""
    for number, candidate in enumerate(candidates):
        if number:
            print_line("")
        for line in map_lines(candidate, most=None):
            print_line(line)
        problems = [candidate.problem, *candidate.further] if candidate.problem else []
        noticed = [finding.sentence for finding in by_importance(_noticed(candidate))]
        _listed("What to know:", [*problems, *noticed])


def map_lines(candidate: Candidate, *, most: int | None, title: bool = True) -> Iterator[str]:
    """The map of regions, a line for each bin that has one, and for what has none."""
    target, region_map = candidate.target, candidate.region_map
    if title:
        yield f"Regions of {candidate.imported.source} on {_where(target)}:"
    used = [one for one in region_map.assignments if one.bins and one.region not in region_map.ignored]
    if most is not None and len(used) > most:
        yield f"  {words.count(len(used), 'region')}, found by {_reasons(used)}; --show-map shows them"
    elif used:
        yield from _table(candidate, used)
    lost = [
        one.region for one in region_map.assignments if not one.bins and one.region not in region_map.ignored
    ]
    for region in lost:
        yield f"  {region}  has no bin"
    if region_map.ignored:
        yield from _wrapped(f"left out: {', '.join(sorted(region_map.ignored))}", "  ")
    filled = {place.channel for one in used for place in one.bins}
    if empty := [channel.name for channel in target.channels if channel.name not in filled]:
        yield from _wrapped(f"without yields: {', '.join(empty)}", "  ")


def _table(candidate: Candidate, used: Sequence[Assignment]) -> Iterator[str]:
    """Regions beside bins, with their yields beside data and background."""
    target = candidate.target
    single = len(candidate.imported.points) == 1
    quantities = {point.quantity for point in candidate.imported.points}
    unit = {Quantity.EVENTS: "signal", Quantity.CROSS_SECTION: "sigma/fb"}
    values = _values(candidate, used) if single else {}
    title = unit.get(next(iter(quantities)), "efficiency") if len(quantities) == 1 else "yield"
    rows = [("region", "bin", title if single else "", "observed", "background", "found by")]
    for one in used:
        channel = target.channel(one.bins[0].channel)
        number = one.bins[0].bin
        several = len(one.bins) > 1
        rows.append(
            (
                one.region,
                " + ".join(target.text(place) for place in one.bins),
                values.get(one.region, ""),
                "" if several else words.number(channel.observed[number], 4),
                "" if several else words.number(channel.background[number], 4),
                one.reason,
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    for row in rows:
        cells_ = [
            f"{cell:<{width}}" if column in (0, 1, 5) else f"{cell:>{width}}"
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            if width
        ]
        yield f"  {'  '.join(cells_)}".rstrip()


def _values(candidate: Candidate, used: Sequence[Assignment]) -> dict[str, str]:
    """The yields of the only point, as they are fitted where that is known yet."""
    values = {region.region: region.value for region in candidate.imported.points[0].regions}
    if candidate.signals and not candidate.region_map.doubled:
        yields = candidate.signals[0].yields
        values |= {one.region: yields[one.bins[0].channel][one.bins[0].bin] for one in used}
    return {region: words.number(value, 4) for region, value in values.items()}


def _reasons(used: Sequence[Assignment]) -> str:
    reasons = Counter(one.reason for one in used)
    if len(reasons) == 1:
        return next(iter(reasons))
    return ", ".join(f"{reason} ({number})" for reason, number in reasons.items())


def _also(result: FitResult) -> list[str]:
    """What was asked for beside CLs and is not in the verdict."""
    found = extras(result)
    found.pop("mu up obs", None)
    expected = found.pop("mu up exp", None)
    told = [] if expected in (None, words.number(None)) else [f"expected upper limit on μ {expected}"]
    return [*told, *(f"{heading} {number}" for heading, number in found.items())]


def _warnings(answer: Answer) -> list[str]:
    result = answer.statuses[0].result
    return [] if result is None else [*result.warnings, *result.notes]


def _notes(answer: Answer, caveats: Iterable[Finding]) -> list[str]:
    """What to know of an answer, first what could make it wrong."""
    found = by_importance((*caveats, *_noticed(answer.candidate)))
    return list(dict.fromkeys(finding.sentence for finding in found))


def _noticed(candidate: Candidate) -> list[Finding]:
    """What was noticed, without what the problems or the map beside them say."""
    said = (candidate.problem, *candidate.further)
    return [
        finding
        for finding in candidate.findings
        if finding.code not in ("ignored", "elsewhere")
        and not any(finding.sentence.rstrip(".") in problem for problem in said)
    ]


def _row_lines(row: Row, *, best: bool) -> Iterator[str]:
    """An analysis in two lines, which fit 80 columns."""
    _name, answer, observed, expected, limit, limit_expected, remark = cells(row, best=best)
    yield f"{'★' if best else ' '} {row.name}{f', {MOST_SENSITIVE}' if best else ''}"
    if row.result is None:
        yield from _wrapped(f"{answer}: {remark}", "    ")
        return
    numbers = f"CLs = {observed} (expected {expected}), μ < {limit} (expected {limit_expected})"
    rest = remark.removeprefix(MOST_SENSITIVE).removeprefix("; ")
    yield from _wrapped(f"{answer}: {numbers}{f'; {rest}' if rest else ''}", "    ")


def _print_points(answers: Sequence[Answer]) -> None:
    """Of many model points: how often each analysis was the most sensitive one, and what became of them."""
    points = by_point(answers)
    best = Counter(number for _, number in points.values())
    states: Counter[State] = Counter()
    for rows, number in points.values():
        if number is not None and (said := rows[number].verdict) is not None:
            states[said.state] += 1
    print_line("")
    _headline(f"By the most sensitive analysis of each point: {_states(states, len(points))}")
    for number, answer in enumerate(answers):
        why = f" ({answer.candidate.problem_in_short})" if answer.candidate.problem else ""
        count = f"most sensitive for {best[number]} of {len(points)} points{why}"
        for line in _wrapped(f"{_where(answer.candidate.target)}: {count}", "  "):
            print_line(line)
    _paragraph(NOT_COMBINED)


def _states(states: Counter[State], total: int) -> str:
    parts = [f"{states[State.EXCLUDED]} excluded at 95 % CL", f"{states[State.NOT_EXCLUDED]} not excluded"]
    if states[State.UNKNOWN]:
        parts.append(f"{states[State.UNKNOWN]} doubtful")
    if lacking := total - sum(states.values()):
        parts.append(f"{lacking} without an answer")
    return f"{words.count(total, 'point')}, {', '.join(parts)}"


def _where(target: Target) -> str:
    return f"{target.pallet}: {target.analysis.name}"


def _headline(text: str) -> None:
    if is_terminal(sys.stdout):
        Console(highlight=False).print(Text(printable(text), style="bold"))
    else:
        print_line(text)


def _paragraph(text: str) -> None:
    for line in _wrapped(text, ""):
        print_line(line)


def _listed(title: str, sentences: Sequence[str]) -> None:
    if sentences:
        print_line("")
        print_line(title)
        _bullets(sentences)


def _bullets(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        for line in _wrapped(sentence, "  - ", "    "):
            print_line(line)


def _wrapped(text: str, first: str, further: str | None = None) -> list[str]:
    """In the width of the terminal; in a pipe a sentence is a line."""
    indent = first if further is None else further
    if not is_terminal(sys.stdout):
        return [first + text]
    width = max(_NARROW, shutil.get_terminal_size().columns)
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]
