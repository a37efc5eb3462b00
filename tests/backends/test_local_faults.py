"""The local backend on its bad days: processes that die, hang or are left alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest

from fitgui_backends.contract import Emit, TaskState
from fitgui_backends.events import BackendEvent, TaskStateChanged
from fitgui_backends.local import LocalBackend
from tests.backends.conftest import PlanMaker, Receiver
from tests.processes import all_gone, until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")


@pytest.fixture
def single() -> Iterator[LocalBackend]:
    """One worker, so that what happens next is certain."""
    backend = LocalBackend(workers=1)
    yield backend
    backend.close()


def hold(pid: int) -> None:
    """Stop a worker where it is: from now on it never returns by itself."""
    os.kill(pid, signal.SIGSTOP)


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def test_a_worker_killed_mid_fit_costs_one_retry_and_no_neighbour(
    backend: LocalBackend, make_plan: PlanMaker
) -> None:
    plan = make_plan(3, bins=20)
    receiver = Receiver(plan)
    backend.submit(plan, holding(receiver, "point_0"))
    victim = receiver.worker_of("point_0")
    kill(victim)
    receiver.finish()
    assert set(receiver.results) == {point.name for point in plan.points}
    (notice,) = receiver.notices
    assert "point_0" in notice
    assert "SIGKILL" in notice
    assert receiver.results["point_0"].worker != f"{os.uname().nodename}:{victim}"


def test_a_point_whose_workers_die_twice_is_given_up_and_the_others_are_not(
    single: LocalBackend, make_plan: PlanMaker
) -> None:
    plan = make_plan(2, bins=30)
    receiver = Receiver(plan)
    single.submit(plan, receiver)
    first = receiver.worker_of("point_0")
    kill(first)
    receiver.wait(lambda: receiver.notices, "the notice")
    receiver.wait(lambda: receiver.states["point_0"] is TaskState.RUNNING, "the second attempt")
    kill(receiver.worker_of("point_0"))
    receiver.finish()
    assert set(receiver.results) == {"point_1"}
    failure = receiver.failures["point_0"]
    assert failure.attempts == 2
    assert 0 < failure.seconds.fit <= failure.seconds.total, "what both workers spent on it"
    assert "SIGKILL" in failure.error
    assert "memory" in failure.error


def holding(receiver: Receiver, name: str) -> Emit:
    """Passes events on, and stops the first worker of a point as soon as it is known to have begun."""
    held: list[str] = []

    def emit(event: BackendEvent) -> None:
        begins = isinstance(event, TaskStateChanged) and event.state is TaskState.RUNNING
        if begins and name in event.points and not held:
            held.append(event.worker)
            hold(int(event.worker.rpartition(":")[2]))
        receiver(event)

    return emit


def test_a_fit_that_never_returns_is_stopped_alone(backend: LocalBackend, make_plan: PlanMaker) -> None:
    endless = make_plan(1, bins=100, timeout_seconds=2.0)
    healthy = make_plan(2)
    never, fitted = Receiver(endless), Receiver(healthy)
    backend.submit(endless, holding(never, "point_0"))
    held = never.worker_of("point_0")
    backend.submit(healthy, fitted)
    never.finish()
    fitted.finish()
    assert len(fitted.results) == 2
    late = never.failures["point_0"]
    assert "within 2 s" in late.error
    assert 0 < late.seconds.fit <= late.seconds.total
    until(lambda: all_gone([held]))


def in_a_chunk(receiver: Receiver, strike: Callable[[TaskStateChanged], None]) -> Emit:
    """Passes events on, and strikes when a worker begins with several points at once, the first time."""
    struck: list[TaskStateChanged] = []

    def emit(event: BackendEvent) -> None:
        if isinstance(event, TaskStateChanged) and event.worker and len(event.points) > 1 and not struck:
            struck.append(event)
            strike(event)
        receiver(event)

    return emit


@pytest.fixture
def long_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many points at once as there may be, so that a chunk cannot end before it is struck."""
    monkeypatch.setattr("fitgui_backends.sizes.CHUNK_SECONDS", 10.0)


def pid_of(event: TaskStateChanged) -> int:
    return int(event.worker.rpartition(":")[2])


@pytest.mark.usefixtures("long_chunks")
def test_points_whose_worker_is_killed_together_are_fitted_one_by_one(
    single: LocalBackend, make_plan: PlanMaker
) -> None:
    plan = make_plan(80, bins=30, engine="newton")
    receiver = Receiver(plan)
    single.submit(plan, in_a_chunk(receiver, lambda event: kill(pid_of(event))))
    receiver.finish()
    assert set(receiver.results) == {point.name for point in plan.points}
    (notice,) = receiver.notices
    assert "other points; trying each of them alone" in notice


@pytest.mark.usefixtures("long_chunks")
def test_a_chunk_that_never_returns_is_split(single: LocalBackend, make_plan: PlanMaker) -> None:
    plan = make_plan(40, bins=30, engine="newton", timeout_seconds=3.0)
    receiver = Receiver(plan)
    single.submit(plan, in_a_chunk(receiver, lambda event: hold(pid_of(event))))
    receiver.finish()
    assert set(receiver.results) == {point.name for point in plan.points}


@pytest.mark.usefixtures("long_chunks")
def test_cancelling_a_point_of_a_chunk_loses_no_other(single: LocalBackend, make_plan: PlanMaker) -> None:
    plan = make_plan(80, bins=30, engine="newton")
    receiver = Receiver(plan)
    struck: list[TaskStateChanged] = []

    def strike(event: TaskStateChanged) -> None:
        hold(pid_of(event))
        struck.append(event)

    handle = single.submit(plan, in_a_chunk(receiver, strike))
    receiver.wait(lambda: struck and set(struck[0].points) <= set(receiver.running), "a chunk")
    unwanted = struck[0].points[1]
    single.cancel(handle, [unwanted])
    receiver.finish()
    assert receiver.counts == {TaskState.DONE: 79, TaskState.CANCELLED: 1}
    assert receiver.states[unwanted] is TaskState.CANCELLED
    assert receiver.notices == []


def test_a_held_worker_is_cancelled_too(single: LocalBackend, make_plan: PlanMaker) -> None:
    plan = make_plan(2, bins=30)
    receiver = Receiver(plan)
    handle = single.submit(plan, holding(receiver, "point_0"))
    held = receiver.worker_of("point_0")
    single.cancel(handle, ["point_0"])
    receiver.finish()
    assert receiver.states["point_0"] is TaskState.CANCELLED
    assert set(receiver.results) == {"point_1"}
    until(lambda: all_gone([held]))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_idle_workers_that_are_killed_are_replaced_without_blame(
    backend: LocalBackend, make_plan: PlanMaker, how: signal.Signals
) -> None:
    first = Receiver(plan := make_plan(2))
    backend.submit(plan, first)
    first.finish()
    victims = backend.worker_pids()
    assert victims
    for pid in victims:
        os.kill(pid, how)
    second = Receiver(plan)
    backend.submit(plan, second)
    second.finish()
    assert len(second.results) == 2
    assert second.notices == []


def test_a_point_whose_workers_end_before_they_begin_is_given_up(
    single: LocalBackend, make_plan: PlanMaker
) -> None:
    """What is sent to the worker cannot be received there, as where memory is just too short for it."""
    plan = make_plan(2)
    lethal = msgspec.structs.replace(plan, workspace=_Lethal(plan.workspace), points=plan.points[:1])
    receiver = Receiver(lethal)
    single.submit(lethal, receiver)
    receiver.finish()
    assert "3 workers ended before they began" in receiver.failures["point_0"].error
    healthy = Receiver(plan)
    single.submit(plan, healthy)
    healthy.finish()
    assert set(healthy.results) == {"point_0", "point_1"}


class _Lethal(bytes):
    """Ends the process that unpacks it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (7,)


EXHAUSTED = """
import json, os, resource, sys, threading
from pathlib import Path
import msgspec
from fitgui_backends.contract import Plan
from fitgui_backends.events import PointFailed, PointFitted
from fitgui_backends.local import LocalBackend

def submit(backend, plan):
    ends, done = [], threading.Event()
    def emit(event):
        if isinstance(event, (PointFailed, PointFitted)):
            ends.append(getattr(event, "error", "fitted"))
            if len(ends) == len(plan.points):
                done.set()
    backend.submit(plan, emit)
    assert done.wait(60)
    return ends

if __name__ == "__main__":
    plan = msgspec.msgpack.decode(Path(sys.argv[1]).read_bytes(), type=Plan)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = max(int(name) for name in os.listdir("/dev/fd")) + 1
    for spare in range(0, 24, 4):
        resource.setrlimit(resource.RLIMIT_NOFILE, (used + spare, before[1]))
        backend = LocalBackend(workers=1)
        ends = submit(backend, plan)
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
        ends += submit(backend, plan)
        backend.close()
        print(json.dumps(ends), flush=True)
"""


def test_points_fail_in_words_where_no_worker_can_be_started(tmp_path: Path, make_plan: PlanMaker) -> None:
    """File descriptors run out at every step of the start of a worker; afterwards all is well again."""
    (tmp_path / "plan").write_bytes(msgspec.msgpack.encode(make_plan(2)))
    (tmp_path / "application.py").write_text(EXHAUSTED)
    command = [sys.executable, str(tmp_path / "application.py"), str(tmp_path / "plan")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.stderr == ""
    assert done.returncode == 0
    runs = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(runs) == 6
    failures = [end for run in runs for end in run[:2] if end != "fitted"]
    assert failures
    assert all("3 workers in a row did not start" in failure for failure in failures)
    assert [end for run in runs for end in run[2:]] == ["fitted"] * 12


APPLICATION = """
import json, signal, sys, threading, time
from pathlib import Path
import msgspec
from fitgui_backends.contract import Plan, TaskState
from fitgui_backends.local import LocalBackend

if __name__ == "__main__":
    # Where the tests run in the background of a shell, Ctrl-C is ignored unless one asks for it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    plan = msgspec.msgpack.decode(Path(sys.argv[1]).read_bytes(), type=Plan)
    running = threading.Semaphore(0)

    def emit(event):
        if getattr(event, "state", None) is TaskState.RUNNING:
            running.release()

    backend = LocalBackend(workers=2)
    handle = backend.submit(plan, emit)
    running.acquire(); running.acquire()
    try:
        print(json.dumps(backend.worker_pids()), flush=True)
        while True:
            time.sleep(60)
    except KeyboardInterrupt:
        backend.close()
        print("closed", flush=True)
"""


@pytest.fixture
def application(tmp_path: Path, make_plan: PlanMaker) -> Iterator[subprocess.Popen[str]]:
    """A program with two workers in the middle of long fits; its first line holds their process ids."""
    (tmp_path / "plan").write_bytes(msgspec.msgpack.encode(make_plan(8, bins=100)))
    (tmp_path / "application.py").write_text(APPLICATION)
    (tmp_path / "tmp").mkdir()
    process = subprocess.Popen(
        [sys.executable, str(tmp_path / "application.py"), str(tmp_path / "plan")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # so that Ctrl-C can be sent to all of it, as a terminal does
        env={**os.environ, "TMPDIR": str(tmp_path / "tmp")},
    )
    yield process
    process.kill()
    process.communicate()


def test_workers_die_with_the_application(application: subprocess.Popen[str], tmp_path: Path) -> None:
    assert application.stdout is not None
    pids = json.loads(application.stdout.readline())
    family = [psutil.Process(pid) for pid in pids]
    family += [p for p in psutil.Process(application.pid).children(recursive=True) if p not in family]
    assert len(pids) == 2
    application.kill()
    application.wait()
    until(lambda: all_gone(family))
    assert list((tmp_path / "tmp").iterdir()) == []


def test_ctrl_c_reaches_only_the_application(application: subprocess.Popen[str]) -> None:
    assert application.stdout is not None
    pids = json.loads(application.stdout.readline())
    os.killpg(application.pid, signal.SIGINT)
    output, errors = application.communicate(timeout=60)
    assert (output, errors, application.returncode) == ("closed\n", "", 0)
    until(lambda: all_gone(pids))
