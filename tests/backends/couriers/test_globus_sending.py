"""Handing tasks over, and what becomes of them: a real courier, a stand-in, and an agent that is played."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from fitgui_backends.contract import Place
from fitgui_backends.couriers import globus as courier_of_globus
from fitgui_backends.remote.courier_process import Service, Tell
from fitgui_backends.remote.messages import (
    Accepted,
    Arrived,
    Forget,
    Refused,
    Send,
    States,
    Surroundings,
    Task,
    Watch,
)
from tests.backends.couriers.globus_desk import Desk, PlayedAgent, desk
from tests.cluster.client import StandInClient
from tests.cluster.standin.queues import NoQueues, Post
from tests.cluster.standin.standin import StandIn
from tests.processes import until

needs_minutes = pytest.mark.integration
"""For tests that wait until the limits of the service, or pauses that grow, let the courier go on."""


@pytest.fixture
def service(globus: StandIn) -> StandInClient:
    """Faults and the log of the stand-in."""
    return StandInClient(globus.url)


def test_tasks_are_accepted_in_one_group(open_counter: Desk, agent: PlayedAgent) -> None:
    open_counter.send(agent.place, "a", "b")
    open_counter.send(agent.place, "c")
    first, second = open_counter.wait(Accepted, 2)
    assert first.group == second.group
    assert set(open_counter.identifiers()) == {"a", "b", "c"}
    assert len(set(open_counter.identifiers().values())) == 3
    assert 0 < first.sent_bytes < 10_000


def test_runs_have_groups_of_their_own(open_counter: Desk, agent: PlayedAgent) -> None:
    open_counter.send(agent.place, "a", run="one")
    open_counter.send(agent.place, "a", run="two")
    one, two = open_counter.wait(Accepted, 2)
    assert one.group != two.group


def test_answers_come_without_a_stream_too_and_once(open_counter: Desk, agent: PlayedAgent) -> None:
    open_counter.send(agent.place, "a", "b")
    open_counter.wait(Accepted)
    names = open_counter.identifiers()
    agent.answer(names["b"], {"numbers": [1, 2.5, None], "text": "é"})
    (arrived,) = open_counter.wait(Arrived)
    assert (arrived.run, arrived.key, arrived.trouble) == ("run", "b", "")
    assert arrived.answer == {"numbers": [1, 2.5, None], "text": "é"}
    assert arrived.size > 20
    agent.fail(names["a"], "Traceback (most recent call last):\n  File f\nValueError: too bad\n")
    open_counter.wait(Arrived, 2)
    (failed,) = open_counter.all(Arrived, key="a")
    assert (failed.trouble, failed.answer) == ("error", None)
    assert "ValueError: too bad" in failed.error
    assert len(open_counter.all(Arrived)) == 2


def test_an_answer_that_is_no_plain_json_is_not_read(
    globus: StandIn, open_counter: Desk, agent: PlayedAgent
) -> None:
    open_counter.send(agent.place, "a")
    open_counter.wait(Accepted)
    # A pickle would run whatever its sender likes when it is read.
    agent._finish(open_counter.identifiers()["a"], "00\ngASVBQAAAAAAAABLAS4=\n", None)
    (arrived,) = open_counter.wait(Arrived)
    assert (arrived.trouble, arrived.answer) == ("error", None)
    assert "cannot be read" in arrived.error


def test_phases_are_told_when_they_change(open_counter: Desk, agent: PlayedAgent) -> None:
    open_counter.send(agent.place, "a", "b")
    (first,) = open_counter.wait(States)
    assert first.phases == {"a": "waiting for endpoint", "b": "waiting for endpoint"}
    agent.beat(agent.user_endpoint(), total_workers=0)
    open_counter.wait(States, phases={"a": "waiting for nodes", "b": "waiting for nodes"})
    agent.beat(agent.user_endpoint(), total_workers=1, idle_workers=0)
    open_counter.wait(States, phases={"a": "running"})
    told = open_counter.all(States)
    assert len(told) == len({json.dumps(state.phases, sort_keys=True) for state in told}), "nothing twice"


def test_an_endpoint_that_goes_offline_is_told(open_counter: Desk, agent: PlayedAgent) -> None:
    agent.beat(active=False)
    open_counter.send(agent.place, "a")
    (offline,) = open_counter.wait(Surroundings, status="offline")
    assert offline.place == agent.identifier
    assert "offline" in offline.text


def test_blocks_nodes_and_workers_are_told(open_counter: Desk, agent: PlayedAgent) -> None:
    open_counter.send(agent.place, "a", "b")
    open_counter.wait(Accepted)
    state = {
        "managers": 3,
        "total_workers": 12,
        "idle_workers": 2,
        "node_info": {"101": [{}, {}], "102": [{}]},
    }
    agent.beat(agent.user_endpoint(), **state)
    agent.answer(open_counter.identifiers()["a"], 1)
    (told,) = open_counter.wait(Surroundings, workers=12)
    assert (told.blocks_running, told.nodes, told.workers_idle) == (2, 3, 2)
    assert told.status == "online"


@needs_minutes
def test_tasks_that_the_service_does_not_keep_are_gone(
    open_counter: Desk, agent: PlayedAgent, service: StandInClient
) -> None:
    open_counter.send(agent.place, "a", "b")
    open_counter.wait(Accepted)
    service.forget(open_counter.identifiers()["a"])
    (gone,) = open_counter.wait(Arrived)
    assert (gone.key, gone.trouble) == ("a", "gone")
    agent.answer(open_counter.identifiers()["b"], 1)
    open_counter.wait(Arrived, key="b", trouble="")


def test_another_courier_finds_tasks_and_answers_again(
    globus: StandIn, open_counter: Desk, agent: PlayedAgent, tmp_path: Path
) -> None:
    open_counter.send(agent.place, "a", "b", "c")
    (accepted,) = open_counter.wait(Accepted)
    names = accepted.tasks
    agent.answer(names["a"], "first")
    open_counter.wait(Arrived, key="a")
    open_counter.courier.kill()
    assert open_counter.courier.join(10)
    with desk(globus.url, tmp_path / "next") as successor:
        successor.log_in()
        groups = {accepted.group: tuple(names.values())}
        successor.courier.tell(Watch(run="again", place=agent.place, groups=groups))
        (first,) = successor.wait(Arrived, key=names["a"])
        assert (first.run, first.answer) == ("again", "first")
        agent.answer(names["b"], "second")
        successor.wait(Arrived, key=names["b"], answer="second")
        # What is handed over now belongs to the same group.
        successor.send(agent.place, "d", run="again")
        (more,) = successor.wait(Accepted)
        assert more.group == accepted.group


def test_of_a_forgotten_run_nothing_is_sent_or_heard(
    open_counter: Desk, agent: PlayedAgent, service: StandInClient
) -> None:
    open_counter.send(agent.place, "a")
    open_counter.wait(Accepted)
    name = open_counter.identifiers()["a"]
    service.fault("status", "submit", times=1, status=503, retry_after=2)
    open_counter.send(agent.place, "b")
    until(lambda: any(fault["used"] for fault in service.faults()))
    open_counter.courier.tell(Forget(run="run"))
    agent.answer(name, 1)
    open_counter.send(agent.place, "c", run="other")
    open_counter.wait(Accepted, run="other")
    assert "b" not in open_counter.identifiers()
    assert not open_counter.all(Arrived)


class Posts(NoQueues):
    """The tasks that would go to agents; until ``open`` is set, requests to take them have no answer."""

    def __init__(self) -> None:
        self.tasks: list[Post] = []
        self.open = threading.Event()

    def send(self, declare: Sequence[str], posts: Sequence[Post]) -> None:
        self.open.wait(60.0)
        self.tasks += (post for post in posts if "task_uuid" in post.headers)


def test_a_run_that_is_forgotten_while_it_is_handed_over_is_stopped(
    globus: StandIn, open_counter: Desk, agent: PlayedAgent
) -> None:
    globus.queues = posts = Posts()
    requests = [{"run": "run.1", "number": number} for number in range(2)]
    tasks = tuple(Task(key=f"k{request['number']}", request=request, size=40) for request in requests)
    open_counter.courier.tell(Send(run="run", place=agent.place, function="fit", tasks=tasks))
    until(lambda: len(globus.books.all()) == 2)
    open_counter.courier.tell(Forget(run="run"))
    open_counter.courier.ask("whoami")  # what was told before has been heard
    posts.open.set()
    until(lambda: len(posts.tasks) == 3)
    (first, second, stop) = globus.books.all()
    assert stop.user_endpoint == first.user_endpoint == second.user_endpoint
    # A place whose engine knows no priorities is told, too.
    agent.fail(stop.identifier, "Traceback:\nValueError: resource_specification is not supported on this.")
    until(lambda: len(posts.tasks) == 4)
    with_priority, without = posts.tasks[2:]
    for post in (with_priority, without):
        assert b"run.1" in post.body
        assert b"runs" in post.body
    assert json.loads(with_priority.headers["resource_specification"]) == {"priority": -1}
    assert "resource_specification" not in without.headers
    agent.answer(globus.books.all()[-1].identifier, {"format": 1, "written": True})
    # All of that is the courier's own: the application hears of none, and nothing comes after it.
    open_counter.send(agent.place, "c", run="other")
    open_counter.wait(Accepted, run="other")
    assert len(globus.books.all()) == 5
    told = (*open_counter.all(Accepted), *open_counter.all(States), *open_counter.all(Arrived))
    assert {message.run for message in told} == {"other"}


def test_what_was_being_packed_when_its_run_was_forgotten_is_not_sent(
    globus: StandIn, open_counter: Desk, agent: PlayedAgent
) -> None:
    open_counter.courier.tell(Forget(run="run"))
    open_counter.send(agent.place, "late", function="fit")
    open_counter.send(agent.place, "stop", function="stop", priority=-1)
    open_counter.send(agent.place, "c", run="other")
    open_counter.wait(Accepted, 2)
    assert set(open_counter.identifiers()) == {"stop"}
    assert len(globus.books.all()) == 2


def test_an_answer_that_no_message_can_hold_ends_its_task(open_counter: Desk, agent: PlayedAgent) -> None:
    open_counter.send(agent.place, "large", "torn", "good")
    open_counter.wait(Accepted)
    names = open_counter.identifiers()
    agent.answer(names["large"], {"seed": 2**64})
    agent.answer(names["torn"], "\ud800")
    agent.answer(names["good"], 1)
    open_counter.wait(Arrived, 3)
    for key in ("large", "torn"):
        (odd,) = open_counter.all(Arrived, key=key)
        assert odd.trouble == "error"
        assert "cannot be carried" in odd.error
    assert len(open_counter.all(Arrived, key="good", answer=1)) == 1


def test_the_function_is_registered_once_for_all_couriers(
    globus: StandIn, open_counter: Desk, agent: PlayedAgent, service: StandInClient, tmp_path: Path
) -> None:
    open_counter.send(agent.place, "a")
    open_counter.send(agent.place, "b", run="other")
    open_counter.wait(Accepted, 2)
    with desk(globus.url, tmp_path / "courier") as second:
        second.log_in()
        second.send(agent.place, "a")
        second.wait(Accepted)
    assert len(service.log(route="register_function")) == 1


def test_a_function_that_the_service_has_lost_is_registered_anew(
    globus: StandIn, open_counter: Desk, agent: PlayedAgent, service: StandInClient
) -> None:
    open_counter.send(agent.place, "a")
    open_counter.wait(Accepted)
    globus.registry.functions.clear()
    open_counter.send(agent.place, "b")
    open_counter.wait(Accepted, 2)
    assert len(service.log(route="register_function")) == 2
    assert not open_counter.all(Refused)


def test_a_broken_or_readonly_folder_costs_only_a_registration(
    globus: StandIn, agent: PlayedAgent, service: StandInClient, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "globus-functions.json").write_text('{"a": [1], "b')
    for folder in (tmp_path / "file" / "below", tmp_path / "broken"):
        with desk(globus.url, folder) as opened:
            opened.log_in()
            opened.send(agent.place, "a")
            opened.wait(Accepted)
    assert len(service.log(route="register_function")) == 2


@needs_minutes
def test_what_is_too_large_for_the_service_is_halved(
    globus: StandIn, open_counter: Desk, agent: PlayedAgent
) -> None:
    tasks = tuple(Task(key=str(n), request={"text": "x" * 4000}, size=4010) for n in range(40))
    # The function is registered by now: its text is a large request, too.
    open_counter.send(agent.place, "first")
    open_counter.wait(Accepted)
    globus.settings.payload_limit = 30_000
    open_counter.courier.tell(Send(run="run", place=agent.place, function="check", tasks=tasks))
    open_counter.wait_for(lambda heard: len(open_counter.identifiers()) == 41)
    assert not open_counter.all(Refused)
    assert max(accepted.sent_bytes for accepted in open_counter.all(Accepted)) <= 30_000


def test_one_task_that_is_too_large_is_refused_and_the_others_go(
    open_counter: Desk, agent: PlayedAgent
) -> None:
    large = Task(key="large", request={"text": "é" * 2_000_000}, size=12_000_000)
    small = [Task(key=key, request={}, size=2) for key in ("before", "after")]
    tasks = (small[0], large, small[1])
    open_counter.courier.tell(Send(run="run", place=agent.place, function="check", tasks=tasks))
    (refused,) = open_counter.wait(Refused)
    assert (refused.keys, refused.reason) == (("large",), "too_large")
    assert "MB" in refused.error
    open_counter.wait_for(lambda heard: set(open_counter.identifiers()) == {"before", "after"})


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("00000000-0000-4000-8000-000000000000", "could not be resolved"),
        ("bob", "Unauthorized access"),
    ],
)
def test_a_place_that_cannot_be_used_refuses_all_tasks_in_words(
    globus: StandIn, open_counter: Desk, place: str, said: str
) -> None:
    if place == "bob":
        place = "00000000-0000-4000-8000-0000000000bb"
        globus.registry.register_endpoint("somebody else", place, {"endpoint_name": "theirs"})
    for first in range(0, 700, 100):
        open_counter.send(Place(identifier=place), *(str(first + n) for n in range(100)))
    open_counter.wait_for(lambda heard: sum(len(each.keys) for each in open_counter.all(Refused)) == 700)
    refused = open_counter.all(Refused)[0]
    assert refused.reason == "refused"
    assert said in refused.error


def test_options_that_the_service_refuses_are_told_in_its_words(
    open_counter: Desk, agent: PlayedAgent, service: StandInClient
) -> None:
    reason = "User endpoint config does not validate: 'walltime' is not HH:MM:SS"
    service.fault("status", "submit", status=422, reason=reason)
    open_counter.send(agent.place, "a")
    (refused,) = open_counter.wait(Refused)
    assert reason in refused.error


@needs_minutes
@pytest.mark.parametrize("kind", ["broken", "status"])
def test_a_service_that_does_not_answer_is_waited_for(
    open_counter: Desk, agent: PlayedAgent, service: StandInClient, kind: str
) -> None:
    service.fault(kind, "submit", times=3, status=503)
    open_counter.send(agent.place, "a")
    (away,) = open_counter.wait(Surroundings, status="unreachable")
    assert "fitgui keeps trying" in away.text
    (accepted,) = open_counter.wait(Accepted)
    assert set(accepted.tasks) == {"a"}
    open_counter.wait(Surroundings, status="online")
    assert not open_counter.all(Refused)


@needs_minutes
def test_a_service_that_only_takes_no_tasks_is_unreachable_until_it_does(
    open_counter: Desk, agent: PlayedAgent, service: StandInClient
) -> None:
    open_counter.send(agent.place, "first")
    open_counter.wait(Surroundings, status="online")
    service.fault("status", "submit", times=4, status=503)
    open_counter.send(agent.place, "a")
    open_counter.wait(Surroundings, status="unreachable")
    open_counter.wait(Accepted, 2)
    open_counter.wait_for(lambda heard: open_counter.all(Surroundings)[-1].status == "online")
    statuses = [told.status for told in open_counter.all(Surroundings)]
    assert statuses == ["online", "unreachable", "online"], "what else works does not hide it"


def test_a_receipt_that_is_lost_costs_no_task_and_doubles_no_answer(
    globus: StandIn, open_counter: Desk, agent: PlayedAgent, service: StandInClient
) -> None:
    service.fault("lost", "submit", times=1)
    open_counter.send(agent.place, "a")
    open_counter.wait(Accepted)
    tasks = [task.identifier for task in globus.books.all()]
    assert len(tasks) == 2, "the service took it twice, and knows nothing of that"
    for task in tasks:
        agent.answer(task, task)
    (arrived,) = open_counter.wait(Arrived)
    assert arrived.answer == open_counter.identifiers()["a"]


def test_the_service_may_ask_for_a_pause(
    open_counter: Desk, agent: PlayedAgent, service: StandInClient
) -> None:
    service.fault("status", "submit", status=429, retry_after=3)
    open_counter.send(agent.place, "a")
    open_counter.wait(Accepted)
    until(lambda: len(service.log(route="submit")) == 2)
    refused, accepted = service.log(route="submit")
    assert accepted["began"] - (refused["began"] + refused["seconds"]) >= 2.9
    assert not [entry for entry in service.log() if refused["number"] < entry["number"] < accepted["number"]]


@needs_minutes
def test_priorities_go_first_and_are_done_without_where_they_are_unknown(
    globus: StandIn, open_counter: Desk, agent: PlayedAgent, service: StandInClient
) -> None:
    open_counter.send(agent.place, "stop", function="stop", priority=-1)
    (accepted,) = open_counter.wait(Accepted)
    text = "++++\nTraceback (most recent call last):\n  File f\n"
    agent.fail(
        accepted.tasks["stop"], f"{text}ValueError: resource_specification is not supported on this.\n---"
    )
    _, again = open_counter.wait(Accepted, 2)
    assert not open_counter.all(Arrived)
    agent.answer(again.tasks["stop"], "stopped")
    open_counter.wait(Arrived, key="stop", answer="stopped")


@needs_minutes
def test_ten_thousand_tasks_keep_to_the_limits(
    globus: StandIn, open_counter: Desk, agent: PlayedAgent, service: StandInClient
) -> None:
    for first in range(0, 10_000, 250):
        open_counter.send(agent.place, *(f"{n}" for n in range(first, first + 250)))
    open_counter.wait_for(lambda heard: len(open_counter.identifiers()) == 10_000, 120)
    requests = service.log(route="submit")
    assert not [entry for entry in service.log() if entry["status"] not in (200, 302)], (
        "none was one too many"
    )
    assert len(requests) == 40
    sizes = [entry["received"] for entry in requests]
    assert max(sizes) <= 10_000_000
    assert sum(sizes) == pytest.approx(sum(each.sent_bytes for each in open_counter.all(Accepted)), rel=0.05)


PATIENT = "tests.backends.couriers.test_globus_sending:make_patient_service"


def make_patient_service(settings: Mapping[str, Any], tell: Tell) -> Service:
    """The real one, for machines that are busy with other tests."""
    courier_of_globus.CLOSING_SECONDS = 9.0
    return courier_of_globus.make_service(settings, tell)


def test_the_receipt_of_a_request_under_way_comes_before_the_end(
    globus: StandIn, agent: PlayedAgent, service: StandInClient, tmp_path: Path
) -> None:
    with desk(globus.url, tmp_path / "courier", factory=PATIENT) as counter:
        counter.log_in()
        service.fault("slow", "submit", times=1, seconds=1.0)
        counter.send(agent.place, "a")
        until(globus.books.all)
        counter.courier.close()
        assert counter.courier.join(20)
        counter.wait(Accepted)
        (task,) = globus.books.all()
        assert counter.identifiers() == {"a": task.identifier}


def test_a_courier_ends_at_once_with_tasks_open(open_counter: Desk, agent: PlayedAgent) -> None:
    open_counter.send(agent.place, "a")
    open_counter.wait(Accepted)
    open_counter.courier.close()
    assert open_counter.courier.join(5)
    assert not open_counter.lost.is_set()
