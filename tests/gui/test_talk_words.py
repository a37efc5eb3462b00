"""What a talk says of runs that it compares is true of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.gui.talk.final_slide import compared, speed_up_sentence
from fitgui.gui.talk.material import Material, load
from fitgui.gui.talk.naming import names_of
from fitgui.gui.talk.race_slide import heading_of
from fitgui.gui.talk.subject import excluded
from fitgui.runs.journal import Journal
from fitgui.runs.snapshot import RunSnapshot
from fitgui.runs.wall_times import RunTimes, times_of
from fitgui_backends.contract import Place
from fitgui_backends.events import PointFitted
from tests.runs.recordings import STARTED, events_of, plan_of, record

PLACES = (("local", ""), ("globus", "river-slurm"), ("globus", "lake-pbs"))


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """The same six points of this machine: two workers, one worker, and two workers the day before."""
    folder: Path = tmp_path_factory.mktemp("words")
    journal = Journal(folder / "journal.sqlite")
    record(journal, "two", points=6, seconds=10.0)
    record(journal, "one", points=6, seconds=18.0, workers=1, started=STARTED - 3600)
    record(journal, "again", points=6, seconds=20.0, started=STARTED - 86_400)
    try:
        return load(journal, ("two", "one", "again"))
    finally:
        journal.close()


def test_two_workers_are_faster_than_one_worker_not_than_their_machine(material: Material) -> None:
    two, one, _ = material.times
    sentence = speed_up_sentence(compared(material.subject, (two, one)))
    assert sentence == "1.8 times faster than one worker, 1.9 times faster than one core."


def test_the_same_again_is_told_apart_by_when_it_was(material: Material) -> None:
    two, _, again = material.times
    again = replace(again, started=STARTED - 86_400)
    rows = compared(material.subject, (two, again))
    assert speed_up_sentence(rows[:2]) == "2.0 times faster than the run on 2026-11-28."
    assert len({row.whose for row in rows}) == len(rows)


@st.composite
def runs(draw: st.DrawFn) -> RunTimes:
    """A run somewhere, with some workers, some day."""
    backend, place = draw(st.sampled_from(PLACES))
    engine = draw(st.sampled_from(("newton", "pyhf")))
    plan = plan_of("1Lbb", points=3, workers=draw(st.integers(1, 3)), engine=engine)
    where = Place(identifier=place, name=place) if place else None
    plan = msgspec.structs.replace(
        plan, backend=backend, plan=msgspec.structs.replace(plan.plan, place=where)
    )
    snapshot = RunSnapshot(plan.points)
    for event in events_of(plan, "1Lbb", 3.0):
        snapshot.apply(event)
    return replace(times_of("run", plan, snapshot), started=STARTED - draw(st.integers(0, 200_000)))


@given(st.lists(runs(), min_size=2, max_size=4, unique_by=lambda run: run.started))
def test_no_two_runs_go_by_one_name(several: list[RunTimes]) -> None:
    this, *others = several
    names = names_of(this, others)
    assert len(set(names)) == len(names) == len(others)
    for run, name in zip(others, names, strict=True):
        own = {run.where.removeprefix("This "), run.fitted_with, "one worker" if run.workers == 1 else ""}
        assert (
            any(word and word in name for word in own) or f"{run.workers} workers" in name or "on 20" in name
        )
        if run.where == this.where and all(other.where == this.where for other in others):
            assert "machine" not in name, "what is the same tells nothing"
    for (first, one), (second, other) in combinations(zip(others, names, strict=True), 2):
        assert first is not second
        assert one != other


def test_the_race_says_whether_all_fit_the_same(material: Material) -> None:
    two, one, _ = material.times
    subject = material.subject
    assert heading_of(subject, (two, one)) == "The same 6 signal hypotheses: the race"
    asked = replace(one, asked=frozenset({"limits"}))
    assert heading_of(subject, (two, asked)) == "The race: 6 signal hypotheses, other options"
    fewer = replace(one, names=frozenset(list(one.names)[:3]))
    assert "same 6" not in heading_of(subject, (two, fewer))
    assert "not all runs fit the same points" in heading_of(subject, (two, fewer))


def test_doubtful_points_are_not_counted_as_excluded() -> None:
    plan = plan_of("1Lbb", points=20)
    sound, doubtful = RunSnapshot(plan.points), RunSnapshot(plan.points)
    for stamped in events_of(plan, "1Lbb", 3.0):
        sound.apply(stamped)
        if isinstance(event := stamped.event, PointFitted):
            result = msgspec.structs.replace(event.result, converged=False)
            stamped = msgspec.structs.replace(  # noqa: PLW2901
                stamped, event=msgspec.structs.replace(event, result=result)
            )
        doubtful.apply(stamped)
    assert excluded(sound) > 0
    assert excluded(doubtful) == 0
