"""Region maps that were used before."""

from __future__ import annotations

from pathlib import Path

import pytest

from fitgui.reinterpretation.map_edits import assign, ignore
from fitgui.reinterpretation.mapping import propose
from fitgui.reinterpretation.model import BinRef
from fitgui.reinterpretation.saved_maps import SavedMaps
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


def test_a_damaged_file_is_passed_over_said_once_and_replaced(tmp_path: Path) -> None:
    maps = SavedMaps(tmp_path)
    path = maps.save(assign(propose(imported(["a"]), STAU), "a", [SR1]), STAU)
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
    assert path.parent == tmp_path / "data" / "regions"


def test_maps_are_kept_in_the_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FITGUI_DATA", str(tmp_path))
    path = SavedMaps().save(propose(imported(["SR1"]), STAU), STAU)
    assert path.parent == tmp_path / "regions"
