"""When tasks count as lost that the service still calls pending."""

from __future__ import annotations

import pytest

from fitgui_backends.couriers.globus_stalled import Stalled

PLACE = "e"
TASKS = frozenset({"t1", "t2"})


class Watched:
    """A place under watch, and a clock that a test turns."""

    def __init__(self) -> None:
        self.now = 100.0
        self.stalled = Stalled(lambda: self.now)

    def look(
        self,
        seconds: float,
        *,
        online: bool = True,
        busy: bool | None = None,
        moved: bool = False,
        tells: bool = True,
    ) -> bool:
        """So much later, with that to be seen; ``tells`` is false for an engine that does not count tasks."""
        self.now += seconds
        self.stalled.endpoint(PLACE, online=online, heartbeat=5)
        if busy is not None or not tells:
            self.stalled.workers(PLACE, busy=busy)
        self.stalled.tasks(PLACE, TASKS, moved=moved)
        return self.stalled.lost(PLACE)


@pytest.fixture
def place() -> Watched:
    watched = Watched()
    watched.look(0.0)
    return watched


def test_tasks_that_wait_for_nodes_wait_as_long_as_it_takes(place: Watched) -> None:
    assert not any(place.look(600.0) for _ in range(100))
    assert not any(place.look(600.0, busy=True) for _ in range(100))


def test_an_endpoint_with_nothing_to_do_has_lost_them(place: Watched) -> None:
    assert not place.look(5.0, busy=True)
    assert not place.look(5.0, busy=False)
    assert not place.look(10.0, busy=False)
    assert place.look(10.0, busy=False)


def test_as_long_as_anything_happens_nothing_is_lost(place: Watched) -> None:
    assert not any(place.look(15.0, busy=False, moved=True) for _ in range(10))
    assert not place.look(15.0, busy=True)
    assert not place.look(15.0, busy=False)


def test_an_endpoint_that_is_offline_may_still_have_them(place: Watched) -> None:
    assert not any(place.look(60.0, online=False) for _ in range(10))
    assert not place.look(10.0)
    assert place.look(25.0)


def test_an_engine_that_does_not_tell_may_have_them_as_long_as_it_takes(place: Watched) -> None:
    assert not any(place.look(600.0, tells=False) for _ in range(100))
    assert not place.look(5.0, busy=False)
    assert not place.look(600.0, tells=False), "what was seen before says nothing of now"
    assert not place.look(5.0, busy=False)
    assert place.look(25.0, busy=False), "its user endpoint has gone"


def test_an_engine_that_does_not_tell_has_lost_them_if_its_endpoint_was_away(place: Watched) -> None:
    assert not place.look(60.0, online=False, tells=False)
    assert not place.look(10.0, tells=False)
    assert place.look(25.0, tells=False)


def test_new_tasks_have_their_time(place: Watched) -> None:
    place.look(5.0, busy=False)
    place.now += 19.0
    place.stalled.tasks(PLACE, TASKS | {"t3"}, moved=False)
    assert not place.stalled.lost(PLACE)


def test_nothing_is_said_of_places_that_nobody_knows() -> None:
    assert not Stalled().lost("nowhere")


def test_tasks_of_an_earlier_courier_are_sent_again_once_if_nothing_happens(place: Watched) -> None:
    place.stalled.unseen(PLACE)
    assert not place.look(15.0)
    assert place.look(10.0)
    assert not any(place.look(60.0) for _ in range(10))


def test_tasks_of_an_earlier_courier_that_run_are_left_alone(place: Watched) -> None:
    place.stalled.unseen(PLACE)
    for _ in range(10):
        place.look(60.0)
        place.stalled.unseen(PLACE)
        place.stalled.tasks(PLACE, TASKS, moved=False, running=True)
        assert not place.stalled.lost(PLACE)
