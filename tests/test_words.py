"""Numbers, times and states as people read them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui import words
from fitgui.signs import is_harmless


@pytest.mark.parametrize(
    ("sentence", "begun"),
    [
        ("the file is damaged.", "The file is damaged."),
        ("it's gone.", "It's gone."),
        ("offline: try later.", "Offline: try later."),
        ("hepdata.90607 has versions 1 to 4.", "hepdata.90607 has versions 1 to 4."),
        ("ins1755298 is not there.", "ins1755298 is not there."),
        ("doi.org does not answer.", "doi.org does not answer."),
        ("workspace_LH.json is damaged.", "workspace_LH.json is damaged."),
        ("", ""),
    ],
)
def test_a_sentence_begins_with_a_capital_and_a_name_as_it_is_written(sentence: str, begun: str) -> None:
    assert words.capital(sentence) == begun


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0.0 s"),
        (0.0002, "1 ms"),
        (0.04, "40 ms"),
        (0.0996, "0.1 s"),
        (9.9, "9.9 s"),
        (9.96, "10 s"),
        (59.7, "1 min 00 s"),
        (200, "3 min 20 s"),
        (3900, "1 h 05 min"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("per_second", "text"),
    [
        (None, ""),
        (123.4, "123 points/s"),
        (4.21, "4.2 points/s"),
        (0.07, "4.2 points/min"),
        (0.001, "3.6 points/h"),
    ],
)
def test_speeds(per_second: float | None, text: str) -> None:
    assert words.speed(per_second) == text


@pytest.mark.parametrize(
    ("number_of_bytes", "text"),
    [
        (0, "0 B"),
        (340, "340 B"),
        (999, "999 B"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (2_620_000, "2.6 MB"),
        (52_000_000, "52 MB"),
        (2**31, "2.1 GB"),
    ],
)
def test_sizes(number_of_bytes: int, text: str) -> None:
    assert words.size(number_of_bytes) == text


def test_a_number_that_is_none_is_a_dash() -> None:
    assert [words.number(value) for value in (None, math.nan, math.inf)] == ["–"] * 3
    assert words.number(0.309874) == "0.3099"


def test_plurals() -> None:
    assert [words.count(n, "point") for n in (0, 1, 2)] == ["0 points", "1 point", "2 points"]


@given(st.floats(0, 1e7), st.floats(1e-9, 1e6))
def test_any_time_and_speed_has_words(seconds: float, per_second: float) -> None:
    assert words.duration(seconds)
    assert "points/" in words.speed(per_second)


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.0386, 0.0192, "0.039 ± 0.019"),
        (0.5, 0.0996, "0.50 ± 0.10"),
        (0.00123, 0.0000456, "0.001230 ± 0.000046"),
        (12.3, 14.0, "12 ± 14"),
        (1.0, 0.0, "1 ± 0"),
        (0.5, None, "0.5"),
        (None, None, "–"),
        (math.nan, 0.1, "–"),
    ],
)
def test_a_measured_number_has_the_digits_of_its_error(
    value: float | None, error: float | None, text: str
) -> None:
    assert words.with_error(value, error) == text


@given(
    value=st.one_of(st.floats(1e-8, 1e3), st.floats(0.0499, 0.0501), st.floats(0.999, 1.001)),
    threshold=st.sampled_from([0.05, 1.0, 1.6448536269514722]),
    decimals=st.sampled_from([None, 1]),
)
def test_rounding_takes_no_number_across_its_threshold(
    value: float, threshold: float, decimals: int | None
) -> None:
    text = words.beside(value, threshold, decimals=decimals)
    if text.startswith(("<", ">")):
        assert (value < threshold) == text.startswith("<")
        assert value == pytest.approx(threshold, abs=1e-3)
    elif value != threshold:
        assert (float(text) < threshold) == (value < threshold)
        assert float(text) != threshold
        assert float(text) == pytest.approx(value, rel=0.051, abs=0.051 if decimals else 1e-9)


@pytest.mark.parametrize(
    ("value", "threshold", "text"),
    [
        (0.048, 0.05, "0.048"),
        (0.0523, 0.05, "0.052"),
        (0.0497, 0.05, "0.0497"),
        (0.05, 0.05, "0.05"),
        (0.04999999, 0.05, "<0.05"),
        (0.984, 1.0, "0.98"),
        (0.996, 1.0, "0.996"),
        (1.02, 1.0, "1.02"),
        (2.54, 1.0, "2.5"),
        (153.4, 1.0, "153"),
    ],
)
def test_a_number_has_the_digits_that_decide(value: float, threshold: float, text: str) -> None:
    assert words.beside(value, threshold) == text


def test_spaces_of_any_width_are_harmless_and_signs_that_rule_a_terminal_are_not() -> None:
    assert all(map(is_harmless, " \u00a0\u202f\u2009aµ²"))
    assert not any(map(is_harmless, "\x00\x1b\n\u202e\u2028\u200b"))
