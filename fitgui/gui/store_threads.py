"""Threads that the closing of the window never waits for.

Those of :class:`concurrent.futures.ThreadPoolExecutor` are joined when Python ends: a server that does not
answer would keep a closed window alive. These are daemons, and what they bring after the end is dropped.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

Answer = TypeVar("Answer")
Job = Callable[[], None]


class Threads:
    """A few threads that take jobs in turn; used from the GUI thread only.

    Args:
        name: of the threads, for whoever looks at them.
        number: jobs at once.
        post: has a call made in the GUI thread.
    """

    def __init__(self, name: str, number: int, post: Callable[[Callable[[], object]], None]) -> None:
        self._name, self._number, self._post = name, number, post
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._threads: list[Thread] = []
        self._closed = False

    def run(
        self,
        work: Callable[[], Answer],
        done: Callable[[Answer], object],
        failed: Callable[[Exception], object],
    ) -> None:
        """Do ``work`` on a thread, then call ``done`` or ``failed`` in the GUI thread; nothing if closed."""

        def job() -> None:
            try:
                answer = work()
            except Exception as error:  # noqa: BLE001  # every error of the work is the caller's to word
                problem = error
                self._post(lambda: None if self._closed else failed(problem))
            else:
                self._post(lambda: None if self._closed else done(answer))

        if self._closed:
            return
        self._jobs.put(job)
        if len(self._threads) < self._number:
            thread = Thread(
                target=self._work, name=f"fitgui-{self._name}-{len(self._threads) + 1}", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Begin no other job, and drop what comes of those that are going on."""
        self._closed = True
        for _ in self._threads:
            self._jobs.put(None)

    def wait(self, seconds: float) -> bool:
        """After :meth:`stop`: wait for the threads, but no longer than that; whether all have ended."""
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None and not self._closed:
            job()
