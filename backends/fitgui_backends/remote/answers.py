"""Reading what a worker answered: from JSON that anything may stand in to outcomes of points."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fitgui_backends.fitting import Failure
from fitgui_backends.remote.packing import unpack
from fitgui_backends.results import FitResult

MOST_BYTES = 64 << 20
"""Of the outcomes of one task as JSON; two hundred points with limits take a hundredth of it."""

Interpret = Callable[[Mapping[str, Any]], "FitResult | Failure"]
"""Makes an entry of an answer (:mod:`.packing`) the result of a point."""


class UnreadableAnswerError(Exception):
    """An answer is not what this fitgui knows; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one point."""

    of: FitResult | Failure
    begun: float
    """Seconds after the worker began with the task."""


@dataclass(frozen=True, slots=True)
class TaskAnswer:
    """What a worker answered to one task."""

    lacks_workspace: bool
    worker: str = ""
    block: str = ""
    began: float = 0.0
    """On the worker's clock."""
    ended: float = 0.0
    unpack: float = 0.0
    outcomes: tuple[Outcome, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    """What the user should know about this worker."""

    @property
    def host(self) -> str:
        """Whose clock it is."""
        return self.worker.rpartition(":")[0]


def read_answer(raw: Any, interpret: Interpret) -> TaskAnswer:
    """Read an answer document.

    Args:
        raw: As it came; nothing is believed of it.
        interpret: Of its entries.

    Raises:
        UnreadableAnswerError: if it cannot be read.
    """
    try:
        worker = str(raw["worker"])
        if raw.get("lacks_workspace") is True:
            return TaskAnswer(lacks_workspace=True, worker=worker)
        entries = unpack(raw["answers"], MOST_BYTES)
        if not isinstance(entries, list):
            raise TypeError("the answers are no list")
        return TaskAnswer(
            lacks_workspace=False,
            worker=worker,
            block=str(raw.get("block", "")),
            began=_seconds(raw["began"]),
            ended=max(_seconds(raw["began"]), _seconds(raw["ended"])),
            unpack=_seconds(raw.get("unpack", 0.0)),
            versions={str(name): str(its) for name, its in raw.get("versions", {}).items()},
            notes=tuple(map(str, raw.get("notes", ()))),
            outcomes=tuple(Outcome(interpret(entry), _seconds(entry.get("began", 0.0))) for entry in entries),
        )
    except Exception as error:
        raise UnreadableAnswerError(
            f"The worker answered with something that this fitgui cannot read ({type(error).__name__}):"
            " install the same version of fitgui-backends there and here."
        ) from error


def _seconds(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("a time is not a number")
    return number
