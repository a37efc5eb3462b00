"""From other threads to the window: a queue that a timer of the GUI thread drains.

Nothing that Qt owns is touched off the GUI thread, and however fast events arrive the window is repainted at
most thirty times a second.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer

FRAME_MILLISECONDS = 33
BUSY_SHARE = 4096
"""At most this many deliveries per frame, so that a flood of them cannot freeze the window."""

Delivery = Callable[[], object]
Answer = TypeVar("Answer")


class Bridge(QObject):
    """Runs work on a thread and brings calls back to the GUI thread, in order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue: SimpleQueue[Delivery] = SimpleQueue()
        self._frame_ends: list[Callable[[], None]] = []
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="fitgui-window")
        self._closed = False
        self._unanswered = 0
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MILLISECONDS)
        self._timer.timeout.connect(self.drain)
        self._timer.start()

    @property
    def idle(self) -> bool:
        """Whether all work that was asked for is done, and its answers delivered."""
        return self._unanswered == 0

    def post(self, delivery: Delivery) -> None:
        """Have ``delivery`` called in the GUI thread soon; may be called from any thread."""
        self._queue.put(delivery)

    def at_frame_end(self, refresh: Callable[[], None]) -> None:
        """Call ``refresh`` once after each frame that delivered something."""
        self._frame_ends.append(refresh)

    def run(
        self,
        work: Callable[[], Answer],
        done: Callable[[Answer], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Do ``work`` on a thread, then call ``done`` or ``failed`` in the GUI thread.

        Once it is closed nothing is done.
        """

        def answered(tell: Delivery) -> None:
            self._unanswered -= 1
            tell()

        def job() -> None:
            try:
                answer = work()
            except Exception as error:  # noqa: BLE001  # every error of the work is the caller's to word
                problem = error
                self.post(lambda: answered(lambda: failed(problem)))
            else:
                self.post(lambda: answered(lambda: done(answer)))

        if not self._closed:  # a view that is about to go may still ask
            self._unanswered += 1
            self._threads.submit(job)

    def drain(self) -> None:
        """Deliver what is waiting; called by the timer."""
        delivered = False
        for _ in range(BUSY_SHARE):
            try:
                delivery = self._queue.get_nowait()
            except Empty:
                break
            _guarded(delivery)
            delivered = True
        if delivered:
            for refresh in self._frame_ends:
                _guarded(refresh)

    def close(self) -> None:
        """Stop delivering and wait for the work in progress."""
        self._timer.stop()
        self._closed = True
        self._threads.shutdown(wait=True, cancel_futures=True)


def _guarded(call: Delivery) -> None:
    """Call; an error that nobody foresaw is reported as any other is, and ends nothing else of the frame."""
    try:
        call()
    except Exception as error:  # noqa: BLE001  # whatever it is, the next delivery is another matter
        sys.excepthook(type(error), error, error.__traceback__)
