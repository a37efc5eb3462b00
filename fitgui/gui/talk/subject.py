"""What a talk is about, in words and numbers: the analysis, its runs, what was published."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fitgui import words
from fitgui.pallets import SignalPoint
from fitgui.pallets.catalogue.notation import notation_of
from fitgui.pallets.catalogue.recognising import entry_of_analysis
from fitgui.pallets.plane import PlaneData, plane_of, preferred_axes
from fitgui.pallets.published import Entry, Notation
from fitgui.runs.plan import RunPlan
from fitgui.runs.published_times import PublishedTimes, citation, published_times
from fitgui.runs.recorded import RecordedRun
from fitgui.runs.snapshot import RunSnapshot
from fitgui.runs.wall_times import RunTimes, times_of
from fitgui_backends.results import EXCLUSION_CLS

SECONDS_OF_A_LONG_TIME = 599.5
MINUTES_OF_A_LONG_TIME = 120.0


@dataclass(frozen=True, slots=True)
class Subject:
    """The analysis that was fitted."""

    title: str
    summary: str
    """One sentence; empty where the catalogue does not know the analysis."""
    reference: str
    """``ATLAS · Eur. Phys. J. C 80 (2020) 691 · arXiv:1909.09226``; else the name of the pallet."""
    points: tuple[SignalPoint, ...]
    """With coordinates, without patches."""
    labels: tuple[str, ...]
    notation: Mapping[str, Notation]
    published: PublishedTimes | None
    """Wall times that were published for as many points; they are for CLs alone."""

    @property
    def hypotheses(self) -> str:
        """``125 signal hypotheses``."""
        count = len(self.points)
        return f"{count} signal {'hypothesis' if count == 1 else 'hypotheses'}"


def subject_of(plan: RunPlan, entries: Iterable[Entry]) -> Subject:
    """What a run was about.

    Args:
        plan: of the run.
        entries: of the catalogue.
    """
    analysis = plan.analysis
    entry = None
    if not analysis.own_signal:
        entry = entry_of_analysis(
            entries,
            source=plan.pallet.source,
            shape=(len(analysis.channels), analysis.bins, analysis.parameters),
            labels=analysis.labels,
            values=plan.values.values(),
        )
    published = published_times(analysis)
    if published is not None and published.points != len(plan.points):
        published = None  # another course
    return Subject(
        title=entry.nickname or entry.analysis or plan.pallet.name if entry is not None else plan.pallet.name,
        summary=entry.summary if entry is not None else "",
        reference=_reference(entry, plan),
        points=tuple(plan.places()),
        labels=analysis.labels,
        notation=notation_of(entry.key) if entry is not None else {},
        published=published,
    )


def plane_of_subject(subject: Subject) -> PlaneData | None:
    """The plane that is shown; ``None`` where the points have no two coordinates."""
    if len(subject.labels) < 2:
        return None
    axes = preferred_axes(subject.points, subject.labels)
    return plane_of(subject.points, *axes, subject.notation)


def times_of_recorded(run: RecordedRun) -> RunTimes:
    """What a run of the journal took."""
    return times_of(run.record.id, run.record.plan, run.snapshot)


def where_of(plan: RunPlan, workers: int) -> str:
    """``2 workers of this machine``, ``4 workers at river-slurm``."""
    place = plan.plan.place
    name = (place.name or place.identifier) if place is not None else ""
    where = "of this machine" if plan.backend == "local" else f"at {name or plan.backend}"
    return f"{words.count(workers, 'worker')} {where}" if workers else where.partition(" ")[2]


def date_of(started: float | None) -> str:
    """``2026-11-29``, on the calendar of this machine; empty where it is not known."""
    return "" if started is None else time.strftime("%Y-%m-%d", time.localtime(started))


def excluded(snapshot: RunSnapshot) -> int:
    """How many points are excluded at 95 % CL so far, of those whose fits converged."""
    results = (status.result for status in snapshot.points.values())
    return sum(
        result is not None and result.converged and result.cls_obs < EXCLUSION_CLS for result in results
    )


def large_time(seconds: float) -> str:
    """A time for the last row: ``2.9 s``, ``156 s``, ``64 min``, ``2.5 h``."""
    if seconds < 0.0995:
        return f"{1000 * seconds:.0f} ms"
    if seconds < SECONDS_OF_A_LONG_TIME:
        return f"{seconds:.1f} s" if seconds < 99.95 else f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < MINUTES_OF_A_LONG_TIME else f"{minutes / 60:.1f} h"


def published_words(times: RunTimes) -> str:
    """``published 2021``; ``, without limits`` where a run asked for more than the published ones did."""
    beside = f", without {' and '.join(sorted(times.asked))}" if times.asked else ""
    return f"published {citation().year}{beside}"


def source_of(subject: Subject) -> str:
    """Where the published times are from, short enough for one line; empty where there are none."""
    if subject.published is None:
        return ""
    source = citation()
    return f"Published: {source.first_author}, {source.place}; {source.how}"


def _reference(entry: Entry | None, plan: RunPlan) -> str:
    parts: Sequence[str]
    if plan.analysis.own_signal:
        parts = (plan.analysis.own_signal,)
    elif entry is None:
        parts = (plan.analysis.name,)
    else:
        arxiv = f"arXiv:{entry.arxiv}" if entry.arxiv else ""
        parts = (entry.collaboration, entry.journal, arxiv)
        if (entry.workspaces or 0) > 1:
            parts = (*parts, plan.analysis.name)
    return " · ".join(part for part in parts if part)
