"""What is said of a region map, and how it is corrected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from fitgui.reinterpretation.mapping.edits import (
    allow_doubled,
    allow_zeros,
    assign,
    confirm,
    free,
    ignore,
    unassign,
    unignore,
)
from fitgui.reinterpretation.mapping.hints import hints
from fitgui.reinterpretation.mapping.problems import problems
from fitgui.reinterpretation.mapping.proposing import propose
from fitgui.reinterpretation.mapping.reasons import SHIPPED
from fitgui.reinterpretation.model import (
    Assignment,
    BinRef,
    Imported,
    ImportedPoint,
    RegionMap,
    RegionYield,
    SignalError,
    Target,
)
from tests.reinterpretation.regions import ONE_LEPTON, STAU, imported, made_target, taken, texts

SR1, SR2 = BinRef("SR1cut_cuts", 0), BinRef("SR2cut_cuts", 0)
Edit = Callable[[RegionMap], RegionMap]
FILE = imported(["SR1cut", "SR2cut"])


def codes(region_map: RegionMap, file: Imported = FILE, target: Target = STAU) -> set[str]:
    """Of severe findings."""
    return {f.code for f in problems(region_map, file, target) if f.severe}


def test_a_whole_map_has_no_problems() -> None:
    assert problems(propose(FILE, STAU), FILE, STAU) == ()


def test_a_region_without_a_bin_is_severe_until_it_is_left_out() -> None:
    file = imported(["SR1cut", "SR2cut", "presel"])
    found = propose(file, STAU)
    (finding,) = problems(found, file, STAU)
    assert (finding.severe, finding.code) == (True, "unmapped")
    assert "presel" in finding.sentence
    (note,) = problems(ignore(found, "presel"), file, STAU)
    assert (note.severe, note.code) == (False, "ignored")
    assert codes(unignore(ignore(found, "presel"), "presel"), file) == {"unmapped"}


def test_two_regions_in_a_bin_are_severe_until_they_are_allowed() -> None:
    found = assign(propose(FILE, STAU), "SR2cut", [SR1])
    assert codes(found) == {"doubled", "missing"}
    assert codes(allow_doubled(found)) == {"missing"}
    assert "doubled" in {finding.code for finding in problems(allow_doubled(found), FILE, STAU)}


def test_a_region_in_two_bins_is_severe_until_it_is_allowed() -> None:
    found = assign(ignore(propose(FILE, STAU), "SR2cut"), "SR1cut", [SR1, SR2])
    assert codes(found) == {"doubled"}
    assert codes(allow_doubled(found)) == set()


def test_a_signal_region_without_yields_is_severe_until_somebody_says_what_becomes_of_it() -> None:
    file = imported(["SR1cut"])
    found = propose(file, STAU)
    assert codes(found, file) == {"missing"}
    assert problems(found, file, STAU, settled=["SR2cut_cuts"]) == ()


def test_bins_without_a_region_are_severe_until_somebody_says_that_they_have_no_signal() -> None:
    file = imported(["SRHMEM_mct2[0]", "SRHMEM_mct2[2]"])
    found = propose(file, ONE_LEPTON)
    settled = ["SRMMEM_mct2", "SRLMEM_mct2"]
    (finding,) = problems(found, file, ONE_LEPTON, settled=settled)
    assert finding.severe
    assert "SRHMEM_mct2[1]" in finding.sentence
    (note,) = problems(allow_zeros(found, "SRHMEM_mct2"), file, ONE_LEPTON, settled=settled)
    assert (note.severe, note.code) == (False, "zeros")


def test_points_that_lack_a_bin_which_others_have_are_named() -> None:
    target = made_target({"SR": 2})
    whole = imported(["SR[0]", "SR[1]"])
    half = ImportedPoint("half", {}, (RegionYield("SR[0]", 1.0),))
    file = replace(whole, points=(*whole.points, half))
    (finding,) = problems(propose(file, target), file, target)
    assert finding.severe
    assert "half" in finding.sentence
    assert problems(allow_zeros(propose(file, target), "SR"), file, target) == ()


def test_what_was_proposed_is_severe_until_it_is_confirmed() -> None:
    file = imported(["SRlow", "SRhigh"])
    found = propose(file, STAU)
    assert codes(found, file) == {"proposed"}
    assert codes(confirm(found), file) == set()
    chosen = assign(assign(found, "SRlow", [SR1]), "SRhigh", [SR2])
    assert codes(chosen, file) == set()


def test_another_order_by_name_is_a_note() -> None:
    file = imported(["SR2cut", "SR1cut"])
    (finding,) = problems(propose(file, STAU), file, STAU)
    assert (finding.severe, finding.code) == (False, "listed")


def test_a_file_for_another_analysis_is_said_to_be_one() -> None:
    file = imported(["SRA_L", "SRA_M", "SRA_H"])
    assert "other-analysis" in codes(propose(file, STAU), file)


def test_a_channel_of_several_bins_is_not_another_analysis() -> None:
    """A number for each channel where one for each bin is needed: it is said, and what to write."""
    file = imported(["SRHMEM_mct2", "SRMMEM_mct2", "SRLMEM_mct2"])
    settled = [channel.name for channel in ONE_LEPTON.channels]
    (finding,) = problems(propose(file, ONE_LEPTON), file, ONE_LEPTON, settled=settled)
    assert (finding.severe, finding.code) == (True, "unmapped")
    assert "SRHMEM_mct2, SRMMEM_mct2 and SRLMEM_mct2 have several bins" in finding.sentence
    assert "SRHMEM_mct2[0], SRHMEM_mct2[1], SRHMEM_mct2[2]" in finding.sentence
    file = imported(["SRHMEM_mct2", *(f"SRMMEM_mct2[{number}]" for number in range(3))])
    (finding,) = problems(propose(file, ONE_LEPTON), file, ONE_LEPTON, settled=settled)
    assert finding.sentence.startswith("SRHMEM_mct2 has 3 bins: give a number for each")


@pytest.mark.parametrize("form", ["{}[{}]", "{}_bin{}", "{}_{}", "{} [{}]"])
def test_bins_that_are_counted_from_1_are_said_to_be(form: str) -> None:
    channels = [channel for channel in ONE_LEPTON.channels if channel.is_signal]
    file = imported([form.format(each.name, number) for each in channels for number in (1, 2, 3)])
    found = propose(file, ONE_LEPTON)
    assert taken(found) == [BinRef(each.name, number) for each in channels for number in range(3)]
    (finding,) = problems(found, file, ONE_LEPTON)
    assert (finding.severe, finding.code) == (True, "proposed")
    assert "Bins count from 0" in finding.sentence
    assert "from 1" in finding.sentence
    assert problems(confirm(found), file, ONE_LEPTON) == ()
    # Maps that come with fitgui know nearly the same names.
    spelled = [f"{each.name}_{number}" for each in channels for number in range(3)]
    bins = (BinRef(each.name, number) for each in channels for number in range(3))
    known = RegionMap(
        "csv", tuple(Assignment(name, (place,), SHIPPED) for name, place in zip(spelled, bins, strict=True))
    )
    again = propose(file, ONE_LEPTON, known=[known])
    if form != "{}_{}":  # which are their very names, if only from 1
        assert again == found


def test_a_bin_beyond_the_last_one_says_from_where_bins_count() -> None:
    file = imported(["SRHMEM_mct2[2]", "SRHMEM_mct2[3]"])
    settled = [channel.name for channel in ONE_LEPTON.channels]
    first, *others = problems(propose(file, ONE_LEPTON), file, ONE_LEPTON, settled=settled)
    assert first.code == "unmapped"
    assert "Bins count from 0, so those of SRHMEM_mct2 are [0] to [2]" in first.sentence
    assert [one.code for one in others] == ["missing"]
    (hint,) = hints(["SR1cut_cuts[1]", "presel"], STAU)
    assert (hint.regions, "SR1cut_cuts has one bin" in hint.sentence) == (("SR1cut_cuts[1]",), True)


def test_a_map_for_another_workspace_is_said_to_be_one() -> None:
    found = assign(propose(FILE, STAU), "SR1cut", [BinRef("SRHMEM_mct2", 0)])
    sentences = [f.sentence for f in problems(found, FILE, STAU) if f.code == "other-analysis"]
    assert len(sentences) == 1
    assert "SRHMEM_mct2" in sentences[0]


def test_edits_leave_the_old_map_as_it_was() -> None:
    found = propose(FILE, STAU)
    before = texts(found, STAU)
    swapped = assign(assign(found, "SR1cut", [SR2]), "SR2cut", [SR1])
    assert texts(swapped, STAU) == {"SR1cut": "SR2cut_cuts", "SR2cut": "SR1cut_cuts"}
    assert texts(free(found, [SR1]), STAU) == {"SR2cut": "SR2cut_cuts"}
    assert texts(unassign(found, "SR2cut"), STAU) == {"SR1cut": "SR1cut_cuts"}
    assert texts(found, STAU) == before


@pytest.mark.parametrize(
    "edit", [lambda m: assign(m, "SR9", [SR1]), lambda m: unassign(m, "SR9"), lambda m: ignore(m, "SR9")]
)
def test_a_region_that_is_not_there_cannot_be_edited(edit: Edit) -> None:
    with pytest.raises(SignalError, match="no region SR9"):
        edit(propose(FILE, STAU))
