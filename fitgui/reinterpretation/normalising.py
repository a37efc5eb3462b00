"""From efficiencies and cross sections to events: times cross section, times luminosity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fitgui.pallets.reading.names import shown
from fitgui.reinterpretation.findings import note, severe
from fitgui.reinterpretation.model import Finding, Imported, ImportedPoint, Quantity, RegionYield, SignalError
from fitgui.reinterpretation.units import cross_section_text, luminosity_text

_BY_HAND = ("csv", "json")
"""Formats that somebody writes: tools know which of their numbers are events."""
SAME = 1e-3
"""Luminosities that differ by less are the same one, rounded differently."""


def needs(imported: Imported) -> tuple[bool, bool]:
    """What somebody has to give before a file can be used.

    Args:
        imported: as read.

    Returns:
        Whether a cross section is missing, and whether a luminosity is.
    """
    quantities = {point.quantity for point in imported.points}
    section = any(
        point.quantity is Quantity.EFFICIENCY and point.cross_section_fb is None for point in imported.points
    )
    return section, quantities != {Quantity.EVENTS} and imported.luminosity_fb is None


def to_events(
    imported: Imported,
    *,
    cross_section_fb: float | None = None,
    luminosity_fb: float | None = None,
    scale_events: bool = False,
) -> Imported:
    """Numbers of events at mu = 1, whatever the file holds.

    An efficiency (acceptance times efficiency) is multiplied by cross section and luminosity, a visible cross
    section by the luminosity; uncertainties with them, simulated events not. Numbers of events stay as they
    are.

    Args:
        imported: as read; it is not changed.
        cross_section_fb: in fb, for every point, instead of what the file says; ``None`` takes that of each.
        luminosity_fb: in 1/fb; ``None`` takes that of the file.
        scale_events: whether numbers of events are scaled from the luminosity of the file to the given one.
            Without it a difference is only told.

    Returns:
        The same with events, and with sentences that say what was done.

    Raises:
        SignalError: if a cross section or a luminosity is missing, or an efficiency is above 1.
    """
    for what, value in (("cross section", cross_section_fb), ("luminosity", luminosity_fb)):
        if value is not None and not 0.0 < value < float("inf"):
            raise SignalError(f"the {what} is {value}, and has to be above zero")
    notes: list[str] = []
    points = tuple(
        _point(point, imported, cross_section_fb, luminosity_fb, scale_events=scale_events)
        for point in imported.points
    )
    notes += _notes(imported, cross_section_fb, luminosity_fb, scale_events=scale_events)
    unscaled = (
        imported.luminosity_fb is not None
        and not scale_events
        and all(point.quantity is Quantity.EVENTS for point in imported.points)
    )
    made_for = imported.luminosity_fb if unscaled or luminosity_fb is None else luminosity_fb
    return replace(
        imported,
        points=points,
        luminosity_fb=made_for,
        notes=(*imported.notes, *notes),
        findings=(*imported.findings, *_findings(imported)),
    )


def _findings(imported: Imported) -> Iterator[Finding]:
    """What the numbers of a file may be instead of what they are taken for."""
    if (finding := _unused_section(imported)) is not None:
        yield finding
    if (finding := _in_percent(imported)) is not None:
        yield finding


def _unused_section(imported: Imported) -> Finding | None:
    """Where cross sections stand beside numbers that need none, these may be efficiencies."""
    points = [
        point
        for point in imported.points
        if point.quantity is Quantity.EVENTS and point.cross_section_fb is not None
    ]
    if not points or imported.tool not in _BY_HAND:
        return None
    values = [region.value for point in points for region in point.regions]
    if all(value <= 1.0 for value in values) and any(values):
        return severe(
            "units",
            f"{imported.source} gives cross sections, and none of its numbers is above 1, but they are taken "
            "for events: if they are efficiencies, head them 'efficiency' or state '# unit: efficiency'",
        )
    return note(
        "unused",
        f"The cross sections in {imported.source} are not used, as its numbers are events already: if they "
        "are efficiencies, head them 'efficiency' or state '# unit: efficiency'",
    )


def _in_percent(imported: Imported) -> Finding | None:
    """Efficiencies that add up to more than all events: regions overlap, or the percent sign is missing."""
    for point in imported.points:
        total = sum(region.value for region in point.regions)
        if point.quantity is Quantity.EFFICIENCY and total > 1.0:
            # Tools write regions that overlap; a table by hand is mostly of bins that do not.
            worded = severe if imported.tool in _BY_HAND else note
            return worded(
                "units",
                f"The efficiencies of {shown(point.name, 60)} in {imported.source} add up to {total:.3g}, "
                "more than all events: that is right only if regions overlap; if they are in per cent, write "
                "12% or head them 'efficiency [%]'",
            )
    return None


def _point(
    point: ImportedPoint,
    imported: Imported,
    cross_section_fb: float | None,
    luminosity_fb: float | None,
    *,
    scale_events: bool,
) -> ImportedPoint:
    made_for = imported.luminosity_fb
    if point.quantity is Quantity.EVENTS:
        if not scale_events or luminosity_fb is None:
            return point
        if made_for is None:
            raise SignalError(
                f"{imported.source} does not say for which luminosity its events are: they cannot be scaled "
                f"to {luminosity_text(luminosity_fb)}; write '# luminosity: 139 fb-1' with its own into the "
                "file"
            )
        return point if _same(made_for, luminosity_fb) else _times(point, luminosity_fb / made_for, 1.0)
    luminosity = luminosity_fb if luminosity_fb is not None else made_for
    if luminosity is None:
        raise SignalError(
            f"{imported.source} holds {_plural(point.quantity)}, which become events with a luminosity: give "
            "it, as in '139 fb-1'"
        )
    if point.quantity is Quantity.CROSS_SECTION:
        return _times(point, luminosity, 1.0)
    section = cross_section_fb if cross_section_fb is not None else point.cross_section_fb
    if section is None:
        raise SignalError(
            f"{imported.source} holds efficiencies, which become events with the cross section of the model: "
            f"there is none for {shown(point.name, 60)}; give it, as in '12 fb'"
        )
    for region in point.regions:
        if region.value > 1.0:
            raise SignalError(
                f"{imported.source}: the efficiency of region {shown(region.region, 60)} of "
                f"{shown(point.name, 60)} is {region.value:g}, and cannot be above 1: is it in percent "
                "(write '12%'), or a number of events?"
            )
    return replace(_times(point, section, luminosity), cross_section_fb=None)  # it is in the events now


def _times(point: ImportedPoint, first: float, second: float) -> ImportedPoint:
    """Every number is multiplied as somebody would do it by hand, cross section first."""

    def scaled(value: float) -> float:
        return value * first * second

    regions = tuple(
        RegionYield(
            region.region,
            scaled(region.value),
            None if region.statistical is None else scaled(region.statistical),
            {name: (scaled(down), scaled(up)) for name, (down, up) in region.systematics.items()},
            region.uncorrelated,
            region.simulated,
        )
        for region in point.regions
    )
    return replace(point, regions=regions, quantity=Quantity.EVENTS, patch=None)


def _notes(
    imported: Imported, cross_section_fb: float | None, luminosity_fb: float | None, *, scale_events: bool
) -> list[str]:
    quantities = {point.quantity for point in imported.points}
    own = {value for point in imported.points if (value := point.cross_section_fb) is not None}
    made_for = imported.luminosity_fb
    notes = []
    differs = made_for is not None and luminosity_fb is not None and not _same(made_for, luminosity_fb)
    if Quantity.EFFICIENCY in quantities:
        sections = {cross_section_fb} if cross_section_fb is not None else own
        texts = [cross_section_text(each) for each in sorted(sections)]
        section = texts[0] if len(texts) == 1 else "the cross section of each point"
        used = luminosity_fb if luminosity_fb is not None else made_for
        notes.append(
            f"events are the efficiencies of {imported.source} times {section} times "
            f"{luminosity_text(used) if used is not None else ''}"
        )
        if cross_section_fb is not None and own - {cross_section_fb}:
            notes.append(
                f"the cross section {cross_section_text(cross_section_fb)} that was given is used, and not "
                f"that of {imported.source}"
            )
    if Quantity.CROSS_SECTION in quantities:
        used = luminosity_fb if luminosity_fb is not None else made_for
        notes.append(
            f"events are the cross sections of {imported.source} times "
            f"{luminosity_text(used) if used is not None else ''}"
        )
    if quantities == {Quantity.EVENTS}:
        if cross_section_fb is not None:
            notes.append(
                f"{imported.source} holds events already: the cross section "
                f"{cross_section_text(cross_section_fb)} is not used"
            )
        if differs and made_for is not None and luminosity_fb is not None:
            both = f"{luminosity_text(made_for)}, and {luminosity_text(luminosity_fb)}"
            notes.append(
                f"the events of {imported.source} are scaled from {both.replace(', and', ' to')}"
                if scale_events
                else f"the events of {imported.source} are for {both} is asked for: they are not scaled"
            )
    elif differs and made_for is not None and luminosity_fb is not None:
        notes.append(
            f"{imported.source} names {luminosity_text(made_for)}; {luminosity_text(luminosity_fb)} is used"
        )
    return notes


def _same(first: float, second: float) -> bool:
    return abs(first - second) <= SAME * max(first, second)


def _plural(quantity: Quantity) -> str:
    return "efficiencies" if quantity is Quantity.EFFICIENCY else "visible cross sections"
