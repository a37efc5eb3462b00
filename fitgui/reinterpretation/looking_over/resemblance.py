"""Whether yields stand in a wrong order, told by what published signals of the analysis look like.

Every search expects signals of certain shapes: much in one bin, little in another. Yields in a wrong order
have a shape that no published signal has, and put right they have one. Shapes are compared by the Hellinger
distance of their shares of the total, ``sqrt(1 - sum sqrt(p q))``: 0 for the same shape, 1 where they share
no bin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import numpy as np

from fitgui.reinterpretation.looking_over.orders import possible_orders
from fitgui.reinterpretation.target.grid import distances, place
from fitgui.reinterpretation.target.shapes import flat, published

if TYPE_CHECKING:
    import numpy.typing as npt

    from fitgui.reinterpretation.model import Signal, Target, TargetChannel
    from fitgui.reinterpretation.target.shapes import Array, Published

    Mask = npt.NDArray[np.bool_]
    Rows = npt.NDArray[np.intp]

# Tuned on three published pallets, so that no published signal and no mixture of neighbours looks as if in
# another order, and hardly any that was left out of the comparison (see the tests).
_COMMON: Final = 0.9
"""So many published signals have another one as near as what still counts as alike."""
_STRANGE: Final = 0.12
"""What is nearer than that to a published signal is like it in any case."""
_CLEARLY: Final = 2.0
"""So many times nearer another order must be."""
_ABOUT: Final = 1.5
_SAME: Final = 0.02
"""Distances that differ by no more than this much and this factor do not tell which order it is."""
_NEIGHBOURS: Final = 8
"""So many published signals are looked at where coordinates tell which are near."""
_MIXED: Final = 4
"""With so many neighbours every published signal is mixed ..."""
_SHARES: Final = (0.25, 0.5, 0.75)
"""... in these parts: what lies between two published points looks like a mixture of them."""
_EVIDENTLY: Final = 3.0
"""What is so many times nearer in another order has hardly another explanation ..."""
_MANY: Final = 8
"""... where it has so many bins, ..."""
_EVIDENT: Final = 0.3
"""... or where it is farther than that from all published signals as it stands; ..."""
_FILLED: Final = 0.9
"""... and if so many of its bins have events: who has typed half of them has a strange shape as well."""
_FEWEST: Final = 5
"""Published signals, without which nothing can be told."""
_KEPT: Final = 16


@dataclass(frozen=True, slots=True)
class OtherOrder:
    """An order in which yields look like a published signal, where they do not as they stand."""

    words: str
    """``read backwards``, ``with SR1 and SR2 swapped``."""
    like: str
    """The name of the published signal."""
    distance: float
    """To it."""
    as_given: float
    """The distance of the yields as they stand, to what they are most like."""
    evident: bool
    """Whether it is so clear that nothing should be fitted before somebody has looked."""


@dataclass(frozen=True, slots=True)
class _Expectation:
    """What is common among published signals, over some of the bins."""

    rows: Rows
    """Which of the published signals have anything there, ``(n,)``."""
    roots: Array
    """Square roots of their shares, ``(n, m)``."""
    mixtures: Array
    """The same of mixtures of each with its neighbours, ``(n, k, m)``."""
    scale: float
    """The distance within which nine of ten have another one."""


def other_order(target: Target, signal: Signal) -> OtherOrder | None:
    """The order in which the yields look like a published signal of this analysis, if only another one does.

    Yields are compared in all channels, and in the signal regions alone; with all published signals, and
    with the neighbours alone where the signal has the coordinates that those have.

    Args:
        target: with its published signals; without any nothing can be told.
        signal: channels without yields are left out of the comparison.

    Returns:
        What was found; ``None`` where the yields are fine, or where their shape does not tell.
    """
    known = published(target)
    where = place(known, signal)
    channels = tuple(
        channel for channel in target.channels if len(signal.yields.get(channel.name, ())) == channel.bins
    )
    signals = tuple(channel for channel in channels if channel.is_signal)
    for some in (channels, signals) if 0 < len(signals) < len(channels) else (channels,):
        for near in (None,) if where is None else (where, None):
            found = _compared(target, signal, some, known, near)
            if found is not None:
                return found
    return None


def _compared(
    target: Target, signal: Signal, channels: tuple[TargetChannel, ...], known: Published, where: Array | None
) -> OtherOrder | None:
    events, _ = flat(target, signal)
    some = {channel.name for channel in channels}
    there = np.array([one.channel in some for one in target.bins()], dtype=bool)
    given = events[there]
    expected = _expectation(known, there, local=where is not None)
    if expected is None or not np.isfinite(given).all() or given.max() <= 0.0:
        return None
    rows = np.arange(len(expected.rows))
    if where is not None:
        rows = np.argsort(where[expected.rows], kind="stable")[:_NEIGHBOURS]
    as_given = float(
        _distances(_roots(given[None, :]), expected.mixtures[rows].reshape(-1, len(given))).min()
    )
    if as_given <= max(_STRANGE, expected.scale) or not (orders := possible_orders(channels)):
        return None
    found = _distances(_roots(given[np.array([order for _, order in orders])]), expected.roots[rows])
    nearest = found.min(axis=1)
    # Of orders that fit about equally well the one that happens most, which comes first.
    fitting = nearest < min(expected.scale, as_given / _CLEARLY, _ABOUT * float(nearest.min()) + _SAME)
    if not fitting.any():
        return None
    order = int(fitting.argmax())
    name = known.names[int(expected.rows[rows[found[order].argmin()]])]
    evident = (
        as_given > _EVIDENTLY * float(nearest[order])
        and (given.size >= _MANY or as_given > _EVIDENT)
        and int(np.count_nonzero(given > 0.0)) >= _FILLED * given.size
    )
    return OtherOrder(orders[order][0], name, float(nearest[order]), as_given, evident)


def _expectation(known: Published, there: Mask, *, local: bool) -> _Expectation | None:
    key = ("resemblance", there.tobytes(), local)
    if key in known.derived:
        return cast("_Expectation | None", known.derived[key])
    found = _expected(known, there, local=local)
    if len(known.derived) >= _KEPT:
        known.derived.clear()
    known.derived[key] = found
    return found


def _expected(known: Published, there: Mask, *, local: bool) -> _Expectation | None:
    rows = np.flatnonzero(np.clip(known.yields[:, there], 0.0, None).sum(axis=1) > 0.0)
    if len(rows) < _FEWEST:
        return None
    roots = _roots(known.yields[np.ix_(rows, np.flatnonzero(there))])
    apart = _distances(roots, roots)
    np.fill_diagonal(apart, np.inf)
    between = distances(known)
    mixtures = roots[:, None, :]
    if between is not None:
        nearest = np.argsort(between[np.ix_(rows, rows)], axis=1, kind="stable")
        mixtures = np.concatenate([mixtures, _mixtures(roots, nearest[:, 1 : 1 + _MIXED])], axis=1)
        if local:
            far = np.ones(apart.shape, dtype=bool)
            np.put_along_axis(far, nearest[:, : 1 + _NEIGHBOURS], values=False, axis=1)
            apart[far] = np.inf
    return _Expectation(rows, roots, mixtures, float(np.quantile(apart.min(axis=1), _COMMON)))


def _mixtures(roots: Array, neighbours: Rows) -> Array:
    shares = roots**2
    own, others = shares[:, None, :], shares[neighbours]
    return np.concatenate([np.sqrt(part * own + (1.0 - part) * others) for part in _SHARES], axis=1)


def _roots(yields: Array) -> Array:
    """Square roots of shares of the total; bins below zero count as empty."""
    positive = np.clip(yields, 0.0, None)
    total = positive.sum(axis=-1, keepdims=True)
    return np.asarray(np.sqrt(positive / np.where(total > 0.0, total, 1.0)))


def _distances(some: Array, others: Array) -> Array:
    return np.asarray(np.sqrt(np.clip(1.0 - some @ others.T, 0.0, None)))
