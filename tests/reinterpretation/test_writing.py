"""Signals that were written read back to the same numbers, bit for bit."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgui.reinterpretation.formats.documents import plain_json
from fitgui.reinterpretation.formats.tables import plain_csv
from fitgui.reinterpretation.mapping.placing import signal_of
from fitgui.reinterpretation.mapping.proposing import propose
from fitgui.reinterpretation.model import Events, Imported, Signal, SignalError, Systematic, Target
from fitgui.reinterpretation.reading import read_signals
from fitgui.reinterpretation.target.published import signal_of_point
from fitgui.reinterpretation.writing import Form, signals_text, write_signals
from tests.reinterpretation.targets import ONE_LEPTON, STAU, example_target, real_target

WAYS: list[tuple[Literal["csv", "json"], Form]] = [("csv", "long"), ("csv", "wide"), ("json", "auto")]
"""Kind and form of a file."""
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=64)
NOT_NEGATIVE = st.floats(0.0, 1e300)
SIZES = st.floats(0.0, 1e100)
"""Of uncertainties that bins have for themselves: their sign means nothing."""
WORDS = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,8}", fullmatch=True)


def read_back(text: str, kind: str, target: Target) -> list[Signal]:
    reader = plain_csv.read if kind == "csv" else plain_json.read
    (imported,) = reader(text, f"mine.{kind}")
    return placed(imported, target)


def placed(imported: Imported, target: Target) -> list[Signal]:
    region_map = propose(imported, target)
    return [signal_of(point, region_map, target) for point in imported.points]


def plain(signal: Signal) -> dict[str, Any]:
    """What has to come back, in a form that can be compared: no names of bins without numbers."""
    return {
        "name": signal.name,
        "values": dict(signal.values),
        "yields": dict(signal.yields),
        "statistical": dict(signal.statistical),
        "simulated": dict(signal.simulated),
        "systematics": {
            (one.name, one.correlated): {
                channel: (
                    one.down.get(channel, (0.0,) * len(signal.yields[channel])),
                    one.up.get(channel, (0.0,) * len(signal.yields[channel])),
                )
                for channel in one.up.keys() | one.down.keys()
            }
            for one in signal.systematics
        },
    }


@st.composite
def some_signals(draw: st.DrawFn) -> list[Signal]:
    channels = [(channel.name, channel.bins) for channel in example_target().channels]
    labels = draw(
        st.lists(
            WORDS.filter(lambda word: word.lower() not in ("nan", "inf", "infinity")), max_size=2, unique=True
        )
    )
    words = [draw(st.booleans()) for _label in labels]
    names = draw(st.lists(WORDS, min_size=1, max_size=3, unique=True))

    def events(numbers: st.SearchStrategy[float], within: list[tuple[str, int]]) -> dict[str, Events]:
        used = draw(st.lists(st.sampled_from(within), unique=True)) if within else []
        return {name: tuple(draw(numbers) for _bin in range(bins)) for name, bins in used}

    signals = []
    for name in names:
        filled = draw(st.lists(st.sampled_from(channels), min_size=1, unique=True))
        systematics = []
        for systematic in draw(st.lists(WORDS, max_size=2, unique=True)):
            own = draw(st.booleans())
            up = events(SIZES if own else NUMBERS, filled)
            negated = {channel: tuple(-value for value in values) for channel, values in up.items()}
            down = negated if own or draw(st.booleans()) else events(NUMBERS, filled)
            if up or down:
                systematics.append(Systematic(systematic, up, down, correlated=not own))
        signals.append(
            Signal(
                name,
                {label: draw(WORDS if word else NUMBERS) for label, word in zip(labels, words, strict=True)},
                {channel: tuple(draw(NUMBERS) for _bin in range(bins)) for channel, bins in filled},
                events(NOT_NEGATIVE, filled),
                tuple(systematics),
                events(NOT_NEGATIVE, filled),
            )
        )
    return signals


@pytest.mark.parametrize(("kind", "form"), WAYS)
@settings(max_examples=40, deadline=None)
@given(signals=some_signals())
def test_any_signals_come_back_as_they_were(
    kind: Literal["csv", "json"], form: Form, signals: list[Signal]
) -> None:
    target = example_target()
    back = read_back(signals_text(target, signals, kind, form=form), kind, target)
    assert [plain(signal) for signal in back] == [plain(signal) for signal in signals]


@pytest.mark.parametrize(("kind", "form"), WAYS)
@pytest.mark.parametrize(("file", "analysis"), [(STAU, "Region-combined"), (ONE_LEPTON, "BkgOnly")])
def test_published_signals_come_back_with_all_uncertainties(
    real_pallets: Path, file: str, analysis: str, kind: Literal["csv", "json"], form: Form
) -> None:
    target = real_target(real_pallets, file, analysis)
    signals = [signal_of_point(target, point) for point in target.analysis.points[:4]]
    assert any(signal.systematics for signal in signals)
    back = read_back(signals_text(target, signals, kind, form=form), kind, target)
    assert [plain(signal) for signal in back] == [plain(signal) for signal in signals]


def test_files_are_found_out_by_their_content(tmp_path: Path) -> None:
    target = example_target()
    signal = signal_of_point(target, target.analysis.points[0])
    for name, tool in (("a.csv", "csv"), ("a.json", "json"), ("a.txt", "csv")):
        write_signals(tmp_path / name, target, [signal])
        (imported,) = read_signals(tmp_path / name)
        assert imported.tool == tool
        assert plain(placed(imported, target)[0]) == plain(signal)


def test_many_points_without_uncertainties_are_a_line_each() -> None:
    target = example_target()
    signals = [Signal(f"p{at}", {"m": float(at)}, {"SR": (1.0, 2.0, at / 3)}) for at in range(5)]
    text = signals_text(target, signals, "csv")
    assert len([line for line in text.splitlines() if not line.startswith("#")]) == 6
    assert [plain(signal) for signal in read_back(text, "csv", target)] == [
        plain(signal) for signal in signals
    ]


SIGNAL = Signal("p", {}, {"SR": (1.0, 2.0, 3.0)})


@pytest.mark.parametrize(
    ("signals", "says"),
    [
        ([], "no signal"),
        ([SIGNAL, SIGNAL], "two signals are called p"),
        ([replace(SIGNAL, yields={})], "has no yields"),
        ([replace(SIGNAL, yields={"SR": (1.0,)})], "has 1 bins in SR, and .* has 3"),
        ([replace(SIGNAL, yields={"XR": (1.0,)})], "no such channel"),
        ([replace(SIGNAL, yields={"SR": (1.0, math.nan, 3.0)})], "has no number in a bin of SR"),
        ([replace(SIGNAL, statistical={"CR_W": (1.0, 1.0, 1.0)})], "uncertainties, and no yields, in CR_W"),
    ],
)
def test_signals_that_could_not_be_read_are_not_written(signals: list[Signal], says: str) -> None:
    for kind in ("csv", "json"):
        with pytest.raises(SignalError, match=says):
            signals_text(example_target(), signals, kind)  # type: ignore[arg-type]


def test_a_file_that_cannot_be_written_is_said_and_the_old_one_stays(tmp_path: Path) -> None:
    with pytest.raises(SignalError, match="cannot write"):
        write_signals(tmp_path / "nowhere" / "a.csv", example_target(), [SIGNAL])
    path = tmp_path / "a.csv"
    path.write_text("precious", encoding="utf-8")
    with pytest.raises(SignalError):
        write_signals(path, example_target(), [])
    assert path.read_text(encoding="utf-8") == "precious"
