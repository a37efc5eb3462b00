"""Blocks: the jobs in which Parsl's workers live; how they are asked for, watched and given back."""

from __future__ import annotations

import re
import shlex
import socket
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from parsl.errors import ParslError
from parsl.jobs.states import JobState, JobStatus
from parsl.launchers import SimpleLauncher, SingleNodeLauncher, SrunLauncher
from parsl.providers import LocalProvider, SlurmProvider
from parsl.providers.errors import SubmitException

from fitgui_backends.couriers.parsl_options import LOCAL, PoolOptions, sbatch_lines
from fitgui_backends.machine import SINGLE_THREADED

if TYPE_CHECKING:
    from parsl.launchers.base import Launcher

ATTEMPTS = 3
"""As many blocks in a row may come to nothing before the pool counts as one that cannot be started."""

SBATCH_SECONDS = 30
"""For one command of the scheduler: a busy one takes its time."""

LOOK_SECONDS = 10
"""Between looks into the queue of the scheduler, which others use as well."""

_FAILED = (JobState.FAILED, JobState.MISSING)
_ALIVE = (JobState.PENDING, JobState.RUNNING)


class BlocksError(ParslError):
    """No block can be started; the text is a sentence with the words of the scheduler."""


class _Gate:
    """Lets no block be asked for once blocks are being given back, and notes each in a file.

    The file (a line for each block: kind and identifier) is for whoever clears up when this process was
    killed.
    """

    def __init__(self, notes: Path, kind: str) -> None:
        self.lock = threading.Lock()
        self.closed = False
        self._notes = notes
        self._kind = kind

    def forget(self) -> None:
        """Nothing is left to clear up."""
        self._notes.unlink(missing_ok=True)

    def note(self, job: str) -> None:
        """A block was asked for."""
        with self._notes.open("a", encoding="ascii") as file:
            file.write(f"{self._kind} {job}\n")


class _GuardedSlurm(SlurmProvider):
    """Asks Slurm for blocks, until the gate is closed."""

    def __init__(self, gate: _Gate, **settings: Any) -> None:
        self.gate = gate
        super().__init__(**settings)

    def submit(self, command: str, tasks_per_node: int, job_name: str = "fitgui") -> str:
        """As SlurmProvider's."""
        with self.gate.lock:
            if self.gate.closed:
                raise BlocksError("The pool is closed.")
            try:
                job: str = super().submit(command, tasks_per_node, job_name)
            except SubmitException as error:
                raise BlocksError(words_of_sbatch(error.stderr or error.stdout or str(error))) from None
            self.gate.note(job)
            return job

    @property
    def status_polling_interval(self) -> int:
        """Seconds; Parsl's own minute is long for somebody who watches."""
        return LOOK_SECONDS


class _GuardedLocal(LocalProvider):
    """Starts a block on this machine, unless the gate is closed."""

    def __init__(self, gate: _Gate, **settings: Any) -> None:
        self.gate = gate
        super().__init__(**settings)  # type: ignore[no-untyped-call]

    def submit(self, command: str, tasks_per_node: int, job_name: str = "fitgui") -> str:
        """As LocalProvider's."""
        with self.gate.lock:
            if self.gate.closed:
                raise BlocksError("The pool is closed.")
            job: str = super().submit(command, tasks_per_node, job_name)  # type: ignore[no-untyped-call]
            self.gate.note(job)
            return job

    @property
    def status_polling_interval(self) -> int:
        """Seconds."""
        return 1


Provider = _GuardedSlurm | _GuardedLocal


def make_provider(kind: str, options: PoolOptions, notes: Path) -> Provider:
    """What asks for blocks.

    Args:
        kind: ``slurm`` or ``local``.
        options: Of the form.
        notes: File for the identifiers of blocks; created when the first is there.
    """
    common: dict[str, Any] = {
        "nodes_per_block": options.nodes_per_block,
        "init_blocks": 1,
        "min_blocks": 0,
        "max_blocks": options.max_blocks,
        "worker_init": _worker_init(options.worker_init),
        "launcher": _launcher(options),
        "cmd_timeout": SBATCH_SECONDS,
    }
    gate = _Gate(notes, kind)
    if kind == LOCAL:
        return _GuardedLocal(gate, **common)
    return _GuardedSlurm(
        gate,
        partition=options.partition or None,
        account=options.account or None,
        qos=options.qos or None,
        walltime=options.walltime,
        cores_per_node=options.cores_per_node,
        exclusive=options.exclusive,
        scheduler_options=sbatch_lines(options),
        **common,
    )


def give_back(provider: Provider) -> None:
    """Ask for no further block, and cancel all there are; as quick as the scheduler's command for it."""
    with provider.gate.lock:
        provider.gate.closed = True
    provider.max_blocks = provider.min_blocks = provider.init_blocks = 0
    jobs = [job for job, known in provider.resources.items() if not known["status"].terminal]
    with suppress(Exception):
        if not jobs or all(provider.cancel(jobs)):  # type: ignore[no-untyped-call]
            provider.gate.forget()


def watch_blocks(
    found: Callable[[str], None], warn: Callable[[str], None]
) -> Callable[[Any, Mapping[str, JobStatus]], None]:
    """Makes Parsl's handler of block errors: gives up where no block comes up, instead of waiting for ever.

    Args:
        found: Told once, in a sentence, why no block can be started.
        warn: Told once, in a sentence, that some blocks cannot be had while others are.
    """
    warned: set[str] = set()

    def handle(executor: Any, status: Mapping[str, JobStatus]) -> None:
        numbers = sorted(status, key=int)
        failed = [number for number in numbers if status[number].state in _FAILED]
        if executor.bad_state_is_set or not failed:
            return
        words = _words(status[failed[-1]])
        connected = set(executor.connected_blocks())
        alive = [number for number in numbers if status[number].state in _ALIVE]
        refused = [number for number in failed if status[number].state is JobState.FAILED]
        if alive and refused:
            # Parsl would ask again every second, and the scheduler refuse every second.
            executor.provider.max_blocks = min(executor.provider.max_blocks, len(alive))
        if any(number in connected for number in alive) or (alive and failed[-1] in refused):
            if words not in warned:
                warned.add(words)
                warn(f"Not all blocks could be started: {words}")
            return
        last = max((int(number) for number in numbers if number in connected), default=-1)
        in_vain = [number for number in failed if int(number) > last]
        died = [number for number in in_vain if number not in refused]
        hopeless = len(in_vain) >= ATTEMPTS or (in_vain[-1:] == refused[-1:] and _is_final(words))
        if len(died) >= ATTEMPTS or (in_vain and not alive and hopeless):
            found(words)
            executor.set_bad_state_and_fail_all(BlocksError(words))

    return handle


_FINAL = ("invalid", "not permitted", "denied", "unable to allocate resources", "not found", "violates")


def _is_final(words: str) -> bool:
    """Whether asking once more would be answered in the same way."""
    return any(word in words.lower() for word in _FINAL)


def _words(status: JobStatus) -> str:
    errors = _last_line(status.stderr_summary) or _last_line(status.stdout_summary)
    if status.state is JobState.MISSING:
        unreached = _UNREACHED.search(errors)
        if unreached:
            tried = ", ".join(re.findall(r"tcp://\[?([^\s,]+?)\]?:\d+", unreached[1]))
            return (
                f"nodes do not reach this machine at {tried}: give an address by which they do "
                "(the option Address of this host)."
            )
        if errors:
            return f"the job ended before its workers were there ({errors})."
        return "the job ended before its workers were there: look at the commands before the workers start."
    message = re.sub(r"^Failed to start block \d+: ", "", status.message or "")
    return message or "the scheduler does not say why."


_UNREACHED = re.compile(r"No viable ZMQ url from: (.*)")


def _last_line(text: str | None) -> str:
    lines = [line.strip() for line in (text or "").splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""


def words_of_sbatch(text: str) -> str:
    """What sbatch complained about, as one sentence without its decoration."""
    lines = [re.sub(r"^sbatch: (error: |fatal: )?", "", line.strip()) for line in text.splitlines()]
    said = [line for line in lines if line]
    if not said:
        return "sbatch says nothing."
    told = [re.sub(r"^Batch job submission failed: ", "", line) for line in said]
    unique = list(dict.fromkeys(told))
    return "; ".join(unique)[:500].rstrip(".") + "."


def addresses(chosen: str) -> Sequence[str]:
    """Where nodes try to reach this host, without asking anybody outside as Parsl's own search would."""
    if chosen:
        return [chosen]
    found = {
        address.address
        for interface in psutil.net_if_addrs().values()
        for address in interface
        if address.family == socket.AF_INET
    }
    outward = {address for address in found if not address.startswith("127.")}
    return sorted(outward or found or {"127.0.0.1"})


def _worker_init(commands: str) -> str:
    exports = " ".join(f"{name}={value}" for name, value in SINGLE_THREADED.items())
    # Workers find the programs of Parsl here unless the user's commands put others in front.
    here = shlex.quote(str(Path(sys.executable).parent))
    return f'export {exports}\nexport PATH={here}:"$PATH"\n{commands}'


def _launcher(options: PoolOptions) -> Launcher:
    match options.launcher:
        case "simple":
            return SimpleLauncher()
        case "srun":
            return SrunLauncher()
        case "automatic" if options.nodes_per_block > 1:
            return SrunLauncher()
    return SingleNodeLauncher()
