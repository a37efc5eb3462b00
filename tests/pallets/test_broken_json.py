"""Broken documents: a sentence with file, place and reason, and whatever is good stays usable."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fitgui.pallets import PalletError, open_pallet
from tests.builders import make_patch_set, make_workspace

Write = Callable[..., Path]

WORKSPACE = make_workspace()
TEXT = json.dumps(WORKSPACE, indent=1)
PATCHES = make_patch_set(WORKSPACE)


def changed(*path: Any, value: Any = ...) -> str:
    document: Any = copy.deepcopy(WORKSPACE)
    parent = document
    for part in path[:-1]:
        parent = parent[part]
    if value is ...:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    return json.dumps(document)


CASES: dict[str, tuple[str | bytes, list[str]]] = {
    "empty": ("", ["empty"]),
    "blank": (" \n ", ["empty"]),
    "cut off": (TEXT[: len(TEXT) // 2], ["cut off"]),
    "cut off in a word": ('{"channels": tr', ["cut off"]),
    "NaN": (TEXT.replace("12.0", "NaN"), ["NaN", "line 9"]),
    "Infinity": (TEXT.replace("12.0", "Infinity"), ["Infinity", "line 9"]),
    "minus Infinity": (TEXT.replace("12.0", "-Infinity"), ["Infinity", "line 9"]),
    "too large": (TEXT.replace("12.0", "1e999"), ["1e999", "beyond double precision", "line 9"]),
    "too many digits": (TEXT.replace("12.0", "1" * 5000), ["beyond double precision", "line 9"]),
    "doubled key": (
        TEXT.replace('"version": "1.0.0"', '"version": "1.0.0", "version": "1.0.0"'),
        ['"version" twice', "line 1, column 1"],
    ),
    "doubled key inside": (
        TEXT.replace('"name": "bkg"', '"name": "bkg", "name": "other"'),
        ['"name" twice', "line 6"],
    ),
    "trailing comma": (TEXT.replace('"1.0.0"', '"1.0.0",'), ["not valid JSON", "line"]),
    "comment": ("// hello\n" + TEXT, ["not valid JSON", "line 1, column 1"]),
    "two documents": (TEXT + TEXT, ["goes on after its end"]),
    "single quotes": (TEXT.replace('"', "'"), ["not valid JSON", "line 2"]),
    "latin-1": (TEXT.replace("bkg", "größe").encode("latin-1"), ["UTF-8", "line"]),
    "half a character": (TEXT.replace("bkg", "\\ud800"), ["JSON"]),
    "zero byte": (TEXT.encode().replace(b"bkg", b"b\0g"), ["not valid JSON"]),
    "deep": (
        '{"channels": ' + "[" * 100_000 + "]" * 100_000 + ', "observations": []}',
        ["nested too deeply"],
    ),
    "deep list": ("[" * 100_000, ["JSON"]),
    "web page": ("<!DOCTYPE html><html></html>", ["web page"]),
    "wrong schema": (changed("version"), ["not a valid HistFactory workspace", "version"]),
    "wrong version": (changed("version", value="2.0.0"), ["version"]),
    "text for a number": (
        changed("channels", 0, "samples", 0, "data", 0, value="12"),
        ['channel "SR"', 'sample "bkg"'],
    ),
    "unknown modifier": (
        changed("channels", 0, "samples", 0, "modifiers", 0, "type", value="overallsys"),
        ['modifier "JES"', "overallsys"],
    ),
    "doubled channel": (
        changed("channels", value=WORKSPACE["channels"] * 2),
        ['channel name "SR"', "more than once", "(and 1 more)"],
    ),
    "missing observation": (changed("observations", 0), ['channel "SR"', "no observation"]),
    "lengths": (changed("channels", 0, "samples", 0, "data", value=[1.0]), ["bins"]),
    "damaged patch set": (
        '{"metadata": {}, "patches": [{"metadata": {"name": "a"}}]}',
        ["damaged patches only", "patch"],
    ),
    "patch set without patches": ('{"metadata": {}, "patches": []}', ["without patches"]),
    "patch set of nonsense": ('{"metadata": {}, "patches": 7}', ["no list"]),
    "NaN in a patch set": ('{"patches": [{"metadata": {"values": [NaN]}, "patch": []}]}', ["NaN"]),
    "single file without workspace": ('{"workspace": 7, "patchsets": []}', ["workspace"]),
    "single file, nonsense patch set": (
        json.dumps({"workspace": WORKSPACE, "patchsets": [{"a": 1}]}),
        ["patchsets"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_alone_it_is_refused_and_beside_good_files_it_is_a_problem(write_pallet: Write, case: str) -> None:
    content, words = CASES[case]
    alone = write_pallet({"broken.json": content}, name="alone")
    for source in (alone, alone / "broken.json"):
        with pytest.raises(PalletError) as caught:
            open_pallet(source)
        sentence = str(caught.value)
        assert "broken.json" in sentence
        assert sentence.isprintable()
        assert len(sentence) < 500
        for word in words:
            assert word in sentence
    pallet = open_pallet(
        write_pallet({"BkgOnly.json": WORKSPACE, "patchset.json": PATCHES, "broken.json": content})
    )
    assert [(analysis.name, len(analysis.points)) for analysis in pallet.analyses] == [("BkgOnly", 3)]
    assert len(pallet.problems) == 1
    assert pallet.problems[0].startswith("broken.json ")
    for word in words:
        assert word in pallet.problems[0]


def test_a_broken_patch_set_leaves_the_workspace(write_pallet: Write) -> None:
    pallet = open_pallet(
        write_pallet({"BkgOnly.json": WORKSPACE, "patchset.json": json.dumps(PATCHES)[:-20]})
    )
    assert len(pallet.analyses) == 1
    assert pallet.analyses[0].points == ()
    assert "patchset.json is cut off" in pallet.problems[0]


def test_a_broken_workspace_leaves_nothing_to_fit(write_pallet: Write) -> None:
    with pytest.raises(PalletError) as caught:
        open_pallet(write_pallet({"BkgOnly.json": TEXT[:-20], "patchset.json": PATCHES}))
    assert "BkgOnly.json is cut off" in str(caught.value)


def test_a_broken_first_point_is_told_and_the_others_stay(write_pallet: Write) -> None:
    patches = json.dumps(PATCHES).replace('"data": [2.0, 4.0]', '"data": [2.0, 1e999]')
    pallet = open_pallet(write_pallet({"BkgOnly.json": WORKSPACE, "patchset.json": patches}))
    analysis = pallet.analyses[0]
    assert len(analysis.points) == 3
    assert "sig_300_100" in analysis.problems[0]
    assert "out of range" in analysis.problems[0]


def test_damaged_patches_are_left_out_of_a_patch_set_and_told(write_pallet: Write) -> None:
    patches: dict[str, Any] = copy.deepcopy(PATCHES)
    del patches["patches"][1]["patch"]
    patches["patches"][2]["metadata"] = None
    patches["patches"].append("nonsense")
    analysis = open_pallet(write_pallet({"BkgOnly.json": WORKSPACE, "patchset.json": patches})).analyses[0]
    assert [point.name for point in analysis.points] == ["sig_300_100", "point_3"]
    assert any("2 of 4 patches are damaged" in problem for problem in analysis.problems)


def test_very_many_problems_are_counted(write_pallet: Write) -> None:
    files: dict[str, Any] = {f"broken_{number:02}.json": "{" for number in range(30)}
    pallet = open_pallet(write_pallet({"BkgOnly.json": WORKSPACE, "patchset.json": PATCHES, **files}))
    assert len(pallet.problems) == 13
    assert pallet.problems[-1] == "There are 18 more such problems."
