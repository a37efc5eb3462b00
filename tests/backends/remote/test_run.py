"""The books of a run on a cluster: no point is lost, none is counted twice, whatever comes in any order."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgui_backends.contract import TaskState
from fitgui_backends.events import (
    PlaceChanged,
    PointFitted,
    TasksAccepted,
    TaskStateChanged,
    TaskTimed,
)
from fitgui_backends.remote.answers import MOST_BYTES
from fitgui_backends.remote.messages import Refused, States, Surroundings
from fitgui_backends.remote.packing import pack, pack_bytes
from tests.backends.remote.cluster import WORKER, Cluster, answer_of, plan_of


def names_of(number: int) -> list[str]:
    return [f"p{i}" for i in range(number)]


def test_a_run_goes_to_its_end_and_says_where_each_point_was() -> None:
    cluster = Cluster(plan_of(20))
    assert Counter(name for parcel in cluster.sent for name in parcel.names) == Counter(names_of(20))
    assert 1 < len(cluster.sent) < 20
    cluster.finish()
    assert cluster.run.is_over
    assert sorted(cluster.fitted) == sorted(names_of(20))
    fitted = [event.result for event in cluster.events if isinstance(event, PointFitted)]
    assert {(one.worker, one.block) for one in fitted} == {(WORKER, "17")}
    for one in fitted:
        own = one.seconds
        assert own.transfer == pytest.approx(0.2)
        assert min(own.queued, own.delay, own.total, own.fit) >= 0.0
    timed = [event for event in cluster.events if isinstance(event, TaskTimed)]
    assert [event.versions for event in timed] == [{"pyhf": "0.7.6"}] + [{}] * (len(timed) - 1)
    accepted = [event for event in cluster.events if isinstance(event, TasksAccepted)]
    told = {task.identifier: task.points for event in accepted for task in event.tasks}
    assert {event.task: event.points for event in timed} == told
    assert all(event.token == "run" and event.place == "there" for event in accepted)
    # What was handed over stands in the journal before what came of it.
    assert cluster.events.index(accepted[0]) < cluster.events.index(timed[0])


def test_the_phases_are_those_that_a_user_knows() -> None:
    cluster = Cluster(plan_of(4))
    cluster.accept()
    keys = [parcel.key for parcel in cluster.away.values()]
    cluster.run.states(States(run="run", phases=dict.fromkeys(keys, "waiting for endpoint")))
    cluster.run.states(States(run="run", phases=dict.fromkeys(keys, "waiting for nodes")))
    cluster.run.states(States(run="run", phases=dict.fromkeys(keys, "waiting for nodes")))
    cluster.run.states(States(run="run", phases=dict.fromkeys(keys, "running")))
    moves = [(e.state, e.phase) for e in cluster.events if isinstance(e, TaskStateChanged)]
    assert moves == [
        (TaskState.QUEUED, ""),
        (TaskState.QUEUED, "waiting for endpoint"),
        (TaskState.QUEUED, "waiting for nodes"),
        *[(TaskState.RUNNING, "")] * len(keys),  # each task by itself: a worker took its points at once
    ]


def test_points_of_a_lost_worker_are_sent_once_more_each_alone() -> None:
    cluster = Cluster(plan_of(8))
    cluster.accept()
    parcel = next(iter(cluster.away.values()))
    assert len(parcel.names) > 1
    cluster.trouble(parcel, "lost")
    again = [other for other in cluster.sent if set(other.names) <= set(parcel.names)]
    assert sorted(other.names for other in again) == sorted((name,) for name in parcel.names)
    assert "once more" in cluster.notices[0]
    cluster.accept()
    first, second = again[:2]
    cluster.trouble(first, "lost", "The worker node7 was lost.")
    cluster.answer(second)
    cluster.finish()
    assert cluster.failed == {
        first.names[0]: "The worker node7 was lost. That happened twice with this point: it is given up."
    }
    assert cluster.ends() == Counter(names_of(8))


def test_the_answer_of_a_task_that_was_given_up_counts_no_point_twice() -> None:
    cluster = Cluster(plan_of(4))
    cluster.accept()
    parcel = next(iter(cluster.away.values()))
    cluster.trouble(parcel, "lost")
    cluster.arrive(parcel.key, answer=answer_of(parcel.names))  # it was only late
    cluster.finish()
    assert cluster.ends() == Counter(names_of(4))


def test_what_is_too_large_is_halved_until_it_fits() -> None:
    cluster = Cluster(plan_of(9, workers=1))
    while cluster.sent:
        parcel = cluster.sent.pop()
        if len(parcel.names) > 2:
            keys = (parcel.key,)
            cluster.run.refused(Refused(run="run", keys=keys, reason="too_large", error="too large"))
            cluster.collect()
        else:
            cluster.answer(parcel)
    assert cluster.ends() == Counter(names_of(9))
    assert not cluster.failed


def test_a_point_that_is_too_large_alone_fails_with_the_sentence() -> None:
    cluster = Cluster(plan_of(1))
    parcel = cluster.sent.pop()
    cluster.run.refused(Refused(run="run", keys=(parcel.key,), reason="too_large", error="It is too large."))
    assert cluster.failed == {"p0": "It is too large."}


def test_a_worker_without_the_workspace_gets_it_with_the_next_parcel() -> None:
    cluster = Cluster(plan_of(400, seconds=0.2, workers=1))
    cluster.accept()
    bare = next(parcel for parcel in cluster.away.values() if not parcel.with_workspace)
    del cluster.away[bare.key]
    cluster.arrive(bare.key, answer={"format": 1, "worker": WORKER, "lacks_workspace": True})
    (again,) = [parcel for parcel in cluster.sent if parcel.names == bare.names]
    assert again.with_workspace
    cluster.finish()
    assert cluster.ends() == Counter(names_of(400))


def test_an_endpoint_may_be_started_anew_as_often_as_it_likes() -> None:
    cluster = Cluster(plan_of(1))
    for _ in range(10):
        cluster.accept()
        for parcel in list(cluster.away.values()):
            cluster.trouble(parcel, "stalled", "The endpoint was started anew.")
    cluster.finish()
    assert cluster.fitted == ["p0"]
    assert cluster.notices == ["The endpoint was started anew: what is missing is sent again."]
    # Should a task turn up after all, its worker is told to stop; the one that counts goes on.
    tokens = [event.token for event in cluster.events if isinstance(event, TasksAccepted)]
    assert len(set(tokens)) == len(tokens) == 11
    assert cluster.run.take_stale_tokens() == set(tokens[:-1])
    assert cluster.run.take_stale_tokens() == set()
    assert cluster.run.tokens == set(tokens), "all of them are stopped when the run is cancelled"


def test_nothing_comes_back_for_ever() -> None:
    cluster = Cluster(plan_of(1))
    for _ in range(10):
        cluster.accept()
        for parcel in list(cluster.away.values()):
            cluster.trouble(parcel, "gone", "The service does not know the task.")
    assert list(cluster.failed) == ["p0"]
    assert "given up" in cluster.failed["p0"]


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        {"answers": "no base64"},
        {"answers": answer_of(["p0"])["answers"], "began": "?"},
        {**answer_of(["p0"]), "began": None},
        {**answer_of(["p0"]), "ended": float("nan")},
        {**answer_of(["p0"]), "answers": pack({"p0": 1})},
        {**answer_of(["p0"]), "answers": pack_bytes(b"[" * 200_000)},
        {**answer_of(["p0"]), "answers": pack_bytes(b" " * (MOST_BYTES + 1))},
        {**answer_of(["p0"]), "began": 10**400},
    ],
)
def test_an_answer_that_cannot_be_read_fails_its_points_in_words(answer: object) -> None:
    cluster = Cluster(plan_of(1))
    cluster.accept()
    (parcel,) = cluster.away.values()
    cluster.arrive(parcel.key, answer=answer)
    assert "cannot read" in cluster.failed["p0"]


def test_a_point_that_cannot_be_fitted_is_its_own_failure() -> None:
    cluster = Cluster(plan_of(4, workers=1))
    cluster.accept()
    for parcel in list(cluster.away.values()):
        cluster.answer(parcel, failed=["p2"])
    assert cluster.failed == {"p2": "It cannot be fitted."}
    assert sorted(cluster.fitted) == ["p0", "p1", "p3"]


def test_cancelled_points_stay_cancelled_when_their_answer_comes() -> None:
    cluster = Cluster(plan_of(6))
    cluster.accept()
    away, over = cluster.run.cancel(["p0", "p5"])
    assert (away, over) == (2, False)
    cluster.finish()
    assert cluster.ends() == Counter(names_of(6))
    assert "p0" not in cluster.fitted
    assert cluster.run.cancel(None) == (0, True)


def test_the_surroundings_are_told_when_they_change() -> None:
    cluster = Cluster(plan_of(2))
    news = Surroundings(place="there", status="online", text="1 block runs", blocks_running=1, workers=2)
    cluster.run.surroundings(news)
    cluster.run.surroundings(news)
    told = [event for event in cluster.events if isinstance(event, PlaceChanged)]
    assert told == [PlaceChanged(status="online", text="1 block runs", blocks_running=1, workers=2)]


def test_going_on_follows_what_was_handed_over_and_sends_the_rest() -> None:
    before = Cluster(plan_of(12))
    first, second, *others = before.sent
    before.accept([first, second])
    accepted = [event for event in before.events if isinstance(event, TasksAccepted)]
    after = Cluster(plan_of(12), accepted)
    assert after.groups == {"group": ("task-1", "task-2")}
    sent = Counter(name for parcel in after.sent for name in parcel.names)
    assert sent == Counter(name for parcel in others for name in parcel.names)
    after.arrive("task-1", answer=answer_of(first.names))
    after.arrive("task-2", trouble="gone", error="The service does not know the task.")
    assert any("sent again" in text for text in after.notices)
    after.finish()
    assert after.ends() == Counter(names_of(12))
    timed = {event.task: event for event in after.events if isinstance(event, TaskTimed)}
    assert timed["task-1"].sent_ago is None


def test_another_courier_follows_what_the_service_has_and_sends_the_rest() -> None:
    cluster = Cluster(plan_of(12))
    first, *rest = list(cluster.sent)
    cluster.accept([first])
    assert cluster.run.handed_over() == {"group": ("task-1",)}
    cluster.sent.clear()
    cluster.collect()
    sent = Counter(name for parcel in cluster.sent for name in parcel.names)
    assert sent == Counter(name for parcel in rest for name in parcel.names)
    cluster.away.clear()
    cluster.arrive("task-1", answer=answer_of(first.names))
    cluster.finish()
    assert cluster.ends() == Counter(names_of(12))


ACTIONS = (
    "accept",
    "answer",
    "twice",
    "lost",
    "gone",
    "stalled",
    "too_large",
    "lacks",
    "stopped",
    "refuse",
    "error",
)


@settings(max_examples=150, deadline=None)
@given(
    number=st.integers(1, 30),
    workers=st.integers(1, 5),
    steps=st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 50)), max_size=40),
    cancelled=st.sets(st.integers(0, 29), max_size=5),
)
def test_every_point_ends_exactly_once_whatever_happens(
    number: int, workers: int, steps: list[tuple[str, int]], cancelled: set[int]
) -> None:
    cluster = Cluster(plan_of(number, workers=workers))
    for place, (action, choice) in enumerate(steps):
        if place == len(steps) // 2 and cancelled:
            cluster.run.cancel([f"p{i}" for i in cancelled])
        away = list(cluster.away.values())
        if action == "accept" and cluster.sent:
            cluster.accept(cluster.sent[: 1 + choice % len(cluster.sent)])
        elif action == "refuse" and cluster.sent:
            parcel = cluster.sent.pop(choice % len(cluster.sent))
            refused = Refused(run="run", keys=(parcel.key,), reason="too_large", error="too large")
            cluster.run.refused(refused)
            cluster.collect()
        elif away:
            parcel = away[choice % len(away)]
            if action in ("answer", "twice"):
                cluster.answer(parcel)
                if action == "twice":
                    cluster.arrive(parcel.key, answer=answer_of(parcel.names))
            elif action in ("lost", "gone", "stalled", "too_large", "error"):
                cluster.trouble(parcel, action)
            elif action in ("lacks", "stopped"):
                del cluster.away[parcel.key]
                content = answer_of(parcel.names[: choice % len(parcel.names)])
                content |= {"lacks_workspace": action == "lacks", "stopped": action == "stopped"}
                cluster.arrive(parcel.key, answer=content)
    cluster.finish()
    assert cluster.run.is_over
    assert cluster.ends() == Counter(names_of(number))
