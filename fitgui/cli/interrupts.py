"""Ctrl-C and SIGTERM while a run is followed: the first asks, the second insists."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any

from fitgui.cli.errors import INTERRUPTED

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """Counts signals instead of raising; the second one ends the process with its workers at once."""

    def __init__(self) -> None:
        self.count = 0
        self.wake: Callable[[], object] = lambda: None
        """Called from the signal handler, so it may only do what is safe there; set by whoever is waiting."""
        self._previous: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Interrupts:
        for number in _SIGNALS:
            self._previous[number] = signal.signal(number, self._receive)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, previous in self._previous.items():
            signal.signal(number, previous)

    def _receive(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self.count += 1
        if self.count > 1:
            for child in multiprocessing.active_children():
                child.kill()
            with suppress(OSError, ValueError):
                if sys.stderr.isatty():  # the progress bar hides the cursor
                    os.write(sys.stderr.fileno(), b"\x1b[?25h\n")
            os._exit(INTERRUPTED)
        self.wake()
