"""The courier of Parsl on a real Slurm: blocks asked for and given back, and what becomes of tasks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from fitgui_backends.contract import Place
from fitgui_backends.couriers import parsl_pool
from fitgui_backends.couriers.parsl_desk import Desk
from fitgui_backends.couriers.parsl_options import options_of
from fitgui_backends.remote.courier import Courier, CourierError
from fitgui_backends.remote.messages import Accepted, Forget, Said, Send, Surroundings, Task
from tests.backends.couriers.hearing import Hearing
from tests.cluster.environments import worker_environment
from tests.cluster.processes import MARK, sweep
from tests.cluster.slurm import PARTITIONS, Slurm
from tests.cluster.stack import require_programs
from tests.processes import all_gone, until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

FACTORY = "fitgui_backends.couriers.parsl:make_service"
USUAL: dict[str, str | int] = {
    "partition": PARTITIONS[0],
    "walltime": "00:05:00",
    "max_blocks": 1,
    "workers_per_node": 2,
    "address": "127.0.0.1",
}


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slurm]:
    """A Slurm for this file alone, and its clients' environment."""
    require_programs()
    folder = tmp_path_factory.mktemp("slurm")
    folder.chmod(0o711)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(MARK, str(folder))
        started = Slurm(folder, dict(os.environ))
        try:
            started.start()
            for name, value in started.environment.items():
                patch.setenv(name, value)
            yield started
        finally:
            started.stop()
            sweep(folder)


@pytest.fixture
def heard() -> Hearing:
    return Hearing()


@pytest.fixture
def courier(
    slurm: Slurm, heard: Hearing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Courier]:
    monkeypatch.setenv("FITGUI_CACHE", str(tmp_path / "cache"))
    settings = {"folder": str(tmp_path / "parsl"), "lost_seconds": 8}
    opened = Courier("Parsl", FACTORY, settings, heard, threading.Event().set)
    yield opened
    opened.close()
    assert opened.join(20)
    until(lambda: not slurm.jobs(), 20)


def place(**options: str | int) -> Place:
    return Place(identifier="slurm", name="Slurm", options={**USUAL, **options})


def send(courier: Courier, where: Place, *keys: str, run: str = "run") -> None:
    tasks = tuple(Task(key=key, request={}, size=2) for key in keys)
    courier.tell(Send(run=run, place=where, function="check", tasks=tasks))


def test_tasks_run_in_a_job_and_its_end_is_that_of_the_courier(
    slurm: Slurm, courier: Courier, heard: Hearing
) -> None:
    named = {entry["identifier"]: entry for entry in courier.ask("places")}
    assert named["slurm"]["status"] == "online"
    assert named["slurm"]["description"] == f"partitions: {PARTITIONS[0]}*, {PARTITIONS[1]}"
    send(courier, place(), "a", "b", "c")
    answers = heard.arrived("run", 3, 120)
    (job,) = slurm.jobs()
    assert {arrived.answer["block"] for arrived in answers.values()} == {f"Slurm {job.identifier}"}
    assert {arrived.answer["partition"] for arrived in answers.values()} == {PARTITIONS[0]}
    assert {arrived.answer["BLAS threads"] for arrived in answers.values()} == {"1"}
    assert heard.phases("run", "a")[0] == "waiting for nodes"
    heard.wait(lambda: any(told.workers == 2 for told in heard.all(Surroundings)), 30)
    told = heard.all(Surroundings)
    assert (told[0].status, told[0].blocks_pending, told[0].workers) == ("online", 1, 0)
    assert told[-1].blocks_running == 1
    assert len(heard.all(Accepted)) == 1
    courier.close()
    assert courier.join(20)
    until(lambda: not slurm.jobs(), 10)


def test_the_check_of_a_place_waits_for_its_node(slurm: Slurm, courier: Courier) -> None:
    health = courier.ask("health", place={"identifier": "slurm", "options": USUAL})
    assert health["ready"]
    report = courier.ask("try_out", place={"identifier": "slurm", "options": USUAL})
    assert report["block"].startswith("Slurm ")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"partition": "nowhere"}, "invalid partition specified: nowhere"),
        ({"partition": PARTITIONS[1], "account": "cms"}, "Invalid account or account/partition combination"),
        ({"walltime": "99:00:00"}, "Requested time limit is invalid"),
        ({"cores_per_node": 64}, "More processors requested than permitted"),
    ],
)
def test_what_slurm_refuses_is_told_in_its_words(
    courier: Courier, heard: Hearing, options: dict[str, str | int], words: str
) -> None:
    send(courier, place(**options), "a", "b")
    answers = heard.arrived("run", 2, 60)
    assert {arrived.trouble for arrived in answers.values()} == {"start"}
    assert words in answers["a"].error
    assert "sbatch: " not in answers["a"].error
    # Another try, with the mistake put right, finds no trace of it.
    send(courier, place(), "c", run="again")
    assert heard.arrived("again", 1, 120)["c"].trouble == ""


def test_a_partition_that_is_not_there_is_seen_without_a_job(courier: Courier) -> None:
    asked = {"identifier": "slurm", "options": {**USUAL, "partition": "nowhere"}}
    health = courier.ask("health", place=asked)
    assert not health["ready"]
    assert health["summary"] == "Slurm has no partition nowhere"
    assert PARTITIONS[0] in health["remedy"]
    with pytest.raises(CourierError, match="invalid partition specified: nowhere"):
        courier.ask("try_out", place=asked)


def test_workers_that_do_not_come_up_are_not_waited_for(courier: Courier, heard: Hearing) -> None:
    send(courier, place(worker_init="echo module: no such command >&2; exit 1"), "a")
    answer = heard.arrived("run", 1, 150)["a"]
    assert answer.trouble == "start"
    assert "module: no such command" in answer.error


WAITING = """
import os, time

def act(request):
    while not os.path.exists(request["gate"]):
        time.sleep(0.05)
    return os.environ["SLURM_JOB_ID"]
"""


def test_a_cancelled_job_loses_its_tasks_and_the_next_ones_get_another(
    slurm: Slurm, heard: Hearing, tmp_path: Path
) -> None:
    desk = Desk("slurm", options_of(place(workers_per_node=1)), tmp_path / "pool", heard, lost_seconds=8)
    try:
        first, second = (
            Task(key=key, request={"gate": str(tmp_path / key)}, size=2) for key in ("first", "second")
        )
        desk.send("run", WAITING, "act", [first])
        heard.wait(lambda: "running" in heard.phases("run", "first"), 60)
        (job,) = slurm.jobs()
        slurm.scancel(job)
        answer = heard.arrived("run", 1, 60)["first"]
        assert answer.trouble == "lost"
        assert "the job" in answer.error.lower() or "worker" in answer.error.lower()
        (tmp_path / "second").touch()
        desk.send("later", WAITING, "act", [second])
        assert heard.arrived("later", 1, 60)["second"].answer not in ("", job.identifier)
    finally:
        desk.close()
    until(lambda: not slurm.jobs(), 20)


def test_workers_with_another_python_are_told_as_that(heard: Hearing, tmp_path: Path) -> None:
    other = next(version for version in ("3.12", "3.13") if not sys.version.startswith(version))
    init = f"export PATH={worker_environment(other)}/bin:$PATH"
    options = options_of(Place(identifier="local", options={"workers_per_node": 1, "worker_init": init}))
    desk = Desk("local", options, tmp_path / "pool", heard)
    try:
        desk.send("run", WAITING, "act", [Task(key="a", request={}, size=2)])
        answer = heard.arrived("run", 1, 60)["a"]
        assert answer.trouble == "start"
        assert f"they have Python {other}" in answer.error
    finally:
        desk.close()


def test_an_interchange_that_answers_no_more_keeps_nobody_from_ending(
    heard: Hearing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parsl_pool, "CLOSE_SECONDS", 3.0)
    options = options_of(Place(identifier="local", options={"workers_per_node": 1}))
    desk = Desk("local", options, tmp_path / "pool", heard)
    interchange = psutil.Process(desk._pool._executor.interchange_proc.pid)
    interchange.suspend()
    try:
        desk.close()
    finally:
        with suppress(psutil.NoSuchProcess):
            interchange.resume()
    # Told to end while it stood still, it does so now that it goes on.
    until(lambda: not interchange.is_running() or interchange.status() == psutil.STATUS_ZOMBIE, 20)


def test_jobs_that_wait_for_nobody_are_given_back(slurm: Slurm, courier: Courier, heard: Hearing) -> None:
    slurm.hold()
    try:
        send(courier, place(max_blocks=2, workers_per_node=1), "a", "b")
        until(lambda: len(slurm.jobs()) == 2, 60)
        heard.wait(lambda: any(told.blocks_pending == 2 for told in heard.all(Surroundings)))
        courier.tell(Forget(run="run"))
        until(lambda: not slurm.jobs(), 30)
    finally:
        slurm.release()


def test_blocks_are_as_many_as_tasks_need_and_no_more_than_allowed(
    slurm: Slurm, courier: Courier, heard: Hearing
) -> None:
    slurm.hold()
    try:
        send(courier, place(max_blocks=3, workers_per_node=1, nodes_per_block=2), *"abcdefghij")
        until(lambda: len(slurm.jobs()) == 3, 60)
        assert {(job.nodes, job.state) for job in slurm.jobs()} == {(2, "PENDING")}
    finally:
        slurm.release()
    answers = heard.arrived("run", 10, 120)
    assert not any(arrived.trouble for arrived in answers.values())
    assert not heard.all(Said)


# An application that sends a task to Slurm, says so, and is killed.
APPLICATION = """
import json, sys, threading
from fitgui_backends.couriers.parsl_desk import Desk
from fitgui_backends.couriers.parsl_options import options_of
from fitgui_backends.remote.courier import Courier

def main():
    courier = Courier("Parsl", "fitgui_backends.couriers.parsl:make_service", {"folder": sys.argv[1]},
                      lambda message: None, lambda: None)
    report = courier.ask("try_out", place=json.loads(sys.argv[2]))
    print(courier.pid, flush=True)
    threading.Event().wait(200)

if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("whom", ["application", "courier"])
def test_no_job_is_left_whoever_is_killed(slurm: Slurm, tmp_path: Path, whom: str) -> None:
    program = tmp_path / "application.py"
    program.write_text(APPLICATION)
    asked = json.dumps({"identifier": "slurm", "options": USUAL})
    command = [sys.executable, str(program), str(tmp_path / "parsl"), asked]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as application:
        try:
            assert application.stdout is not None
            courier = int(application.stdout.readline())
            assert len(slurm.jobs()) == 1
            os.kill(application.pid if whom == "application" else courier, signal.SIGKILL)
            until(lambda: not slurm.jobs(), 20)
            until(lambda: all_gone([courier]), 20)
        finally:
            application.kill()
