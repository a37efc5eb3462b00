"""From the regions of a model point to events by channel and bin."""

from __future__ import annotations

from collections.abc import Iterable
from math import hypot

from fitgui.reinterpretation.model import (
    Events,
    ImportedPoint,
    Quantity,
    RegionMap,
    RegionYield,
    Signal,
    SignalError,
    Systematic,
    Target,
)


def signal_of(point: ImportedPoint, region_map: RegionMap, target: Target) -> Signal:
    """The signal that a model point of a file is, by a region map; of many points, use one :class:`Placing`.

    Raises:
        SignalError: see :meth:`Placing.signal`.
    """
    return Placing(region_map, target).signal(point)


class Placing:
    """Puts model points into the bins of a target, by one region map: 10,000 points take about a second."""

    def __init__(self, region_map: RegionMap, target: Target) -> None:
        """Numbers the bins of all channels in a row.

        Args:
            region_map: that is used for all points.
            target: whose bins they are.

        Raises:
            SignalError: if the map names bins that the target does not have.
        """
        self._map = region_map
        places = tuple(target.bins())
        self._names = tuple(map(target.text, places))
        self._ranges: dict[str, range] = {}
        for channel in target.channels:
            start = sum(map(len, self._ranges.values()))
            self._ranges[channel.name] = range(start, start + channel.bins)
        numbers = {place: number for number, place in enumerate(places)}
        self._numbers: dict[str, tuple[int, ...]] = {}
        for one in region_map.assignments:
            if one.region in region_map.ignored:
                self._numbers[one.region] = ()
            elif one.bins:
                for place in one.bins:
                    if place not in numbers:
                        raise SignalError(
                            f"the region map puts {one.region} into {place.channel}[{place.bin}], which "
                            f"{target.analysis.name} does not have: use a map of this analysis"
                        )
                self._numbers[one.region] = tuple(numbers[place] for place in one.bins)
        # Leave to be empty is for single bins: a channel without any region stays without yields, so that
        # somebody says what becomes of it.
        self._zeros = [
            channel
            for channel, bins in self._ranges.items()
            if channel in region_map.zeros
            and any(number in bins for numbers in self._numbers.values() for number in numbers)
        ]
        self._as_named = all(
            len(self._numbers.get(one.region, ())) == 1
            and one.region in (target.text(one.bins[0]), f"{one.bins[0].channel}[{one.bins[0].bin}]")
            for one in region_map.assignments
        )

    def signal(self, point: ImportedPoint) -> Signal:
        """One point.

        Where several regions share a bin (only if the map says that they may), events and correlated
        systematic uncertainties add up, statistical and uncorrelated ones in quadrature; a region with
        several bins fills each of them with all its events. The patch of a point is kept where all regions
        are channels and bins by name.

        Args:
            point: in events.

        Raises:
            SignalError: if the point is not in events, a region has no bin, shares one without leave, or
                yields are given for some bins of a channel only and the map does not say that the others
                have none.
        """
        if point.quantity is not Quantity.EVENTS:
            raise SignalError(
                f"{point.name} is given as {point.quantity.value}, not in events: say the luminosity, and "
                "the cross section of efficiencies, first"
            )
        size = len(self._names)
        yields, statistical, simulated = ([0.0] * size for _ in range(3))
        filled, with_error, counted = (bytearray(size) for _ in range(3))
        systematics: dict[str, _Shifts] = {}
        for region in point.regions:
            for number in self._bins_of(region, point, filled):
                filled[number] = 1
                yields[number] += region.value
                if region.statistical is not None:
                    with_error[number] = 1
                    statistical[number] = hypot(statistical[number], region.statistical)
                if region.simulated is not None:
                    counted[number] = 1
                    simulated[number] += region.simulated
                for name, (low, high) in region.systematics.items():
                    correlated = name not in region.uncorrelated
                    if name not in systematics:
                        systematics[name] = _Shifts(size, correlated=correlated)
                    systematics[name].add(number, low, high, correlated, f"{point.name}: {name}")
        for channel in self._zeros:
            for number in self._ranges[channel]:
                filled[number] = 1
        self._check_whole(point, filled)
        return Signal(
            name=point.name,
            values=point.values,
            yields=self._by_channel(yields, filled),
            statistical=self._by_channel(statistical, with_error),
            systematics=tuple(
                Systematic(
                    name,
                    self._by_channel(each.up, each.given),
                    self._by_channel(each.down, each.given),
                    each.correlated,
                )
                for name, each in systematics.items()
            ),
            simulated=self._by_channel(simulated, counted, whole=True),
            with_luminosity=point.with_luminosity,
            patch=point.patch if self._as_named else None,
        )

    def _bins_of(self, region: RegionYield, point: ImportedPoint, filled: bytearray) -> Iterable[int]:
        try:
            numbers = self._numbers[region.region]
        except KeyError:
            raise SignalError(
                f"{point.name}: region {region.region} has no bin; choose one, or leave it out"
            ) from None
        if not self._map.doubled:
            if len(numbers) > 1:
                raise SignalError(
                    f"{point.name}: region {region.region} fills {len(numbers)} bins; give it one"
                )
            if numbers and filled[numbers[0]]:
                raise SignalError(
                    f"{point.name}: two regions fill {self._names[numbers[0]]}, one of them {region.region}; "
                    "give each a bin of its own"
                )
        return numbers

    def _check_whole(self, point: ImportedPoint, filled: bytearray) -> None:
        for channel, numbers in self._ranges.items():
            given = filled.count(1, numbers.start, numbers.stop)
            if 0 < given < len(numbers):
                raise SignalError(
                    f"{point.name}: {given} of the {len(numbers)} bins of {channel} have yields; add the "
                    "others, or say that there is no signal in them"
                )

    def _by_channel(self, values: list[float], given: bytearray, *, whole: bool = False) -> dict[str, Events]:
        """What is given, by channel; of all bins only where ``whole`` is asked for."""
        return {
            channel: tuple(values[numbers.start : numbers.stop])
            for channel, numbers in self._ranges.items()
            if (count := given.count(1, numbers.start, numbers.stop)) and (count == len(numbers) or not whole)
        }


class _Shifts:
    """Changes by one systematic uncertainty, bin by bin."""

    __slots__ = ("correlated", "down", "given", "up")

    def __init__(self, size: int, *, correlated: bool) -> None:
        self.up = [0.0] * size
        self.down = [0.0] * size
        self.given = bytearray(size)
        self.correlated = correlated

    def add(self, number: int, low: float, high: float, correlated: bool, what: str) -> None:  # noqa: FBT001
        """Add what a region says of a bin."""
        if correlated != self.correlated:
            raise SignalError(f"{what} is correlated in some regions and not in others; give it two names")
        self.given[number] = 1
        if correlated:
            self.up[number] += high
            self.down[number] += low
        else:
            self.up[number] = hypot(self.up[number], 0.5 * (high - low))
            self.down[number] = -self.up[number]
