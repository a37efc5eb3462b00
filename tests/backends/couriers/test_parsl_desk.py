"""Tasks in a pool of real workers of Parsl on this machine: answers, order, troubles, and how it ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from fitgui_backends.contract import Place
from fitgui_backends.couriers.parsl_desk import Desk
from fitgui_backends.couriers.parsl_options import options_of
from fitgui_backends.remote.courier_process import ServiceError
from fitgui_backends.remote.messages import Accepted, Arrived, Surroundings, Task
from tests.backends.couriers.hearing import Hearing
from tests.backends.couriers.parsl_processes import block_of, interchanges_of
from tests.processes import all_gone, until

# A module that travels as text; what it needs of the worker is Python.
SOURCE = """
import os, sys, time

def act(request):
    match request["what"]:
        case "wait":
            while not os.path.exists(request["for"]):
                time.sleep(0.01)
        case "raise":
            raise ValueError("no such channel")
        case "die":
            os._exit(9)
    with open(request["order"], "a") as file:
        file.write(request["name"] + " ")
    return {"pid": os.getpid(), "threads": os.environ["OMP_NUM_THREADS"], "echo": request["name"],
            "fitgui": "fitgui_backends" in sys.modules}
"""


def task(folder: Path, name: str, what: str = "echo", priority: int | None = None) -> Task:
    request = {"what": what, "name": name, "for": str(folder / "gate"), "order": str(folder / "order")}
    return Task(key=name, request=request, size=100, priority=priority)


def make_desk(folder: Path, heard: Hearing, **options: str | int) -> Desk:
    return Desk(
        "local", options_of(Place(identifier="local", options=options)), folder, heard, lost_seconds=8
    )


@pytest.fixture
def heard() -> Hearing:
    return Hearing()


@pytest.fixture
def desk(tmp_path: Path, heard: Hearing) -> Iterator[Desk]:
    before = interchanges_of(os.getpid())
    opened = make_desk(tmp_path / "pool", heard, workers_per_node=1)
    ours = interchanges_of(os.getpid()) - before
    assert len(ours) == 1
    yield opened
    workers = {arrived.answer["pid"] for arrived in heard.all(Arrived) if arrived.answer}
    ours |= {process for pid in workers for process in block_of(pid)}
    opened.close()
    until(lambda: all_gone(ours))


def test_tasks_are_accepted_run_in_order_and_answered_once(
    desk: Desk, heard: Hearing, tmp_path: Path
) -> None:
    first = [task(tmp_path, "gate", "wait"), task(tmp_path, "a"), task(tmp_path, "b")]
    desk.send("run", SOURCE, "act", first)
    heard.wait(lambda: "running" in heard.phases("run", "gate"))
    assert heard.phases("run", "gate") == ["waiting for nodes", "running"]
    assert heard.phases("run", "b") == ["waiting for nodes"]
    desk.send("other", SOURCE, "act", [task(tmp_path, "urgent", priority=-1)])
    (tmp_path / "gate").touch()
    answers = heard.arrived("run", 3) | heard.arrived("other", 1)

    assert (tmp_path / "order").read_text().split() == ["gate", "urgent", "a", "b"]
    assert {name: arrived.answer["echo"] for name, arrived in answers.items()} == {
        name: name for name in ("gate", "urgent", "a", "b")
    }
    assert all(arrived.answer["pid"] != os.getpid() for arrived in answers.values())
    assert all(arrived.answer["threads"] == "1" for arrived in answers.values())
    assert not any(arrived.answer["fitgui"] for arrived in answers.values())
    assert all(arrived.size > 0 for arrived in answers.values())
    accepted = heard.all(Accepted)
    assert [set(message.tasks) for message in accepted] == [{"gate", "a", "b"}, {"urgent"}]
    assert len({identifier for message in accepted for identifier in message.tasks.values()}) == 4
    assert accepted[0].group == accepted[1].group
    assert accepted[0].sent_bytes == 300
    places = [message for message in heard.all(Surroundings) if message.workers]
    assert (places[0].place, places[0].status, places[0].blocks_running) == ("local", "online", 1)


def test_troubles_are_told_apart(desk: Desk, heard: Hearing, tmp_path: Path) -> None:
    desk.send(
        "run",
        SOURCE,
        "act",
        [task(tmp_path, "bad", "raise"), task(tmp_path, "dead", "die"), task(tmp_path, "good")],
    )
    answers = heard.arrived("run", 3)
    assert (answers["bad"].trouble, answers["bad"].answer) == ("error", None)
    assert "no such channel" in answers["bad"].error
    assert answers["dead"].trouble == "lost"
    assert "Traceback" not in answers["dead"].error + answers["bad"].error
    assert answers["good"].trouble == ""


def test_a_block_that_cannot_start_workers_is_told_and_not_waited_for(tmp_path: Path, heard: Hearing) -> None:
    desk = make_desk(tmp_path / "pool", heard, worker_init="echo no such module: python >&2; exit 3")
    desk.send("run", SOURCE, "act", [task(tmp_path, "a")])
    answer = heard.arrived("run", 1)["a"]
    assert answer.trouble == "start"
    assert "no such module: python" in answer.error
    assert not desk.is_usable
    desk.close()


def test_without_its_interchange_tasks_are_lost_and_not_waited_for(
    desk: Desk, heard: Hearing, tmp_path: Path
) -> None:
    desk.send("run", SOURCE, "act", [task(tmp_path, "gate", "wait"), task(tmp_path, "a")])
    heard.wait(lambda: "running" in heard.phases("run", "gate"))
    (interchange,) = interchanges_of(os.getpid())
    interchange.kill()
    answers = heard.arrived("run", 2)
    assert {arrived.trouble for arrived in answers.values()} == {"lost"}
    assert not desk.is_usable


def test_what_nobody_wants_is_not_answered_and_its_blocks_are_spare(
    desk: Desk, heard: Hearing, tmp_path: Path
) -> None:
    desk.send("run", SOURCE, "act", [task(tmp_path, "a")])
    desk.send("kept", SOURCE, "act", [task(tmp_path, "b")])
    desk.forget("run")
    assert not desk.is_spare(idle=False)
    assert heard.arrived("kept", 1)["b"].trouble == ""
    assert not heard.all(Accepted, "nothing")
    assert [arrived for arrived in heard.messages if getattr(arrived, "key", "") == "a"] == []
    heard.wait(lambda: desk.has_workers)
    assert not desk.is_spare(idle=False)
    assert desk.is_spare(idle=True)


def test_whoever_asked_hears_when_the_pool_fails(desk: Desk) -> None:
    answer: Future[object] = Future()
    desk.ask("def act(request):\n    import time\n    time.sleep(100)\n", "act", answer)
    (interchange,) = interchanges_of(os.getpid())
    interchange.kill()
    with pytest.raises(ServiceError, match="hands out tasks has ended"):
        answer.result(30)
