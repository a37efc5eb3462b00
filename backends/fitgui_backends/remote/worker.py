"""What fits on a worker of a cluster that has fitgui-backends: the engines, as on the user's own machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from fitgui_backends import fitting
from fitgui_backends.contract import FitOptions, FitPoint
from fitgui_backends.engines import load_engine
from fitgui_backends.remote import surroundings, task
from fitgui_backends.remote.task import FitOne


class EngineFitter:
    """The memory of a worker, asked in the words of documents; a :class:`.task.Fitter`."""

    def __init__(self) -> None:
        self._memory = fitting.Memory()

    def knows(self, digest: str) -> bool:
        """Whether it remembers the workspace."""
        return self._memory.knows(digest)

    def keep(self, digest: str, workspace: bytes) -> None:
        """Remember a workspace.

        Raises:
            FitError: if it is not JSON.
        """
        self._memory.keep(digest, workspace)

    def prepare(self, digest: str, measurement: str | None, options: Mapping[str, Any]) -> FitOne:
        """Make ready to fit points of a workspace that it remembers.

        Raises:
            FitError: if the options cannot be kept, or the workspace cannot be used.
        """
        chosen = msgspec.convert(options, FitOptions)
        load_engine(chosen.engine).warm_up()  # what is imported now is no part of the first point
        prepared = self._memory.prepare(digest, measurement, chosen)

        def fit(name: str, patch: str) -> dict[str, Any]:
            point = FitPoint(name=name, operations=patch.encode("utf-8", "surrogatepass"))
            result: dict[str, Any] = msgspec.to_builtins(prepared.fit(point))
            return result

        return fit

    def prepare_anew(self) -> None:
        """Forget all that was prepared."""
        self._memory.prepare_anew()

    def versions(self) -> dict[str, str]:
        """Of all that the numbers come from."""
        return surroundings.versions()


_fitter = EngineFitter()


def fit(request: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a request (:mod:`.packing`); what was prepared stays in this process for the next one."""
    return task.answer(request, _fitter)
