"""Region maps that were used before."""

from __future__ import annotations

from pathlib import Path

import pytest

from fitgui.reinterpretation.mapping.edits import allow_doubled, allow_zeros, assign, confirm, ignore
from fitgui.reinterpretation.mapping.problems import problems
from fitgui.reinterpretation.mapping.proposing import propose
from fitgui.reinterpretation.mapping.saved import SavedMaps
from fitgui.reinterpretation.model import Assignment, BinRef, RegionMap
from tests.reinterpretation.regions import ONE_LEPTON, STAU, imported, made_target, texts

SR1, SR2 = BinRef("SR1cut_cuts", 0), BinRef("SR2cut_cuts", 0)


def test_a_map_is_kept_for_its_workspace_and_tool(tmp_path: Path) -> None:
    file = imported(["a", "b", "presel"], tool="simpleanalysis")
    found = ignore(assign(assign(propose(file, STAU), "a", [SR2]), "b", [SR1]), "presel")
    assert SavedMaps(tmp_path).find(STAU, "simpleanalysis") is None
    SavedMaps(tmp_path).save(found, STAU)
    known = SavedMaps(tmp_path).find(STAU, "simpleanalysis")
    assert known is not None
    again = propose(file, STAU, known=[known])
    assert texts(again, STAU) == {"a": "SR2cut_cuts", "b": "SR1cut_cuts"}
    assert again.ignored == {"presel"}
    assert {one.reason for one in again.assignments if one.bins} == {"saved"}
    assert SavedMaps(tmp_path).find(STAU, "checkmate") is None
    assert (
        SavedMaps(tmp_path).find(made_target({"SR1cut_cuts": 1}, digest="1" * 64), "simpleanalysis") is None
    )
    SavedMaps(tmp_path).forget(STAU, "simpleanalysis")
    assert SavedMaps(tmp_path).find(STAU, "simpleanalysis") is None


def test_regions_of_earlier_files_stay_known_unless_they_are_in_the_way(tmp_path: Path) -> None:
    maps = SavedMaps(tmp_path)
    first, second = (propose(imported([name]), STAU) for name in ("a", "b"))
    maps.save(assign(first, "a", [SR1]), STAU)
    maps.save(assign(second, "b", [SR2]), STAU)
    known = maps.find(STAU, "csv")
    assert known is not None
    assert texts(known, STAU) == {"a": "SR1cut_cuts", "b": "SR2cut_cuts"}
    maps.save(assign(second, "b", [SR1]), STAU)
    known = maps.find(STAU, "csv")
    assert known is not None
    assert texts(known, STAU) == {"b": "SR1cut_cuts"}


def test_the_order_of_one_file_says_nothing_about_the_next(tmp_path: Path) -> None:
    first = imported(["1", "2"], ordered=True)
    used = confirm(propose(first, STAU))
    maps = SavedMaps(tmp_path)
    assert maps.save(used, STAU) is None
    assert maps.save(assign(used, "1", [SR2]), STAU) is None  # what somebody chose is of this file, too
    assert maps.find(STAU, "csv") is None
    # As older versions of fitgui kept it:
    old = RegionMap("csv", (Assignment("1", (SR1,), "saved"), Assignment("2", (SR2,), "saved")))
    again = propose(first, STAU, known=[old])
    assert "order" in {each.code for each in problems(again, first, STAU) if each.severe}


def test_what_was_allowed_for_one_file_is_asked_again_for_the_next(tmp_path: Path) -> None:
    maps = SavedMaps(tmp_path)
    file = imported(["ee", "mm"])
    shared = allow_doubled(assign(assign(propose(file, STAU), "ee", [SR1]), "mm", [SR1]))
    maps.save(allow_zeros(shared, "SR2cut_cuts"), STAU)
    known = maps.find(STAU, "csv")
    assert known is not None
    again = propose(file, STAU, known=[known])
    assert texts(again, STAU) == {"ee": "SR1cut_cuts", "mm": "SR1cut_cuts"}
    assert not again.doubled
    assert not again.zeros
    assert {each.code for each in problems(again, file, STAU) if each.severe} == {"doubled", "missing"}


def test_a_damaged_file_is_passed_over_said_once_and_replaced(tmp_path: Path) -> None:
    maps = SavedMaps(tmp_path)
    path = maps.save(assign(propose(imported(["a"]), STAU), "a", [SR1]), STAU)
    assert path is not None
    path.write_bytes(path.read_bytes()[:40])
    assert maps.find(STAU, "csv") is None
    assert maps.find(STAU, "csv") is None
    (sentence,) = maps.troubles
    assert str(path) in sentence
    maps.save(assign(propose(imported(["a"]), STAU), "a", [SR2]), STAU)
    known = maps.find(STAU, "csv")
    assert known is not None
    assert texts(known, STAU) == {"a": "SR2cut_cuts"}


def test_the_name_of_a_tool_leads_nowhere_else(tmp_path: Path) -> None:
    maps = SavedMaps(tmp_path / "data")
    file = imported(["a"], tool="../../elsewhere")
    path = maps.save(propose(file, ONE_LEPTON), ONE_LEPTON)
    assert path is not None
    assert path.parent == tmp_path / "data" / "regions"


def test_maps_are_kept_in_the_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FITGUI_DATA", str(tmp_path))
    path = SavedMaps().save(propose(imported(["SR1"]), STAU), STAU)
    assert path is not None
    assert path.parent == tmp_path / "regions"
