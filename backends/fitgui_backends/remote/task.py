"""How a worker of a cluster answers a request, whatever it fits with.

The documents are described in :mod:`.packing`. This module travels: it imports nothing but the standard
library and what travels too.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

from fitgui_backends.engines.base import in_one_sentence, late_in_words
from fitgui_backends.machine import SINGLE_THREADED
from fitgui_backends.remote import folder, surroundings
from fitgui_backends.remote.limits import Late, Stopped, can_interrupt, within
from fitgui_backends.remote.packing import FORMAT, pack, unpack, unpack_bytes

FitOne = Callable[[str, str], dict[str, Any]]
"""Fits the point of a name with a patch, and gives the fields of a ``FitResult``; raises what it likes."""

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0
_fitting = threading.Lock()
"""Several tasks may come to one process at once, on threads; pyhf has one state for all of them."""


class Fitter(Protocol):
    """What remembers workspaces in this process, and fits."""

    def knows(self, digest: str) -> bool:
        """Whether it remembers the workspace."""
        ...

    def keep(self, digest: str, workspace: bytes) -> None:
        """Remember a workspace, as JSON.

        Raises:
            FitError: if it is not JSON.
        """
        ...

    def prepare(self, digest: str, measurement: str | None, options: Mapping[str, Any]) -> FitOne:
        """Make ready to fit points of a workspace that it remembers.

        Args:
            digest: Of the workspace.
            measurement: That defines the POI; ``None`` takes the first.
            options: The fields of ``FitOptions``.

        Raises:
            FitError: in words.
        """
        ...

    def prepare_anew(self) -> None:
        """Forget all that was prepared: a fit was stopped in the middle."""
        ...

    def versions(self) -> dict[str, str]:
        """Of all that the numbers come from, by distribution, and of Python."""
        ...


def answer(request: Mapping[str, Any], fitter: Fitter) -> dict[str, Any]:
    """Fit the points of a request, one after the other, and see to it that each is answered or left.

    Args:
        request: As it came.
        fitter: Remembers workspaces from task to task.

    Returns:
        The answer.
    """
    task = _Task(request, fitter)
    # Before numpy is loaded. With one point per core, more threads only get in each other's way.
    os.environ.update(SINGLE_THREADED)
    for _ in range(2):  # on another thread a task may have made this process forget the workspace meanwhile
        if not task.find_workspace():
            return task.answer(lacks_workspace=not task.stopped)
        with _fitting:
            if task.take_workspace():
                task.fit_points()
                break
    else:
        return task.answer(lacks_workspace=True)
    return task.answer()


class _Task:
    """A request on its way to its answer."""

    def __init__(self, request: Mapping[str, Any], fitter: Fitter) -> None:
        self._began, self._clock = time.time(), time.monotonic()
        self._request, self._fitter = request, fitter
        self._digest: str = request["workspace"]["digest"]
        self._options: Mapping[str, Any] = request["options"]
        self._workspace: bytes | None = None
        self._points: Any = unpack(request["points"])
        self._unpack = 0.0
        self._entries: list[dict[str, Any]] = []
        self._notes: list[str] = []
        self.stopped = False

    def answer(self, *, lacks_workspace: bool = False) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "worker": surroundings.worker_name(),
            "block": surroundings.block(),
            "versions": self._fitter.versions(),
            "began": self._began,
            "ended": self._began + self._elapsed(),
            "unpack": self._unpack,
            "answers": pack(self._entries),
            "lacks_workspace": lacks_workspace,
            "stopped": self.stopped,
            "notes": self._notes,
        }

    def find_workspace(self) -> bool:
        """Get hold of the workspace; false if that cannot be, or if the run was stopped meanwhile."""
        packed = self._request["workspace"].get("packed")
        if packed is not None:
            if not self._fitter.knows(self._digest):
                self._workspace = unpack_bytes(packed)
            folder.keep_workspace(self._digest, packed)
            return True
        return self._wait_for_workspace(float(self._request.get("patience", 0.0)))

    def take_workspace(self) -> bool:
        """Have the fitter know the workspace; false if it has forgotten it meanwhile."""
        try:
            if self._workspace is not None and not self._fitter.knows(self._digest):
                self._fitter.keep(self._digest, self._workspace)
        except Exception as error:  # noqa: BLE001  (whatever it is, it becomes a sentence about these points)
            self._fail_all(error)
            self._points = []
            return True
        return self._fitter.knows(self._digest)

    def fit_points(self) -> None:
        limit = self._options.get("timeout_seconds")
        if limit is not None and not can_interrupt():
            self._notes.append(
                f"The worker {surroundings.worker_name()} fits on a thread, where nothing can stop a point"
                " that takes too long: choose an engine of the endpoint that has processes."
            )
        fit: FitOne | None = None
        for name, patch in self._points:
            if self._is_stopped():
                self.stopped = True
                return
            began = self._elapsed()
            if fit is None:
                try:
                    fit = self._prepare()
                except Exception as error:  # noqa: BLE001  (it becomes a sentence about these points)
                    self._fail_all(error)
                    return
                self._unpack = self._unpack or self._elapsed()
                began = self._elapsed()
            try:
                result = within(limit, partial(fit, name, patch), self._is_stopped)
            except Stopped:
                self.stopped = True
                self._fitter.prepare_anew()
                return
            except Late:
                toys = bool(self._options.get("toys"))
                self._fail(name, late_in_words(limit or 0.0, self._options["engine"], toys=toys), began)
                self._fitter.prepare_anew()
                fit = None
            except Exception as error:  # noqa: BLE001  (a bug of ours or of a library costs one point)
                self._fail(name, in_one_sentence(error), began)
            else:
                result["worker"], result["block"] = surroundings.worker_name(), surroundings.block()
                self._entries.append({"kind": "result", "name": name, "began": began, "result": result})

    def _prepare(self) -> FitOne:
        return self._fitter.prepare(self._digest, self._request["measurement"], self._options)

    def _wait_for_workspace(self, patience: float) -> bool:
        pause = _FIRST_PAUSE
        while not self._fitter.knows(self._digest):
            self._workspace = folder.read_workspace(self._digest)
            if self._workspace is not None:
                return True
            if self._is_stopped():
                self.stopped = True
                return False
            left = patience - self._elapsed()
            if left <= 0:
                return False
            time.sleep(min(pause, left))
            pause = min(2 * pause, _LONGEST_PAUSE)
        return True

    def _fail_all(self, error: BaseException) -> None:
        words = in_one_sentence(error, "workspace")
        done = {entry["name"] for entry in self._entries}
        for name, _ in self._points:
            if name not in done:
                self._fail(name, words, self._elapsed())

    def _fail(self, name: str, words: str, began: float) -> None:
        seconds = self._elapsed() - began
        self._entries.append(
            {"kind": "failure", "name": name, "error": words, "began": began, "seconds": seconds}
        )

    def _is_stopped(self) -> bool:
        return folder.is_stopped(self._request["run"])

    def _elapsed(self) -> float:
        return time.monotonic() - self._clock
