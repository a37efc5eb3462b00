"""Which bins regions are proposed to be."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgui.reinterpretation.mapping.problems import problems
from fitgui.reinterpretation.mapping.proposing import propose
from fitgui.reinterpretation.mapping.reasons import (
    COUNTED_FROM_1,
    ELSEWHERE,
    POSITION,
    SAME_NAME,
    SAVED,
    SIMILAR,
    SPELLED,
    needs_confirmation,
)
from fitgui.reinterpretation.model import Assignment, BinRef, RegionMap
from tests.reinterpretation.regions import ONE_LEPTON, STAU, imported, made_target, taken, texts

MASSES = ("HM", "MM", "LM")
LEVELS = ("Low", "Med", "High")
SMODELS = {
    f"SR_{mass}_{level}_MCT": f"SR{mass}EM_mct2[{number}]"
    for mass in MASSES
    for number, level in enumerate(LEVELS)
}
NAMES = st.lists(
    st.from_regex(r"(SR|CR|VR)[A-Z]{1,3}[a-z]{0,3}(_cuts|_meff|cut_cuts|_mct2)?", fullmatch=True),
    min_size=1,
    max_size=6,
    unique_by=lambda name: name.lower().replace("_", "").replace("cuts", "").replace("cut", ""),
)
SPELLINGS = (
    lambda channel, bins, number: channel if bins == 1 else f"{channel}[{number}]",
    lambda channel, _bins, number: f"{channel}[{number}]",
    lambda channel, _bins, number: f"{channel}_bin{number}",
    lambda channel, _bins, number: f"{channel}_{number}",
    lambda channel, _bins, number: f"{channel}-{number}".upper(),
    lambda channel, _bins, number: f"{channel} bin {number}".lower(),
    lambda channel, _bins, number: f"SomeSearch2018__{channel}[{number}]",
)


@settings(deadline=None)
@given(names=NAMES, data=st.data())
def test_bins_are_found_again_in_any_order_and_spelling(names: list[str], data: st.DataObject) -> None:
    target = made_target({name: data.draw(st.integers(1, 4)) for name in names})
    spelling = data.draw(st.sampled_from(SPELLINGS))
    wanted = {
        spelling(channel.name, channel.bins, number): BinRef(channel.name, number)
        for channel in target.channels
        for number in range(channel.bins)
    }
    order = data.draw(st.permutations(list(wanted)))
    found = propose(imported(order), target)
    assert {one.region: one.bins for one in found.assignments} == {
        region: (place,) for region, place in wanted.items()
    }
    for one in found.assignments:
        assert one.reason == (SAME_NAME if one.region == target.text(one.bins[0]) else SPELLED)
    assert [one.region for one in found.assignments] == order
    assert not needs_confirmation(found)


@settings(deadline=None)
@given(st.permutations(list(SMODELS)))
def test_names_of_another_tool_are_proposed_and_wait_for_a_confirmation(order: list[str]) -> None:
    found = propose(imported(order, tool="smodels"), ONE_LEPTON)
    assert texts(found, ONE_LEPTON) == SMODELS
    assert {one.reason for one in found.assignments} == {SIMILAR}
    assert len(needs_confirmation(found)) == len(SMODELS)


WORD = st.sampled_from(
    ["SR", "CR", "low", "high", "Med", "HM", "LM", "1", "2", "30", "A", "_", "-", "cuts", "mct"]
)


@settings(deadline=None)
@given(
    regions=st.lists(st.lists(WORD, min_size=1, max_size=5).map("".join), max_size=8, unique=True),
    names=NAMES,
    ordered=st.booleans(),
    data=st.data(),
)
def test_no_bin_is_ever_proposed_twice(
    regions: list[str], names: list[str], ordered: bool, data: st.DataObject
) -> None:
    target = made_target({name: data.draw(st.integers(1, 3)) for name in names})
    found = propose(imported(regions, ordered=ordered), target)
    assert [one.region for one in found.assignments] == regions
    assert len(taken(found)) == len(set(taken(found)))
    assert all(len(one.bins) <= 1 for one in found.assignments)
    assert set(taken(found)) <= set(target.bins())
    assert not found.doubled
    assert not found.ignored


@pytest.mark.parametrize(
    ("regions", "wanted"),
    [
        (["SRlow", "SRhigh"], {"SRlow": "SR1cut_cuts", "SRhigh": "SR2cut_cuts"}),
        (["SR-highMass", "SR-lowMass"], {"SR-lowMass": "SR1cut_cuts", "SR-highMass": "SR2cut_cuts"}),
        (["SR2", "SR1"], {"SR2": "SR2cut_cuts", "SR1": "SR1cut_cuts"}),
        (["SRA_L", "SRA_M", "SRA_H", "SRB"], {}),
        (["low", "high"], {}),
    ],
)
def test_what_is_like_no_bin_in_particular_gets_none(regions: list[str], wanted: dict[str, str]) -> None:
    assert texts(propose(imported(regions), STAU), STAU) == wanted


@pytest.mark.parametrize(
    ("channel", "region", "sure"),
    [
        ("SR1cut_cuts", "SR1", False),
        ("SR1_cuts", "SR1", False),
        ("SR_cuts", "sr", False),
        ("SR1_cuts", "sr1cuts", True),
        ("SR1", "SR-1", True),
        ("SRHMEM_cuts", "SRHMEM", True),
        ("SRHMEM_cuts", "Search2019__SR_HMEM", True),
    ],
)
def test_what_any_search_calls_its_regions_waits_for_a_confirmation(
    channel: str, region: str, sure: bool
) -> None:
    found = propose(imported([region]), made_target({channel: 1}))
    assert taken(found) == [BinRef(channel, 0)]
    assert bool(needs_confirmation(found)) != sure


def test_digits_are_kept_apart() -> None:
    target = made_target({"SR_1_1cuts": 1, "SR_11cuts": 1})
    assert texts(propose(imported(["SR11", "SR1_1"]), target), target) == {
        "SR11": "SR_11cuts",
        "SR1_1": "SR_1_1cuts",
    }


def test_a_signal_region_is_never_like_a_control_region() -> None:
    target = made_target({"CRtop_low_cuts": 1, "SRtop_high_cuts": 1})
    assert "SRtop_low" not in texts(propose(imported(["SRtop_low"]), target), target)


def test_bins_that_are_counted_from_1_wait_for_a_confirmation() -> None:
    regions = [f"SRHMEM_mct2_bin{number}" for number in (1, 2, 3)]
    found = propose(imported(regions), ONE_LEPTON)
    assert texts(found, ONE_LEPTON) == {
        region: f"SRHMEM_mct2[{number}]" for number, region in enumerate(regions)
    }
    assert {one.reason for one in needs_confirmation(found)} == {COUNTED_FROM_1}


def test_a_channel_of_several_bins_is_not_one_region() -> None:
    assert texts(propose(imported(["SRHMEM_mct2"]), ONE_LEPTON), ONE_LEPTON) == {}


@pytest.mark.parametrize(("count", "first"), [(4, "QCR1cut_cuts"), (2, "SR1cut_cuts")])
def test_regions_without_names_are_taken_in_order_until_somebody_looks(count: int, first: str) -> None:
    file = imported(map(str, range(1, count + 1)), ordered=True)
    found = propose(file, STAU)
    assert len(taken(found)) == count
    assert texts(found, STAU)["1"] == first
    assert {one.reason for one in needs_confirmation(found)} == {POSITION}
    assert ("order", True) in {(finding.code, finding.severe) for finding in problems(found, file, STAU)}


def test_regions_without_names_get_no_bin_where_their_number_does_not_fit() -> None:
    assert taken(propose(imported("123", ordered=True), STAU)) == []


def test_what_somebody_said_counts_more_than_a_name() -> None:
    said = RegionMap("csv", (Assignment("SR1", (BinRef("SR2cut_cuts", 0),), "saved"),))
    shipped = RegionMap("csv", (Assignment("SR2", (BinRef("SR1cut_cuts", 0),), "shipped map of SModelS"),))
    found = propose(imported(["SR1", "SR2"]), STAU, known=[shipped, said])
    assert texts(found, STAU) == {"SR1": "SR2cut_cuts", "SR2": "SR1cut_cuts"}
    assert [one.reason for one in found.assignments] == ["saved", "shipped map of SModelS"]


def test_a_known_map_knows_its_regions_in_other_spellings_and_leaves_out_what_it_leaves_out() -> None:
    known = RegionMap(
        "csv", (Assignment("sr-low", (BinRef("SR1cut_cuts", 0),), "saved"),), frozenset(("total",))
    )
    found = propose(imported(["SR_low", "total"]), STAU, known=[known])
    assert texts(found, STAU) == {"SR_low": "SR1cut_cuts"}
    assert found.ignored == {"total"}


def test_regions_of_another_workspace_of_the_analysis_are_left_out_and_said() -> None:
    known = RegionMap(
        "csv",
        tuple(Assignment(f"SR{i}", (BinRef(f"SR{i}cut_cuts", 0),), "shipped map of SModelS") for i in (1, 2)),
    )
    target = made_target({"SR1cut_cuts": 1})
    file = imported(["SR1", "SR2"])
    found = propose(file, target, known=[known])
    assert texts(found, target) == {"SR1": "SR1cut_cuts"}
    assert [one.reason for one in found.assignments][1] == ELSEWHERE
    assert [(finding.severe, finding.code) for finding in problems(found, file, target)] == [
        (False, "elsewhere")
    ]


def test_that_bins_have_no_signal_is_known_as_well() -> None:
    known = RegionMap("csv", (), zeros=frozenset(("SRHMEM_mct2", "elsewhere")))
    assert propose(imported(["SRHMEM_mct2[0]"]), ONE_LEPTON, known=[known]).zeros == {"SRHMEM_mct2"}


def test_a_known_map_gives_no_bin_twice_unless_it_says_so() -> None:
    place = BinRef("SR1cut_cuts", 0)
    known = RegionMap("csv", tuple(Assignment(name, (place,), "from map.json") for name in ("ee", "mm")))
    assert taken(propose(imported(["ee", "mm"]), STAU, known=[known])) == [place]


def test_what_shared_a_bin_before_does_so_again_and_is_asked_again() -> None:
    place = BinRef("SR1cut_cuts", 0)
    known = RegionMap("csv", tuple(Assignment(name, (place,), "saved") for name in ("ee", "mm")))
    file = imported(["ee", "mm"])
    found = propose(file, STAU, known=[known])
    assert taken(found) == [place, place]
    assert not found.doubled
    assert "doubled" in {finding.code for finding in problems(found, file, STAU) if finding.severe}


def test_a_known_map_with_doubles_gives_doubles() -> None:
    place = BinRef("SR1cut_cuts", 0)
    known = RegionMap(
        "csv", tuple(Assignment(name, (place,), "saved") for name in ("ee", "mm")), doubled=True
    )
    found = propose(imported(["ee", "mm"]), STAU, known=[known])
    assert taken(found) == [place, place]
    assert found.doubled


def test_the_number_of_a_bin_is_no_part_of_a_name() -> None:
    """``SR[1]`` is the second bin of a channel, and ``SR1cut_cuts`` a channel of another search."""
    numbered = imported([f"SR[{number}]" for number in range(3)])
    said = RegionMap("csv", (Assignment("SR1", (BinRef("SR1cut_cuts", 0),), SAVED),))
    for known in ((), (said,)):
        assert texts(propose(numbered, STAU, known=known), STAU) == {}
    spelled = imported(["SR1cut[0]", "sr2_cut_cuts[0]"])
    assert texts(propose(spelled, STAU), STAU) == {
        "SR1cut[0]": "SR1cut_cuts",
        "sr2_cut_cuts[0]": "SR2cut_cuts",
    }
