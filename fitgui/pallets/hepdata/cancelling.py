"""A wish to stop that reaches whatever waits: a stalled connection, a pause, another process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError

T = TypeVar("T")


class Cancel:
    """A wish to stop one thing; made from any thread, and from a signal handler.

    There is no lock in it, so that a signal that arrives at any instruction of the waiting thread does no
    harm.
    """

    def __init__(self) -> None:
        self._cancelled = False
        self._calls: list[Callable[[], object]] = []

    @property
    def cancelled(self) -> bool:
        """Whether it was wished."""
        return self._cancelled

    def cancel(self) -> None:
        """Wish it; whatever waits under :meth:`calling` stops waiting."""
        self._cancelled = True
        for call in tuple(self._calls):
            call()

    def check(self) -> None:
        """Stop here if it was wished.

        Raises:
            HepDataError: of the kind ``CANCELLED``.
        """
        if self._cancelled:
            raise HepDataError(ErrorKind.CANCELLED, "The download was cancelled.")

    @contextmanager
    def calling(self, call: Callable[[], object]) -> Iterator[None]:
        """While inside, ``call`` is called as soon as it is wished, perhaps twice; it must not raise."""
        self._calls.append(call)
        try:
            if self._cancelled:
                call()
            yield
        finally:
            self._calls.remove(call)

    def wait(self, seconds: float) -> None:
        """Let time pass.

        Args:
            seconds: how much.

        Raises:
            HepDataError: if it is wished meanwhile, at once.
        """
        woken: SimpleQueue[None] = SimpleQueue()
        with self.calling(lambda: woken.put(None)):
            try:
                woken.get(timeout=max(0.0, seconds))
            except Empty:
                return
        self.check()

    def run(self, call: Callable[[], T], abandoned: Callable[[T], object] = lambda _: None) -> T:
        """Carry out a call that blocks and cannot be told to stop.

        Args:
            call: runs on a thread of its own.
            abandoned: is given its result if nobody waits for it any more.

        Returns:
            What it returned; what it raised is raised.

        Raises:
            HepDataError: if it is wished meanwhile, at once; the call ends by itself later.
        """
        self.check()
        answers: SimpleQueue[tuple[T | None, BaseException | None] | None] = SimpleQueue()
        given_up: list[bool] = []

        def work() -> None:
            try:
                result = call()
            except BaseException as error:  # noqa: BLE001 -- raised again where it is waited for
                answers.put((None, error))
                return
            answers.put((result, None))
            if given_up:
                abandoned(result)

        Thread(target=work, name="fitgui-asking", daemon=True).start()
        answer = None
        try:
            with self.calling(lambda: answers.put(None)):
                answer = answers.get()
            self.check()
        except BaseException:
            given_up.append(True)
            for late in (answer, *_drained(answers)):
                if late is not None and late[1] is None:
                    abandoned(late[0])  # type: ignore[arg-type]  # a call may return None itself
            raise
        assert answer is not None
        if answer[1] is not None:
            raise answer[1]
        return answer[0]  # type: ignore[return-value]


def _drained(queue: SimpleQueue[T]) -> list[T]:
    found = []
    while not queue.empty():
        found.append(queue.get())
    return found
