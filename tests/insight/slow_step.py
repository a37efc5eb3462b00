"""What stands for a long piece in the process: the rest of a workspace with thousands of parameters, say."""

from __future__ import annotations

import time
from pathlib import Path

from fitgui.insight.model import Part, Piece
from fitgui.insight.worker import Question, step

AS_LONG_AS_IT_MAY = 290.0
"""Seconds: longer than any test waits."""


def step_or_stay(serial: int, question: Question, part: Part, workspace: bytes | None) -> Piece | str | None:
    """As ``step``; of a point whose name is a file, make that file and then stay."""
    begun = Path(question.point.name)
    if begun.is_absolute():
        begun.touch()
        time.sleep(AS_LONG_AS_IT_MAY)
    return step(serial, question, part, workspace)
