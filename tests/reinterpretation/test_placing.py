"""From regions to events by channel and bin."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgui.reinterpretation.mapping.edits import allow_doubled, allow_zeros, assign, ignore
from fitgui.reinterpretation.mapping.placing import Placing, signal_of
from fitgui.reinterpretation.mapping.problems import problems
from fitgui.reinterpretation.mapping.proposing import propose
from fitgui.reinterpretation.model import (
    Assignment,
    BinRef,
    ImportedPoint,
    Quantity,
    RegionMap,
    RegionYield,
    SignalError,
)
from tests.reinterpretation.regions import ONE_LEPTON, STAU, imported, made_target

EVENTS = st.floats(0.0, 1e6)
BINS = [BinRef(channel, number) for channel, bins in (("SRa", 2), ("SRb", 3)) for number in range(bins)]
TARGET = made_target({"SRa": 2, "SRb": 3})


@settings(deadline=None)
@given(
    regions=st.lists(
        st.tuples(st.sampled_from(BINS), EVENTS, EVENTS, st.floats(-1e3, 1e3)), min_size=1, max_size=12
    )
)
def test_sums_are_conserved(regions: list[tuple[BinRef, float, float, float]]) -> None:
    names = [f"region {number}" for number in range(len(regions))]
    point = ImportedPoint(
        "point",
        {"m": 1.0},
        tuple(
            RegionYield(
                name, value, error, {"JES": (-shift, shift), "MC": (-error, error)}, frozenset(("MC",)), 10.0
            )
            for name, (_, value, error, shift) in zip(names, regions, strict=True)
        ),
    )
    region_map = RegionMap(
        "csv",
        tuple(Assignment(name, (each[0],)) for name, each in zip(names, regions, strict=True)),
        doubled=True,
        zeros=frozenset(("SRa", "SRb")),
    )
    signal = signal_of(point, region_map, TARGET)

    def total(values: dict[str, tuple[float, ...]]) -> float:
        return math.fsum(value for each in values.values() for value in each)

    assert total(dict(signal.yields)) == pytest.approx(math.fsum(each[1] for each in regions))
    squares = math.fsum(value**2 for each in signal.statistical.values() for value in each)
    assert squares == pytest.approx(math.fsum(each[2] ** 2 for each in regions))
    systematics = {one.name: one for one in signal.systematics}
    assert total(dict(systematics["JES"].up)) == pytest.approx(math.fsum(each[3] for each in regions))
    assert total(dict(systematics["JES"].down)) == pytest.approx(-math.fsum(each[3] for each in regions))
    assert systematics["JES"].correlated
    assert not systematics["MC"].correlated
    assert systematics["MC"].up.keys() <= signal.yields.keys()
    assert signal.values == {"m": 1.0}
    assert [channel for channel in ("SRa", "SRb") if channel in signal.yields] == list(signal.yields)


def test_numbers_of_single_regions_stay_exactly_what_they_are() -> None:
    value = RegionYield("SR1", 0.1, 1e-7 / 3, {"JES": (-0.07, 0.1 + 0.2)}, frozenset(), 7.0)
    file = imported(["SR1"])
    point = ImportedPoint("point", {}, (value,))
    signal = signal_of(point, propose(file, STAU), STAU)
    assert signal.yields == {"SR1cut_cuts": (0.1,)}
    assert signal.statistical == {"SR1cut_cuts": (1e-7 / 3,)}
    assert signal.systematics[0].up == {"SR1cut_cuts": (0.1 + 0.2,)}
    assert signal.systematics[0].down == {"SR1cut_cuts": (-0.07,)}
    assert signal.simulated == {"SR1cut_cuts": (7.0,)}


def test_a_region_in_several_bins_fills_each() -> None:
    file = imported(["SR1"])
    region_map = allow_doubled(
        assign(propose(file, STAU), "SR1", [BinRef("SR1cut_cuts", 0), BinRef("SR2cut_cuts", 0)])
    )
    assert signal_of(file.points[0], region_map, STAU).yields == {
        "SR1cut_cuts": (1.0,),
        "SR2cut_cuts": (1.0,),
    }


def test_what_is_left_out_is_not_there() -> None:
    file = imported(["SR1", "SR2"])
    signal = signal_of(file.points[0], ignore(propose(file, STAU), "SR2"), STAU)
    assert signal.yields == {"SR1cut_cuts": (1.0,)}


def test_a_patch_is_kept_only_while_nothing_is_moved() -> None:
    file = imported(["SR1cut_cuts", "SR2cut_cuts"], tool="pyhf")
    point = replace(file.points[0], patch=b"[]")
    found = propose(file, STAU)
    assert signal_of(point, found, STAU).patch == b"[]"
    assert signal_of(point, ignore(found, "SR2cut_cuts"), STAU).patch is None
    swapped = assign(found, "SR1cut_cuts", [BinRef("SR2cut_cuts", 0)])
    assert signal_of(point, ignore(swapped, "SR2cut_cuts"), STAU).patch is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m, "1 of the 3 bins of SRHMEM_mct2"),
        (lambda m: assign(m, "SRHMEM_mct2[0]", []), "has no bin"),
        (lambda m: assign(m, "SRHMEM_mct2[0]", [BinRef("SRX", 0)]), "does not have"),
        (
            lambda m: assign(m, "SRHMEM_mct2[0]", [BinRef("SRHMEM_mct2", 0), BinRef("SRHMEM_mct2", 1)]),
            "fills 2 bins",
        ),
    ],
)
def test_nothing_is_placed_that_is_not_clear(change: Callable[[RegionMap], RegionMap], words: str) -> None:
    file = imported(["SRHMEM_mct2[0]"])
    region_map = change(propose(file, ONE_LEPTON))
    with pytest.raises(SignalError, match=words.replace("[", r"\[")):
        signal_of(file.points[0], region_map, ONE_LEPTON)


def test_bins_without_a_region_are_zero_where_somebody_says_so() -> None:
    file = imported(["SRHMEM_mct2[1]"])
    region_map = allow_zeros(propose(file, ONE_LEPTON), "SRHMEM_mct2")
    assert signal_of(file.points[0], region_map, ONE_LEPTON).yields == {"SRHMEM_mct2": (0.0, 1.0, 0.0)}


def test_a_channel_without_any_region_is_not_taken_for_empty() -> None:
    file = imported(["SRHMEM_mct2[1]"])
    region_map = allow_zeros(allow_zeros(propose(file, ONE_LEPTON), "SRHMEM_mct2"), "SRLMEM_mct2")
    assert set(signal_of(file.points[0], region_map, ONE_LEPTON).yields) == {"SRHMEM_mct2"}
    severe = [each.sentence for each in problems(region_map, file, ONE_LEPTON) if each.severe]
    assert len(severe) == 1
    assert "SRLMEM_mct2" in severe[0]


def test_what_a_patch_says_of_the_luminosity_stays() -> None:
    file = imported(["SR1"])
    point = replace(file.points[0], with_luminosity=False)
    assert not signal_of(point, propose(file, STAU), STAU).with_luminosity


def test_two_regions_in_a_bin_need_leave() -> None:
    file = imported(["SR1", "SR2"])
    region_map = assign(propose(file, STAU), "SR2", [BinRef("SR1cut_cuts", 0)])
    with pytest.raises(SignalError, match="two regions fill SR1cut_cuts"):
        signal_of(file.points[0], region_map, STAU)
    assert signal_of(file.points[0], allow_doubled(region_map), STAU).yields == {"SR1cut_cuts": (3.0,)}


def test_efficiencies_are_no_events() -> None:
    file = imported(["SR1"])
    point = replace(file.points[0], quantity=Quantity.EFFICIENCY)
    with pytest.raises(SignalError, match="not in events"):
        signal_of(point, propose(file, STAU), STAU)


def test_an_uncertainty_is_correlated_or_not() -> None:
    file = imported(["SR1", "SR2"])
    one, other = file.points[0].regions
    point = replace(
        file.points[0],
        regions=(
            replace(one, systematics={"JES": (-1.0, 1.0)}),
            replace(other, systematics={"JES": (-1.0, 1.0)}, uncorrelated=frozenset(("JES",))),
        ),
    )
    with pytest.raises(SignalError, match="give it two names"):
        signal_of(point, propose(file, STAU), STAU)


def test_a_scan_is_placed_with_one_placing() -> None:
    file = imported([f"SR{mass}EM_mct2[{number}]" for mass in ("HM", "MM", "LM") for number in range(3)])
    placing = Placing(propose(file, ONE_LEPTON), ONE_LEPTON)
    signals = [placing.signal(replace(file.points[0], name=str(number))) for number in range(100)]
    assert {signal.name for signal in signals} == set(map(str, range(100)))
    assert all(signal.yields == signals[0].yields for signal in signals)
    assert signals[0].yields["SRLMEM_mct2"] == (7.0, 8.0, 9.0)
