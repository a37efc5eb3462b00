"""What runs in the process that looks into points: it remembers workspaces, and the point it is at.

The module is imported by that process before numpy may load (:mod:`fitgui_backends.worker` sets the number of
threads first), so it loads nothing heavy itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from fitgui_backends.contract import FitOptions, FitPoint
from fitgui_backends.engines.base import FitError, in_one_sentence
from fitgui_backends.fitting import Memory

if TYPE_CHECKING:
    from fitgui.insight.looking import Look
    from fitgui.insight.model import Part, Piece


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Which point is to be looked into, and how it is fitted."""

    workspace_digest: str
    measurement: str | None = None
    point: FitPoint
    options: FitOptions


class _State:
    def __init__(self) -> None:
        self.memory = Memory()
        self.question: Question | None = None
        self.look: Look | None = None


_state = _State()


def step(_serial: int, question: Question, part: Part, workspace: bytes | None) -> Piece | str | None:
    """The next piece of a part of a point.

    Args:
        question: The point.
        part: Of what a piece is wanted.
        workspace: The document, where the application thinks that this process does not have it.

    Returns:
        The piece; a sentence if there is none, because something is wrong; ``None`` if the workspace is
        needed (again).
    """
    memory = _state.memory
    try:
        if workspace is not None:
            memory.keep(question.workspace_digest, workspace)
        if _state.look is None or _state.question != question:
            if not memory.knows(question.workspace_digest):
                return None
            _state.look, _state.question = None, None
            _state.look, _state.question = look_for(memory, question), question
        return _state.look.next(part)
    except Exception as error:  # noqa: BLE001  (whatever it is, it becomes a sentence about this point)
        return in_one_sentence(error)


def look_for(memory: Memory, question: Question) -> Look:
    """Begin with a point whose workspace is remembered.

    Raises:
        FitError: if it cannot be fitted.
    """
    from fitgui.insight.looking import Look  # noqa: PLC0415
    from fitgui_backends.engines.newton_engine import PreparedNewton  # noqa: PLC0415

    prepared = memory.prepare(question.workspace_digest, question.measurement, question.options)
    if not isinstance(prepared, PreparedNewton):
        raise FitError(f"The engine {question.options.engine} does not look into a point: newton does.")
    return Look(prepared, question.point, question.options)
