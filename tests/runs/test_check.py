"""Two engines side by side: who agrees, who is nearer to the minimum, and that it is said in words."""

from __future__ import annotations

import math
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.runs.check import (
    CLS_TOLERANCE,
    Check,
    chosen_points,
    compare,
    comparison,
    reference_plan,
    summary,
)
from fitgui.runs.plan import RunError, RunPlan, make_plan
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.contract import FitOptions
from fitgui_backends.events import (
    CheckStateChanged,
    PointChecked,
    PointFitted,
    RunEvent,
    RunFinished,
    RunStarted,
)
from fitgui_backends.results import FitResult, TwiceNll, UpperLimits
from tests.runs.support import result_of, small_pallet, small_plan
from tests.runs.test_snapshot import stamped

NLL = TwiceNll(free=10.0, mu0=11.0, mu1=12.0, asimov_mu1=13.0)


def with_nll(result: FitResult, **fits: float) -> FitResult:
    return msgspec.structs.replace(result, twice_nll=msgspec.structs.replace(NLL, **fits))


def with_limits(result: FitResult, obs: float | None, *exp: float | None) -> FitResult:
    return msgspec.structs.replace(result, limits=UpperLimits(obs=obs, exp=exp))  # type: ignore[arg-type]


@given(
    st.sets(st.text(min_size=1, max_size=6), min_size=1, max_size=40),
    st.integers(1, 50),
    st.integers(0, 2**40),
)
def test_a_sample_is_a_matter_of_the_seed_alone(names: set[str], points: int, seed: int) -> None:
    ordered = sorted(names)
    check = Check(points=points, seed=seed)
    chosen = chosen_points(ordered, check)
    assert len(chosen) == min(points, len(names))
    assert list(chosen) == [name for name in ordered if name in chosen], "in the order of the run"
    assert set(chosen_points(reversed(ordered), check)) == set(chosen)
    more = chosen_points([*ordered, "one more point"], check)
    assert len(set(chosen) - set(more)) <= 1, "a result more moves one of the sample at most"


def test_seeds_choose_differently() -> None:
    names = [f"p_{number}" for number in range(125)]
    samples = {chosen_points(names, Check(points=3, seed=seed)) for seed in range(20)}
    assert len(samples) > 15


def test_the_other_engine_is_asked_the_same_hypotheses() -> None:
    plan = small_plan()
    asked = reference_plan(
        msgspec.structs.replace(
            plan.plan,
            options=FitOptions(
                poi_test=0.5, test_statistic="q", limits=True, toys=100, discovery=True, timeout_seconds=60.0
            ),
            workers=8,
        ),
        ["c_3", "a_1"],
    )
    assert [point.name for point in asked.points] == ["a_1", "c_3"]
    assert asked.workers == 1
    assert asked.options == FitOptions(
        engine="pyhf", poi_test=0.5, test_statistic="q", timeout_seconds=60.0
    ), "limits of pyhf would take too long"
    back = reference_plan(
        msgspec.structs.replace(plan.plan, options=FitOptions(engine="pyhf", limits=True)), []
    )
    assert (back.options.engine, back.options.limits) == ("newton", True)


def test_agreement_within_the_tolerance() -> None:
    found = compare(result_of("p"), result_of("p", 0.2 - 0.9 * CLS_TOLERANCE))
    assert found.agrees is True
    assert found.cls_difference == pytest.approx(0.9 * CLS_TOLERANCE)
    assert found.limit_difference is None
    assert [fit.difference for fit in found.fits] == [0.0] * 4
    assert found.sentences == ("newton and pyhf agree: CLs differs by 9.0e-05 at most",)


def test_who_is_nearer_to_the_minimum_is_said() -> None:
    ours = with_nll(result_of("p", 0.018), free=10.0, mu1=18.0)
    theirs = with_nll(result_of("p", 0.9988), free=40.7, mu1=17.5)
    found = compare(ours, theirs)
    assert found.agrees is False
    assert {fit.fit: fit.lower for fit in found.fits} == {
        "free": "newton",
        "mu0": None,
        "mu1": "pyhf",
        "asimov_mu1": None,
    }
    assert found.sentences[0].startswith("CLs observed is 0.018 by newton and 0.9988 by pyhf")
    assert "newton's free fit is lower by 30.7 in 2NLL: pyhf stopped above the minimum" in found.sentences
    assert any(
        re.match(r"pyhf's fit at the tested mu is lower by 0.5 in 2NLL: newton", s) for s in found.sentences
    )


def test_asimov_data_of_different_fits_are_not_compared() -> None:
    found = compare(result_of("p"), with_nll(result_of("p"), mu0=11.5, asimov_mu1=99.0))
    assert found.agrees is True, "CLs agrees, and that a fit does not is said all the same"
    assert (found.fits[3].difference, found.fits[3].lower) == (None, None)
    assert "newton's fit at mu = 0 is lower by 0.5" in found.sentences[1]


def test_a_difference_without_a_reason_is_called_that() -> None:
    found = compare(result_of("p"), result_of("p", 0.2003))
    assert found.agrees is False
    assert "every fit ends at the same minimum to 0.001 in 2NLL" in found.sentences[1]


def test_fits_that_cannot_be_compared_are_not_called_the_same() -> None:
    other = msgspec.structs.replace(result_of("p", 0.2003), twice_nll=TwiceNll())
    found = compare(result_of("p"), other)
    assert [fit.difference for fit in found.fits] == [None] * 4
    assert "same minimum" not in " ".join(found.sentences)
    assert "no two of them can be compared" in found.sentences[1]
    found = compare(result_of("p"), msgspec.structs.replace(other, twice_nll=TwiceNll(free=10.0, mu0=11.0)))
    assert "these end at the same minimum to 0.001 in 2NLL: free fit, fit at mu = 0" in found.sentences[1]
    assert found.sentences[1].endswith(
        "unknown: fit at the tested mu, fit of the tested mu to the Asimov data"
    )


def test_limits_are_compared_where_both_have_them() -> None:
    ours = with_limits(result_of("p"), 0.5, 0.2, 0.3, 0.4, 0.6, None)
    same = compare(ours, with_limits(result_of("p"), 0.50001, 0.2, 0.3, 0.4, 0.6, None))
    assert same.agrees is True
    assert same.limit_difference == pytest.approx(2e-5, rel=1e-3)
    other = compare(ours, with_limits(result_of("p"), 0.55, 0.2, 0.3, 0.4, 0.6, 9.0))
    assert other.agrees is False
    assert "upper limits on mu differ by 9.1 %" in other.sentences
    assert "only pyhf finds the expected upper limit on mu within its bounds" in other.sentences
    assert compare(ours, result_of("p")).agrees is True


def test_no_number_is_no_disagreement() -> None:
    found = compare(result_of("p"), result_of("p", math.nan))
    assert (found.agrees, found.cls_difference) == (None, None)
    assert found.sentences[0] == "CLs of pyhf is not a number, so there is nothing to compare"


def checked_snapshot(plan: RunPlan) -> RunSnapshot:
    """Three points: in agreement, not, and without an answer of the reference."""
    events: list[RunEvent] = [
        RunStarted(backend="local", workers=1, points=plan.points),
        CheckStateChanged(state="waiting", wanted=3, engine="newton", reference="pyhf"),
        *(PointFitted(result=result_of(name)) for name in plan.points),
        RunFinished(outcome="done", wall_seconds=1.0),
        CheckStateChanged(state="running", wanted=3, points=plan.points, engine="newton", reference="pyhf"),
        PointChecked(name="a_1", reference=result_of("a_1", 0.20002)),
        PointChecked(name="b_2", reference=with_nll(result_of("b_2", 0.7), free=12.5)),
        PointChecked(name="c_3", reference=None, error="CLs is not a number"),
    ]
    snapshot = RunSnapshot(plan.points)
    for event in stamped(events):
        snapshot.apply(event)
    return snapshot


def test_a_run_in_a_few_words() -> None:
    snapshot = checked_snapshot(small_plan())
    found = summary(snapshot)
    assert (found.state, found.wanted, found.done) == ("running", 3, 3)
    assert (found.agree, found.differ, found.failed) == (1, 1, 1)
    assert found.largest_difference == pytest.approx(0.5)
    assert found.sentences[0] == (
        "pyhf agrees with newton on 1 of 3 checked points; the largest difference in CLs is 0.5"
    )
    assert found.sentences[1].startswith("b_2: CLs observed is 0.2 by newton and 0.7 by pyhf")
    assert "newton's free fit is lower by 2.5 in 2NLL" in found.sentences[1]
    assert found.sentences[2] == "c_3: pyhf has no answer: CLs is not a number"
    assert comparison(snapshot, "unknown") is None


def test_a_point_that_is_fitted_again_is_checked_no_more() -> None:
    snapshot = checked_snapshot(small_plan())
    again: list[RunEvent] = [
        RunStarted(backend="local", workers=1, points=("b_2",), resumed=True),
        PointFitted(result=result_of("b_2")),
    ]
    for event in stamped(again):
        snapshot.apply(msgspec.structs.replace(event, sequence=event.sequence + 90))
    assert set(snapshot.checks) == {"a_1", "c_3"}
    assert snapshot.check_state == "none", "what checked ended with its application"
    copy = snapshot.copy()
    copy.checks.clear()
    assert set(snapshot.checks) == {"a_1", "c_3"}


def test_nothing_asked_is_nothing_said() -> None:
    found = summary(RunSnapshot("ab"))
    assert (found.state, found.wanted, found.done, found.sentences) == ("none", 0, 0, ())
    assert found.largest_difference is None


def test_a_check_without_points_is_refused() -> None:
    pallet = small_pallet()
    analysis = pallet.analyses[0]
    with pytest.raises(RunError, match="a check needs at least one point, not 0"):
        make_plan(pallet, analysis, analysis.points, FitOptions(), check=Check(points=0))


def test_a_plan_of_an_earlier_fitgui_has_no_check() -> None:
    plan = small_plan()
    earlier = msgspec.to_builtins(plan, builtin_types=(bytes,))
    del earlier["check"]
    for name in ("limits", "discovery", "toys", "seed", "non_negative", "test_statistic"):
        del earlier["plan"]["options"][name]
    read = msgspec.msgpack.decode(msgspec.msgpack.encode(earlier), type=RunPlan)
    assert read.check is None
    assert read == plan
