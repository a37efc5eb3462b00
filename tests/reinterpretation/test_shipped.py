"""Region maps that come with fitgui, against the published workspaces."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from fitgui.pallets.catalogue import stored
from fitgui.reinterpretation.mapping.documents import MapFile
from fitgui.reinterpretation.mapping.placing import signal_of
from fitgui.reinterpretation.mapping.problems import problems
from fitgui.reinterpretation.mapping.proposing import propose
from fitgui.reinterpretation.mapping.reasons import needs_confirmation
from fitgui.reinterpretation.mapping.same_names import folded, place_of
from fitgui.reinterpretation.mapping.shipped import NAMES, all_shipped, channel_kinds, shipped_maps
from fitgui.reinterpretation.model import RegionKind, Target
from fitgui.resources import resource_path
from tests.reinterpretation.regions import imported, texts
from tests.reinterpretation.targets import ONE_LEPTON, REAL, STAU, THREE_LEPTONS, real_target

MT = ("HM", "MM", "LM")


@pytest.mark.parametrize("found", all_shipped(), ids=lambda found: f"{found.references[0]}-{found.tool}")
def test_every_map_says_where_it_is_from_and_gives_no_bin_twice(found: MapFile) -> None:
    assert found.tool in NAMES
    assert found.source.endswith(".")
    assert found.regions
    bins = Counter(text for several in found.regions.values() for text in several)
    assert bins.most_common(1)[0][1] == 1
    assert all(len(several) == 1 for several in found.regions.values())
    assert not set(found.ignored) & set(found.regions)
    assert not found.ordered
    assert not found.doubled
    assert found.digests or found.source.endswith("Not compared with the published workspace.")


def test_every_map_is_of_an_entry_of_the_catalogue() -> None:
    entries = stored.read(resource_path("catalogue/catalogue.json"), "The catalogue", [])[1]
    keys = {entry.key for entry in entries}
    assert {found.references[0] for found in all_shipped()} <= keys
    assert all(len(found.references) == 1 for found in all_shipped())


@pytest.mark.parametrize(("file", "analysis"), REAL)
def test_maps_fit_the_published_workspaces(real_pallets: Path, file: str, analysis: str) -> None:
    target = real_target(real_pallets, file, analysis)
    places = set(target.bins())
    own = [found for found in all_shipped() if target.analysis.digest in found.digests]
    assert own
    maps = {found.tool: shipped_maps(target, found.tool)[0] for found in own}
    for region_map in maps.values():
        here = [one for one in region_map.assignments if set(one.bins) <= places and one.bins]
        assert {target.channel(one.bins[0].channel).kind for one in here} >= {RegionKind.SIGNAL}
        if "Region-" not in analysis or analysis == "Region-combined":
            assert len(here) == len(region_map.assignments)
    for found in own:
        for channel, kind in found.channels.items():
            if channel in {each.name for each in target.channels}:
                assert target.channel(channel).kind is kind


def one_lepton(real_pallets: Path) -> Target:
    return real_target(real_pallets, ONE_LEPTON, "BkgOnly")


@pytest.mark.parametrize(
    ("tool", "names"),
    [
        ("smodels", [f"SR_{mass}_{level}_MCT" for mass in MT for level in ("Low", "Med", "High")]),
        ("madanalysis", [f"{mass}{level}CT" for mass in MT for level in ("low", "med", "high")]),
        (
            "simpleanalysis",
            [f"SR_h_{level}_bin{number}" for level in ("High", "Med", "Low") for number in (1, 2, 3)],
        ),
        ("gambit", [f"SR{mass}EM_mct2_{number}" for mass in MT for number in range(3)]),
    ],
)
def test_regions_of_one_lepton_are_known_without_a_question(
    real_pallets: Path, tool: str, names: list[str]
) -> None:
    target = one_lepton(real_pallets)
    file = imported(names, tool=tool)
    found = propose(file, target, known=shipped_maps(target, tool))
    assert list(texts(found, target).values()) == [
        f"SR{mass}EM_mct2[{number}]" for mass in MT for number in range(3)
    ]
    assert not needs_confirmation(found)
    assert not [finding for finding in problems(found, file, target) if finding.severe]
    signal = signal_of(file.points[0], found, target)
    assert signal.yields["SRHMEM_mct2"] == (1.0, 2.0, 3.0)


def test_sums_of_regions_are_left_out_and_said(real_pallets: Path) -> None:
    target = one_lepton(real_pallets)
    file = imported(["HMdisc", "HMlowCT"], tool="madanalysis")
    found = propose(file, target, known=shipped_maps(target, "madanalysis"))
    assert found.ignored == {"HMdisc"}
    assert "ignored" in {finding.code for finding in problems(found, file, target)}


@pytest.mark.parametrize("tool", ["paste", "csv", "checkmate", "simpleanalysis", "smodels"])
def test_regions_may_be_called_as_any_tool_does_in_every_format(real_pallets: Path, tool: str) -> None:
    target = real_target(real_pallets, STAU, "Region-combined")
    for names in (["SRlow", "SRhigh"], ["SRlowMass", "SRhighMass"]):
        file = imported(names, tool=tool)
        found = propose(file, target, known=shipped_maps(target, tool))
        assert list(texts(found, target).values()) == ["SR1cut_cuts", "SR2cut_cuts"]
        assert not needs_confirmation(found)


def test_no_two_maps_of_a_workspace_give_a_name_to_different_bins() -> None:
    """Therefore it does not matter which tool wrote a file."""
    for first, second in combinations(all_shipped(), 2):
        if not set(first.digests) & set(second.digests):
            continue
        some, others = ({folded(name): bins for name, bins in one.regions.items()} for one in (first, second))
        assert {name: some[name] for name in some.keys() & others} == {
            name: others[name] for name in some.keys() & others
        }
        assert not set(map(folded, first.ignored)) & others.keys()
        assert not set(map(folded, second.ignored)) & some.keys()


def test_the_other_region_of_stau_is_not_used_in_a_workspace_without_it(real_pallets: Path) -> None:
    target = real_target(real_pallets, STAU, "Region-lowMass")
    file = imported(["SRlow", "SRhigh"], tool="smodels")
    found = propose(file, target, known=shipped_maps(target, "smodels"))
    assert texts(found, target) == {"SRlow": "SR1cut_cuts"}
    assert [(finding.severe, finding.code) for finding in problems(found, file, target)] == [
        (False, "elsewhere")
    ]


def test_three_leptons_are_known(real_pallets: Path) -> None:
    target = real_target(real_pallets, THREE_LEPTONS, "BkgOnly")
    file = imported(["SR_ISR", "SR_low"], tool="smodels")
    found = propose(file, target, known=shipped_maps(target, "smodels"))
    assert texts(found, target) == {"SR_ISR": "SRISR_cuts", "SR_low": "SRlow_cuts"}
    assert not needs_confirmation(found)


def test_kinds_of_channels_are_told(real_pallets: Path) -> None:
    kinds = channel_kinds(one_lepton(real_pallets).analysis)
    assert kinds["TRHMEM_cuts"] is RegionKind.CONTROL
    assert kinds["WREM_cuts"] is RegionKind.CONTROL
    assert kinds["SRHMEM_mct2"] is RegionKind.SIGNAL


def test_bins_are_written_with_an_index_where_a_channel_has_several() -> None:
    for found in all_shipped():
        indexed = Counter(
            place_of(text).channel for several in found.regions.values() for text in several if "[" in text
        )
        plain = {text for several in found.regions.values() for text in several if "[" not in text}
        assert not plain & indexed.keys()
