"""Signals as CSV or JSON files that read back to the same numbers."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from fitgui.pallets.reading.names import shown
from fitgui.reinterpretation.formats.documents.json_shape import SCHEMA
from fitgui.reinterpretation.model import BinRef, Events, Signal, SignalError, Systematic, Target
from fitgui.whole_files import write_whole

Form = Literal["auto", "long", "wide"]
"""Of a CSV file: a line for each region, or one for each model point; ``auto`` takes the second for several
points without systematic uncertainties."""
_PLAIN = re.compile(r"[\w.\-\[\]()]+")
"""A name that can stand in a list of names in a comment."""


def write_signals(
    path: Path | str, target: Target, signals: Sequence[Signal], *, form: Form = "auto"
) -> None:
    """Write signals to a file: JSON where its name ends so, else CSV.

    Yields and uncertainties are written with all digits. Operations of an imported patch are not, nor is
    whether the luminosity applies.

    Args:
        path: of the file; an earlier one is replaced when the new one is whole.
        target: that the signals are for.
        signals: at least one, with different names.
        form: of a CSV file.

    Raises:
        SignalError: if a signal cannot be written, or the file.
    """
    kind: Literal["csv", "json"] = "json" if str(path).lower().endswith(".json") else "csv"
    text = signals_text(target, signals, kind, form=form)
    save(path, text)


def save(path: Path | str, text: str) -> None:
    """Write a text so that the file is either whole or not there.

    Raises:
        SignalError: if it cannot be written.
    """
    try:
        write_whole(Path(path), text.encode("utf-8"))
    except OSError as error:
        raise SignalError(f"cannot write {path}: {error.strerror or error}; choose another place") from error


def signals_text(
    target: Target, signals: Sequence[Signal], kind: Literal["csv", "json"], *, form: Form = "auto"
) -> str:
    """What :func:`write_signals` writes.

    Raises:
        SignalError: if there are none, two have one name, or one does not fit to the target.
    """
    if not signals:
        raise SignalError("there is no signal to be written")
    names: set[str] = set()
    for signal in signals:
        if signal.name in names:
            raise SignalError(f"two signals are called {shown(signal.name, 60)}: give them different names")
        names.add(signal.name)
        _check(target, signal)
    if kind == "json":
        return _json(target, signals)
    wide = form == "wide" or (
        form == "auto" and len(signals) > 1 and not any(one.systematics or one.simulated for one in signals)
    )
    return _wide(target, signals) if wide else _long(target, signals)


def heading(target: Target) -> str:
    """What a file is for, in words."""
    return f"Signal yields for {shown(target.pallet, 100)}, {shown(target.analysis.name, 100)}"


def luminosity_line(target: Target) -> str:
    """``139 fb-1``; empty where it is not known."""
    return "" if target.luminosity_fb is None else f"{target.luminosity_fb:.10g} fb-1"


def labels_of(signals: Sequence[Signal]) -> tuple[str, ...]:
    """Of all coordinates, each once, in order of appearance."""
    return tuple(dict.fromkeys(label for signal in signals for label in signal.values))


def _check(target: Target, signal: Signal) -> None:
    bins = {channel.name: channel.bins for channel in target.channels}
    where = f"the signal {shown(signal.name, 60)}"
    if not any(signal.yields.values()):
        raise SignalError(f"{where} has no yields")
    for events in _all_events(signal):
        for channel, values in events.items():
            if channel not in signal.yields:
                raise SignalError(f"{where} has uncertainties, and no yields, in {shown(channel, 60)}")
            if bins.get(channel) != len(values):
                raise SignalError(
                    f"{where} has {len(values)} bins in {shown(channel, 60)}, and {target.pallet} has "
                    f"{bins.get(channel, 'no such channel')}"
                )
            if not all(map(math.isfinite, values)):
                raise SignalError(f"{where} has no number in a bin of {shown(channel, 60)}")


def _all_events(signal: Signal) -> Iterator[Mapping[str, Events]]:
    yield signal.yields
    yield signal.statistical
    yield signal.simulated
    for one in signal.systematics:
        yield one.up
        yield one.down


def _number(value: float) -> str:
    return repr(float(value))


def _at(events: Mapping[str, Events], place: BinRef) -> str:
    values = events.get(place.channel)
    return "" if values is None else _number(values[place.bin])


@dataclass(frozen=True, slots=True)
class _Shift:
    """A column of a systematic uncertainty."""

    name: str
    correlated: bool
    side: str

    @property
    def heading(self) -> str:
        kind = "syst" if self.correlated else "uncorrelated"
        return f"{kind}:{self.name}{':' + self.side if self.side else ''}"

    def cell(self, signal: Signal, place: BinRef) -> str:
        """Empty where the signal does not have it there."""
        one = next(
            (s for s in signal.systematics if s.name == self.name and s.correlated == self.correlated), None
        )
        if one is None or (place.channel not in one.up and place.channel not in one.down):
            return ""
        return _at(one.down if self.side == "down" else one.up, place) or "0.0"


def _shifts(signals: Sequence[Signal]) -> list[_Shift]:
    sides: dict[tuple[str, bool], bool] = {}
    for signal in signals:
        for one in signal.systematics:
            key = (one.name, one.correlated)
            sides[key] = sides.get(key, True) and _is_symmetric(one)
    return [
        _Shift(name, correlated, side)
        for (name, correlated), symmetric in sides.items()
        for side in (("",) if symmetric else ("up", "down"))
    ]


def _is_symmetric(one: Systematic) -> bool:
    return one.up.keys() == one.down.keys() and all(
        up == -down for channel in one.up for up, down in zip(one.up[channel], one.down[channel], strict=True)
    )


def _comments(target: Target, *lines: str) -> list[str]:
    luminosity = luminosity_line(target)
    return [
        f"# {heading(target)}",
        "# unit: events",
        *([f"# luminosity: {luminosity}"] if luminosity else []),
        *(f"# {line}" for line in lines),
    ]


def _coordinate(value: float | str | None) -> str:
    return "" if value is None else value if isinstance(value, str) else _number(value)


def _table(comments: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    out.writelines(f"{line}\n" for line in comments)
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _long(target: Target, signals: Sequence[Signal]) -> str:
    labels, shifts = labels_of(signals), _shifts(signals)
    statistical = any(signal.statistical for signal in signals)
    simulated = any(signal.simulated for signal in signals)
    rows = [
        [
            "point",
            *(f"param:{label}" for label in labels),
            "region",
            "yield",
            *(["stat"] if statistical else []),
            *(shift.heading for shift in shifts),
            *(["simulated"] if simulated else []),
        ]
    ]
    for signal in signals:
        begin = [signal.name, *(_coordinate(signal.values.get(label)) for label in labels)]
        rows += [
            [
                *begin,
                target.text(place),
                _at(signal.yields, place),
                *([_at(signal.statistical, place)] if statistical else []),
                *(shift.cell(signal, place) for shift in shifts),
                *([_at(signal.simulated, place)] if simulated else []),
            ]
            for place in target.bins()
            if place.channel in signal.yields
        ]
    return _table(_comments(target), rows)


def _wide(target: Target, signals: Sequence[Signal]) -> str:
    labels, shifts = labels_of(signals), _shifts(signals)
    used = {channel for signal in signals for channel in signal.yields}
    places = [place for place in target.bins() if place.channel in used]
    extra: list[tuple[str, BinRef, Any]] = []
    for place in places:
        region = target.text(place)
        if any(place.channel in signal.statistical for signal in signals):
            extra.append((f"stat:{region}", place, "statistical"))
        if any(place.channel in signal.simulated for signal in signals):
            extra.append((f"simulated:{region}", place, "simulated"))
        extra += [(f"{shift.heading}:{region}", place, shift) for shift in shifts]
    # Every column says what it is: parameters by a prefix, regions in a list, or by a prefix, too.
    regions = [target.text(place) for place in places]
    listed = len(regions) > 1 and all(_PLAIN.fullmatch(region) for region in regions)
    rows = [
        [
            "name",
            *(f"param:{label}" for label in labels),
            *(region if listed else f"yield:{region}" for region in regions),
            *(column for column, _place, _what in extra),
        ]
    ]
    rows += [
        [
            signal.name,
            *(_coordinate(signal.values.get(label)) for label in labels),
            *(_at(signal.yields, place) for place in places),
            *(
                what.cell(signal, place) if isinstance(what, _Shift) else _at(getattr(signal, what), place)
                for _column, place, what in extra
            ),
        ]
        for signal in signals
    ]
    return _table(_comments(target, *([f"regions: {', '.join(regions)}"] if listed else [])), rows)


def _json(target: Target, signals: Sequence[Signal]) -> str:
    top: dict[str, Any] = {"schema": SCHEMA, "about": heading(target), "quantity": "events"}
    if luminosity := luminosity_line(target):
        top["luminosity"] = luminosity
    if labels := labels_of(signals):
        top["parameters"] = list(labels)
    lines = [json.dumps(_point(target, signal), ensure_ascii=False, allow_nan=False) for signal in signals]
    begin = json.dumps(top, ensure_ascii=False, indent=1)[:-2]
    return begin + ',\n "points": [\n  ' + ",\n  ".join(lines) + "\n ]\n}\n"


def _whole(events: Mapping[str, Events], others: Mapping[str, Events]) -> dict[str, Events]:
    """With 0 in channels that change in the other direction only."""
    return {channel: (0.0,) * len(values) for channel, values in others.items()} | dict(events)


def _point(target: Target, signal: Signal) -> dict[str, Any]:
    def listed(events: Mapping[str, Events]) -> dict[str, list[float]]:
        return {
            channel.name: [float(value) for value in events[channel.name]]
            for channel in target.channels
            if channel.name in events
        }

    point: dict[str, Any] = {"name": signal.name}
    if signal.values:
        point["values"] = dict(signal.values)
    point["yields"] = listed(signal.yields)
    if signal.statistical:
        point["statistical"] = listed(signal.statistical)
    if signal.systematics:
        point["systematics"] = {
            one.name: (
                {"symmetric": listed(one.up)}
                if _is_symmetric(one)
                else {"up": listed(_whole(one.up, one.down)), "down": listed(_whole(one.down, one.up))}
            )
            | ({} if one.correlated else {"correlated": False})
            for one in signal.systematics
        }
    if signal.simulated:
        point["simulated"] = listed(signal.simulated)
    return point
