"""Requests to workers: what of a run goes into them, and which of them carry the workspace."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from fitgui_backends.remote.chunks import points_per_task
from fitgui_backends.remote.packing import FORMAT, pack, pack_bytes
from fitgui_backends.remote.parcels import Parcel
from fitgui_backends.remote.run import RemoteRun

ALWAYS_BYTES: Final = 6 << 20
"""As long as all copies of the workspace together are smaller than this, every task carries one: that needs
no folders that workers share, and still fits into one request."""
PATIENCE_SECONDS: Final = 20.0
"""How long a worker without the workspace waits for another to put it into the folder that they share."""
_KEPT = 3


class Packed:
    """A workspace that is ready to travel, and the plan of one run for it.

    Args:
        run: Its plan is asked, nothing of it changed.
        text: The packed workspace.
    """

    def __init__(self, run: RemoteRun, text: str) -> None:
        self._text = text
        plan = run.plan
        points = len(plan.points)
        tasks = -(-points // points_per_task(points, run.seconds_per_point, run.workers))
        self._first = tasks if tasks * len(text) <= ALWAYS_BYTES else max(2, run.workers)

    def attach(self, number: int) -> bool:
        """Whether the task of this number, from 0, carries the workspace."""
        return number < self._first

    def request(self, run: RemoteRun, parcel: Parcel) -> tuple[dict[str, Any], int]:
        """The request of a parcel (see :mod:`.packing`), and its size as JSON in bytes."""
        plan = run.plan
        points = [
            [traveller.point.name, lean(traveller.point.operations).decode("utf-8", "surrogatepass")]
            for traveller in parcel.travellers
        ]
        request: dict[str, Any] = {
            "format": FORMAT,
            "run": parcel.token,
            "workspace": {
                "digest": plan.workspace_digest,
                "packed": self._text if parcel.with_workspace else None,
            },
            "measurement": plan.measurement,
            "options": msgspec.to_builtins(plan.options),
            "points": pack(points),
            "patience": PATIENCE_SECONDS,
        }
        return request, len(json.dumps(request))


class Workspaces:
    """The packed workspaces of the newest runs: packing one takes a tenth of a second."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, str] = OrderedDict()

    def packed_for(self, run: RemoteRun) -> Packed:
        """What the requests of a run are made with."""
        digest = run.plan.workspace_digest
        if digest not in self._texts:
            self._texts[digest] = pack_bytes(lean(run.plan.workspace))
        self._texts.move_to_end(digest)
        while len(self._texts) > _KEPT:
            self._texts.popitem(last=False)
        return Packed(run, self._texts[digest])


def lean(document: bytes) -> bytes:
    """JSON without the indentation that published documents have; what is no JSON stays as it is.

    Packed, it is up to a half smaller, and packing it takes half the time.
    """
    try:
        return msgspec.json.format(document, indent=-1)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return document


def stop_request(tokens: Iterable[str]) -> tuple[dict[str, Any], int]:
    """What tells workers to stop with these submissions, and its size."""
    request = {"format": FORMAT, "runs": sorted(tokens)}
    return request, len(json.dumps(request))
