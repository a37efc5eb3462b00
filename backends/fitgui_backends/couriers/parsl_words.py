"""What became of a task that Parsl could not answer, in the words of the contract and for people."""

from __future__ import annotations

import re
import traceback
from typing import NamedTuple

from parsl.executors.errors import BadStateException
from parsl.executors.high_throughput.errors import ManagerLost, VersionMismatch, WorkerLost

from fitgui_backends.couriers.parsl_blocks import BlocksError


class Trouble(NamedTuple):
    """For :class:`fitgui_backends.remote.messages.Arrived`."""

    kind: str
    """``lost``, ``start`` or ``error``."""
    text: str
    """One sentence."""


def trouble_of(error: BaseException) -> Trouble:
    """Tell a lost worker from workers that cannot be started, and both from a function that raised."""
    match error:
        case ManagerLost():
            return Trouble("lost", f"The job on {error.hostname} ended while the point was being fitted.")
        case WorkerLost():
            return Trouble(
                "lost",
                f"A worker process on {error.hostname} ended while the point was being fitted, "
                "perhaps for lack of memory.",
            )
        case BadStateException():
            return Trouble("start", start_sentence(str(error.reason)))
        case BlocksError() | VersionMismatch():  # handed to a pool that had failed before
            return Trouble("start", start_sentence(str(error)))
        case MemoryError():
            return Trouble("error", "The worker has not enough memory for this point.")
    words = "".join(traceback.format_exception_only(error)).strip().splitlines()
    return Trouble("error", f"The worker could not do its task ({words[-1][:300] if words else 'no words'}).")


def start_sentence(reason: str) -> str:
    """Why workers cannot be started; an error of Pythons that differ is told as that."""
    versions = re.findall(r"py\.v=([\d.]+) parsl\.v=([\w.]+)", reason)
    if len(versions) == 2:
        (theirs, their_parsl), (ours, our_parsl) = versions
        return (
            f"Workers cannot be used: they have Python {theirs} with Parsl {their_parsl}, but this machine "
            f"has Python {ours} with Parsl {our_parsl}; both must be the same, so change the commands before "
            "the workers start."
        )
    return f"Workers cannot be started: {reason}"
