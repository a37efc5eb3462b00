"""Pallets as they are really laid out (and would be): found by content, paired by digest or by what fits."""

from __future__ import annotations

import bz2
import copy
import gzip
import hashlib
import json
import lzma
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyhf
import pytest

from fitgui.pallets import open_pallet
from fitgui_backends.histfactory.patching import apply_patch, decode_operations
from tests.builders import digest_of, make_operations, make_patch_set, make_signal, make_workspace
from tests.pallets.archives import tar, zipped
from tests.pallets.layouts import (
    PATCHES,
    REGIONS,
    WORKSPACE,
    Write,
    as_pyhf_counts,
    only,
    save,
    summary,
)

CONTAINERS: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "pallet.tar": lambda files: tar(files, ""),
    "pallet.tar.gz": tar,
    "pallet.tgz": tar,
    "pallet.tar.xz": lambda files: tar(files, "xz"),
    "pallet.tar.bz2": lambda files: tar(files, "bz2"),
    "pallet.zip": zipped,
    "pallet": tar,
    "named-wrongly.zip": tar,
    "named-wrongly.tar.gz": zipped,
    "twice.gz.gz": lambda files: gzip.compress(tar(files)),
    "zip-in-xz": lambda files: lzma.compress(zipped(files)),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container_gives_the_same_analysis(tmp_path: Path, name: str) -> None:
    files = {
        "top/": "",
        "./top/BkgOnly.json": WORKSPACE,
        "./top/patchset.json": PATCHES,
        "README.md": "# hello",
    }
    if "zip" in name and name != "named-wrongly.zip":
        del files["top/"]
    data = CONTAINERS[name](files)
    pallet = open_pallet(save(tmp_path / name, data))
    analysis = only(pallet)
    assert pallet.digest == hashlib.sha256(data).hexdigest()
    assert pallet.problems == ()
    assert analysis.problems == ()
    assert [point.name for point in analysis.points] == ["sig_300_100", "sig_400_100", "sig_400_200"]
    assert analysis.points[1].values == {"m1": 400.0, "m2": 100.0}
    assert analysis.digest_verified is True
    assert analysis.digest == digest_of(WORKSPACE) == pyhf.utils.digest(WORKSPACE)
    assert analysis.parameters == as_pyhf_counts(analysis)
    assert json.loads(analysis.workspace_json) == analysis.workspace == WORKSPACE


def test_a_folder_with_noise(write_pallet: Write) -> None:
    folder = write_pallet(
        {
            "a/BkgOnly.json": WORKSPACE,
            "a/patchset.json": PATCHES,
            "a/._BkgOnly.json": b"\x00\x05\x16\x07",
            "a/.DS_Store": b"\0\0\0\1Bud1",
            "__MACOSX/a/._patchset.json": b"\x00\x05\x16\x07",
            ".git/config.json": "{broken",
            "paper.pdf": b"%PDF-1.5\n",
            "plot.py": "{'not': 'json'}",
            "run.ini": "[section]\nkey = 1\n",
            "signal.onnx": b"\x08\x06\x12",
        }
    )
    pallet = open_pallet(folder)
    assert pallet.problems == ()
    assert summary(pallet) == {"BkgOnly": (3, True)}
    before = pallet.digest
    (folder / "paper.pdf").write_bytes(b"%PDF-1.6\n")
    assert open_pallet(folder).digest == before
    (folder / "a" / "patchset.json").write_text(json.dumps(PATCHES, indent=2))
    assert open_pallet(folder).digest != before


def test_the_folder_may_be_given_with_a_slash_or_through_a_link(write_pallet: Write, tmp_path: Path) -> None:
    folder = write_pallet({"BkgOnly.json": WORKSPACE, "patchset.json": PATCHES})
    (tmp_path / "link").symlink_to(folder)
    assert (
        summary(open_pallet(f"{folder}/"))
        == summary(open_pallet(tmp_path / "link"))
        == {"BkgOnly": (3, True)}
    )


def test_a_zip_with_two_top_folders(tmp_path: Path) -> None:
    files = {}
    for name in ("RegionA", "RegionB"):
        files[f"{name}/BkgOnly.json"] = REGIONS[name]
        files[f"{name}/patchset.json"] = make_patch_set(REGIONS[name])
    pallet = open_pallet(save(tmp_path / "x.zip", zipped(files)))
    assert summary(pallet) == {"RegionA": (3, True), "RegionB": (3, True)}


@pytest.mark.parametrize("inner", [".json.tgz", ".tgz", ".tar", ".zip", ".tar.xz"])
def test_a_tar_of_archives(tmp_path: Path, inner: str) -> None:
    """As llh_jsons.tar of SUSY-2018-05."""
    pack = (
        zipped
        if inner == ".zip"
        else (lambda files: tar(files, {".tar": "", ".tar.xz": "xz"}.get(inner, "gz")))
    )
    files: dict[str, Any] = {}
    for name, workspace in REGIONS.items():
        contents = {f"{name}_bkgonly.json": workspace, f"{name}_patchset.json": make_patch_set(workspace)}
        files[f"llh_jsons/{name}{inner}"] = pack(contents)
    pallet = open_pallet(save(tmp_path / "llh_jsons.tar", tar(files, "")))
    assert pallet.problems == ()
    assert summary(pallet) == dict.fromkeys(REGIONS, (3, True))
    assert pallet.analyses[0].path == f"llh_jsons/RegionA{inner}!/RegionA_bkgonly.json"


def test_a_tar_of_single_compressed_documents(tmp_path: Path) -> None:
    files = {
        "BkgOnly.json.gz": gzip.compress(json.dumps(WORKSPACE).encode()),
        "patchset.json.bz2": bz2.compress(json.dumps(PATCHES).encode()),
    }
    assert summary(open_pallet(save(tmp_path / "x.tar", tar(files, "")))) == {"BkgOnly": (3, True)}


@pytest.mark.parametrize("name", ["workspace.json", "anything.txt", "noending"])
def test_a_bare_workspace_is_a_measurement(tmp_path: Path, name: str) -> None:
    workspace = make_workspace()
    workspace["channels"][0]["samples"].append(make_signal("ttbar", [1.0, 2.0]))
    analysis = only(open_pallet(save(tmp_path / name, json.dumps(workspace).encode())))
    assert analysis.points == ()
    assert analysis.digest_verified is None
    assert analysis.poi == "mu_SIG"
    assert analysis.problems == ()
    assert analysis.parameters == pyhf.Workspace(workspace).model().config.npars


def test_a_compressed_bare_workspace(tmp_path: Path) -> None:
    pallet = open_pallet(save(tmp_path / "workspace.json.gz", gzip.compress(json.dumps(WORKSPACE).encode())))
    assert only(pallet).path == "workspace.json"


def test_a_background_without_signal_points_says_that_nothing_can_be_tested(tmp_path: Path) -> None:
    analysis = only(open_pallet(save(tmp_path / "b.json", json.dumps(WORKSPACE).encode())))
    assert len(analysis.problems) == 1
    assert "mu_SIG" in analysis.problems[0]


@pytest.mark.parametrize("prefix", ["patch.", "patch_", ""])
def test_one_patch_per_file(write_pallet: Write, prefix: str) -> None:
    """As version 1 of SUSY-2018-31: per region a folder, in it the background and a patch for each point."""
    files: dict[str, Any] = {}
    masses = [(900, 280, 150), (1300, 850, 60), (1300, 205, 60)]
    for name, workspace in REGIONS.items():
        files[f"HEPData/{name}/BkgOnly.json"] = workspace
        for m in masses:
            point = "sbottom_{}_{}_{}".format(*m)
            files[f"HEPData/{name}/{prefix}{point}.json"] = make_operations(workspace, point)
    pallet = open_pallet(write_pallet(files))
    assert pallet.problems == ()
    assert summary(pallet) == dict.fromkeys(REGIONS, (3, None))
    for analysis in pallet.analyses:
        assert analysis.problems == ()
        assert [point.name for point in analysis.points] == [
            "sbottom_900_280_150",
            "sbottom_1300_205_60",
            "sbottom_1300_850_60",
        ]
        assert analysis.labels == ("x1", "x2", "x3")
        assert analysis.points[2].values == {"x1": 1300.0, "x2": 850.0, "x3": 60.0}


def test_one_patch_per_file_for_several_workspaces_in_one_folder(write_pallet: Write) -> None:
    files: dict[str, Any] = {}
    for name, workspace in REGIONS.items():
        files[f"{name}_bkgonly.json"] = workspace
        for mass in (100, 200):
            files[f"{name}_ERJR_{mass}p0_50p0.json"] = make_operations(workspace)
    pallet = open_pallet(write_pallet(files))
    assert summary(pallet) == dict.fromkeys(REGIONS, (2, None))
    assert pallet.analyses[0].points[0].name == "ERJR_100p0_50p0"
    assert pallet.analyses[0].points[0].values == {"x1": 100.0, "x2": 50.0}


def test_one_patch_with_metadata_per_file(write_pallet: Write) -> None:
    files: dict[str, Any] = {"BkgOnly.json": WORKSPACE}
    for mass in range(10):
        files[f"{mass}.json"] = {
            "metadata": {"name": f"stau_{mass}", "values": [mass, "LH"]},
            "patch": make_operations(WORKSPACE),
        }
    analysis = only(open_pallet(write_pallet(files)))
    assert len(analysis.patch_sets) == 1
    assert [point.name for point in analysis.points] == [f"stau_{mass}" for mass in range(10)]
    assert analysis.points[3].values == {"x1": 3.0, "x2": "LH"}
    assert analysis.problems == ()


def test_points_without_names_have_no_coordinates(write_pallet: Write) -> None:
    patches = {"patches": [{"patch": make_operations(WORKSPACE)} for _ in range(3)]}
    analysis = only(open_pallet(write_pallet({"BkgOnly.json": WORKSPACE, "p.json": patches})))
    assert [point.name for point in analysis.points] == ["point_1", "point_2", "point_3"]
    assert analysis.labels == ()


def test_lists_of_documents(write_pallet: Write) -> None:
    other = make_patch_set(WORKSPACE, {"slep_100_1": [100, 1]})
    analysis = only(
        open_pallet(write_pallet({"BkgOnly.json": WORKSPACE, "patchsets.json": [PATCHES, other]}))
    )
    assert len(analysis.points) == 4
    assert (
        only(open_pallet(write_pallet({"all.json": [WORKSPACE, PATCHES]}, name="b"))).digest_verified is True
    )


def test_a_hidden_folder_in_an_archive_and_as_the_source(tmp_path: Path, write_pallet: Write) -> None:
    files = {".hidden/BkgOnly.json": WORKSPACE, ".hidden/patchset.json": PATCHES}
    assert summary(open_pallet(save(tmp_path / ".x.tgz", tar(files)))) == {"BkgOnly": (3, True)}
    assert summary(open_pallet(write_pallet(files) / ".hidden")) == {"BkgOnly": (3, True)}


def test_an_archive_as_git_and_as_old_tars_write_it(tmp_path: Path) -> None:
    data = tar({"BkgOnly.json": WORKSPACE, "patchset.json": PATCHES}, "")
    old = bytearray(data)
    for start in (0, data.index(b"patchset.json\0")):
        old[start + 257 : start + 265] = bytes(8)  # without "ustar" and its version, as in the seventies
        old[start + 148 : start + 156] = b" " * 8
        old[start + 148 : start + 156] = b"%06o\0 " % sum(old[start : start + 512])
    assert summary(open_pallet(save(tmp_path / "old.tar", bytes(old)))) == {"BkgOnly": (3, True)}
    header = tarfile.TarInfo.create_pax_global_header({"comment": "0" * 40})
    assert summary(open_pallet(save(tmp_path / "git.tgz", gzip.compress(header + data)))) == {
        "BkgOnly": (3, True)
    }


def test_thousands_of_points(write_pallet: Write) -> None:
    points = {f"p_{x}_{y}": [x, y] for x in range(100) for y in range(100)}
    analysis = only(
        open_pallet(write_pallet({"w.json": WORKSPACE, "p.json": make_patch_set(WORKSPACE, points)}))
    )
    assert len(analysis.points) == 10_000
    assert analysis.problems == ()
    files = {f"patch.p_{x}_{y}.json": make_operations(WORKSPACE) for x in range(30) for y in range(30)}
    analysis = only(open_pallet(write_pallet({"w.json": WORKSPACE, **files}, name="files")))
    assert len(analysis.points) == 900
    assert analysis.points[-1].values == {"x1": 29.0, "x2": 29.0}


def test_many_regions_come_in_their_natural_order(write_pallet: Write) -> None:
    files: dict[str, Any] = {}
    for number in range(12):
        workspace = make_workspace({f"SR{number}": [1.0, 2.0]})
        files[f"R{number}/BkgOnly.json"] = workspace
        files[f"R{number}/patchset.json"] = make_patch_set(workspace, digest="")
    pallet = open_pallet(write_pallet(files))
    assert [analysis.name for analysis in pallet.analyses] == [f"R{number}" for number in range(12)]
    assert all(len(analysis.points) == 3 for analysis in pallet.analyses)


def test_one_folder_per_point(write_pallet: Write) -> None:
    files: dict[str, Any] = {"BkgOnly.json": WORKSPACE}
    for mass in (100, 200, 1000):
        files[f"points/stau_{mass}_1/patch.json"] = make_operations(WORKSPACE)
    analysis = only(open_pallet(write_pallet(files)))
    assert [point.name for point in analysis.points] == ["stau_100_1", "stau_200_1", "stau_1000_1"]
    assert analysis.points[2].values == {"x1": 1000.0, "x2": 1.0}


def with_signal(mass: int, workspace: dict[str, Any] = WORKSPACE) -> dict[str, Any]:
    document = copy.deepcopy(workspace)
    bins = len(document["channels"][0]["samples"][0]["data"])
    document["channels"][0]["samples"].append(make_signal(f"S{mass}", [mass / 100.0] * bins))
    return document


def test_a_complete_workspace_per_point(write_pallet: Write) -> None:
    pallet = open_pallet(
        write_pallet({f"StopRHadron_{mass}_100.json": with_signal(mass) for mass in (600, 800, 1000)})
    )
    analysis = only(pallet)
    assert [point.name for point in analysis.points] == [
        "StopRHadron_600_100",
        "StopRHadron_800_100",
        "StopRHadron_1000_100",
    ]
    assert analysis.points[0].values == {"x1": 600.0, "x2": 100.0}
    for point, mass in zip(analysis.points, (600, 800, 1000), strict=True):
        assert apply_patch(analysis.workspace, decode_operations(point.operations)) == with_signal(mass)
    assert analysis.parameters == as_pyhf_counts(analysis)


def test_complete_workspaces_beside_background_and_patch_set(write_pallet: Write) -> None:
    """As SUSY-2018-33: what repeats the patch set is left out, what does not is added."""
    patches = make_patch_set(WORKSPACE, {f"StopRHadron_{mass}_100": [mass, 100] for mass in (600, 800)})
    files: dict[str, Any] = {"SRMU_bkgonly.json": WORKSPACE, "SRMU_patchset.json": patches}
    for entry in patches["patches"]:
        files[f"SRMU_{entry['metadata']['name']}.json"] = apply_patch(WORKSPACE, entry["patch"])
    files["SRMU_StopRHadron_1000_100.json"] = with_signal(1000)
    pallet = open_pallet(write_pallet(files))
    analysis = only(pallet)
    assert analysis.name == "SRMU"
    assert [point.name for point in analysis.points] == [
        "StopRHadron_600_100",
        "StopRHadron_800_100",
        "StopRHadron_1000_100",
    ]
    assert pallet.problems == ("2 complete workspaces repeat points of a patch set and were left out.",)


def test_measurements_of_different_couplings_stay_apart(write_pallet: Write) -> None:
    """As 129959: same data, same background, another signal, but no coordinates."""
    pallet = open_pallet(write_pallet({"tugamma_LH.json": with_signal(1), "tugamma_RH.json": with_signal(2)}))
    assert summary(pallet) == {"tugamma_LH": (0, None), "tugamma_RH": (0, None)}


def test_regions_with_signal_inside_stay_apart(write_pallet: Write) -> None:
    files = {
        f"SR_{number}.json": with_signal(1, workspace) for number, workspace in enumerate(REGIONS.values())
    }
    assert len(open_pallet(write_pallet(files)).analyses) == 3


@pytest.mark.parametrize("shape", ["list", "object", "one"])
def test_a_single_file_pallet(tmp_path: Path, shape: str) -> None:
    other = make_patch_set(WORKSPACE, {"slep_100_1": [100, 1]})
    patchsets: Any = {"list": [PATCHES, other], "object": {"WW": PATCHES, "Slep": other}, "one": PATCHES}[
        shape
    ]
    document = {"description": "all in one", "workspace": WORKSPACE, "patchsets": patchsets}
    analysis = only(open_pallet(save(tmp_path / "SUSY-2018-32.json", json.dumps(document).encode())))
    assert analysis.name == "SUSY-2018-32"
    assert len(analysis.points) == (3 if shape == "one" else 4)
    assert analysis.digest_verified is True
    assert json.loads(analysis.workspace_json) == WORKSPACE
    if shape == "object":
        assert [patch_set.name for patch_set in analysis.patch_sets] == ["WW", "Slep"]


def test_several_patch_sets_on_one_workspace(write_pallet: Write) -> None:
    """As SUSY-2018-32, with names that occur in two of them."""
    files = {
        "bkgonly.json": WORKSPACE,
        "C1C1WW_patchset.json": make_patch_set(WORKSPACE, {"p_300_50": [300, 50], "p_400_50": [400, 50]}),
        "SlepSlep_patchset.json": make_patch_set(WORKSPACE, {"p_300_50": [300, 50]}, labels=["ml", "mn1"]),
    }
    analysis = only(open_pallet(write_pallet(files)))
    assert [patch_set.name for patch_set in analysis.patch_sets] == ["C1C1WW", "SlepSlep"]
    assert [point.name for point in analysis.points] == ["C1C1WW_p_300_50", "p_400_50", "SlepSlep_p_300_50"]
    assert analysis.labels == ("m1", "m2", "ml", "mn1")
    assert any("same names" in problem for problem in analysis.problems)


def test_a_pallet_beside_its_own_archive_is_read_once(write_pallet: Write) -> None:
    files = {"BkgOnly.json": WORKSPACE, "patchset.json": PATCHES}
    pallet = open_pallet(write_pallet({**files, "downloaded.tar.gz": tar(files)}))
    assert summary(pallet) == {"BkgOnly": (3, True)}
    assert len(pallet.problems) == 1
    assert "repeats" in pallet.problems[0]
