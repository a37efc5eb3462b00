"""What somebody has typed into the form so far, and the signal that it comes to; nothing here needs Qt."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Final

from fitgui import words
from fitgui.pallets.model import Coordinate
from fitgui.reinterpretation.findings import all_of
from fitgui.reinterpretation.model import (
    BinRef,
    Events,
    Finding,
    Signal,
    Systematic,
    Target,
    TargetChannel,
    Treatment,
)

NAME: Final = "My signal"
SYSTEMATIC: Final = "signal_uncertainty"
"""The name of the parameter of a typed systematic uncertainty: one for all bins."""


class Column(IntEnum):
    """What is typed of a bin."""

    SIGNAL = 0
    STATISTICAL = 1
    SYSTEMATIC = 2


TITLES: Final = {
    Column.SIGNAL: "signal",
    Column.STATISTICAL: "statistical uncertainty",
    Column.SYSTEMATIC: "systematic uncertainty",
}
WHATEVER_SCALE: Final = frozenset({"order", "negative", "large-uncertainty", "other-analysis"})
"""Codes of findings that are the same of a signal times any factor."""
OF_YIELDS: Final = WHATEVER_SCALE | {"units", "magnitude", "fractions", "luminosity"}
"""Codes of findings that are of the yields alone, whatever becomes of regions without any."""
Cell = tuple[BinRef, Column]
_COMMA: Final = re.compile(r"[-−+]?\d*,\d+([eE][-−+]?\d+)?", re.ASCII)
"""A number with a decimal comma."""
_THOUSANDS: Final = re.compile(r"[-−+]?[1-9]\d{0,2},\d{3}", re.ASCII)
"""Or one in thousands: nobody can tell."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The state of the form; every edit makes another one."""

    name: str = NAME
    values: Mapping[str, Coordinate] = field(default_factory=dict)
    cells: Mapping[Cell, str] = field(default_factory=dict)
    """As typed, also what is no number; what is blank is not listed."""
    treatments: Mapping[str, Treatment] = field(default_factory=dict)
    """Of channels without yields, where something was chosen."""
    scale: float = 1.0
    """By which all events are multiplied before they are fitted."""
    with_luminosity: bool = True
    origin: Signal | None = None
    """That was imported or published, with what the form does not show: exact numbers, each systematic."""
    origin_cells: Mapping[Cell, str] = field(default_factory=dict, repr=False)
    """As the origin fills them."""
    origin_treatments: Mapping[str, Treatment] = field(default_factory=dict)
    """As of the origin: another choice makes its patch another one."""
    published: str = ""
    """The name of the published point that the origin is; empty where it is none."""
    findings: tuple[Finding, ...] = ()
    """What was noticed when it was imported; void as soon as something is typed."""
    confirmed: frozenset[str] = frozenset()
    """Codes of severe findings of which the user says that all is well; void once the numbers change."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is typed."""
        return not self.cells

    def typed(self, cells: Mapping[Cell, str]) -> Draft:
        """With these cells as they are given; blank ones are taken out."""
        merged = {**self.cells, **{cell: text.strip() for cell, text in cells.items()}}
        after = {cell: text for cell, text in merged.items() if text}
        return self if after == self.cells else replace(self, cells=after, findings=(), confirmed=frozenset())

    def pasted(self, cells: Mapping[Cell, str], target: Target) -> Draft:
        """With cells that were pasted.

        Yields of all signal regions are another signal: what is left of an imported or published one is
        taken out, and nothing that was confirmed of it holds. What was typed stays.
        """
        origin = self.origin
        wanted = [
            BinRef(channel.name, bin_)
            for channel in target.channels
            if channel.is_signal
            for bin_ in range(channel.bins)
        ]
        if not all(cells.get((place, Column.SIGNAL)) for place in wanted):
            return self.typed(cells)
        kept, treatments = self.cells, self.treatments
        if origin is not None:
            kept = {cell: text for cell, text in kept.items() if self.origin_cells.get(cell) != text}
            treatments = {
                name: one for name, one in treatments.items() if self.origin_treatments.get(name) is not one
            }
        anew = Draft(
            cells=kept, treatments=treatments, scale=self.scale, with_luminosity=self.with_luminosity
        )
        return anew.typed(cells)

    def treated(self, channel: str, treatment: Treatment | None) -> Draft:
        """With another choice for a channel without yields; ``None`` takes the choice back."""
        others = {name: one for name, one in self.treatments.items() if name != channel}
        after = others if treatment is None else {**others, channel: treatment}
        if after == self.treatments:
            return self
        return replace(self, treatments=after, confirmed=self.confirmed & OF_YIELDS)

    def rescaled(self, factor: float) -> Draft:
        """With all events times another factor; what was confirmed of their number is void."""
        if factor == self.scale:
            return self
        return replace(self, scale=factor, confirmed=self.confirmed & WHATEVER_SCALE)

    def text(self, place: BinRef, column: Column) -> str:
        """Of a cell; empty where it is blank."""
        return self.cells.get((place, column), "")


def number(text: str, of: float | None = None) -> float:
    """What a cell says.

    Args:
        text: a number, or in an uncertainty a percentage.
        of: what a percentage is a part of; ``None`` where none may be written.

    Raises:
        ValueError: if it is no finite number; the text is one sentence.
    """
    percentage = text.endswith("%") and of is not None
    digits = text.removesuffix("%").strip() if percentage else text
    if _THOUSANDS.fullmatch(digits):
        point, none = digits.replace(",", "."), digits.replace(",", "")
        raise ValueError(f"“{text}” may be {point} or {none}: write the one that you mean")
    if _COMMA.fullmatch(digits):
        digits = digits.replace(",", ".")
    try:
        value = float(digits.replace("−", "-"))
    except ValueError:
        raise ValueError(f"“{text}” is not a number: write one like 0.42") from None
    if not math.isfinite(value):
        raise ValueError(f"“{text}” is not a number of events: write one like 0.42")
    return value * abs(of) / 100.0 if percentage and of is not None else value


def kept_words(draft: Draft, pasted: Collection[Cell]) -> str:
    """What stands beside cells that were pasted, as part of the same signal; empty where nothing does.

    Args:
        draft: after the paste.
        pasted: the cells.
    """
    places = {place for place, column in pasted if column is Column.SIGNAL}
    if not places:
        return ""
    parts = []
    channels = dict.fromkeys(
        place.channel
        for place, column in draft.cells
        if column is Column.SIGNAL and (place, column) not in pasted
    )
    if channels:
        verb = "keeps its yields" if len(channels) == 1 else "keep their yields"
        parts.append(f"{all_of(channels)} {verb}")
    if any(place in places and (place, column) not in pasted for place, column in draft.cells):
        parts.append("the pasted yields have the uncertainties that stood beside them")
    return words.capital("; ".join(parts)) + "." if parts else ""


def carried_over(draft: Draft, before: Target, target: Target) -> tuple[Draft, tuple[str, ...]]:
    """What was typed for one analysis of a pallet, as far as another one has the same regions.

    Returns:
        The draft for the other one, empty where they share nothing; channels with yields that it lacks.
    """
    known = {(one.name, one.bins, tuple(one.observed)) for one in target.channels}
    shared = {one.name for one in before.channels if (one.name, one.bins, tuple(one.observed)) in known}
    left = tuple(
        dict.fromkeys(
            place.channel
            for place, column in draft.cells
            if column is Column.SIGNAL and place.channel not in shared
        )
    )
    cells = {cell: text for cell, text in draft.cells.items() if cell[0].channel in shared}
    if not cells:
        return Draft(), left
    treatments = {name: one for name, one in draft.treatments.items() if name in shared}
    whole = not left and not draft.published
    return Draft(
        name=draft.name if whole else NAME,
        values=draft.values if whole else {},
        cells=cells,
        treatments=treatments,
        scale=draft.scale,
        with_luminosity=draft.with_luminosity,
    ), left


def shown(value: float, column: Column = Column.SIGNAL) -> str:
    """A number as it stands in a cell that was not typed; the exact one is fitted."""
    return f"{value:.5g}" if column is Column.SIGNAL else f"{value:.3g}"


def problems(draft: Draft, target: Target) -> dict[Cell, str]:
    """What is wrong with cells, one sentence each: such a draft comes to no signal."""
    found: dict[Cell, str] = {}
    for channel in target.channels:
        places = [BinRef(channel.name, bin_) for bin_ in range(channel.bins)]
        begun = any(draft.text(place, Column.SIGNAL) for place in places)
        for place in places:
            told = target.text(place)
            size = draft.text(place, Column.SIGNAL)
            events: float | None = None
            if size:
                try:
                    events = number(size)
                except ValueError as error:
                    found[place, Column.SIGNAL] = f"{told}: {error}."
            elif begun:
                found[place, Column.SIGNAL] = (
                    f"{told} has no yield, but other bins of {channel.name} have: type 0 if no events are "
                    "expected there."
                )
            for column in (Column.STATISTICAL, Column.SYSTEMATIC):
                text = draft.text(place, column)
                if not text:
                    continue
                if not size:
                    found[place, column] = (
                        f"{told} has a {TITLES[column]}, but no yield: type the yield, too, or clear it."
                    )
                    continue
                try:
                    if number(text, 0.0 if events is None else events) < 0.0:
                        found[place, column] = f"{told}: an uncertainty is not negative: write its size."
                except ValueError as error:
                    found[place, column] = f"{told}: {error}."
    return found


def signal_of(draft: Draft, target: Target) -> Signal:
    """The signal that is to be fitted, scaled; the draft has no :func:`problems`."""
    origin = draft.origin
    yields = {channel.name: _yields(draft, channel) for channel in target.channels if _has(draft, channel)}
    statistical = _uncertainties(draft, target, Column.STATISTICAL, yields)
    untouched = is_untouched(draft)
    as_given = origin is None or (untouched and draft.scale == 1.0)
    signal = Signal(
        name=draft.name if as_given else f"{draft.name} (changed)",
        values=draft.values,
        yields=yields,
        statistical=statistical,
        systematics=_systematics(draft, target, yields),
        simulated={} if origin is None or not untouched else origin.simulated,
        with_luminosity=draft.with_luminosity,
        patch=origin.patch if origin is not None and untouched else None,
    )
    return signal.scaled(draft.scale)


def treatments_of(draft: Draft, target: Target) -> dict[str, Treatment]:
    """What was chosen for channels that have no yields; a choice for one that has some by now is void."""
    return {
        channel.name: draft.treatments[channel.name]
        for channel in target.channels
        if channel.name in draft.treatments and not _has(draft, channel)
    }


def is_untouched(draft: Draft) -> bool:
    """Whether the signal is still the one that was imported or published, but for its scale."""
    origin = draft.origin
    return (
        origin is not None
        and dict(draft.origin_cells) == dict(draft.cells)
        and origin.with_luminosity == draft.with_luminosity
        and dict(draft.treatments) == dict(draft.origin_treatments)
    )


def draft_of(
    signal: Signal,
    target: Target,
    *,
    treatments: Mapping[str, Treatment] | None = None,
    findings: tuple[Finding, ...] = (),
    published: str = "",
) -> Draft:
    """The form as it looks with an imported or published signal in it.

    Args:
        signal: that was imported or published.
        target: whose bins it speaks of.
        treatments: what becomes of channels without yields.
        findings: what was noticed when it was imported; severe ones were confirmed then.
        published: the name of the point that it is.
    """
    chosen, cells = dict(treatments or {}), cells_of(signal, target)
    return Draft(
        name=signal.name,
        values=signal.values,
        cells=cells,
        treatments=chosen,
        with_luminosity=signal.with_luminosity,
        origin=signal,
        origin_cells=cells,
        origin_treatments=chosen,
        published=published,
        findings=findings,
        confirmed=frozenset(finding.code for finding in findings if finding.severe),
    )


def named_systematics(draft: Draft) -> tuple[Systematic, ...]:
    """Of the imported signal, as long as they are what is fitted: nobody has typed others."""
    origin = draft.origin
    if origin is None or not origin.systematics:
        return ()
    before, after = (
        {cell: text for cell, text in cells.items() if cell[1] is Column.SYSTEMATIC}
        for cells in (draft.origin_cells, draft.cells)
    )
    return origin.systematics if before == after else ()


def systematic_size(systematics: tuple[Systematic, ...], place: BinRef) -> float:
    """All of them in a bin, in quadrature, each as half of what lies between its ends; in events."""
    return math.hypot(
        *(0.5 * abs(_at(one.up, place, 0.0) - _at(one.down, place, 0.0)) for one in systematics)
    )


def cells_of(signal: Signal, target: Target) -> dict[Cell, str]:
    """What a signal fills into the form; all its systematics of a bin in quadrature."""
    cells: dict[Cell, str] = {}
    for place in target.bins():
        if place.channel not in signal.yields:
            continue
        cells[place, Column.SIGNAL] = shown(_at(signal.yields, place, 0.0))
        statistical = _at(signal.statistical, place, 0.0)
        systematic = systematic_size(signal.systematics, place)
        if statistical:
            cells[place, Column.STATISTICAL] = shown(statistical, Column.STATISTICAL)
        if systematic:
            cells[place, Column.SYSTEMATIC] = shown(systematic, Column.SYSTEMATIC)
    return cells


def _has(draft: Draft, channel: TargetChannel) -> bool:
    return any(draft.text(BinRef(channel.name, bin_), Column.SIGNAL) for bin_ in range(channel.bins))


def _yields(draft: Draft, channel: TargetChannel) -> Events:
    """Exact where they are still those of the origin."""
    known = {} if draft.origin is None else draft.origin.yields
    return tuple(
        _exact(draft.text(place, Column.SIGNAL), _at(known, place, math.nan), Column.SIGNAL)
        for place in (BinRef(channel.name, bin_) for bin_ in range(channel.bins))
    )


def _uncertainties(
    draft: Draft, target: Target, column: Column, yields: Mapping[str, Events]
) -> dict[str, Events]:
    """By channel, of those that have any; what is blank is zero."""
    known = {} if draft.origin is None or column is Column.SYSTEMATIC else draft.origin.statistical
    found: dict[str, Events] = {}
    for name, events in yields.items():
        places = [BinRef(name, bin_) for bin_ in range(target.channel(name).bins)]
        texts = [draft.text(place, column) for place in places]
        if any(texts):
            found[name] = tuple(
                _exact(text, _at(known, place, math.nan), column, size) if text else 0.0
                for text, place, size in zip(texts, places, events, strict=True)
            )
    return found


def _systematics(draft: Draft, target: Target, yields: Mapping[str, Events]) -> tuple[Systematic, ...]:
    kept = named_systematics(draft)
    if kept:
        return tuple(
            replace(
                one,
                up={name: events for name, events in one.up.items() if name in yields},
                down={name: events for name, events in one.down.items() if name in yields},
            )
            for one in kept
        )
    up = _uncertainties(draft, target, Column.SYSTEMATIC, yields)
    if not up:
        return ()
    down = {name: tuple(-value for value in events) for name, events in up.items()}
    return (Systematic(SYSTEMATIC, up, down),)


def _exact(text: str, known: float, column: Column, of: float | None = None) -> float:
    return known if math.isfinite(known) and text == shown(known, column) else number(text, of)


def _at(events: Mapping[str, Events], place: BinRef, otherwise: float) -> float:
    values = events.get(place.channel, ())
    return values[place.bin] if place.bin < len(values) else otherwise
