"""Whatever a file holds, there comes a result or a sentence; and what tools write reads back as it was."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgui.reinterpretation.formats import texts
from fitgui.reinterpretation.formats.tools import (
    checkmate,
    literals,
    madanalysis,
    saf,
    simpleanalysis,
    smodels,
)
from fitgui.reinterpretation.model import BinRef, Imported, Signal, SignalError
from fitgui.reinterpretation.reading import TOOLS, read_signals, recognise
from tests.reinterpretation import tool_writers
from tests.reinterpretation.targets import example_target
from tests.reinterpretation.test_formats_tools import NAMES, NORM, SIGNAL, only_point, values_of
from tests.reinterpretation.test_reading import outputs
from tests.reinterpretation.tool_writers import Normalisation

SEEDS = [text.encode() for text in outputs().values()] + [
    tool_writers.saf(0.01, 0.001, 100).encode(),
    tool_writers.embaked([((300.0, 100.0), SIGNAL)], NAMES, NORM).encode(),
    tool_writers.checkmate_dat(SIGNAL, NAMES, NORM).encode(),
    b"SRa: 0.1\nSRb: 1e-3\n",
    b"{'SRa': 0.1, 'SRb': 1e-3}",
]
SPLICES = [
    b"\n",
    b",",
    b"  ",
    b"nan",
    b"inf",
    b"-1",
    b"1e999",
    b"\0",
    b"\xff",
    b"{",
    b"]",
    b'"',
    b"'",
    b"||",
    b"#",
    b"",
    b"__",
]


def answers(data: bytes) -> None:
    """There is a result or a sentence, for the tool that is recognised and for each that might be said."""
    target = example_target()
    for tool in (None, *TOOLS):
        try:
            found = read_signals(("some.txt", data), tool=tool, target=target)
        except SignalError as error:
            said = str(error)
            found = ()
        else:
            said = "a result"
            assert found
        assert said
        assert "\n" not in said
        for imported in found:
            assert imported.points
            for point in imported.points:
                names = [region.region for region in point.regions]
                assert len(set(names)) == len(names)
                assert all(math.isfinite(region.value) for region in point.regions)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    answers(data)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    answers(text.encode("utf-8", "surrogatepass"))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """The output of a tool, changed in a few places."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(data)))
        if draw(st.booleans()):
            del data[place : place + draw(st.integers(1, 40))]
        else:
            data[place : place + draw(st.integers(0, 12))] = draw(st.sampled_from(SPLICES))
    return bytes(data)


@settings(max_examples=150, deadline=None)
@given(damaged())
def test_damaged_outputs(data: bytes) -> None:
    answers(data)


LITERALS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4) | st.integers(), inner, max_size=3)
        | st.tuples(inner, inner)
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(LITERALS)
def test_literals_are_what_python_wrote(value: object) -> None:
    assert repr(literals.literal(f"x = 1\nvalue = {value!r}\n", "value")) == repr(value)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="()[]{}'\":,+-*.0aeinf \n\\", max_size=60))
def test_what_is_no_literal_is_refused(text: str) -> None:
    with suppress(literals.NotLiteralError):
        literals.literal(text)


NUMBERS = st.floats(0, 1e4, allow_nan=False, width=32).map(
    lambda value: 0.0 if value < 1e-6 else float(value)
)


@st.composite
def signals(draw: st.DrawFn) -> Signal:
    """Yields and uncertainties in the bins that have names."""
    events = {place: draw(NUMBERS) for place in NAMES}
    errors = {place: draw(NUMBERS) if events[place] else 0.0 for place in NAMES}

    def by_channel(values: dict[BinRef, float]) -> dict[str, tuple[float, ...]]:
        found: dict[str, list[float]] = {}
        for place, value in values.items():
            found.setdefault(place.channel, []).append(value)
        return {channel: tuple(each) for channel, each in found.items()}

    return replace(SIGNAL, yields=by_channel(events), statistical=by_channel(errors))


def read_saf(signal: Signal) -> tuple[Imported, ...]:
    """All cut-flows of a signal, as one point."""
    regions = tuple(
        saf.region_of(tool_writers.saf(events / NORM.events, error / NORM.events, count), f"{name}.saf")
        for name, events, error, count in tool_writers.places(signal, NAMES)
    )
    (imported,) = saf.read(tool_writers.saf(0.1, 0.1, 1), "x.saf")
    return (replace(imported, points=(replace(imported.points[0], regions=regions),)),)


FORMATS: dict[str, tuple[Callable[[Signal], tuple[Imported, ...]], float, float]] = {
    "simpleanalysis": (
        lambda signal: simpleanalysis.read(tool_writers.simpleanalysis(signal, NAMES, NORM), "x.txt"),
        NORM.events,
        1e-5,
    ),
    "checkmate": (
        lambda signal: checkmate.read(tool_writers.checkmate({"a_1": (signal, NAMES)}), "total_results.txt"),
        1.0,
        1e-15,
    ),
    "checkmate dat": (
        lambda signal: checkmate.read(tool_writers.checkmate_dat(signal, NAMES, NORM), "a_signal.dat"),
        1.0,
        1e-9,
    ),
    "saf": (read_saf, NORM.events, 1e-6),
}


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=40, deadline=None)
@given(signal=signals())
def test_what_tools_write_reads_back(name: str, signal: Signal) -> None:
    read, unit, digits = FORMATS[name]
    point = only_point(read(signal))
    for region, (called, events, error, _count) in zip(
        sorted(point.regions, key=lambda region: region.region),
        sorted(tool_writers.places(signal, NAMES)),
        strict=True,
    ):
        assert region.region == called
        assert region.value * unit == pytest.approx(events, rel=digits)
        assert (region.statistical or 0.0) * unit == pytest.approx(error if events else 0.0, rel=digits)


@settings(max_examples=40, deadline=None)
@given(signals())
def test_formats_without_uncertainties_read_back(signal: Signal) -> None:
    expected = {name: events for name, events, _error, _count in tool_writers.places(signal, NAMES)}
    point = only_point(madanalysis.read(tool_writers.madanalysis([signal], NAMES, NORM), "s.dat"))
    assert {name: NORM.events * value for name, value in values_of(point).items()} == pytest.approx(
        expected, abs=NORM.events * 6e-8
    )
    point = only_point(smodels.read(tool_writers.smodels_output(signal, NAMES, NORM), "s.py"))
    assert {name: NORM.luminosity_fb * value for name, value in values_of(point).items()} == pytest.approx(
        expected
    )
    wide = Normalisation(1e3, 139.0)
    point = only_point(smodels.read(tool_writers.embaked([((1.0, 2.0), signal)], NAMES, wide), "s.embaked"))
    assert {name: wide.events * value for name, value in values_of(point).items()} == pytest.approx(expected)


def test_recognising_is_a_matter_of_content() -> None:
    for data in SEEDS:
        assert recognise("a.json", data) == recognise("b.txt", data) is not None


@given(st.lists(st.integers(0, 10**6), unique=True, max_size=8))
def test_names_are_sorted_as_people_do(numbers: list[int]) -> None:
    names = sorted((f"m_{number}" for number in numbers), key=texts.natural)
    assert names == [f"m_{number}" for number in sorted(numbers)]


def test_json_of_a_patch_set_in_other_encodings() -> None:
    text = json.dumps(json.loads(outputs()["pyhf"]), indent=2)
    for encoding in ("utf-8-sig", "utf-16"):
        (imported,) = read_signals(("p.json", text.encode(encoding)), target=example_target())
        assert len(imported.points) == 2
