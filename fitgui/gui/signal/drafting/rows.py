"""The bins of a target in the order of the form, and the words for what they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from fitgui.gui.appearance import StateLook
from fitgui.reinterpretation.model import BinRef, RegionKind, Target, TargetChannel, Treatment

KINDS: Final = {
    RegionKind.SIGNAL: StateLook("■", "signal"),
    RegionKind.CONTROL: StateLook("▽", "control"),
    RegionKind.VALIDATION: StateLook("▷", "validation"),
    RegionKind.UNKNOWN: StateLook("□", "signal?"),
}
"""None of the signs of a plane: there ◆ is a signal that is not excluded."""
TREATMENTS: Final = {
    Treatment.KEEP: "keep",
    Treatment.DROP: "leave out",
    None: "needed",
}
"""What becomes of a channel without yields; ``None`` where nothing is chosen for a signal region."""


@dataclass(frozen=True, slots=True)
class Row:
    """A bin of the form."""

    place: BinRef
    channel: TargetChannel
    text: str
    """``SR1cut_cuts``, ``SRHMEM_mct2[0]``."""

    @property
    def look(self) -> StateLook:
        """Icon and word of its kind."""
        return KINDS[self.channel.kind]

    @property
    def is_first(self) -> bool:
        """Of its channel."""
        return self.place.bin == 0


def channels_of(target: Target) -> tuple[TargetChannel, ...]:
    """Signal regions first, each group in the order of the workspace."""
    return tuple(sorted(target.channels, key=lambda channel: not channel.is_signal))


def rows_of(target: Target) -> tuple[Row, ...]:
    """All bins, those of signal regions first."""
    places = (
        (channel, BinRef(channel.name, number))
        for channel in channels_of(target)
        for number in range(channel.bins)
    )
    return tuple(Row(place, channel, place.text(channel.bins)) for channel, place in places)


def is_left_out(row: Row, treatments: Mapping[str, Treatment], with_yields: Collection[str]) -> bool:
    """Whether a bin is not in the fit: it has no yields, and that was chosen for it."""
    name = row.channel.name
    return name not in with_yields and treatments.get(name) is Treatment.DROP


def treatment_in_force(channel: TargetChannel, chosen: Treatment | None) -> Treatment | None:
    """What becomes of a channel without yields; ``None`` where a signal region needs a yield or a choice."""
    if chosen is None and not channel.is_signal:
        return Treatment.KEEP
    return chosen
