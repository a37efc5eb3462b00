"""The yields of all published signals of a target in one table, to look what a signal resembles.

Reading a large patch set takes a quarter of a second, so what was read is kept for a few targets: a form asks
after every keystroke.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fitgui.pallets.model import Coordinate
from fitgui.reinterpretation.target.survey import signal_samples_of
from fitgui_backends.histfactory.errors import HistFactoryError

if TYPE_CHECKING:
    import numpy.typing as npt

    from fitgui.pallets.model import SignalPoint
    from fitgui.reinterpretation.model import Signal, Target

    Array = npt.NDArray[np.float64]

_MOST: Final = 500
"""So many signals, spread evenly, show what signals of an analysis look like."""
_LARGEST: Final = 1e30
"""Events: what is typed may be so large that its sum is no number."""
_KEPT: Final = 8
_kept: OrderedDict[object, Published] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Published:
    """Published signals, ``n`` of them, over the ``m`` bins of a target in the order of its workspace."""

    names: tuple[str, ...]
    values: tuple[Mapping[str, Coordinate], ...]
    yields: Array = field(repr=False)
    """Events, ``(n, m)``; 0 where a patch leaves a channel alone."""
    derived: dict[object, Any] = field(default_factory=dict, repr=False, compare=False)
    """What was worked out from them, to be kept as long as they are."""

    def __len__(self) -> int:
        return len(self.names)


def published(target: Target) -> Published:
    """The yields of the published signals; points whose patch cannot be read this way are left out."""
    points = target.analysis.points
    # Bytes remember their hash, so that asking again is cheap; nothing of the pallet is kept alive.
    key = (
        target.analysis.digest,
        target.measurement,
        hash(tuple((point.name, point.operations) for point in points)),
    )
    with _lock:
        found = _kept.get(key)
        if found is not None:
            _kept.move_to_end(key)
            return found
    found = _read(target, points[:: max(1, math.ceil(len(points) / _MOST))])
    with _lock:
        _kept[key] = found
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return found


def flat(target: Target, signal: Signal) -> tuple[Array, npt.NDArray[np.bool_]]:
    """A signal over all bins of a target.

    Args:
        target: whose channels count.
        signal: channels without yields, or with a wrong number of bins, have none.

    Returns:
        Events ``(m,)``, 0 where there are none, and ``(m,)`` whether there are any.
    """
    events: list[float] = []
    there: list[bool] = []
    for channel in target.channels:
        given = signal.yields.get(channel.name, ())
        fits = len(given) == channel.bins
        events += given if fits else [0.0] * channel.bins
        there += [fits] * channel.bins
    return np.clip(events, -_LARGEST, _LARGEST), np.array(there, dtype=bool)


def _read(target: Target, points: Sequence[SignalPoint]) -> Published:
    names: list[str] = []
    values: list[Mapping[str, Coordinate]] = []
    rows: list[list[float]] = []
    for point in points:
        row = _row(target, point)
        if row is not None and any(row):
            names.append(point.name)
            values.append(point.values)
            rows.append(row)
    table = np.array(rows, dtype=np.float64).reshape(len(rows), sum(one.bins for one in target.channels))
    return Published(tuple(names), tuple(values), table)


def _row(target: Target, point: SignalPoint) -> list[float] | None:
    found = {channel.name: [0.0] * channel.bins for channel in target.channels}
    try:
        _, samples = signal_samples_of(target.analysis.workspace, point.operations, target.measurement)
        for channel, sample in samples:
            into = found.get(channel, [])
            if len(into) == len(sample["data"]):
                into[:] = [before + float(more) for before, more in zip(into, sample["data"], strict=True)]
    except (HistFactoryError, KeyError, TypeError, ValueError):
        return None
    return [value for events in found.values() for value in events]
