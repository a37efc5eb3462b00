"""The check that runs on a worker: a real courier, a stand-in, and an agent that is played."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from fitgui_backends.contract import Need, Place
from fitgui_backends.remote.courier import CourierError
from fitgui_backends.remote.messages import Accepted, Arrived
from tests.backends.couriers.globus_desk import Desk, PlayedAgent
from tests.cluster.client import StandInClient
from tests.cluster.standin.standin import StandIn
from tests.processes import until


@pytest.fixture
def service(globus: StandIn) -> StandInClient:
    """Faults of the stand-in."""
    return StandInClient(globus.url)


def test_trying_out_runs_the_check_and_returns_what_it_says(
    globus: StandIn, open_counter: Desk, agent: PlayedAgent
) -> None:
    answers: list[object] = []
    asking = threading.Thread(
        target=lambda: answers.append(open_counter.courier.ask("try_out", place=agent.identifier))
    )
    asking.start()
    until(globus.books.all)
    (task,) = globus.books.all()
    agent.answer(task.identifier, {"host": "node7"})
    asking.join(60)
    assert answers == [{"host": "node7"}]
    assert not open_counter.all(Accepted)
    assert not open_counter.all(Arrived)


def test_trying_out_what_cannot_start_says_why(
    globus: StandIn, open_counter: Desk, agent: PlayedAgent, service: StandInClient
) -> None:
    service.fault("status", "submit", status=403, reason="The endpoint is paused by its owner.")
    with pytest.raises(CourierError, match="paused by its owner"):
        open_counter.courier.ask("try_out", place={"identifier": agent.identifier, "options": {"a": 1}})


def test_trying_out_is_given_up_in_time(open_counter: Desk, agent: PlayedAgent) -> None:
    with pytest.raises(CourierError, match="waiting for endpoint") as late:
        open_counter.courier.ask("try_out", place=agent.identifier, seconds=0.5)
    assert late.value.needs is Need.ONLINE


def test_checks_that_wait_for_nodes_keep_nothing_from_being_asked_and_can_be_given_up(
    globus: StandIn, open_counter: Desk, agent: PlayedAgent
) -> None:
    def ask(place: Place) -> Future[Any]:
        asked = {"identifier": place.identifier, "options": dict(place.options)}
        return asking.submit(open_counter.courier.ask, "try_out", None, place=asked)

    other = PlayedAgent(globus)
    other.beat()
    with ThreadPoolExecutor(8) as asking:
        waiting = [ask(Place(identifier=agent.identifier, options={"n": n})) for n in range(6)]
        elsewhere = ask(other.place)
        until(lambda: len(globus.books.all()) == 7)
        assert open_counter.courier.ask("whoami", 30.0) is not None
        open_counter.courier.ask("cancel_try_out", 30.0, place=agent.identifier)
        for check in waiting:
            with pytest.raises(CourierError, match=r"The check was given up\."):
                check.result(30)
        assert not elsewhere.done()
        (task,) = (each for each in globus.books.all() if _is_of(globus, each.user_endpoint, other))
        agent.answer(task.identifier, {"host": "node7"})
        assert elsewhere.result(60) == {"host": "node7"}
    open_counter.courier.ask("cancel_try_out", place=agent.identifier)


def _is_of(globus: StandIn, user_endpoint: str, agent: PlayedAgent) -> bool:
    return globus.registry.users[user_endpoint].parent == agent.identifier
