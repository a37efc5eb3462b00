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


_LOST = ("ManagerLost", "WorkerLost", "BrokenProcessPool", "InterchangeExitError")
"""Exceptions by which engines tell that a worker, its node or its job has ended."""
_TOO_LARGE = re.compile(
    r"MaxResultSizeExceeded\((\d+), (\d+)\)|result of (\d+)B exceeded current limit of (\d+)B"
)
_SCHEDULER = re.compile(r"\b(?:sbatch|srun|salloc|qsub|bsub|condor_submit): [^\n]+")
"""What a batch system says itself."""
_BLOCK = re.compile(r"Failed to start block \d+: ([^\n]+)")
_PATH = re.compile(r"(?:/[^\s/'\"]+)+(?=/)")
_OPTIONS = re.compile(r"\(ValidationError\) ([^\n]+)")
_INSTANCE = re.compile(r"On instance\['([^']+)'\]")
_PROCESS = re.compile(
    r"(?s)(?:Unable to start user endpoint process|Failed to start or unexpected error)(.*)"
)
_FRAME = re.compile(r"^[\s|+*=-]+|[\s|+*=-]+$")
_EXCEPTION = re.compile(r"^(?P<name>[A-Za-z_][\w.]*)(?:: |$|\()")


def is_of_specification(text: str) -> bool:
    """Whether the engine of the endpoint takes no specification of resources, hence no priorities."""
    return re.search(r"(?i)resource_?\s?specification", text) is not None


def trouble_of(text: str, clean: Callable[[str], str] = str) -> Trouble:
    """What a failed task's text means.

    Args:
        text: What the agent or the service sent: a traceback, the ``repr`` of an exception, or a sentence.
        clean: Takes secrets out.
    """
    text = clean(text)
    last = last_words(text)
    name = match["name"].rpartition(".")[2] if (match := _EXCEPTION.match(last)) else ""
    if (name == "MaxResultSizeExceeded" or "exceeded current limit" in last) and (
        match := _TOO_LARGE.search(last)
    ):
        size, limit = (int(number) for number in match.groups() if number)
        words = f"The answer has {size / 1e6:.1f} MB, and Globus Compute takes {limit / 1e6:.1f} MB."
        return Trouble("too_large", words)
    if name in _LOST:
        words = f"The worker or its job ended before the answer was there ({last.rstrip('.')})."
        return Trouble("lost", words)
    if (why := _why_not_started(text, name)) is not None:
        return Trouble("start", why)
    return Trouble("error", f"The function failed on the worker: {last}")


def _why_not_started(text: str, name: str) -> str | None:
    """Why there are no workers for any task, in words; ``None`` if it is something else."""
    why: str | None = None
    if text.lstrip().startswith("Traceback"):  # of the function itself: the agent marks its own
        pass
    elif options := _OPTIONS.search(text):
        option = _INSTANCE.search(text)
        which = f" (option {option[1]})" if option else ""
        why = f"The endpoint does not take these options: {_short(options[1])}{which}"
    elif scheduler := list(dict.fromkeys(said.strip() for said in _SCHEDULER.findall(text))):
        why = f"No workers can be started: {_short('; '.join(scheduler))}"
    elif blocks := _BLOCK.search(text):
        why = f"No workers can be started: {_short(_PATH.sub('…', blocks[1]))}"
    elif process := _PROCESS.search(text):
        why = f"The endpoint could not be started for you: {_short(process[1].lstrip(': '))}"
    elif name in ("BadStateException", "ScalingFailed", "SubmitException"):
        why = f"No workers can be started: {last_words(text)}"
    elif re.search(r"(?i)not permitted on\s+endpoint", text):
        why = f"The endpoint does not allow this function: {last_words(text)}"
    return why


def last_words(text: str) -> str:
    """What happened, on one line: of a traceback the exception with its text, of anything else all of it."""
    lines = [_FRAME.sub("", line) if line.strip() else "" for line in text.splitlines()]
    begins = [number for number, line in enumerate(lines) if line.startswith("Traceback")]
    if begins:
        # Below the last traceback the exception is the first line that is not indented.
        raw = text.splitlines()
        after = range(begins[-1] + 1, len(lines))
        depth = len(raw[begins[-1]]) - len(raw[begins[-1]].lstrip(" |+"))
        starts = [number for number in after if lines[number] and not _is_indented(raw[number], depth)]
        lines = lines[starts[0] :] if starts else lines[begins[-1] + 1 :]
    words = " ".join(line for line in lines if line)
    return _short(words) if words else "no reason was given"


def _is_indented(line: str, depth: int) -> bool:
    return line[depth:].startswith((" ", "\t"))


def _short(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
