"""Where a run on a cluster stands, in a few words."""

from __future__ import annotations

from typing import Any

import pytest

from fitgui.cli.cluster_words import place_line, trouble_words, waiting_words
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.contract import TaskState
from fitgui_backends.events import Event, PlaceChanged, StampedEvent, TaskStateChanged

NAMES = ("a", "b", "c")


def after(*events: Any) -> RunSnapshot:
    snapshot = RunSnapshot(NAMES)
    for number, event in enumerate(events, 1):
        assert isinstance(event, Event)
        snapshot.apply(StampedEvent(sequence=number, time=0.0, elapsed=float(number), event=event))
    return snapshot


def queued(phase: str, *names: str) -> TaskStateChanged:
    return TaskStateChanged(points=names or NAMES, state=TaskState.QUEUED, phase=phase)


NODES = queued("waiting for nodes")
FITTING = TaskStateChanged(points=("a",), state=TaskState.RUNNING, worker="node1:7")


@pytest.mark.parametrize(
    ("events", "line"),
    [
        ((), ""),
        ((NODES,), "waiting for nodes"),
        ((NODES, queued("waiting for endpoint", "a")), "waiting for nodes"),
        ((NODES, PlaceChanged(status="online", blocks_pending=2)), "waiting for nodes, 2 blocks waiting"),
        (
            (NODES, FITTING, PlaceChanged(status="online", blocks_running=2, blocks_pending=1, workers=8)),
            "fitting with 2 blocks (1 more waiting), 8 workers",
        ),
        ((NODES, FITTING, PlaceChanged(status="online")), ""),
        ((NODES, PlaceChanged(status="offline")), "the endpoint is offline, waiting for nodes"),
        ((PlaceChanged(status="unreachable", text="No answer\n since  noon."),), "No answer since noon"),
    ],
)
def test_where_it_stands(events: tuple[Event, ...], line: str) -> None:
    assert place_line(after(*events)) == line


def test_who_waits_for_a_login_is_told_how_to_get_one() -> None:
    words = trouble_words(after(PlaceChanged(status="login", text="The login has expired.")))
    assert words.startswith("The login has expired: `fitgui backends login` in another terminal")


def test_only_what_is_queued_waits() -> None:
    assert waiting_words(after(NODES, TaskStateChanged(points=NAMES, state=TaskState.CANCELLED))) == ""
