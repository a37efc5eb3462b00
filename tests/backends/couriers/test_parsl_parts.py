"""Parts of Parsl's courier that decide: when blocks come to nothing, what sbatch said, which task runs."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsl.executors.high_throughput.errors import ManagerLost, VersionMismatch, WorkerLost
from parsl.jobs.states import JobState, JobStatus

from fitgui_backends.contract import Place
from fitgui_backends.couriers.parsl_blocks import ATTEMPTS, addresses, watch_blocks, words_of_sbatch
from fitgui_backends.couriers.parsl_books import Books
from fitgui_backends.couriers.parsl_options import options_of, sbatch_lines
from fitgui_backends.couriers.parsl_words import start_sentence, trouble_of

REFUSED = JobStatus(JobState.FAILED, "Failed to start block 0: Invalid account specified.")
BUSY = JobStatus(JobState.FAILED, "Failed to start block 0: Socket timed out on send/recv operation.")
DIED = JobStatus(JobState.MISSING, "Job is marked as MISSING since the workers failed to register")
PENDING = JobStatus(JobState.PENDING)
RUNNING = JobStatus(JobState.RUNNING)
ENDED = JobStatus(JobState.COMPLETED)


class Executor:
    """What the handler of block errors sees of one."""

    def __init__(self, max_blocks: int, connected: Sequence[str]) -> None:
        self.provider = SimpleNamespace(max_blocks=max_blocks)
        self.bad_state_is_set = False
        self.failed: Exception | None = None
        self._connected = list(connected)

    def connected_blocks(self) -> list[str]:
        return self._connected

    def set_bad_state_and_fail_all(self, exception: Exception) -> None:
        self.bad_state_is_set = True
        self.failed = exception


def judge(*blocks: JobStatus, connected: str = "") -> tuple[Executor, list[str], list[str]]:
    """Let blocks 0, 1 ... be looked at twice; ``connected`` are those whose workers have come up."""
    executor = Executor(4, connected.split())
    found: list[str] = []
    warned: list[str] = []
    handle = watch_blocks(found.append, warned.append)
    status: Mapping[str, JobStatus] = {str(number): block for number, block in enumerate(blocks)}
    handle(executor, status)
    handle(executor, status)
    return executor, found, warned


def test_a_refusal_that_will_not_change_ends_it_at_once() -> None:
    executor, found, warned = judge(REFUSED)
    assert found == ["Invalid account specified."]
    assert str(executor.failed) == found[0]
    assert not warned


def test_a_scheduler_that_is_busy_is_asked_again_but_not_for_ever() -> None:
    assert judge(*[BUSY] * (ATTEMPTS - 1))[1] == []
    assert judge(*[BUSY] * ATTEMPTS)[1] == ["Socket timed out on send/recv operation."]
    assert judge(BUSY, BUSY, ENDED, BUSY, connected="2")[1] == []


def test_where_some_blocks_work_or_wait_the_rest_is_done_without_and_told_once() -> None:
    for first, connected in ((RUNNING, "0 1"), (PENDING, "")):
        executor, found, warned = judge(first, first, *[REFUSED] * ATTEMPTS, connected=connected)
        assert not found
        assert executor.failed is None
        assert warned == ["Not all blocks could be started: Invalid account specified."]
        assert executor.provider.max_blocks == 2


def test_jobs_that_end_one_after_the_other_without_workers_are_not_repeated_for_ever() -> None:
    assert judge(*[DIED] * (ATTEMPTS - 1), PENDING)[1:] == ([], [])
    executor, found, _ = judge(*[DIED] * ATTEMPTS, PENDING)
    assert found == [
        "the job ended before its workers were there: look at the commands before the workers start."
    ]
    assert executor.provider.max_blocks == 4
    # Once workers have come up, a few bad nodes end nothing.
    assert judge(*[DIED] * ATTEMPTS, RUNNING, connected=str(ATTEMPTS))[1] == []
    assert judge(DIED, DIED, ENDED, DIED, DIED, connected="2")[1] == []


def test_blocks_that_ended_or_run_are_no_trouble() -> None:
    executor, found, warned = judge(ENDED, RUNNING, connected="0 1")
    assert (found, warned, executor.provider.max_blocks) == ([], [], 4)


def test_nodes_that_do_not_reach_this_machine_are_told_as_that(tmp_path: Path) -> None:
    errors = tmp_path / "stderr"
    errors.write_text(
        "Traceback ...\nConnectionError: No viable ZMQ url from: tcp://192.0.2.5:54000, tcp://10.0.0.1:54000\n"
    )
    status = JobStatus(JobState.MISSING, "Job is marked as MISSING", stderr_path=str(errors))
    (words,) = judge(*[status] * ATTEMPTS)[1]
    assert words.startswith("nodes do not reach this machine at 192.0.2.5, 10.0.0.1: give an address ")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            "sbatch: error: invalid partition specified: nosuch\n"
            "sbatch: error: Batch job submission failed: Invalid partition name specified\n",
            "invalid partition specified: nosuch; Invalid partition name specified.",
        ),
        (
            "sbatch: error: Batch job submission failed: Invalid qos specification",
            "Invalid qos specification.",
        ),
        ("", "sbatch says nothing."),
    ],
)
def test_what_sbatch_says_becomes_a_sentence(said: str, sentence: str) -> None:
    assert words_of_sbatch(said) == sentence


def test_lost_workers_and_raised_errors_are_told_apart() -> None:
    assert trouble_of(ManagerLost(b"m", "node1")).kind == "lost"
    assert trouble_of(WorkerLost(1, "node1")).kind == "lost"
    assert "node1" in trouble_of(WorkerLost(1, "node1")).text
    raised = trouble_of(ValueError("first line\nsecond line"))
    assert raised.kind == "error"
    assert "\n" not in raised.text
    assert trouble_of(MemoryError()).text == "The worker has not enough memory for this point."


def test_pythons_that_differ_are_told_as_that() -> None:
    mismatch = VersionMismatch("py.v=3.11 parsl.v=2026.10.26", "py.v=3.12 parsl.v=2025.1.2")
    assert start_sentence(str(mismatch)).startswith(
        "Workers cannot be used: they have Python 3.12 with Parsl 2025.1.2, but this machine has Python 3.11"
    )


def test_nobody_outside_is_asked_for_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError

    monkeypatch.setattr("requests.get", refuse)
    assert addresses("10.0.0.7") == ["10.0.0.7"]
    found = [ipaddress.ip_address(address) for address in addresses("")]
    assert found
    assert len({address.is_loopback for address in found}) == 1


def slurm(**options: str | int | bool) -> Any:
    return options_of(Place(identifier="slurm", options=options))


def test_on_shared_nodes_a_job_asks_for_the_cores_of_its_workers() -> None:
    assert (slurm().cores_per_node, slurm().workers_per_node) == (1, 1)
    assert slurm(workers_per_node="6").cores_per_node == 6
    assert slurm(cores_per_node=8).workers_per_node == 8
    assert (slurm(exclusive=True).cores_per_node, slurm(exclusive=True).workers_per_node) == (None, None)
    assert slurm(exclusive="yes", cores_per_node=4, workers_per_node=2).workers_per_node == 2


def test_further_options_of_sbatch_are_lines_of_the_script() -> None:
    text = "--constraint=haswell\n\n#SBATCH --mem=4G\n"
    assert sbatch_lines(slurm(scheduler_options=text)) == "#SBATCH --constraint=haswell\n#SBATCH --mem=4G"


@given(st.lists(st.tuples(st.sampled_from([None, -1]), st.booleans()), max_size=12), st.integers(0, 14))
def test_the_tasks_that_run_are_those_that_are_next(tasks: list[tuple[int | None, bool]], busy: int) -> None:
    books = Books()
    for number, (priority, _) in enumerate(tasks):
        books.open("run", str(number), priority)
    order = sorted(range(len(tasks)), key=lambda number: (tasks[number][0] is None, number))
    phases = books.changes(busy).get("run", {})
    assert {key for key, phase in phases.items() if phase == "running"} == {str(n) for n in order[:busy]}
    assert set(phases) == {str(number) for number in range(len(tasks))}
    assert books.changes(busy) == {}
    for number, (_, ends) in enumerate(tasks):
        if ends:
            assert books.end("run", str(number))
            assert not books.end("run", str(number))
    left = {str(number) for number, (_, ends) in enumerate(tasks) if not ends}
    assert books.wanted == len(books) == len(left)
    books.forget(["run"])
    assert books.wanted == 0
    assert books.end_all() == []
    assert len(books) == 0
