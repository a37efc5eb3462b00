"""The courier of Globus Compute against a real agent, a real broker and a real Slurm."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from fitgui_backends.contract import Place
from fitgui_backends.remote.messages import Accepted, Arrived, Send, States, Surroundings, Task, Watch
from tests.backends.couriers.globus_desk import Desk, desk
from tests.cluster.stack import Stack
from tests.processes import until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]
MINUTES = 180.0


@pytest.fixture
def counter(on_stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A courier in which Alice is logged in herself."""
    for name in ("GLOBUS_COMPUTE_CLIENT_ID", "GLOBUS_COMPUTE_CLIENT_SECRET"):
        monkeypatch.delenv(name)
    with desk(on_stack.url, tmp_path) as opened:
        opened.log_in()
        yield opened


def at(stack: Stack, **options: str | int) -> Place:
    """The endpoint, with these options."""
    return Place(identifier=stack.endpoint_id, name="tests", options=options)


def in_slurm(stack: Stack) -> Place:
    return at(stack, mode="slurm")


def beside(stack: Stack) -> Place:
    """Without Slurm, at once."""
    return at(stack, mode="process")


def arrived(counter: Desk, number: int) -> dict[str, Arrived]:
    """So many answers, by key; each must be the only one."""
    counter.wait_for(lambda heard: sum(isinstance(message, Arrived) for message in heard) >= number, MINUTES)
    found = counter.all(Arrived)
    assert set(Counter(message.key for message in found).values()) == {1}
    return {message.key: message for message in found}


def test_a_check_runs_in_a_job_of_slurm(on_stack: Stack, counter: Desk) -> None:
    found = counter.courier.ask(
        "try_out", place={"identifier": on_stack.endpoint_id, "options": {}}, timeout=200
    )
    assert found["block"] in {f"Slurm {job.identifier}" for job in on_stack.slurm.jobs()}
    assert found["fitgui-backends"] != "not installed"


def test_phases_and_workers_are_told_as_slurm_has_them(on_stack: Stack, counter: Desk) -> None:
    on_stack.slurm.hold()
    place = at(on_stack, mode="slurm", walltime="00:19:00")
    counter.send(place, "a", "b")
    counter.wait_for(
        lambda heard: any("waiting for nodes" in state.phases.values() for state in counter.all(States)),
        MINUTES,
    )
    assert not counter.all(Arrived)
    on_stack.slurm.release()
    assert {message.trouble for message in arrived(counter, 2).values()} == {""}
    names = (f"more {number}" for number in itertools.count())

    def more() -> bool:
        # Workers are asked about while something is open, and each check takes a moment only.
        name = next(names)
        counter.send(place, *(f"{name}.{part}" for part in range(20)))
        counter.wait(Arrived, key=f"{name}.0")
        return any(told.workers == 1 for told in counter.all(Surroundings))

    until(more, MINUTES)
    told = next(told for told in counter.all(Surroundings) if told.workers == 1)
    assert (told.status, told.blocks_running, told.nodes) == ("online", 1, 1)


def test_answers_come_by_the_stream_alone(on_stack: Stack, counter: Desk) -> None:
    on_stack.standin.fault("status", "batch_status", times=1000, status=503)
    counter.send(beside(on_stack), *(str(number) for number in range(20)))
    assert {message.trouble for message in arrived(counter, 20).values()} == {""}
    assert on_stack.standin.broker_connections() == 1
    for message in counter.all(Arrived):
        assert message.answer["Python"]


def test_a_broker_that_drops_us_loses_nothing(on_stack: Stack, counter: Desk) -> None:
    on_stack.standin.fault("status", "batch_status", times=1000, status=503)
    on_stack.slurm.hold()
    place = at(on_stack, mode="slurm", walltime="00:18:00")
    counter.send(place, *(str(number) for number in range(10)))
    counter.wait(Accepted)
    until(lambda: on_stack.standin.broker_connections() == 1)
    assert on_stack.standin.drop_broker(refuse_seconds=2.0) == 1
    on_stack.slurm.release()
    assert {message.trouble for message in arrived(counter, 10).values()} == {""}


def test_a_successor_gets_what_was_on_its_way(on_stack: Stack, counter: Desk, tmp_path: Path) -> None:
    counter.send(beside(on_stack), *(str(number) for number in range(30)))
    (accepted,) = counter.wait(Accepted)
    counter.wait(Arrived)
    counter.courier.kill()
    assert counter.courier.join(10)
    with desk(on_stack.url, tmp_path) as successor:
        successor.log_in()
        names = tuple(accepted.tasks.values())
        watch = Watch(run="again", place=beside(on_stack), groups={accepted.group: names})
        successor.courier.tell(watch)
        assert set(arrived(successor, 30)) == set(names)
        assert {message.trouble for message in successor.all(Arrived)} == {""}


@pytest.mark.parametrize("mode", ["process", "slurm"])
def test_a_priority_goes_through_with_engines_of_both_kinds(
    on_stack: Stack, counter: Desk, mode: str
) -> None:
    task = Task(key="stop", request={"format": 1, "runs": ["nothing"]}, size=40, priority=-1)
    counter.courier.tell(Send(run="stop", place=at(on_stack, mode=mode), function="stop", tasks=(task,)))
    (message,) = arrived(counter, 1).values()
    assert (message.trouble, message.answer["written"]) == ("", True)
