"""What went wrong on the far side, from the texts that the endpoint's agent sends."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from fitgui_backends.couriers.globus_book import WAITING_FOR_ENDPOINT

WAITING_FOR_NODES = "waiting for nodes"
RUNNING = "running"
_PHASES = {
    "received": WAITING_FOR_ENDPOINT,
    "waiting-for-ep": WAITING_FOR_ENDPOINT,
    "waiting-for-nodes": WAITING_FOR_NODES,
    "waiting-for-launch": WAITING_FOR_NODES,
    "execution-start": RUNNING,
    "execution-end": RUNNING,
    "running": RUNNING,
    "result-received": RUNNING,
    "result-enqueued": RUNNING,
}
"""By ``globus_compute_common.tasks.constants.TaskState``."""

LONGEST = 500


def phase_of(status: str) -> str:
    """The phase that belongs to a state of the service; where it is new, the earliest."""
    return _PHASES.get(status.lower(), WAITING_FOR_ENDPOINT)


@dataclass(frozen=True)
class Trouble:
    """Why a task has no answer; as of :class:`fitgui_backends.remote.messages.Arrived`."""

    kind: str
    error: str


# The names of exceptions, as a traceback ends or ``repr`` begins with them.
_LOST = re.compile(r"\b(?:ManagerLost|WorkerLost|VersionMismatch|BrokenProcessPool|InterchangeExitError)\b")
_TOO_LARGE = re.compile(
    r"MaxResultSizeExceeded\((\d+), (\d+)\)|Task result of (\d+)B exceeded current limit of (\d+)B"
)
_SPECIFICATION = re.compile(
    r"resource_specification|InvalidResourceSpecification|Task resource specification", re.IGNORECASE
)
_START = re.compile(
    r"(?i)failed to start|unable to start|could not start|cannot be started|start(?:up)? failure|"
    r"scaling[ _]fail|ScaleOutFailed|SubmitException|BadStateException|EndpointException|user endpoint|"
    r"no matching local user|identity mapping|job status|user_endpoint_config|user configuration"
)
_SLURM = re.compile(r"(?:sbatch|srun|salloc|qsub|condor_submit|bsub|qdel): (?:error: )?[^\n'\"\\]+")
_EXCEPTION = re.compile(r"^[A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt|Lost|Exceeded)(?:: .*|\(.*\))?$")


def is_of_specification(text: str) -> bool:
    """Whether the engine of the endpoint takes no specification of resources, hence no priorities."""
    return _SPECIFICATION.search(text) is not None


def trouble_of(text: str, clean: Callable[[str], str] = str) -> Trouble:
    """What a failed task's text means.

    Args:
        text: What the agent or the service sent: a traceback, the ``repr`` of an exception, or a sentence.
        clean: Takes secrets out.
    """
    text = clean(text)
    if match := _TOO_LARGE.search(text):
        size, limit = (int(number) for number in match.groups() if number)
        return Trouble(
            "too_large",
            f"The answer has {size / 1e6:.1f} MB, and Globus Compute takes {limit / 1e6:.1f} MB.",
        )
    last = last_line(text)
    if _LOST.search(text):
        return Trouble("lost", f"The worker or its job ended before the answer was there ({last}).")
    if slurm := _SLURM.findall(text):
        return Trouble("start", f"No workers can be started: {_short('; '.join(dict.fromkeys(slurm)))}")
    if _START.search(text) and not text.lstrip().startswith("Traceback"):
        return Trouble("start", f"No workers can be started: {last}")
    if "not permitted on" in text:
        return Trouble("start", f"The endpoint does not allow this function: {last}")
    return Trouble("error", f"The function failed on the worker: {last}")


def last_line(text: str) -> str:
    """The line that says what happened: of a traceback the exception, else the first sentence."""
    lines = [line.strip() for line in text.splitlines() if line.strip(" -*")]
    if not lines:
        return "no reason was given"
    named = [line for line in lines if _EXCEPTION.match(line)]
    chosen = named[-1] if named else lines[-1] if "Traceback" in text else " ".join(lines)
    return _short(chosen)


def _short(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
