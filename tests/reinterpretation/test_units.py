"""Cross sections and luminosities with their units, and what becomes of efficiencies."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.reinterpretation.model import Imported, ImportedPoint, Quantity, RegionYield, SignalError
from fitgui.reinterpretation.normalising import needs, to_events
from fitgui.reinterpretation.reading import read_signals
from fitgui.reinterpretation.units import (
    cross_section,
    cross_section_text,
    femtobarns,
    luminosity,
    luminosity_text,
)

SECTIONS = {
    "12 fb": 12.0,
    "0.35pb": 350.0,
    "0.0123 pb": 12.3,
    "1.2e-3 nb": 1200.0,
    "5 ub": 5e9,
    "5 µb": 5e9,
    "3 mb": 3e12,
    "12 ab": 0.012,
    "1 b": 1e15,
    "12 FB": 12.0,
    "12 femtobarn": 12.0,
    "  .5  [pb] ": 500.0,
}
LUMINOSITIES = (
    *("139 fb-1", "139 fb^-1", "139 fb^{-1}", "139fb⁻¹", "139 fb−1", "139 fb$^{-1}$", "139 fb**-1"),
    *(
        "139/fb",
        "139 / fb",
        "139 1/fb",
        "139 ifb",
        "139 invfb",
        "139 inverse fb",
        "139000 pb-1",
        "0.139 ab^-1",
    ),
    *("139 [fb^-1]", "139 (fb-1)", "139.0 /fb", "1.39e2 fb^(-1)"),
)


@pytest.mark.parametrize(("text", "value"), SECTIONS.items())
def test_cross_sections_are_read_with_their_unit(text: str, value: float) -> None:
    assert cross_section(text) == value


@pytest.mark.parametrize("text", LUMINOSITIES)
def test_luminosities_are_read_however_they_are_written(text: str) -> None:
    assert luminosity(text) == 139.0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("12", "write '12 fb' or '12 pb'"),
        ("12 fb-1", "is a luminosity"),
        ("139/fb", "is a luminosity"),
        ("12 ifb", "is a luminosity"),
        ("1,234.5 fb", "has a comma"),
        ("0,5 pb", "has a comma"),
        ("-3 fb", "not above zero"),
        ("0 fb", "not above zero"),
        ("1e400 fb", "not above zero"),
        ("nan fb", "is not a cross section"),
        ("inf pb", "is not a cross section"),
        ("12 GeV", "is not a cross section"),
        ("12 Mb", "not known"),
        ("12 xb", "not known"),
        ("", "is not a cross section"),
    ],
)
def test_a_cross_section_that_is_none_is_refused_with_what_to_write(text: str, says: str) -> None:
    with pytest.raises(SignalError, match=says) as caught:
        cross_section(text)
    assert "fb" in str(caught.value) or "pb" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("139", "write '139 fb-1'"),
        ("139 fb", "is a cross section"),
        ("139 pb", "is a cross section"),
        ("0 fb-1", "not above zero"),
        ("-1/fb", "not above zero"),
        ("139,0 fb-1", "has a comma"),
        ("139 xb-1", "not known"),
        ("Run 2", "is not a luminosity"),
    ],
)
def test_a_luminosity_that_is_none_is_refused_with_what_to_write(text: str, says: str) -> None:
    with pytest.raises(SignalError, match=says):
        luminosity(text)


@given(st.floats(1e-12, 1e12), st.sampled_from(["ab", "fb", "pb", "nb", "ub", "mb"]))
def test_units_scale_exactly(value: float, unit: str) -> None:
    factor = femtobarns(unit)
    assert factor is not None
    assert math.isclose(cross_section(f"{value!r} {unit}"), value * factor, rel_tol=1e-15)
    assert math.isclose(luminosity(f"{value!r} {unit}-1"), value / factor, rel_tol=1e-15)
    assert cross_section(f"{value!r} fb") == value
    assert luminosity(f"{value!r}/fb") == value


@given(st.floats(1e-3, 1e12))
def test_what_is_shown_can_be_written_again(value: float) -> None:
    assert math.isclose(cross_section(cross_section_text(value)), value, rel_tol=1e-5)
    assert math.isclose(luminosity(luminosity_text(value)), value, rel_tol=1e-5)


def imported(
    quantity: Quantity, value: float, *, section: float | None = None, lumi: float | None = None
) -> Imported:
    region = RegionYield("SR", value, value / 10, {"JES": (-value / 20, value / 5)}, frozenset(), 250.0)
    point = ImportedPoint("p", {}, (region,), quantity, section)
    return Imported("csv", "my.csv", "", (), (point,), lumi)


def test_an_efficiency_becomes_events_by_cross_section_and_luminosity() -> None:
    read = imported(Quantity.EFFICIENCY, 0.25, section=12.0, lumi=139.0)
    assert needs(read) == (False, False)
    done = to_events(read)
    (region,) = done.points[0].regions
    assert region.value == 0.25 * 12 * 139
    assert region.statistical == pytest.approx(region.value / 10)
    assert region.systematics["JES"] == pytest.approx((-region.value / 20, region.value / 5))
    assert region.simulated == 250.0
    assert done.points[0].quantity is Quantity.EVENTS
    assert "12 fb" in done.notes[-1]
    assert "139 fb⁻¹" in done.notes[-1]
    assert to_events(done).points == done.points


def test_what_is_given_counts_more_than_the_file_and_is_said() -> None:
    read = imported(Quantity.EFFICIENCY, 0.25, section=12.0, lumi=36.1)
    done = to_events(read, cross_section_fb=10.0, luminosity_fb=100.0)
    assert done.points[0].regions[0].value == 250.0
    assert done.luminosity_fb == 100.0
    said = " ".join(done.notes)
    assert "10 fb" in said
    assert "not that of my.csv" in said
    assert "36.1 fb⁻¹" in said


def test_a_visible_cross_section_needs_a_luminosity_only() -> None:
    read = imported(Quantity.CROSS_SECTION, 0.5)
    assert needs(read) == (False, True)
    with pytest.raises(SignalError, match="luminosity: give it, as in '139 fb-1'"):
        to_events(read, cross_section_fb=12.0)
    assert to_events(read, luminosity_fb=10.0).points[0].regions[0].value == 5.0


def test_what_is_missing_is_asked_for_by_name() -> None:
    read = imported(Quantity.EFFICIENCY, 0.25, lumi=139.0)
    assert needs(read) == (True, False)
    with pytest.raises(
        SignalError, match="cross section of the model: there is none for p; give it, as in '12 fb'"
    ):
        to_events(read)


def test_an_efficiency_above_one_is_refused() -> None:
    read = imported(Quantity.EFFICIENCY, 12.0, section=12.0, lumi=139.0)
    with pytest.raises(SignalError, match="efficiency of region SR of p is 12, and cannot be above 1"):
        to_events(read)


def test_events_are_scaled_only_when_asked() -> None:
    read = imported(Quantity.EVENTS, 5.0, lumi=36.1)
    left = to_events(read, luminosity_fb=139.0)
    assert left.points == read.points
    assert left.luminosity_fb == 36.1
    assert "36.1 fb⁻¹, and 139 fb⁻¹ is asked for: they are not scaled" in left.notes[-1]
    scaled = to_events(read, luminosity_fb=139.0, scale_events=True)
    assert scaled.points[0].regions[0].value == pytest.approx(5.0 * 139.0 / 36.1)
    assert scaled.points[0].regions[0].simulated == 250.0
    assert scaled.luminosity_fb == 139.0
    with pytest.raises(SignalError, match="does not say for which luminosity"):
        to_events(replace(read, luminosity_fb=None), luminosity_fb=139.0, scale_events=True)


def test_a_cross_section_beside_events_is_not_used_and_that_is_said() -> None:
    done = to_events(imported(Quantity.EVENTS, 5.0), cross_section_fb=12.0)
    assert done.points[0].regions[0].value == 5.0
    assert "not used" in done.notes[-1]


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
def test_numbers_that_are_no_luminosity_are_refused(value: float) -> None:
    with pytest.raises(SignalError, match="above zero"):
        to_events(imported(Quantity.EVENTS, 5.0), luminosity_fb=value)


def test_cross_sections_beside_events_are_said_to_be_unused() -> None:
    def read(values: str) -> tuple[bool, ...]:
        (imported,) = read_signals(("x.csv", f"m1,cross section [pb],SR1,SR2\n1,0.1,{values}\n"))
        found = to_events(imported).findings
        assert all("head them 'efficiency'" in each.sentence for each in found)
        return tuple(each.severe for each in found)

    assert read("3,4") == (False,)
    assert read("0.3,0.4") == (True,)
    (certain,) = read_signals(("x.csv", "m1,SR1,SR2\n1,0.3,0.4\n"))
    assert not to_events(certain).findings


def test_efficiencies_that_add_up_to_more_than_all_events() -> None:
    def read(text: str) -> list[bool]:
        (imported,) = read_signals(("x.csv", text))
        found = to_events(imported, cross_section_fb=1.0, luminosity_fb=139.0).findings
        assert all("add up to 1.8" in each.sentence for each in found)
        return [each.severe for each in found]

    assert read("# unit: efficiency\nSR1,SR2\n0.9,0.9\n") == [True]
    assert read("# unit: efficiency\nSR1,SR2\n0.5,0.3\n") == []
    assert read("SR,events,acceptance,err\nAll,10,10,10\nSR1,9,0.9,0.3\nincl,9,0.9,0.3\n") == [False]
