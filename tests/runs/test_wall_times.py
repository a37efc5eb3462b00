"""Wall times, speed-ups and what is said of runs that cannot be compared as they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.pallets import open_pallet
from fitgui.runs.agreement import agreement
from fitgui.runs.completion import Completion
from fitgui.runs.journal import Journal
from fitgui.runs.plan import AnalysisReference, RunPlan, make_plan
from fitgui.runs.published_times import citation, published_times
from fitgui.runs.snapshot import RunSnapshot
from fitgui.runs.wall_bars import (
    BarKind,
    bars_of,
    comparison,
    curve_of,
    factor_text,
    seconds_text,
    usually_shown,
)
from fitgui.runs.wall_history import KnownRun, earlier_runs
from fitgui.runs.wall_times import RunTimes, differences, times_of
from fitgui_backends.contract import FitOptions, Place, TaskState
from fitgui_backends.events import (
    PlaceChanged,
    PointFailed,
    PointFitted,
    RunEvent,
    RunStarted,
    TaskStateChanged,
)
from fitgui_backends.results import Seconds, UpperLimits
from tests.runs.recorded_runs import NAMES, plan_of, record, snapshot_after, stamped, whole_run
from tests.runs.support import result_of

ONE_LEPTON = "2563672e1a165384faf49f1431e921d88c9c07ec10f150d5045576564f98f820"


def analysis_of(
    digest: str, record: str = "", name: str = "BkgOnly", channels: int = 1, bins: int = 1
) -> AnalysisReference:
    return AnalysisReference(
        name=name,
        digest=digest,
        labels=(),
        channels=("SR",) * channels,
        bins=bins,
        parameters=1,
        poi=None,
        references=(record,) if record else (),
    )


def times(plan: RunPlan, run_id: str = "r", **how: float) -> RunTimes:
    workers = int(how.get("workers", 2))
    told = whole_run(plan, workers=workers, wall=how.get("wall", 2.0), fit=how.get("fit", 0.9))
    return times_of(run_id, plan, snapshot_after(plan, told))


def test_speed_up_and_efficiency_are_what_was_measured() -> None:
    run = times(plan_of(), workers=2, wall=2.5, fit=0.9)
    assert run.core == pytest.approx(4 * (0.9 + 0.1))
    assert run.wall == 2.5
    assert run.speed_up == pytest.approx(4.0 / 2.5)
    assert run.efficiency == pytest.approx(4.0 / 2.5 / 2)
    assert run.label == "This machine, 2 workers, newton"


def test_a_failed_point_took_its_time_too() -> None:
    plan = plan_of()
    told = whole_run(plan, workers=1, wall=4.0, fit=0.9)
    told[2] = (2.0, PointFailed(name="b", error="no", seconds=Seconds(model=0.1, fit=0.4)))
    run = times_of("r", plan, snapshot_after(plan, told))
    assert run.core == pytest.approx(3 * 1.0 + 0.5)
    assert differences(run, None) == ("3 of 4 points",)


def test_a_cluster_is_called_by_its_name_and_counts_its_workers() -> None:
    plan = plan_of(backend="globus", place=Place(identifier="x", name="river-slurm"))
    told = whole_run(plan, workers=None, wall=2.0, fit=0.9)
    told.insert(1, (0.1, PlaceChanged(status="online", workers=4)))
    run = times_of("r", plan, snapshot_after(plan, told))
    assert run.label == "Globus: river-slurm, 4 workers, newton"
    assert run.efficiency == pytest.approx(4.0 / 2.0 / 4)


def test_while_it_goes_on_what_is_expected_is_marked_as_such() -> None:
    plan = plan_of()
    told: list[tuple[float, RunEvent]] = [
        (0.0, RunStarted(backend="local", workers=1, points=NAMES)),
        (0.0, TaskStateChanged(points=("a",), state=TaskState.RUNNING, worker="h:1")),
        (1.0, PointFitted(result=result_of("a", seconds=0.9))),
        (1.0, TaskStateChanged(points=("b",), state=TaskState.RUNNING, worker="h:1")),
    ]
    run = times_of("r", plan, snapshot_after(plan, told), elapsed=1.5, alive=True)
    assert run.going_on
    assert run.wall == 1.5
    assert run.wall_expected == pytest.approx(4.0, rel=0.2)
    assert run.core_expected == pytest.approx(4 * 1.0)
    this, core = bars_of(run)
    assert this.kind is BarKind.THIS
    assert core.kind is BarKind.CORE
    assert this.value.startswith("1.50 s, about ")
    assert core.value == "1.00 s, about 4.0 s in all"
    assert "1 of 4 points so far" in core.detail


@pytest.mark.parametrize(
    ("names", "options", "expected"),
    [
        (NAMES, {}, ()),
        (("a", "b"), {}, ("2 of 4 points",)),
        (NAMES, {"limits": True}, ("with limits",)),
        (
            ("a",),
            {"limits": True, "toys": 100},
            ("1 of 4 points", "with 100 pseudo-experiments", "with limits"),
        ),
        (NAMES, {"engine": "pyhf"}, ()),  # the label says it
    ],
)
def test_what_differs_is_said(
    names: tuple[str, ...], options: dict[str, object], expected: tuple[str, ...]
) -> None:
    this = times(plan_of())
    other = times(plan_of(names, **options), "other")
    assert differences(other, this) == expected
    bar = bars_of(this, [other])[2]
    assert bar.comparable == (not expected)
    assert all(word in bar.detail for word in expected)
    if expected:
        assert comparison(this, bar).startswith("Not comparable with")


def test_what_this_run_asked_for_and_the_other_did_not() -> None:
    this = times(plan_of(("a", "b"), limits=True))
    assert differences(times(plan_of(("b", "c")), "o"), this) == (
        "2 points, 1 of them in both",
        "without limits",
    )
    assert differences(times(plan_of(("c", "d")), "o"), this) == ("2 other points", "without limits")


def test_one_sentence_compares_two_runs() -> None:
    this = times(plan_of(), wall=2.0)
    slow, fast, same = (times(plan_of(), f"r{wall}", wall=wall) for wall in (108.0, 1.0, 2.02))
    bars = bars_of(this, [slow, fast, same])[2:]
    assert comparison(this, bars[0]).startswith("54 times faster than the run at This machine")
    assert comparison(this, bars[1]).startswith("Took 2.0 times as long as")
    assert comparison(this, bars[2]).startswith("As fast as")


def test_earlier_runs_of_other_ways_to_fit_the_same_are_shown() -> None:
    this = times(plan_of(), "this")
    others = [
        times(plan_of(), "again"),
        times(plan_of(), "one newer", workers=1),
        times(plan_of(), "one older", workers=1),
        times(plan_of(("a",)), "part", workers=1),
        times(plan_of(engine="pyhf"), "pyhf"),
    ]
    assert usually_shown(this, others) == {"one newer", "pyhf"}


def test_published_times_come_with_their_likelihood() -> None:
    found = published_times(analysis_of(ONE_LEPTON))
    assert found is not None
    assert found.points == 125
    assert {(time.seconds, time.error) for time in found.times} == {
        *((76.0, None), (156.2, 9.5), (1672.0, None), (3842.0, None))
    }
    assert found.main is not None
    assert found.main.seconds == 156.2
    assert published_times(analysis_of("0" * 64)) is None
    assert citation().arxiv == "2103.02182"
    same_sign = published_times(analysis_of("0" * 64, "ins1754675", "RPC2L0b"))
    assert same_sign is not None
    assert same_sign.points == 76
    assert published_times(analysis_of("0" * 64, "ins1754675", "Rpc2L1b")) is None


@pytest.mark.parametrize(
    ("name", "channels", "bins", "timed"),
    [("BkgOnly", 8, 14, True), ("BkgOnly", 8, 15, False), ("highMass", 3, 14, False), ("", 1, 1, False)],
)
def test_another_workspace_of_the_same_record_has_no_published_times(
    name: str, channels: int, bins: int, timed: bool
) -> None:
    """The record of 1Lbb has one workspace, so its name tells nothing; what it holds does."""
    found = published_times(analysis_of("0" * 64, "ins1755298", name, channels, bins))
    assert (found is not None) == timed


def test_real_pallets_are_recognised(real_pallets: Path) -> None:
    pallet = open_pallet(real_pallets / "atlas-susy-2018-04-stau.tar.gz")
    for analysis in pallet.analyses:
        by_digest, by_name = published_times(analysis), published_times(replace(analysis, digest=""))
        planned = make_plan(pallet, analysis, analysis.points[:1], FitOptions()).analysis
        assert by_digest == by_name == published_times(planned)
        assert published_times(msgspec.structs.replace(planned, digest="")) == by_name
        assert (by_name is not None) == (analysis.name == "Region-combined")


def test_published_values_of_other_points_or_without_limits_say_so() -> None:
    published = published_times(analysis_of(ONE_LEPTON))
    this = times(plan_of(limits=True))
    bars = [bar for bar in bars_of(this, [], published) if bar.kind is BarKind.PUBLISHED]
    assert len(bars) == 4
    assert all(bar.detail == "125 points, without limits" and not bar.comparable for bar in bars)
    assert bars[1].value == "156.2 ± 9.5 s"
    assert bars[1].end == pytest.approx(165.7)
    assert "arXiv:2103.02182" in bars[1].explanation


def test_curves_are_what_happened() -> None:
    plan = plan_of()
    told = whole_run(plan, workers=1, wall=4.0, fit=0.9)
    run = times_of("r", plan, snapshot_after(plan, told))
    curve = curve_of(run, None)
    assert list(curve.completion.seconds) == [1.0, 2.0, 3.0, 4.0]
    assert list(curve.completion.done) == [1, 2, 3, 4]
    assert [curve.completion.at(t) for t in (0.0, 0.99, 1.0, 2.5, 9.0)] == [0, 0, 1, 2, 4]
    assert curve.total == 4


@given(st.lists(st.tuples(st.floats(0.0, 5.0), st.integers(0, 3)), max_size=30))
def test_completion_tells_the_last_word_of_each_moment(steps: list[tuple[float, int]]) -> None:
    known = Completion()
    now = 0.0
    truth: dict[float, int] = {}
    for step, done in steps:
        now += step
        known.note(now, done)
        truth[now] = done
    assert list(known.seconds) == sorted(set(known.seconds))
    for moment, done in truth.items():
        assert known.at(moment) == done
    assert known.copy() == known


@given(st.floats(1e-3, 1e6))
def test_a_time_in_words_is_the_time(seconds: float) -> None:
    said = float(seconds_text(seconds).partition(" s")[0])
    assert said == pytest.approx(seconds, rel=0.006)


@pytest.mark.parametrize(
    ("factor", "said"), [(1.94, "1.9"), (9.96, "10"), (53.8, "54"), (1317.0, "1300"), (99.7, "100")]
)
def test_a_factor_has_two_digits(factor: float, said: str) -> None:
    assert factor_text(factor) == said


def test_two_runs_that_found_the_same_agree() -> None:
    plan = plan_of()
    one = snapshot_after(plan, whole_run(plan, workers=1, wall=1.0, fit=0.1))
    told = whole_run(plan, workers=1, wall=1.0, fit=0.1)
    assert agreement(one, snapshot_after(plan, told)).agrees is True
    limits = UpperLimits(obs=1.5, exp=(1.0, 1.0, 1.0, 1.0, None))
    other = msgspec.structs.replace(result_of("c", cls=0.203), limits=limits)
    told[3] = (0.75, PointFitted(result=other))
    found = agreement(one, snapshot_after(plan, told))
    assert found.agrees is False
    assert found.common == 4
    assert found.cls_difference == pytest.approx(0.003)
    assert found.cls_point == "c"
    assert found.limit_difference is None
    nothing = agreement(one, RunSnapshot(plan.points))
    assert nothing.agrees is None
    assert nothing.common == 0


def test_earlier_runs_come_from_the_journal(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    try:
        plan = plan_of()
        for number, wall in enumerate((3.0, 2.0)):
            told = whole_run(plan, workers=1, wall=wall, fit=0.4)
            record(journal, f"run{number}", plan, told, started=1.7e9 + number)
        record(journal, "nothing yet", plan, [], started=1.7e9 + 5)
        digest = plan.analysis.digest
        found = earlier_runs(journal, digest)
        assert [(run.run_id, run.wall) for run in found] == [("run1", 2.0), ("run0", 3.0)]
        assert [run.run_id for run in earlier_runs(journal, digest, without="run1")] == ["run0"]
        assert earlier_runs(journal, "another") == []
        known: dict[str, KnownRun] = {}
        found = earlier_runs(journal, digest, known=known)
        again = earlier_runs(journal, digest, known=known)
        assert all(one is other for one, other in zip(found, again, strict=True)), "nothing is read again"
        journal.append("nothing yet", stamped(whole_run(plan, workers=1, wall=4.0, fit=0.4)))
        journal.flush()
        newest, *others = earlier_runs(journal, digest, known=known)
        assert (newest.run_id, newest.wall) == ("nothing yet", 4.0)
        assert all(one is other for one, other in zip(found, others, strict=True))
    finally:
        journal.close()
