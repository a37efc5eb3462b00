"""What is noticed of uncertainties without effect, of events in wrong places, and of unnamed coordinates."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fitgui.reinterpretation.looking_over.sanity import check_file, check_signal
from fitgui.reinterpretation.model import ImportedPoint, Signal, Systematic, Treatment
from fitgui.reinterpretation.target.shapes import published
from tests.reinterpretation.targets import STAU, example_target, real_target
from tests.reinterpretation.test_sanity import a_file, codes, example_signal, of_row

pytestmark = pytest.mark.filterwarnings("error")


def test_uncertainties_without_events_are_told() -> None:
    target = example_target()
    signal = Signal(
        "mine",
        yields={"SR": (5.0, 3.0, 0.0)},
        statistical={"SR": (0.5, 0.5, 0.5)},
        systematics=(Systematic("JES", {"CR_W": (0.1, 0.1, 0.1)}, {"CR_W": (-0.1, -0.1, -0.1)}),),
    )
    found = [one.sentence for one in check_signal(target, signal) if one.code == "no-effect"]
    assert len(found) == 2
    assert "SR[2]" in found[0]
    assert "CR_W" in found[1]


def test_events_in_control_regions_alone_are_no_signal() -> None:
    target = example_target()
    signal = Signal("mine", yields={"SR": (0.0, 0.0, 0.0), "CR_W": (20.0, 10.0, 5.0)})
    severe = [one for one in check_signal(target, signal) if one.severe]
    assert [one.code for one in severe] == ["zero"]
    assert "control regions" in severe[0].sentence
    assert "zero" not in codes(check_signal(target, signal, treatments={"SR": Treatment.DROP}))


def test_more_events_than_are_produced(real_pallets: Path) -> None:
    target = real_target(real_pallets, STAU, "Region-combined")
    signal = Signal("mine", yields={"SR1cut_cuts": (90.0,), "SR2cut_cuts": (60.0,)})
    file = a_file(luminosity=139.0)
    for cross_section, severe in ((1.0, True), (1.2, False), (None, False)):
        point = ImportedPoint("mine", {}, (), cross_section_fb=cross_section)
        found = check_signal(target, signal, replace(file, points=(point,)))
        told = [one for one in found if one.severe and "more pass than are produced" in one.sentence]
        assert bool(told) == severe


def test_per_cent_explain_a_factor_of_100(real_pallets: Path) -> None:
    target = real_target(real_pallets, STAU, "Region-lowMass")
    known = published(target)
    row = int(np.argmax(known.yields.sum(axis=1)))
    found = check_signal(target, of_row(target, 100.0 * known.yields[row]))
    assert any("in per cent" in one.sentence for one in found if one.code == "units")


def test_coordinates_without_names_are_not_taken_for_the_published_ones(real_pallets: Path) -> None:
    target = real_target(real_pallets, STAU, "Region-combined")
    file = replace(a_file(), labels=("x1", "x2"))
    (told,) = (one for one in check_file(target, file) if one.code == "labels")
    assert ", ".join(target.analysis.labels) in told.sentence
    for labels in (("x1",), target.analysis.labels, ("mass", "coupling")):
        assert "labels" not in codes(check_file(target, replace(file, labels=labels)))


@pytest.mark.parametrize(
    ("yields", "errors", "told"),
    [
        ((6.0, 8.0), (0.1, 0.1), True),
        ((6.0, 20.0), (0.12, 0.1), True),
        ((6.0, 8.0), (0.6, 0.8), False),  # ten per cent, in events
        ((4.0, 16.0), (0.2, 0.4), False),  # as the root of the yields
        ((0.6, 0.8), (0.1, 0.1), False),  # not small beside the yields
        ((6.0, 6.1), (0.1, 0.1), False),  # yields are alike, too
        ((6.0, 0.0), (0.1, 0.0), False),
    ],
)
def test_uncertainties_that_look_like_parts_of_the_yields(
    real_pallets: Path, yields: tuple[float, float], errors: tuple[float, float], told: bool
) -> None:
    target = real_target(real_pallets, STAU, "Region-combined")
    names = ("SR1cut_cuts", "SR2cut_cuts")
    events = {name: (value,) for name, value in zip(names, yields, strict=True)}
    parts = {name: (error,) for name, error in zip(names, errors, strict=True)}
    for signal in (
        Signal("mine", yields=events, statistical=parts),
        Signal("mine", yields=events, systematics=(Systematic("JES", parts, parts),)),
    ):
        found = [one for one in check_signal(target, signal) if one.code == "fractions"]
        assert len(found) == told
        assert not any(one.severe for one in found)


def test_a_signal_of_nothing_is_none() -> None:
    signal = example_signal()
    nothing = {name: (0.0,) * len(events) for name, events in signal.yields.items()}
    for each in (replace(signal, yields=nothing), replace(signal, yields={})):
        assert any(one.severe and one.code == "zero" for one in check_signal(example_target(), each))
