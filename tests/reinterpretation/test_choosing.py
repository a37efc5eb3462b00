"""Which analysis of a file is meant, and which of its regions are of another analysis."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from fitgui.reinterpretation.choosing import choose, shared_out
from fitgui.reinterpretation.looking_over.belonging import is_about
from fitgui.reinterpretation.mapping.proposing import propose
from fitgui.reinterpretation.mapping.shipped import shipped_maps
from fitgui.reinterpretation.model import Imported, RegionMap, Target
from tests.reinterpretation.regions import imported, made_target, texts
from tests.reinterpretation.targets import ONE_LEPTON, STAU, real_target

STRANGE = ("SRA01", "SRA02")


def several(*files: tuple[str, Iterable[str]]) -> list[Imported]:
    """A file of CheckMATE that speaks of these analyses."""
    return [replace(imported(regions, tool="checkmate"), analysis=name) for name, regions in files]


def chosen(files: list[Imported], target: Target) -> str | None:
    maps = [propose(file, target, known=shipped_maps(target, file.tool)) for file in files]
    number = choose(files, maps, target)
    return None if number is None else files[number].analysis


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("atlas_susy_2018_04", True),
        ("ATLAS-SUSY-2018-04", True),
        ("atlas_1911_06660", True),
        ("1909.09226", False),
        ("atlas_susy_2019_08", False),
        ("cms_sus_16_039", False),
        ("mine", None),
        ("", None),
    ],
)
def test_a_number_or_a_paper_says_which_analysis_it_is(
    real_pallets: Path, name: str, verdict: bool | None
) -> None:
    assert is_about(real_target(real_pallets, STAU, "Region-combined"), name) is verdict


@pytest.mark.parametrize("regions", [("SRlow", "SRhigh"), ("this", "that")])
@pytest.mark.parametrize("name", ["atlas_susy_2018_04", "atlas_1911_06660"])
def test_the_analysis_of_that_number_is_meant_whatever_its_regions(
    real_pallets: Path, name: str, regions: tuple[str, str]
) -> None:
    target = real_target(real_pallets, STAU, "Region-combined")
    for files in (
        several((name, regions), ("cms_sus_16_039", STRANGE)),
        several(("cms_sus_16_039", ("SRlow", "SRhigh")), ("unknown", STRANGE), (name, regions)),
    ):
        assert chosen(files, target) == name


def test_without_a_number_regions_decide_if_they_can(real_pallets: Path) -> None:
    target = real_target(real_pallets, STAU, "Region-combined")
    assert chosen(several(("first", STRANGE), ("second", ("SRlow", "SRhigh"))), target) == "second"
    assert chosen(several(("first", STRANGE), ("second", ("SR1", "SR2"))), target) is None, "likeness only"
    assert chosen(several(("a", ("SRlow", "SRhigh")), ("b", ("SRlow", "SRhigh"))), target) is None
    # Of another number, though its regions are called as here: it is not meant.
    assert chosen(several(("1909.09226", ("SRlow", "SRhigh")), ("mine", STRANGE)), target) is None


def test_of_two_with_the_number_regions_decide(real_pallets: Path) -> None:
    target = real_target(real_pallets, STAU, "Region-lowMass")
    files = several(("atlas_1911_06660", STRANGE), ("atlas_susy_2018_04", ("SRlow", "SRhigh")))
    assert chosen(files, target) == "atlas_susy_2018_04"


def maps_of(regions: Iterable[str], *targets: Target, tool: str = "checkmate") -> list[RegionMap]:
    file = imported(regions, tool=tool)
    return [propose(file, target, known=shipped_maps(target, tool)) for target in targets]


@pytest.mark.parametrize("tool", ["csv", "checkmate", "simpleanalysis", "madanalysis", "smodels"])
def test_regions_of_another_compared_analysis_are_left_out_in_every_format(
    real_pallets: Path, tool: str
) -> None:
    targets = [
        real_target(real_pallets, STAU, f"Region-{name}") for name in ("combined", "highMass", "lowMass")
    ]
    both, high, low = shared_out(maps_of(("SRlow", "SRhigh"), *targets, tool=tool))
    assert both is not None
    assert high is not None
    assert low is not None
    assert (both.ignored, high.ignored, low.ignored) == (frozenset(), {"SRlow"}, {"SRhigh"})
    assert texts(high, targets[1]) == {"SRhigh": "SR2cut_cuts"}
    assert texts(low, targets[2]) == {"SRlow": "SR1cut_cuts"}


def test_an_analysis_that_has_none_of_the_regions_is_told(real_pallets: Path) -> None:
    stau = real_target(real_pallets, STAU, "Region-combined")
    other = real_target(real_pallets, ONE_LEPTON, "BkgOnly")
    first, second = shared_out(maps_of(("SRlow", "SRhigh"), stau, other))
    assert first is not None
    assert second is None


def test_what_is_alike_only_elsewhere_is_left_out_where_it_has_to_be_confirmed() -> None:
    """``SR1`` may be of any search: as long as nobody has said that it is the other's, it is asked about."""
    sure = made_target({"left": 1, "CR": 1})
    alike = made_target({"right": 1, "SR1cut_cuts": 1})
    waiting = made_target({"right": 1, "SR2cut_cuts": 1})
    regions = ("left", "SR1", "SR2")
    first, *others = shared_out(maps_of(regions, sure, alike, waiting))
    assert first is not None
    assert first.ignored == frozenset()
    assert [other.ignored for other in others if other is not None] == [{"left", "SR2"}, {"left", "SR1"}]
    first, *others = shared_out(maps_of(regions, sure, alike, waiting), proposed=True)
    assert first is not None
    assert first.ignored == {"SR1", "SR2"}


def test_a_region_that_two_searches_have_excuses_nothing_that_either_lacks() -> None:
    """It was counted for one of them, so the other one is no place for the file."""
    first = made_target({"SRA": 1, "SRB": 1})
    other = made_target({"SRA": 1, "SRX": 1})
    maps = maps_of(("SRA", "SRB"), first, other)
    assert [each and each.ignored for each in shared_out(maps)] == [frozenset(), {"SRB"}], "of one search"
    searches = ("one", "two")
    assert [each and each.ignored for each in shared_out(maps, searches=searches)] == [frozenset()] * 2
    said = shared_out(maps, proposed=True, searches=searches)
    assert [each and each.ignored for each in said] == [frozenset(), {"SRB"}]
    apart = maps_of(("SRA", "SRB", "SRX"), first, made_target({"SRX": 1}))
    found = shared_out(apart, searches=searches)
    assert [each and each.ignored for each in found] == [{"SRX"}, {"SRA", "SRB"}], "nothing in common"


def test_a_single_analysis_keeps_all_its_regions() -> None:
    target = made_target({"SR": 1})
    [region_map] = maps_of(("SR", "more"), target)
    assert shared_out([region_map]) == (region_map,)
    [region_map] = maps_of(("more",), target)
    assert shared_out([region_map]) == (region_map,)
