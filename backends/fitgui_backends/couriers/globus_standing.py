"""How places and the line to the service stand; the application hears of changes only."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Any

from fitgui_backends.couriers.globus_web import LoginNeededError, UnreachableError, WebError
from fitgui_backends.remote.courier_process import Tell
from fitgui_backends.remote.messages import Surroundings

TROUBLES = 2
"""A request may fail for any reason; so many in a row say something about the line."""


@dataclass(frozen=True)
class _Place:
    status: str = ""
    text: str = ""
    numbers: tuple[tuple[str, int | None], ...] = ()


class Standing:
    """Joins what requests, endpoints and their workers say; safe to use from any thread.

    Args:
        tell: To the application.
    """

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._places: dict[str, _Place] = {}
        self._told: dict[str, Surroundings] = {}
        self._troubles: dict[str, int] = {}
        self._lines: dict[str, tuple[str, str]] = {}

    def use(self, place: str) -> None:
        """Tell of this place from now on."""
        with self._lock:
            if self._places.setdefault(place, _Place()) == _Place():
                self._say(place)

    def heard(self, failure: WebError | None, of: str = "") -> None:
        """A request ended: well, or with a failure.

        Args:
            failure: How it failed.
            of: What it was for, where that can fail while all else works: it has to work again itself.
        """
        with self._lock:
            before = self._line()
            if isinstance(failure, UnreachableError):
                self._troubles[of] = self._troubles.get(of, 0) + 1
                if self._troubles[of] >= TROUBLES:
                    self._lines[of] = "unreachable", f"{failure} Tasks go on there; fitgui keeps trying."
            elif isinstance(failure, LoginNeededError):
                self._lines[of] = "login", f"{failure} The run waits until you log in."
            else:
                self._troubles.pop(of, None)
                self._lines.pop(of, None)
            if self._line() != before:
                for place in self._places:
                    self._say(place)

    def _line(self) -> tuple[str, str] | None:
        """What stands between us and the service; a login that is missing explains all else."""
        return min(self._lines.values(), default=None)

    def endpoint(self, place: str, status: str, text: str = "") -> None:
        """The service says how an endpoint is."""
        self._change(place, status=status, text=text)

    def workers(self, place: str, **numbers: int | None) -> None:
        """An endpoint says what its workers are; fields of ``Surroundings``."""
        self._change(place, numbers=tuple(sorted(numbers.items())))

    def _change(self, place: str, **changes: Any) -> None:
        with self._lock:
            if place in self._places:
                self._places[place] = replace(self._places[place], **changes)
                self._say(place)

    def _say(self, place: str) -> None:
        known = self._places[place]
        status, text = self._line() or (known.status, known.text)
        if not status:
            return
        message = Surroundings(place=place, status=status, text=text, **dict(known.numbers))
        if self._told.get(place) != message:
            self._told[place] = message
            self._tell(message)
