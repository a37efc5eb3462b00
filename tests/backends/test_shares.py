"""Toys of one point on several workers: the same answer, bit by bit, however they are shared."""

from __future__ import annotations

import json
import os
import signal
import struct
import sys
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgui_backends.contract import FitOptions, FitPoint, TaskState, ToyShare
from fitgui_backends.engines import load_engine
from fitgui_backends.events import PointProgress, TaskStateChanged, TaskTimed
from fitgui_backends.local import LocalBackend
from fitgui_backends.results import FitResult, Seconds, ShareResult, ToyPart
from fitgui_backends.shares import merge_shares
from tests.backends.conftest import PlanMaker, Receiver
from tests.builders import make_operations, make_workspace

TOYS = 40
OPTIONS = FitOptions(toys=TOYS, seed=7, limits=True)
WORKSPACE = make_workspace({"SR": [12.0, 5.0], "CR": [80.0]})
FEW = FitOptions(toys=12, seed=7, limits=True)
"""Where it does not matter what they say."""
POINT = FitPoint(name="signal", operations=json.dumps(make_operations(WORKSPACE, scale=2.0)).encode())


def share(first: int, count: int) -> ShareResult:
    """On a worker of its own, which knows nothing of the others."""
    return load_engine("newton").prepare(WORKSPACE, None, FEW).fit_share(POINT, ToyShare(first, count))


def numbers(result: FitResult) -> bytes:
    """Everything but times."""
    assert result.toys is not None
    toys = msgspec.structs.replace(result.toys, seconds=0.0)
    bare = msgspec.structs.replace(result, toys=toys, seconds=Seconds(), worker="")
    return msgspec.json.encode(bare)


@pytest.fixture(scope="module")
def whole() -> FitResult:
    """One worker did all of it."""
    return load_engine("newton").prepare(WORKSPACE, None, OPTIONS).fit(POINT)


@pytest.fixture(scope="module")
def few() -> FitResult:
    """One worker did all of few."""
    return load_engine("newton").prepare(WORKSPACE, None, FEW).fit(POINT)


def test_what_toys_say(whole: FitResult) -> None:
    assert whole.toys is not None
    assert (whole.toys.number, whole.toys.seed, whole.toys.failed) == (TOYS, 7, 0)
    assert abs(whole.toys.cls_obs - whole.cls_obs) < 5 * whole.toys.cls_obs_error
    assert list(whole.toys.cls_exp) == sorted(whole.toys.cls_exp)
    assert whole.limits is not None
    assert whole.limits.obs is not None
    limits = whole.toys.limits
    assert limits is not None
    assert limits.obs is not None
    assert limits.obs_error is not None
    assert abs(limits.obs - whole.limits.obs) < 5 * limits.obs_error
    assert whole.seconds.fit >= whole.toys.seconds > 0


@settings(max_examples=4, deadline=None)
@given(cuts=st.sets(st.integers(1, FEW.toys - 1), max_size=3), order=st.randoms(use_true_random=False))
def test_the_answer_does_not_depend_on_the_shares(few: FitResult, cuts: set[int], order: object) -> None:
    edges = [0, *sorted(cuts), FEW.toys]
    shares = [share(begin, end - begin) for begin, end in pairwise(edges)]
    assert [one.result is not None for one in shares] == [True] + [False] * len(cuts)
    result = shares[0].result
    assert result is not None
    parts = [one.part for one in shares]
    order.shuffle(parts)  # type: ignore[attr-defined]
    assert numbers(merge_shares(result, parts, FEW)) == numbers(few)


def test_another_seed_throws_other_toys(few: FitResult) -> None:
    options = msgspec.structs.replace(FEW, seed=8)
    other = load_engine("newton").prepare(WORKSPACE, None, options).fit(POINT)
    assert other.toys is not None
    assert few.toys is not None
    assert other.toys.cls_exp != few.toys.cls_exp
    assert other.cls_obs == few.cls_obs


def test_too_few_toys_for_a_number_leave_a_sentence() -> None:
    workspace = make_workspace({"SR": [12.0, 5.0]}, observed={"SR": [1.0, 0.0]})
    options = FitOptions(toys=3)
    operations = json.dumps(make_operations(workspace, scale=20.0)).encode()
    result = (
        load_engine("newton").prepare(workspace, None, options).fit(FitPoint(name="s", operations=operations))
    )
    assert result.toys is not None
    assert (result.toys.cls_obs, result.toys.cls_obs_error) == (None, None)
    assert all(0.0 <= value <= 1.0 for value in result.toys.cls_exp), "the band needs no data"
    (warning,) = (warning for warning in result.warnings if "pseudo-experiments" in warning)
    assert warning.startswith("None of 3 pseudo-experiments without signal is as extreme as the data")


def test_a_deficit_keeps_its_band_and_expected_limits_from_toys() -> None:
    workspace = make_workspace({"SR": [40.0]}, observed={"SR": [19.0]})
    options = FitOptions(toys=60, limits=True)
    operations = json.dumps(make_operations(workspace, scale=5.0)).encode()
    result = (
        load_engine("newton").prepare(workspace, None, options).fit(FitPoint(name="s", operations=operations))
    )
    toys = result.toys
    assert toys is not None
    assert toys.cls_obs is None
    assert list(toys.cls_exp) == sorted(toys.cls_exp)
    assert 0.0 < toys.cls_exp[2] < 1.0
    assert toys.limits is not None
    assert result.limits is not None
    median, error = toys.limits.exp[2], toys.limits.exp_error[2]
    assert median is not None
    assert error is not None
    assert result.limits.exp[2] is not None
    assert abs(median - result.limits.exp[2]) < 5 * error
    assert toys.limits.obs is None
    told = [warning for warning in result.warnings if "pseudo-experiments" in warning]
    assert len(told) == 2, "CLs, and the limit"
    assert told[1].startswith("There is no observed limit from pseudo-experiments")
    assert not any("observed limit" in note for note in result.notes), "nobody knows where it is"


def test_toys_of_two_points_are_independent_and_those_of_one_are_not() -> None:
    engine = load_engine("newton").prepare(WORKSPACE, None, FEW)
    ours, same, other = (
        engine.fit_share(FitPoint(name=name, operations=POINT.operations), ToyShare(0, 10)).part
        for name in ("signal", "signal", "another")
    )
    assert (ours.signal, ours.background) == (same.signal, same.background)
    assert ours.observed == other.observed
    assert ours.background != other.background


def test_a_ratio_of_toys_above_one_is_told() -> None:
    numbers = {"mus": (1.0,), "observed": (0.5,), "failed": 0, "converged": True, "seconds": 0.0}
    row = struct.pack("<4d", 1.0, 1.0, 0.1, 0.2)
    part = ToyPart(
        share=ToyShare(0, 4), signal=struct.pack("<4d", 1.0, 1.0, 1.0, 0.1), background=row, **numbers
    )
    bare = load_engine("newton").prepare(WORKSPACE, None, FitOptions()).fit(POINT)
    result = merge_shares(bare, [part], FitOptions(toys=4))
    assert result.toys is not None
    assert result.toys.cls_obs == 1.5
    assert result.warnings == bare.warnings
    assert any("is 1.5: it is a ratio" in note for note in result.notes)


def test_workers_share_the_toys_of_a_point_and_agree_with_one(
    backend: LocalBackend, make_plan: PlanMaker
) -> None:
    answers = []
    for workers in (1, 2):
        plan = make_plan(1, workers=workers, toys=120, seed=3)
        receiver = Receiver(plan)
        backend.submit(plan, receiver)
        receiver.finish()
        answers.append(receiver.results["point_0"])
        assert [e.state for e in receiver.events[:2]] == [TaskState.QUEUED, TaskState.RUNNING]  # type: ignore[union-attr]
        told = [event for event in receiver.events[2:-1] if not isinstance(event, TaskTimed)]
        assert all(isinstance(e, PointProgress) and 0 < e.done < e.total == 120 for e in told)
        assert 1 <= len(told) <= 19
        assert max(len(e.workers) for e in told if isinstance(e, PointProgress)) <= workers
    assert numbers(answers[0]) == numbers(answers[1])


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
def test_a_share_whose_worker_is_killed_is_thrown_again(backend: LocalBackend, make_plan: PlanMaker) -> None:
    plan = make_plan(1, toys=120, seed=3)
    calm, disturbed = Receiver(plan), Receiver(plan)
    backend.submit(plan, calm)
    calm.finish()
    killed: list[int] = []

    def emit(event: object) -> None:
        if isinstance(event, TaskStateChanged) and event.worker and not killed:
            killed.append(int(event.worker.rpartition(":")[2]))
            os.kill(killed[0], signal.SIGKILL)
        disturbed(event)  # type: ignore[arg-type]

    backend.submit(plan, emit)
    disturbed.finish()
    assert len(killed) == 1
    assert numbers(disturbed.results["point_0"]) == numbers(calm.results["point_0"])
    assert len(disturbed.notices) == 1


def test_a_point_is_cancelled_with_all_its_shares(backend: LocalBackend, make_plan: PlanMaker) -> None:
    plan = make_plan(1, toys=1_000_000)
    receiver = Receiver(plan)
    handle = backend.submit(plan, receiver)
    receiver.worker_of("point_0")
    backend.cancel(handle)
    receiver.finish()
    again = Receiver(make_plan(4))
    backend.submit(make_plan(4), again)
    again.finish()
    assert len(again.results) == 4
