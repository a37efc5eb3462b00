"""What a reinterpretation is made of: a target, regions of a file, a map between the two, a signal.

A *target* is a published analysis as somebody sees it who brings a signal: its channels and bins, with data
and background. What a tool writes speaks of *regions* under names of its own; a *region map* says which bins
of the target they are. Both together give a *signal*: events by channel and bin, which becomes a patch
(:mod:`.patch`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from fitgui.pallets.model import Analysis, Coordinate

Events = tuple[float, ...]
"""One number for each bin of a channel."""


class SignalError(Exception):
    """A signal, a file or a map cannot be used; the text is one sentence: what, where, what to do."""


class RegionKind(StrEnum):
    """What a channel is for."""

    SIGNAL = "signal"
    CONTROL = "control"
    """Determines a background; a signal there is contamination."""
    VALIDATION = "validation"
    UNKNOWN = "unknown"
    """Treated as a signal region."""


class Treatment(StrEnum):
    """What becomes of a channel for which there are no yields."""

    KEEP = "keep"
    """It stays in the fit, without signal: right where the signal there is negligible."""
    DROP = "drop"
    """It is left out of the fit, and with it what it says about backgrounds."""


@dataclass(frozen=True, slots=True, order=True)
class BinRef:
    """A bin of a target."""

    channel: str
    bin: int
    """Counted from 0."""

    def text(self, bins: int) -> str:
        """As it is written everywhere: ``SR1cut_cuts``, or ``SRHMEM_mct2[0]`` in a channel of several bins.

        Args:
            bins: of the channel.
        """
        return self.channel if bins == 1 else f"{self.channel}[{self.bin}]"


@dataclass(frozen=True, slots=True)
class TargetChannel:
    """A channel of the background-only workspace; every tuple has one number for each bin."""

    name: str
    kind: RegionKind
    kind_reason: str
    """Why it is taken for that, in words: ``its name``, ``published signals leave it alone``."""
    observed: Events
    background: Events
    """The sum of the samples as they stand in the workspace (before any fit)."""
    published_low: Events = ()
    """The smallest yield of the published signals; empty where none is published."""
    published_high: Events = ()
    staterror: str = ""
    """The name of the staterror that published signals of this channel share with the background; empty where
    they have none, or a shapesys of their own."""

    @property
    def bins(self) -> int:
        """How many."""
        return len(self.observed)

    @property
    def is_signal(self) -> bool:
        """Whether a signal is looked for here, as far as is known."""
        return self.kind in (RegionKind.SIGNAL, RegionKind.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Target:
    """A published analysis, and what a signal needs to know of it."""

    pallet: str
    """The name of the pallet."""
    source: str
    """By which the pallet is opened again."""
    analysis: Analysis = field(repr=False)
    measurement: str | None
    """``None`` takes the first."""
    poi: str
    """The parameter that scales the signal."""
    channels: tuple[TargetChannel, ...]
    lumi: str = ""
    """The name of the luminosity parameter; empty where the workspace has none."""
    luminosity_fb: float | None = None
    """In 1/fb, from the catalogue; ``None`` where it is not known."""

    def channel(self, name: str) -> TargetChannel:
        """The channel of that name.

        Raises:
            KeyError: if there is none.
        """
        for channel in self.channels:
            if channel.name == name:
                return channel
        raise KeyError(name)

    def bins(self) -> Iterator[BinRef]:
        """All bins, in the order of the workspace."""
        for channel in self.channels:
            for number in range(channel.bins):
                yield BinRef(channel.name, number)

    def text(self, place: BinRef) -> str:
        """A bin as it is written everywhere (:meth:`BinRef.text`)."""
        return place.text(self.channel(place.channel).bins)


@dataclass(frozen=True, slots=True)
class Systematic:
    """A systematic uncertainty of the signal: events that are added at one standard deviation."""

    name: str
    """Of its parameter. Where the workspace has a constrained parameter of this name, it is the same one."""
    up: Mapping[str, Events]
    """At +1 sigma, by channel; what is not listed does not change."""
    down: Mapping[str, Events]
    """At -1 sigma, mostly negative."""
    correlated: bool = True
    """Whether one parameter moves all bins together; else every bin has its own."""


@dataclass(frozen=True, slots=True)
class Signal:
    """What one model point predicts, in events at mu = 1, by channel and bin of a target."""

    name: str
    values: Mapping[str, Coordinate] = field(default_factory=dict)
    """Coordinates by label."""
    yields: Mapping[str, Events] = field(default_factory=dict)
    """Channels that are not listed have no yields: :class:`Treatment` says what becomes of them."""
    statistical: Mapping[str, Events] = field(default_factory=dict)
    """Uncertainty from the number of simulated events, one standard deviation in events."""
    systematics: tuple[Systematic, ...] = ()
    simulated: Mapping[str, Events] = field(default_factory=dict)
    """Unweighted simulated events that passed, where the tool tells."""
    with_luminosity: bool = True
    """Whether the uncertainty of the luminosity applies, where the workspace has one."""
    patch: bytes | None = None
    """Operations that are to be used as they are (an imported pyhf patch), as long as nothing was changed."""

    def scaled(self, factor: float) -> Signal:
        """All events times a factor; simulated events stay."""
        if factor == 1.0:
            return self

        def times(events: Mapping[str, Events]) -> dict[str, Events]:
            return {channel: tuple(factor * value for value in each) for channel, each in events.items()}

        return replace(
            self,
            yields=times(self.yields),
            statistical=times(self.statistical),
            systematics=tuple(
                replace(one, up=times(one.up), down=times(one.down)) for one in self.systematics
            ),
            patch=None,
        )


class Quantity(StrEnum):
    """What the numbers of a file are."""

    EVENTS = "events"
    EFFICIENCY = "efficiency"
    """Acceptance times efficiency: times cross section times luminosity it is events."""
    CROSS_SECTION = "cross section"
    """Visible cross section in fb: times luminosity it is events."""


@dataclass(frozen=True, slots=True)
class RegionYield:
    """One region of one model point, as a tool wrote it; in the unit that ``quantity`` of its point says."""

    region: str
    value: float
    statistical: float | None = None
    systematics: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """(down, up) by name: signed changes at -1 and +1 sigma."""
    uncorrelated: frozenset[str] = frozenset()
    """Which of the systematics have a parameter of their own in every region."""
    simulated: float | None = None
    """Unweighted simulated events that passed."""

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise SignalError(
                f"region {self.region} has no number ({self.value}): leave the region out, or mend it"
            )


@dataclass(frozen=True, slots=True)
class ImportedPoint:
    """One model point of a file."""

    name: str
    values: Mapping[str, Coordinate]
    regions: tuple[RegionYield, ...]
    """In the order of the file; names are unique."""
    quantity: Quantity = Quantity.EVENTS
    cross_section_fb: float | None = None
    """Of the model point, where the file tells."""
    patch: bytes | None = None
    """The operations, where the file is a pyhf patch."""
    dropped: tuple[str, ...] = ()
    """Channels of the target that the patch removes, so that they are left out of the fit
    (:attr:`Treatment.DROP`) when the signal is changed, too."""
    with_luminosity: bool = True
    """Whether the uncertainty of the luminosity applies; a patch tells (:attr:`Signal.with_luminosity`)."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file, or a folder of a tool's outputs, says about one analysis."""

    tool: str
    """``csv`` (what is pasted, too), ``json``, ``simpleanalysis``, ``checkmate``, ``madanalysis``,
    ``smodels`` or ``pyhf``."""
    source: str
    """Name of the file, for sentences."""
    analysis: str
    """As the tool calls it; empty where the file does not tell."""
    labels: tuple[str, ...]
    points: tuple[ImportedPoint, ...]
    luminosity_fb: float | None = None
    """That the numbers were made for, where the file tells."""
    notes: tuple[str, ...] = ()
    """What was left out, or taken in a way that a reader should know: sentences."""
    ordered: bool = False
    """Whether regions have no names of their own and only their order tells (``1``, ``2`` ...)."""
    findings: tuple[Finding, ...] = ()
    """What whoever read it doubts: told with the other findings before anything is fitted."""

    @property
    def regions(self) -> tuple[str, ...]:
        """The names of all regions, each once, in order of appearance."""
        return tuple(dict.fromkeys(region.region for point in self.points for region in point.regions))


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where a region of a file goes."""

    region: str
    bins: tuple[BinRef, ...]
    """Mostly one; empty where none was found; several only where the user says so."""
    reason: str = ""
    """In words: ``same name``, ``shipped map of SModelS``, ``saved``, ``similar name``, ``position`` or
    ``chosen``."""
    likeness: float = 1.0
    """Of the names, 0 to 1, where they were compared."""


@dataclass(frozen=True, slots=True)
class RegionMap:
    """Which bins the regions of a tool are, for one analysis."""

    tool: str
    assignments: tuple[Assignment, ...]
    """In the order of the file; every region of the file has one."""
    ignored: frozenset[str] = frozenset()
    """Regions that the user leaves out."""
    doubled: bool = False
    """Whether the user says that several regions may be summed into a bin, or one fill several bins."""
    confirmed: bool = False
    """Whether the user has seen what was proposed by likeness or position, and says that it is so."""
    zeros: frozenset[str] = frozenset()
    """Channels that the user says have no signal in bins without a region, where others have one."""

    def assignment(self, region: str) -> Assignment | None:
        """Of a region; ``None`` where the map does not know it."""
        return next((one for one in self.assignments if one.region == region), None)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that the user should know before he trusts the answer."""

    severe: bool
    """Whether nothing may be fitted until it is mended or confirmed."""
    sentence: str
    """What is wrong, where, what to do."""
    code: str = ""
    """For the program: ``order``, ``units``, ``magnitude``, ``missing``, ``unmapped``, ``doubled``,
    ``negative``, ``other-analysis``, ``contamination``, ``few-events``, ``no-uncertainty``,
    ``outside-grid`` ..."""
