"""The cluster that tests use: a task all the way and back, what breaks on the way, and what is left then."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.environments import REPOSITORY
from tests.cluster.processes import MARK, marked
from tests.cluster.sender import Sender
from tests.cluster.stack import Stack
from tests.cluster.trouble import StackError
from tests.processes import all_gone, until

pytestmark = pytest.mark.integration
PATIENCE = 120.0
States = Callable[[], dict[str, str]]
Submit = Callable[..., Future[Any]]


@pytest.fixture
def states(on_stack: Stack) -> States:
    """Of the tasks of this test, by identifier: other tests use the same stack."""
    before = set(on_stack.standin.tasks())
    return lambda: {task: state for task, state in on_stack.standin.tasks().items() if task not in before}


@pytest.fixture
def submit(on_stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Submit]:
    """Sends a task through the real SDK that tells where it runs."""
    log = tmp_path_factory.mktemp("sender") / "log"
    sender = Sender(on_stack.endpoint_id, on_stack.standin.token(), on_stack.environment, log)
    yield sender.send
    sender.close()


def test_a_task_goes_to_a_job_and_back(on_stack: Stack, submit: Submit, states: States) -> None:
    answer = submit().result(PATIENCE)
    assert answer["job"] in [job.identifier for job in on_stack.slurm.jobs()]
    assert answer["job"] == on_stack.slurm.job_of(answer["pid"])
    assert answer["node"] in ("node1", "node2")
    assert answer["fitgui"]
    [task] = [task for task in on_stack.standin.state()["tasks"] if task["id"] in states()]
    assert task["status"] == "success"
    assert on_stack.standin.is_online(task["user_endpoint"])


def test_workers_that_have_only_pyhf(on_stack: Stack, submit: Submit) -> None:
    options = {"environment": "pyhf", "partition": "physics", "account": "atlas"}
    answer = submit(**options).result(PATIENCE)
    assert not answer["fitgui"]
    [job] = [job for job in on_stack.slurm.jobs() if job.identifier == answer["job"]]
    assert (job.partition, job.account) == ("physics", "atlas")
    beside_the_agent = submit(mode="process").result(PATIENCE)
    assert (beside_the_agent["job"], beside_the_agent["fitgui"]) == (None, False)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"partition": "nowhere"}, "Invalid partition name specified"),
        (
            {"partition": "physics", "account": "cms"},
            "Invalid account or account/partition combination specified",
        ),
        ({"walltime": "9:00:00"}, "Requested time limit is invalid"),
        ({"colour": "blue"}, "Additional properties are not allowed"),
    ],
    ids=["partition", "account", "walltime", "schema"],
)
def test_what_slurm_or_the_agent_refuses(submit: Submit, options: dict[str, str], sentence: str) -> None:
    with pytest.raises(RuntimeError, match=sentence):
        submit(**options).result(PATIENCE)


def test_two_blocks_at_once(submit: Submit, tmp_path: Path) -> None:
    futures = [submit(3, str(tmp_path), max_blocks=2, max_idletime=10) for _ in range(4)]
    jobs = {future.result(PATIENCE)["job"] for future in futures}
    assert len(jobs) == 2


def test_an_agent_that_stops_and_comes_back(on_stack: Stack, submit: Submit, states: States) -> None:
    assert submit().result(PATIENCE)
    on_stack.agent.stop()
    assert not on_stack.standin.is_online(on_stack.endpoint_id)
    until(lambda: not on_stack.slurm.jobs())
    waiting = submit()
    until(lambda: "waiting-for-ep" in states().values())
    on_stack.start_agent()
    assert waiting.result(PATIENCE)["job"]


def test_connections_to_the_broker_that_break(on_stack: Stack, submit: Submit) -> None:
    assert submit().result(PATIENCE)
    until(on_stack.standin.broker_connections)
    assert on_stack.standin.drop_broker(refuse_seconds=0.5) >= 1
    assert submit().result(PATIENCE)
    on_stack.broker.kill()
    on_stack.broker.start()
    assert submit().result(PATIENCE)


def test_a_second_stack_is_refused(on_stack: Stack) -> None:
    second = Stack()
    with pytest.raises(StackError, match=r"Port 5000 is taken by process \d+ .*tests.cluster.standin"):
        second.start()
    assert on_stack.standin.alive()


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.cluster.stack.PROGRAMS", {"slurmctld-of-nobody": "slurmctld"})
    with pytest.raises(StackError, match=r"^slurmctld missing: .*packaging/cluster-services.sh"):
        Stack().start()


def test_what_is_left_of_a_stack_whose_owner_is_killed(tmp_path: Path) -> None:
    """Without the agent and the stand-in, which need the port; the guardian knows no difference."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path / "stack")],
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, MARK: str(tmp_path / "stack")},
    )
    assert owner.stdout is not None
    assert owner.stdout.readline() == "ready\n"
    family = [process for process in marked(tmp_path / "stack") if process.pid != owner.pid]
    names = {process.name() for process in family}
    assert {"munged", "slurmctld", "slurmd"} <= names
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    until(lambda: all_gone(family))
    until(lambda: not (tmp_path / "stack").exists())


OWNER = """
import sys, threading
from pathlib import Path
from tests.cluster.slurm import Slurm
from tests.cluster.sender import Sender
from tests.cluster.stack import Stack
stack = Stack()
stack.folder = Path(sys.argv[1])
stack.folder.mkdir()
environment = stack._own_environment()
stack._guard(environment)
slurm = Slurm(stack.folder / "slurm", environment)
slurm.start()
print("ready", flush=True)
threading.Event().wait()
"""


def test_every_process_can_be_told_by_its_mark(on_stack: Stack, submit: Submit) -> None:
    worker = submit().result(PATIENCE)["pid"]
    family = {process.pid: process.name() for process in marked(on_stack.folder)}
    assert {"beam.smp", "slurmctld", "slurmd", "munged", "epmd"} <= set(family.values())
    assert worker in family
    assert on_stack.agent.pid in family
    reports = [user["report"] for user in on_stack.standin.state()["user_endpoints"] if user["online"]]
    assert reports
    assert {report["posix_pid"] for report in reports} <= set(family)
    # The conftest looks for all of them when the stack has been stopped.
