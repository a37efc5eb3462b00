"""Why an answer may be less certain than it looks."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.reinterpretation.looking_over.caveats import caveats
from fitgui.reinterpretation.model import RegionKind, Signal, Systematic, Target, Treatment
from fitgui.reinterpretation.target.grid import distances
from fitgui.reinterpretation.target.published import signal_of_point
from fitgui.reinterpretation.target.shapes import published
from tests.reinterpretation.results import a_result
from tests.reinterpretation.targets import (
    ONE_LEPTON,
    REAL,
    STAU,
    example_target,
    real_target,
    without_uncertainties,
)


def codes(target: Target, signal: Signal, *more: object) -> list[str]:
    """In the order in which they are said."""
    return [finding.code for finding in caveats(target, signal, *more)]  # type: ignore[arg-type]


def certain(target: Target) -> Signal:
    """A tenth of the background in signal regions, nothing elsewhere, with all uncertainties."""
    yields = {
        channel.name: tuple(0.1 * events if channel.is_signal else 0.0 for events in channel.background)
        for channel in target.channels
    }
    small = {name: tuple(0.05 * value for value in events) for name, events in yields.items()}
    return Signal("mine", {}, yields, small, (Systematic("JES", small, small),))


def test_nothing_is_said_of_a_signal_that_is_well_known() -> None:
    assert codes(example_target(), certain(example_target())) == []


def test_signal_in_a_control_region() -> None:
    target = example_target()
    signal = certain(target)
    control = next(channel for channel in target.channels if channel.kind is RegionKind.CONTROL)
    much = replace(signal, yields={**signal.yields, control.name: tuple(0.2 * b for b in control.background)})
    found = caveats(target, much)
    assert [one.code for one in found] == ["contamination"]
    assert f"20 % of the background in {control.name}" in found[0].sentence
    assert codes(target, much, {control.name: Treatment.DROP}) == []


def test_the_published_uncertainty_is_told_where_none_is_given(real_pallets: Path) -> None:
    """As large as another look at the published patches says, which sums bins by itself."""
    target = real_target(real_pallets, STAU, "Region-lowMass")
    signal = without_uncertainties(signal_of_point(target, target.analysis.points[0]))
    found = caveats(target, signal)
    assert [one.code for one in found] == ["no-uncertainty"]
    assert "systematic" in found[0].sentence
    assert "statistical" in found[0].sentence
    sizes = []
    for point in target.analysis.points[::5]:
        whole = signal_of_point(target, point)
        events = whole.yields["SR1cut_cuts"][0]
        moved = [
            (one.up.get("SR1cut_cuts", (0.0,))[0], one.down.get("SR1cut_cuts", (0.0,))[0])
            for one in whole.systematics
        ]
        sizes.append(math.sqrt(sum((up**2 + down**2) / 2.0 for up, down in moved)) / events)
    told = float(found[0].sentence.split("about ")[1].split(" %")[0])
    assert told == pytest.approx(100.0 * float(np.median(sizes)), abs=1.0)


def test_a_published_patch_has_its_uncertainties(real_pallets: Path) -> None:
    target = real_target(real_pallets, ONE_LEPTON, "BkgOnly")
    signal = signal_of_point(target, target.analysis.points[0])
    assert "no-uncertainty" not in codes(target, signal)
    assert "no-uncertainty" not in codes(target, replace(signal, systematics=(), statistical={}))
    assert "no-uncertainty" in codes(target, without_uncertainties(signal))


def test_few_simulated_events() -> None:
    target = example_target()
    signal = certain(target)
    unsure = {name: tuple(0.5 * value for value in events) for name, events in signal.yields.items()}
    found = caveats(target, replace(signal, statistical=unsure))
    assert [one.code for one in found] == ["few-simulated"]
    assert "50 %" in found[0].sentence
    counts = {name: (4.0,) * len(events) for name, events in signal.yields.items()}
    assert codes(target, replace(signal, simulated=counts)) == ["few-simulated"]
    assert codes(target, replace(signal, simulated={"SR": (400.0, 400.0, 400.0)})) == []


def test_few_expected_events_ask_for_toys(real_pallets: Path) -> None:
    target = real_target(real_pallets, ONE_LEPTON, "BkgOnly")
    signal = signal_of_point(target, next(p for p in target.analysis.points if p.name.endswith("900_250")))
    found = [one for one in caveats(target, signal) if one.code == "few-events"]
    assert len(found) == 1
    assert "SRHMEM_mct2[2]" in found[0].sentence
    assert "few-events" not in codes(target, signal, {}, a_result(0.1, 0.1, toys=0.1))


@pytest.mark.parametrize(("file", "analysis"), REAL)
def test_points_far_from_the_grid_are_noticed_and_no_others(
    real_pallets: Path, file: str, analysis: str
) -> None:
    target = real_target(real_pallets, file, analysis)
    known = published(target)
    yields = signal_of_point(target, target.analysis.points[0]).yields
    apart = distances(known)
    assert apart is not None
    for i, values in enumerate(known.values):
        there = {label: float(value) for label, value in values.items()}
        assert "outside-grid" not in codes(target, Signal("mine", there, yields))
        for j in np.argsort(apart[i])[1:3]:
            half = {label: 0.5 * (value + float(known.values[j][label])) for label, value in there.items()}
            assert "outside-grid" not in codes(target, Signal("mine", half, yields))
    first = target.analysis.labels[0]
    far = {**there, first: 2.0 * max(float(values[first]) for values in known.values)}
    found = [one for one in caveats(target, Signal("mine", far, yields)) if one.code == "outside-grid"]
    assert len(found) == 1
    assert any(name in found[0].sentence for name in known.names)
    for other in ({"x": 1.0}, {}, {**there, first: "heavy"}, {**there, first: math.nan}):
        assert "outside-grid" not in codes(target, Signal("mine", other, yields))


def test_a_limit_beyond_the_bounds_says_what_to_do() -> None:
    target = example_target()
    found = caveats(target, certain(target), {}, a_result(0.9, 0.9, None, None))
    assert [one.code for one in found] == ["bound"]
    assert "10" in found[0].sentence
    assert codes(target, certain(target), {}, a_result(0.3, 0.3, 3.0, 3.0)) == []
    assert codes(target, certain(target), {}, a_result(0.9, 0.9, None, None, limits_converged=False)) == []


def test_a_bin_without_a_statistical_uncertainty_is_named_where_others_have_one() -> None:
    target, signal = example_target(), certain(example_target())
    error = signal.statistical["SR"]
    found = caveats(target, replace(signal, statistical={"SR": (error[0], 0.0, error[2])}))
    assert [one.code for one in found] == ["no-uncertainty"]
    assert "in SR[1], and other bins have one" in found[0].sentence


def test_no_simulated_event_left_is_not_no_event() -> None:
    target, signal = example_target(), certain(example_target())
    region = replace(target.channel("SR"), background=(50.0, 50.0, 0.1))
    target = replace(target, channels=(region, *target.channels[1:]))
    empty = replace(signal, yields={"SR": (20.0, 20.0, 0.0)}, statistical={"SR": (5.0, 5.0, 0.0)})
    found = caveats(target, replace(empty, simulated={"SR": (12.0, 12.0, 0.0)}))
    assert [one.code for one in found] == ["few-simulated"]
    assert "SR[2]" in found[0].sentence
    assert codes(target, replace(empty, simulated={"SR": (1e5, 1e5, 0.0)})) == []


def test_a_profiled_cross_section_is_told() -> None:
    signal = certain(example_target())
    shift = signal.systematics[0].up
    more = replace(
        signal, systematics=(*signal.systematics, Systematic("signal_cross_section", shift, shift))
    )
    assert codes(example_target(), more) == ["cross-section"]


def test_a_luminosity_that_is_fixed_has_no_uncertainty(real_pallets: Path) -> None:
    target = real_target(real_pallets, ONE_LEPTON, "BkgOnly")
    signal = replace(signal_of_point(target, target.analysis.points[0]), patch=None)
    assert codes(target, signal)[-1] == "fixed"
    assert "fixed" not in codes(target, replace(signal, with_luminosity=False))
    stau = real_target(real_pallets, STAU, "Region-combined")
    assert "fixed" not in codes(stau, replace(signal_of_point(stau, stau.analysis.points[0]), patch=None))


def test_a_limit_far_from_1_depends_on_the_scale_where_the_statistical_uncertainty_is_shared(
    real_pallets: Path,
) -> None:
    """As the limits of this point say themselves: 0.427 as published, 0.444 from yields times 0.427."""
    target = real_target(real_pallets, STAU, "Region-combined")
    point = next(point for point in target.analysis.points if point.name == "DS_200_1_Staus")
    signal = replace(signal_of_point(target, point), patch=None)
    far, near = a_result(1e-4, 1e-4, 0.427, 0.44), a_result(0.04, 0.04, 0.96, 0.96)
    (finding,) = (one for one in caveats(target, signal, {}, far) if one.code == "scale")
    assert "multiply all yields by 0.43" in finding.sentence
    assert "scale" not in codes(target, signal, {}, near)
    assert "scale" not in codes(target, without_uncertainties(signal), {}, far)
    assert "scale" not in codes(target, signal_of_point(target, point), {}, far)
    (bound,) = (
        one for one in caveats(target, signal, {}, a_result(0.9, 0.9, None, None)) if one.code == "bound"
    )
    assert "more accurate" in bound.sentence


numbers = st.one_of(st.floats(0.0, 1e9), st.sampled_from([0.0, 1e308, 5e-324, -1.0]))


@given(st.data())
def test_whatever_is_typed_nothing_fails(data: st.DataObject) -> None:
    """Of numbers that :func:`check_signal` lets pass: finite ones, of the right bins."""
    target = example_target()

    def some(bins: int) -> tuple[float, ...]:
        return tuple(data.draw(st.lists(numbers, min_size=bins, max_size=bins)))

    yields = {channel.name: some(channel.bins) for channel in target.channels if data.draw(st.booleans())}
    signal = Signal("mine", {}, yields, yields, simulated=yields)
    for one in caveats(target, signal, {}, a_result(0.5, 0.5, data.draw(st.one_of(st.none(), numbers)))):
        assert not one.severe
        assert one.sentence[0].isupper()
        assert one.sentence.endswith(".")
        assert "nan" not in one.sentence
        assert "inf" not in one.sentence
