"""What a worker remembers between tasks, and how it fits a point: the same here and on a cluster.

The module must stay light, and numpy must not load with it: a worker sets the number of threads first.
"""

from __future__ import annotations

import os
import socket
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from fitgui_backends.contract import FitOptions, FitPoint, ToyShare
from fitgui_backends.engines import FitError, load_engine
from fitgui_backends.engines.base import in_one_sentence
from fitgui_backends.results import FitResult, ShareResult

if TYPE_CHECKING:
    from fitgui_backends.engines.base import PreparedWorkspace

KEPT_WORKSPACES = 4
"""Workspaces that a worker remembers; the stau pallet has three regions."""


class Failure(msgspec.Struct, frozen=True):
    """A point without an answer, and why in one sentence."""

    name: str
    error: str
    seconds: float = 0.0
    """That the point took until then."""


Answer = FitResult | ShareResult | Failure


class Memory:
    """The workspaces that this process has fitted last, and what all their points share."""

    def __init__(self) -> None:
        self._workspaces: OrderedDict[str, Mapping[str, Any]] = OrderedDict()
        self._prepared: OrderedDict[tuple[str, str | None, FitOptions], PreparedWorkspace] = OrderedDict()

    def __len__(self) -> int:
        """How many workspaces are remembered."""
        return len(self._workspaces)

    def knows(self, digest: str) -> bool:
        """Whether a workspace is remembered."""
        return digest in self._workspaces

    def keep(self, digest: str, workspace: bytes) -> None:
        """Remember a workspace.

        Raises:
            FitError: if it is not JSON, or no object.
        """
        try:
            document = msgspec.json.decode(workspace)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise FitError(f"The workspace is not JSON: {error}.") from error
        if not isinstance(document, dict):
            raise FitError("The workspace is not a JSON object.")
        self._workspaces[digest] = document

    def prepare(self, digest: str, measurement: str | None, options: FitOptions) -> PreparedWorkspace:
        """What all points of a remembered workspace share, made once.

        Raises:
            FitError: if the options cannot be kept, or the workspace cannot be used.
        """
        self._workspaces.move_to_end(digest)
        key = (digest, measurement, options)
        if key not in self._prepared:
            engine = load_engine(options.engine)
            self._prepared[key] = engine.prepare(self._workspaces[digest], measurement, options)
            limit_threads()
        self._prepared.move_to_end(key)
        for kept in (self._workspaces, self._prepared):
            while len(kept) > KEPT_WORKSPACES:
                kept.popitem(last=False)
        return self._prepared[key]

    def prepare_anew(self) -> None:
        """Forget all but the documents: a fit was stopped in the middle, whatever it was doing."""
        self._prepared.clear()


def fit_point(prepared: PreparedWorkspace, point: FitPoint, share: ToyShare | None = None) -> Answer:
    """Fit a point, or a share of it; whatever goes wrong becomes a sentence about this point."""
    worker = f"{socket.gethostname()}:{os.getpid()}"
    began = time.monotonic()
    try:
        if share is None:
            return msgspec.structs.replace(prepared.fit(point), worker=worker)
        done = prepared.fit_share(point, share)
        if done.result is None:
            return done
        return ShareResult(part=done.part, result=msgspec.structs.replace(done.result, worker=worker))
    except Exception as error:  # noqa: BLE001  (a bug of ours or of a library costs one point, not the run)
        return Failure(point.name, in_one_sentence(error), time.monotonic() - began)


def limit_threads() -> None:
    """The belt to the braces of the environment: what was loaded before us is limited as well."""
    import threadpoolctl  # noqa: PLC0415

    threadpoolctl.threadpool_limits(limits=1)
