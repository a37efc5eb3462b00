"""An application's ear: keeps what a courier says, and waits for what a test expects."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from fitgui_backends.remote.messages import Arrived, FromCourier, States

M = TypeVar("M")


class Hearing:
    """Safe to be told by any thread."""

    def __init__(self) -> None:
        self.messages: list[FromCourier] = []
        self._news = threading.Condition()

    def __call__(self, message: FromCourier) -> None:
        with self._news:
            self.messages.append(message)
            self._news.notify_all()

    def all(self, kind: type[M], run: str | None = None) -> list[M]:
        """What was said of a kind, of one run or of all."""
        with self._news:
            found = [message for message in self.messages if isinstance(message, kind)]
        return [message for message in found if run is None or getattr(message, "run", "") == run]

    def wait(self, condition: Callable[[], object], seconds: float = 60.0) -> None:
        """Until something that was said makes the condition true."""
        with self._news:
            assert self._news.wait_for(condition, seconds), self.messages[-20:]

    def arrived(self, run: str, number: int, seconds: float = 60.0) -> dict[str, Arrived]:
        """The answers of a run by key, when there are as many; each key is answered once."""
        self.wait(lambda: len(self._keys(run)) >= number, seconds)
        answers = self.all(Arrived, run)
        found = {message.key: message for message in answers}
        assert len(found) == len(answers)
        return found

    def phases(self, run: str, key: str) -> list[str]:
        """Where a task stood, one after the other."""
        return [message.phases[key] for message in self.all(States, run) if key in message.phases]

    def _keys(self, run: str) -> list[str]:
        return [
            message.key for message in self.messages if isinstance(message, Arrived) and message.run == run
        ]
