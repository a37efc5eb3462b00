"""In which orders the numbers of a signal are mixed up: by people who copy them, and by tools that sort."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from fitgui.reinterpretation.model import TargetChannel

_MOST_PERMUTED: Final = 4
"""Bins of a channel of which all orders are tried; of more only the reverse one."""
_MOST_ORDERS: Final = 400


@lru_cache(maxsize=32)
def possible_orders(channels: tuple[TargetChannel, ...]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Orders that people and tools mix up.

    Args:
        channels: whose bins are filled, one after the other.

    Returns:
        Each order in words, as ``read backwards``, and which of the given numbers belongs into each bin.
    """
    size = sum(channel.bins for channel in channels)
    straight = tuple(range(size))
    found: dict[tuple[int, ...], str] = {}
    for words, order in itertools.islice(_candidates(channels, straight), _MOST_ORDERS):
        if order != straight:
            found.setdefault(order, words)
    return tuple((words, order) for order, words in found.items())


def _candidates(
    channels: Sequence[TargetChannel], straight: tuple[int, ...]
) -> Iterator[tuple[str, tuple[int, ...]]]:
    slots: dict[str, list[int]] = {}
    start = 0
    for channel in channels:
        slots[channel.name] = list(range(start, start + channel.bins))
        start += channel.bins

    def moved(changes: Mapping[int, int]) -> tuple[int, ...]:
        return tuple(changes.get(index, index) for index in straight)

    several = [channel for channel in channels if channel.bins > 1]
    yield "read backwards", straight[::-1]
    backwards = {a: b for one in several for a, b in zip(slots[one.name], slots[one.name][::-1], strict=True)}
    if len(several) > 1:
        yield "with the bins of every region read backwards", moved(backwards)
    if len(channels) > 1:
        yield "with the regions in reverse order", _as_listed(channels[::-1], slots)
        for words, key in _SORTED:
            yield words, _as_listed(sorted(channels, key=key), slots)
    for later in (straight[1:] + straight[:1], straight[-1:] + straight[:-1]):
        yield "shifted by one line", later
    for channel in several:
        own = slots[channel.name]
        yield f"with the bins of {channel.name} read backwards", moved(dict(zip(own, own[::-1], strict=True)))
    for one, other in itertools.combinations(channels, 2):
        if one.bins == other.bins:
            pairs = list(zip(slots[one.name], slots[other.name], strict=True))
            yield f"with {one.name} and {other.name} swapped", moved(dict(pairs) | {b: a for a, b in pairs})
    for channel in several:
        own = slots[channel.name]
        if channel.bins <= _MOST_PERMUTED:
            for order in itertools.permutations(own):
                numbers = ", ".join(str(index - own[0]) for index in order)
                yield (
                    f"with the bins of {channel.name} in the order {numbers}",
                    moved(dict(zip(own, order, strict=True))),
                )


def _as_listed(listed: Sequence[TargetChannel], slots: Mapping[str, list[int]]) -> tuple[int, ...]:
    """The order that puts numbers right which stand as the regions are listed here."""
    bins = [index for channel in listed for index in slots[channel.name]]
    return tuple(sorted(range(len(bins)), key=bins.__getitem__))


_SORTED: Final[tuple[tuple[str, Callable[[TargetChannel], str | bool]], ...]] = (
    ("with the regions in alphabetical order", lambda channel: channel.name),
    ("with the signal regions first", lambda channel: not channel.is_signal),
    ("with the signal regions last", lambda channel: channel.is_signal),
)
