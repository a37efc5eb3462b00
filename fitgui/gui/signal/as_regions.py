"""A signal of the form under the names of its bins, as if a file had brought it: for other analyses."""

from __future__ import annotations

from typing import Final

from fitgui.reinterpretation.model import BinRef, Imported, ImportedPoint, RegionYield, Signal, Target

FORM_TOOL: Final = "form"


def as_imported(signal: Signal, target: Target) -> Imported:
    """The bins of a signal as regions, with all of its uncertainties.

    Args:
        signal: of the target.
        target: its analysis.
    """
    regions = tuple(
        _region(signal, target, place) for place in target.bins() if place.channel in signal.yields
    )
    point = ImportedPoint(signal.name, signal.values, regions)
    return Imported(
        tool=FORM_TOOL,
        source="your signal",
        analysis=target.analysis.name,
        labels=tuple(signal.values),
        points=(point,),
    )


def _region(signal: Signal, target: Target, place: BinRef) -> RegionYield:
    def of(events: object) -> float | None:
        return events[place.bin] if isinstance(events, tuple) else None

    systematics = {}
    for one in signal.systematics:
        up, down = of(one.up.get(place.channel)), of(one.down.get(place.channel))
        if up is not None or down is not None:
            systematics[one.name] = (down or 0.0, up or 0.0)
    return RegionYield(
        region=target.text(place),
        value=signal.yields[place.channel][place.bin],
        statistical=of(signal.statistical.get(place.channel)),
        systematics=systematics,
        uncorrelated=frozenset(
            one.name for one in signal.systematics if not one.correlated and one.name in systematics
        ),
        simulated=of(signal.simulated.get(place.channel)),
    )
