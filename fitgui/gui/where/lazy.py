"""Backends that are made when somebody asks for them: the window stands before a cluster is thought of."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping

from fitgui_backends.contract import Backend

Make = Callable[[], Backend]


class LazyBackends(Mapping[str, Backend]):
    """Backends by name; what is iterated over, and so closed at the end, are those that have been made.

    Safe to use from any thread: one that is being made is waited for.
    """

    def __init__(self, makers: Mapping[str, Make]) -> None:
        self.names = tuple(makers)
        """Of all that can be made."""
        self._makers = dict(makers)
        self._made: dict[str, Backend] = {}
        self._locks = {name: threading.Lock() for name in makers}

    def __getitem__(self, name: str) -> Backend:
        """Make it, if it has not been made yet.

        Raises:
            KeyError: if there is no such backend.
            BackendError: if it cannot be made.
        """
        with self._locks[name]:
            if name not in self._made:
                self._made[name] = self._makers[name]()
            return self._made[name]

    def __contains__(self, name: object) -> bool:
        """Whether there is such a backend; makes none."""
        return name in self._makers

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._made))

    def __len__(self) -> int:
        return len(self._made)
