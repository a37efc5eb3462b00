"""Patch sets find their workspace; coordinates, encodings and foreign documents are told apart."""

from __future__ import annotations

import codecs
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyhf
import pytest

from fitgui.pallets import PalletError, open_pallet
from fitgui.pallets.poi import poi_problem
from tests.builders import digest_of, make_patch_set, make_workspace
from tests.pallets.archives import tar
from tests.pallets.layouts import (
    BRANCHING,
    PATCHES,
    REGIONS,
    WORKSPACE,
    Write,
    as_pyhf_counts,
    only,
    save,
    summary,
)


@pytest.mark.parametrize("digest", ["", "0" * 64])
def test_an_empty_or_wrong_digest_is_a_warning(write_pallet: Write, digest: str) -> None:
    files: dict[str, Any] = {}
    for name, workspace in REGIONS.items():
        files[f"{name}/BkgOnly.json"] = workspace
        files[f"{name}/patchset.json"] = make_patch_set(workspace, digest=digest)
    pallet = open_pallet(write_pallet(files))
    assert summary(pallet) == dict.fromkeys(REGIONS, (3, False if digest else None))
    for analysis in pallet.analyses:
        assert len(analysis.problems) == 1
        assert "digest" in analysis.problems[0]


def test_without_digest_the_patch_decides_where_names_say_nothing(write_pallet: Write) -> None:
    files: dict[str, Any] = {f"{index}.json": workspace for index, workspace in enumerate(REGIONS.values())}
    files |= {f"p{name}.json": make_patch_set(workspace, digest="") for name, workspace in REGIONS.items()}
    pallet = open_pallet(write_pallet(files))
    assert {analysis.channels[0].name: analysis.patch_sets[0].name for analysis in pallet.analyses} == {
        "SRA": "pRegionA", "SRB": "pRegionB", "SRC": "pRegionC"}  # fmt: skip


def test_upper_case_and_other_digests(write_pallet: Write) -> None:
    patches = copy.deepcopy(PATCHES)
    patches["metadata"]["digests"] = {
        "sha256": digest_of(WORKSPACE).upper(),
        "md5": pyhf.utils.digest(WORKSPACE, "md5"),
    }
    assert only(open_pallet(write_pallet({"w.json": WORKSPACE, "p.json": patches}))).digest_verified is True


def test_a_patch_set_that_fits_nowhere_is_named(write_pallet: Write) -> None:
    stray = make_patch_set(WORKSPACE, digest="")
    for entry in stray["patches"]:
        entry["patch"][0]["path"] = "/channels/9/samples/0"
    pallet = open_pallet(
        write_pallet({"BkgOnly.json": WORKSPACE, "patchset.json": PATCHES, "stray.json": stray})
    )
    assert summary(pallet) == {"BkgOnly": (3, True)}
    assert len(pallet.problems) == 1
    assert "stray.json" in pallet.problems[0]
    assert "/channels/9" in pallet.problems[0]


def test_a_patch_set_with_the_right_digest_that_does_not_apply_says_so(write_pallet: Write) -> None:
    patches = copy.deepcopy(PATCHES)
    patches["patches"][0]["patch"][0]["path"] = "/channels/9/samples/0"
    analysis = only(open_pallet(write_pallet({"BkgOnly.json": WORKSPACE, "patchset.json": patches})))
    assert len(analysis.points) == 3
    assert "sig_300_100" in analysis.problems[0]
    assert "/channels/9" in analysis.problems[0]


@pytest.mark.parametrize(
    ("poi", "sentence"),
    [
        ("", "Measurement NormalMeasurement of analysis BkgOnly names no parameter of interest"),
        ("mu_OTHER", "The parameter of interest mu_OTHER is not in the model of point sig_300_100"),
    ],
)
def test_without_a_signal_strength_there_is_one_problem(write_pallet: Write, poi: str, sentence: str) -> None:
    workspace = copy.deepcopy(WORKSPACE)
    workspace["measurements"][0]["config"]["poi"] = poi
    patches = {**PATCHES, "metadata": {**PATCHES["metadata"], "digests": {"sha256": digest_of(workspace)}}}
    analysis = only(open_pallet(write_pallet({"BkgOnly.json": workspace, "patchset.json": patches})))
    assert len(analysis.points) == 3
    [problem] = analysis.problems
    assert problem.startswith(sentence)
    assert poi_problem(analysis, analysis.points, None) is not None


@pytest.mark.parametrize("poi", ["", "mu_OTHER"])
def test_a_later_measurement_without_a_signal_strength_is_a_problem(write_pallet: Write, poi: str) -> None:
    workspace = copy.deepcopy(WORKSPACE)
    workspace["measurements"].append({"name": "Second", "config": {"poi": poi, "parameters": []}})
    patches = {**PATCHES, "metadata": {**PATCHES["metadata"], "digests": {"sha256": digest_of(workspace)}}}
    analysis = only(open_pallet(write_pallet({"BkgOnly.json": workspace, "patchset.json": patches})))
    [problem] = analysis.problems
    assert "Second" in problem
    assert "choose another measurement (NormalMeasurement)" in problem
    assert poi_problem(analysis, analysis.points, None) is None


@pytest.mark.parametrize("escaped", [False, True])
def test_a_signal_strength_that_only_patches_bring_is_found(write_pallet: Write, escaped: bool) -> None:
    workspace = make_workspace(poi="µ_SIG")
    patches = json.dumps(make_patch_set(workspace), ensure_ascii=escaped)
    analysis = only(open_pallet(write_pallet({"w.json": workspace, "p.json": patches})))
    assert analysis.problems == ()
    assert poi_problem(analysis, analysis.points[1:], "NormalMeasurement") is None


def test_a_patch_may_name_the_signal_strength(write_pallet: Write) -> None:
    workspace = copy.deepcopy(WORKSPACE)
    workspace["measurements"][0]["config"]["poi"] = ""
    patches = {**copy.deepcopy(PATCHES), "metadata": {**PATCHES["metadata"], "digests": {"sha256": ""}}}
    named = {"op": "replace", "path": "/measurements/0/config/poi", "value": "mu_SIG"}
    for entry in patches["patches"]:
        entry["patch"].append(named)
    analysis = only(open_pallet(write_pallet({"w.json": workspace, "p.json": patches})))
    assert analysis.poi == "mu_SIG"
    assert poi_problem(analysis, analysis.points, None) is None


def test_patches_that_remove_channels(write_pallet: Write) -> None:
    """As SUSY-2018-31: the validation channels go after the signal was added."""
    workspace = make_workspace({"SR": [5.0, 3.0], "VR1": [6.0], "CR": [50.0], "VR2": [4.0]})
    patches = make_patch_set(workspace)
    for entry in patches["patches"]:
        entry["patch"] += [{"op": "remove", "path": "/channels/3"}, {"op": "remove", "path": "/channels/1"}]
    analysis = only(open_pallet(write_pallet({"w.json": workspace, "p.json": patches})))
    assert analysis.problems == ()
    assert len(analysis.channels) == 4
    assert analysis.parameters == as_pyhf_counts(analysis)


@pytest.mark.parametrize(
    ("labels", "values", "expected"),
    [
        ([], [], {}),
        (["m"], [500], {"m": 500.0}),
        (["mass", "model"], [500, "higgsino"], {"mass": 500.0, "model": "higgsino"}),
        (["m1", "m2"], ["500", "1.5"], {"m1": 500.0, "m2": 1.5}),
        (list("abcdefg"), [60, 20, 20, 33, 33, 33, 500.5], BRANCHING),
        (["m1"], [500, 100], {"m1": 500.0, "x2": 100.0}),
        (["m1", "m2", "m3"], [500, 100], {"m1": 500.0, "m2": 100.0}),
        ([], [500, 100], {"x1": 500.0, "x2": 100.0}),
        (["m", "m"], [1, 2], {"m": 1.0, "m_": 2.0}),
    ],
)  # fmt: skip
def test_coordinates_as_published(
    write_pallet: Write, labels: list[str], values: list[Any], expected: dict[str, Any]
) -> None:
    patches = make_patch_set(WORKSPACE, {"p": values}, labels=labels)
    del patches["version"]
    analysis = only(open_pallet(write_pallet({"w.json": WORKSPACE, "p.json": patches})))
    assert dict(analysis.points[0].values) == expected
    assert list(analysis.points[0].values) == list(expected)
    assert bool(analysis.problems) == (len(labels) != len(values))
    assert set(expected) <= set(analysis.labels)


def test_doubled_names_and_coordinates_are_told(write_pallet: Write) -> None:
    patches = make_patch_set(WORKSPACE, {"a": [1, 1], "b": [1, 1], "a_2": [2, 2]})
    patches["patches"].append(copy.deepcopy(patches["patches"][0]))
    analysis = only(open_pallet(write_pallet({"w.json": WORKSPACE, "p.json": patches})))
    assert [point.name for point in analysis.points] == ["a", "b", "a_2", "a_3"]
    assert any("more than once" in problem for problem in analysis.problems)
    assert any("same coordinates" in problem for problem in analysis.problems)


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.encode("utf-32"),
    ],
    ids=["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"],
)
def test_other_encodings(write_pallet: Write, encode: Callable[[str], bytes]) -> None:
    workspace = make_workspace({"SR_größer": [3.0]})
    patches = make_patch_set(workspace)
    pallet = open_pallet(
        write_pallet(
            {
                "w.json": encode(json.dumps(workspace, ensure_ascii=False)),
                "p.json": encode(json.dumps(patches, ensure_ascii=False)),
            }
        )
    )
    assert summary(pallet) == {"w": (3, True)}
    assert pallet.analyses[0].channels[0].name == "SR_größer"
    assert json.loads(pallet.analyses[0].workspace_json) == workspace


def test_re_indenting_changes_nothing(write_pallet: Write) -> None:
    pallet = open_pallet(
        write_pallet({"w.json": json.dumps(WORKSPACE, indent=4, sort_keys=True), "p.json": PATCHES})
    )
    assert only(pallet).digest_verified is True


HS3 = {"distributions": [], "domains": [], "metadata": {"hs3_version": "0.2"}, "likelihoods": []}
XML = (
    '<!DOCTYPE Combination  SYSTEM "HistFactorySchema.dtd">\n<Combination OutputFilePrefix="x"></Combination>'
)
ROOT = b"root\x00\x00\xf4\x38\x00\x00\x00\x64" + bytes(5000)


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("hhh.json", HS3, "HS3"),
        ("meta.json", {"metadata": {"hs3_version": "0.2.9"}}, "HS3"),
        ("histograms.root", ROOT, "ROOT"),
        ("combination.xml", XML, "HistFactory XML"),
        ("model.json", {"channels": WORKSPACE["channels"], "parameters": []}, "without observations"),
        ("lfs.json", "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n", "Git LFS"),
        ("x.7z", b"7z\xbc\xaf\x27\x1c\x00\x04", "7-Zip"),
        ("x.tar.zst", b"\x28\xb5\x2f\xfd\x00", "Zstandard"),
        ("x.rar", b"Rar!\x1a\x07\x01\x00", "RAR"),
    ],
)
def test_what_is_no_histfactory_json_is_named(
    write_pallet: Write, tmp_path: Path, name: str, content: Any, word: str
) -> None:
    good = open_pallet(write_pallet({"BkgOnly.json": WORKSPACE, "patchset.json": PATCHES, name: content}))
    assert summary(good) == {"BkgOnly": (3, True)}
    assert len(good.problems) == 1
    assert name in good.problems[0]
    assert word in good.problems[0]
    alone = write_pallet({name: content}, name="alone")
    for source in (alone, alone / name, save(tmp_path / "x.tar.gz", tar({name: content}))):
        with pytest.raises(PalletError) as caught:
            open_pallet(source)
        assert word in str(caught.value)
        assert name in str(caught.value)


def test_json_that_has_nothing_to_do_with_it_is_mentioned_once(write_pallet: Write) -> None:
    files = {f"xsec_{number}.json": {"cross": number} for number in range(5)}
    pallet = open_pallet(write_pallet({"BkgOnly.json": WORKSPACE, "patchset.json": PATCHES, **files}))
    assert len(pallet.problems) == 1
    assert "xsec_0.json" in pallet.problems[0]
    assert "2 more" in pallet.problems[0]


def test_the_example_opens() -> None:
    pallet = open_pallet("example")
    assert pallet.source == "example"
    assert only(pallet).digest_verified is True
    assert pallet.problems == ()
