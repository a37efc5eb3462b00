"""What a talk is made of: read from the journal on a thread, made into screens in the GUI thread."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass

from shiboken6 import isValid

from fitgui.gui.bridge import Bridge
from fitgui.gui.talk.final_slide import FinalSlide
from fitgui.gui.talk.plane_slide import LivePlane, ReplayedPlane
from fitgui.gui.talk.player import Player
from fitgui.gui.talk.race_slide import RaceSlide
from fitgui.gui.talk.reach import reach_of
from fitgui.gui.talk.slide import Slide
from fitgui.gui.talk.subject import Subject, date_of, subject_of, times_of_recorded, where_of
from fitgui.gui.talk.title_slide import TitleSlide
from fitgui.gui.theme import Theme
from fitgui.gui.workbench import Workbench
from fitgui.pallets.catalogue.bundled import load_catalogue
from fitgui.runs.journal import Journal
from fitgui.runs.plan import RunPlan
from fitgui.runs.recorded import RecordedRun, recorded_run, runs_of_analysis
from fitgui.runs.wall_bars import usually_shown
from fitgui.runs.wall_times import RunTimes, workers_of


@dataclass(frozen=True, slots=True)
class Material:
    """Recorded runs of one analysis, with what is known about it."""

    subject: Subject
    """Of the first run."""
    runs: tuple[RecordedRun, ...]
    """At least one."""
    times: tuple[RunTimes, ...]
    """Of each run."""


def load(journal: Journal, run_ids: Sequence[str], *, company: bool = False) -> Material:
    """Read runs from the journal; takes a moment, so call it on a thread.

    Args:
        journal: has the runs.
        run_ids: at least one; the first is the one whose plane is shown.
        company: add other runs of the same points that are worth to be compared with the first.

    Raises:
        JournalError: if a run cannot be read.
    """
    runs = [recorded_run(journal, journal.run(run_id)) for run_id in run_ids]
    times = [times_of_recorded(run) for run in runs]
    if company:
        digest = runs[0].record.plan.analysis.digest
        others = [
            recorded_run(journal, record)
            for record in runs_of_analysis(journal, digest)
            if record.id not in run_ids
        ]
        other_times = [times_of_recorded(run) for run in others]
        chosen = usually_shown(times[0], other_times, most=3)
        for run, found in zip(others, other_times, strict=True):
            if run.record.id in chosen:
                runs.append(run)
                times.append(found)
    subject = subject_of(runs[0].record.plan, load_catalogue().entries)
    return Material(subject, tuple(runs), tuple(times))


def replayed(
    material: Material,
    look: Theme,
    bridge: Bridge,
    *,
    speed: float | None = None,
    seconds: float | None = None,
) -> list[Slide]:
    """All screens of recorded runs.

    Args:
        material: what is shown.
        look: colours.
        bridge: for work on a thread.
        speed: seconds of the runs in a second.
        seconds: what the longest is to take, instead.
    """
    first = material.runs[0]
    plan = first.record.plan
    where = where_of(plan, workers_of(first.snapshot))
    player = Player(material.runs[:1], speed=speed, seconds=seconds)
    return [
        _title(material.subject, plan, where, look, _recorded_on(first)),
        ReplayedPlane(look, material.subject, where, bridge, player),
        *compared(material, look, bridge, speed=speed, seconds=seconds),
    ]


def compared(
    material: Material,
    look: Theme,
    bridge: Bridge,
    *,
    speed: float | None = None,
    seconds: float | None = None,
) -> list[Slide]:
    """The screens that compare recorded runs, the race and what it comes to; arguments as of `replayed`."""
    subject, first = material.subject, material.runs[0]
    race = RaceSlide(look, subject, material.times, Player(material.runs, speed=speed, seconds=seconds))
    final = FinalSlide(look, subject, material.times, _recorded_on(first))

    def found(text: str) -> None:
        if isValid(final):
            final.show_reach(text)

    # When it is looked at: until then the threads belong to the contours.
    final.entered_first.connect(
        lambda: bridge.run(lambda: reach_of(subject, first.snapshot), found, lambda _error: None)
    )
    return [race, final]


def live(plan: RunPlan, look: Theme, workbench: Workbench) -> list[Slide]:
    """The screens of the run that goes on in the window."""
    subject = subject_of(plan, load_catalogue().entries)
    snapshot = workbench.snapshot
    where = where_of(plan, workers_of(snapshot) if snapshot is not None else 0)
    plane = LivePlane(look, subject, where, workbench)
    return [_title(subject, plan, where, look, "live"), plane]


def _title(subject: Subject, plan: RunPlan, where: str, look: Theme, footer: str) -> TitleSlide:
    count, _, meaning = subject.hypotheses.partition(" ")
    facts = [(count, meaning), (str(plan.analysis.parameters), "parameters in every fit")]
    number, _, rest = where.partition(" ")
    facts.append((number, rest) if number.isdigit() else (plan.plan.options.engine, where))
    return TitleSlide(look, subject, facts, footer)


def _recorded_on(run: RecordedRun) -> str:
    """``recorded on 2026-11-29 on vm``: the first and the last screen are no replay."""
    host = run.record.host
    elsewhere = f" on {host}" if host and host != platform.node() else ""
    return f"recorded on {date_of(run.record.started)}{elsewhere}"
