"""Work whose input changes faster than it can be done: one at a time, and then with the newest input."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, QTimer
from shiboken6 import isValid

Answer = TypeVar("Answer")
Run = Callable[[Callable[[], Answer], Callable[[Answer], None], Callable[[Exception], None]], None]
"""As :meth:`fitgui.gui.bridge.Bridge.run`: work on a thread, then done or failed in the GUI thread."""
REST = 3.0
"""How much longer it rests than it works, so that fits on the same cores lose a quarter at most."""
SHORTEST_REST = 0.06
LONGEST_REST = 2.0


def run_here(
    work: Callable[[], Answer], done: Callable[[Answer], None], failed: Callable[[Exception], None]
) -> None:
    """Work at once, in this thread: for a picture that is drawn but once."""
    try:
        answer = work()
    except Exception as error:  # noqa: BLE001  # as the bridge does
        failed(error)
    else:
        done(answer)


class Latest(QObject, Generic[Answer]):
    """Does one thing at a time; of what is asked meanwhile only the last is done.

    Args:
        run: where the work is done.
        done: gets the answer, in the GUI thread; not that of a question that was withdrawn.
        failed: gets the error.
    """

    def __init__(
        self,
        run: Run[Answer],
        done: Callable[[Answer], None],
        failed: Callable[[Exception], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._run, self._done, self._failed = run, done, failed
        self._next: Callable[[], Answer] | None = None
        self._working = False
        self._round = 0
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._begin)

    @property
    def idle(self) -> bool:
        """Whether everything that was asked is answered."""
        return not self._working and self._next is None

    def ask(self, work: Callable[[], Answer], *, now: bool = False) -> None:
        """Do this as soon as what is going on is done; ``now`` takes no rest before it."""
        self._next = work
        if now:
            self._rest.stop()
        if not self._working and not self._rest.isActive():
            self._begin()

    def withdraw(self) -> None:
        """Forget what was asked; the answer to what is being worked on will not be told."""
        self._next = None
        self._round += 1

    def _begin(self) -> None:
        if self._working or self._next is None:
            return
        work, self._next = self._next, None
        self._working, asked, began = True, self._round, time.monotonic()

        def over() -> None:
            self._working = False
            rest = min(max(SHORTEST_REST, REST * (time.monotonic() - began)), LONGEST_REST)
            self._rest.start(round(1000 * rest))

        # Whoever asked may be gone when the answer comes, as views are replaced when the colours change.
        def done(answer: Answer) -> None:
            if not isValid(self):
                return
            over()
            if asked == self._round:
                self._done(answer)

        def failed(error: Exception) -> None:
            if not isValid(self):
                return
            over()
            if asked == self._round:
                self._failed(error)

        self._run(work, done, failed)
