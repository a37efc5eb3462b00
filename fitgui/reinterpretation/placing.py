"""From the regions of a model point to events by channel and bin."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from fitgui.reinterpretation.model import (
    BinRef,
    Events,
    ImportedPoint,
    Quantity,
    RegionMap,
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


@dataclass(slots=True)
class _Sums:
    """What is added up, by channel: a number for each bin."""

    sizes: Mapping[str, int]
    by_channel: dict[str, list[float]] = field(default_factory=dict)

    def add(self, place: BinRef, value: float) -> None:
        """Add to a bin."""
        if place.channel not in self.by_channel:
            self.by_channel[place.channel] = [0.0] * self.sizes[place.channel]
        self.by_channel[place.channel][place.bin] += value

    def add_in_quadrature(self, place: BinRef, value: float) -> None:
        """The root of the squares; of one number itself."""
        self.add(place, 0.0)
        values = self.by_channel[place.channel]
        values[place.bin] = math.hypot(values[place.bin], value)

    def events(self) -> dict[str, Events]:
        """As they are."""
        return {channel: tuple(values) for channel, values in self.by_channel.items()}


class Placing:
    """Puts model points into the bins of a target, by one region map."""

    def __init__(self, region_map: RegionMap, target: Target) -> None:
        self._map = region_map
        self._sizes = {channel.name: channel.bins for channel in target.channels}
        self._order = {channel.name: number for number, channel in enumerate(target.channels)}
        places = frozenset(target.bins())
        self._bins: dict[str, tuple[BinRef, ...]] = {}
        for one in region_map.assignments:
            if one.region in region_map.ignored:
                self._bins[one.region] = ()
            elif one.bins:
                self._bins[one.region] = one.bins
                for place in one.bins:
                    if place not in places:
                        raise SignalError(
                            f"the region map puts {one.region} into {place.channel}[{place.bin}], which "
                            f"{target.analysis.name} does not have: use a map of this analysis"
                        )
        self._as_named = all(
            self._bins.get(one.region) == one.bins
            and len(one.bins) == 1
            and one.region in (target.text(one.bins[0]), f"{one.bins[0].channel}[{one.bins[0].bin}]")
            for one in region_map.assignments
        )
        self._used: dict[str, frozenset[BinRef]] = {}

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
        yields, statistical, simulated = (_Sums(self._sizes) for _ in range(3))
        up: dict[tuple[str, bool], _Sums] = defaultdict(lambda: _Sums(self._sizes))
        down: dict[tuple[str, bool], _Sums] = defaultdict(lambda: _Sums(self._sizes))
        filled: set[BinRef] = set()
        counted: set[BinRef] = set()
        for region in point.regions:
            bins = self._bins_of(region.region, point)
            if len(bins) > 1 and not self._map.doubled:
                raise SignalError(f"{point.name}: region {region.region} fills {len(bins)} bins; give it one")
            for place in bins:
                if place in filled and not self._map.doubled:
                    raise SignalError(
                        f"{point.name}: two regions fill {place.channel}[{place.bin}], one of them "
                        f"{region.region}; give each a bin of its own"
                    )
                filled.add(place)
                yields.add(place, region.value)
                if region.statistical is not None:
                    statistical.add_in_quadrature(place, region.statistical)
                if region.simulated is not None:
                    counted.add(place)
                    simulated.add(place, region.simulated)
                for name, (low, high) in region.systematics.items():
                    if name in region.uncorrelated:
                        up[name, False].add_in_quadrature(place, 0.5 * (high - low))
                    else:
                        up[name, True].add(place, high)
                        down[name, True].add(place, low)
        self._check_whole(point, filled)
        for channel in self._map.zeros & self._sizes.keys():
            yields.add(BinRef(channel, 0), 0.0)
        return Signal(
            point.name,
            point.values,
            self._sorted(yields.events()),
            self._sorted(statistical.events()),
            _systematics(point, up, down),
            {
                channel: values
                for channel, values in self._sorted(simulated.events()).items()
                if all(BinRef(channel, number) in counted for number in range(len(values)))
            },
            patch=point.patch if self._as_named else None,
        )

    def _bins_of(self, region: str, point: ImportedPoint) -> tuple[BinRef, ...]:
        try:
            return self._bins[region]
        except KeyError:
            raise SignalError(
                f"{point.name}: region {region} has no bin; choose one, or leave it out"
            ) from None

    def _check_whole(self, point: ImportedPoint, filled: set[BinRef]) -> None:
        for channel in {place.channel for place in filled} - self._map.zeros:
            size = self._sizes[channel]
            given = sum(BinRef(channel, number) in filled for number in range(size))
            if given < size:
                raise SignalError(
                    f"{point.name}: {given} of the {size} bins of {channel} have yields; add the others, or "
                    "say that there is no signal in them"
                )

    def _sorted(self, events: dict[str, Events]) -> dict[str, Events]:
        return {channel: events[channel] for channel in sorted(events, key=self._order.__getitem__)}


def _systematics(
    point: ImportedPoint, up: Mapping[tuple[str, bool], _Sums], down: Mapping[tuple[str, bool], _Sums]
) -> tuple[Systematic, ...]:
    made: dict[str, Systematic] = {}
    for (name, correlated), sums in up.items():
        if name in made:
            raise SignalError(
                f"{point.name}: the uncertainty {name} is correlated in some regions and not in others; give "
                "it two names"
            )
        if correlated:
            made[name] = Systematic(name, sums.events(), down[name, correlated].events())
        else:
            plus = sums.events()
            minus = {channel: tuple(-value for value in values) for channel, values in plus.items()}
            made[name] = Systematic(name, plus, minus, correlated=False)
    return tuple(made.values())
