"""Files laid out as published ones are, made here: small, but with their names, points and oddities."""

from __future__ import annotations

import copy
import functools
import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

from tests.builders import Workspace, make_operations, make_patch_set, make_signal, make_workspace
from tests.pallets.archives import tar, zipped

Files = dict[str, Any]
Points = Mapping[str, Sequence[float | str]]
NOISE: Files = {"._BkgOnly.json": b"\x00\x05\x16\x07", ".DS_Store": b"\0\0\0\1Bud1"}
"""What macOS leaves in archives."""


def _grid(name: str, first: Sequence[int], second: Sequence[int], count: int) -> dict[str, list[float | str]]:
    """The first points of a plane, named as ``name`` says."""
    points = [(a, b) for a in first for b in second if b < a]
    return {name.format(a, b): [float(a), float(b)] for a, b in points[:count]}


def _pair(folder: str, workspace: Workspace, points: Points, labels: Sequence[str], **digest: str) -> Files:
    return {
        f"{folder}BkgOnly.json": workspace,
        f"{folder}patchset.json": make_patch_set(workspace, points, labels=labels, **digest),
    }


@functools.cache
def lbb() -> bytes:
    """As 1Lbb-likelihoods-hepdata.tar.gz: one workspace of eight channels, 125 points."""
    channels = {name: [9.0 + number, 4.0] for number, name in enumerate(("SRLM", "SRMM", "SRHM"))}
    channels |= {name: [80.0] for name in ("STCR", "TRHM", "TRLM", "TRMM", "WR")}
    points = _grid("C1N2_Wh_hbb_{}_{}", range(150, 1050, 25), range(0, 500, 25), 125)
    return tar({**_pair("1Lbb/", make_workspace(channels), points, ("m1", "m2")), **NOISE})


@functools.cache
def stau() -> bytes:
    """As SUSY-2018-04_likelihoods.tar.gz: three regions of 57 points."""
    points = _grid("DS_{}_{}_Staus", range(80, 460, 20), range(0, 200, 40), 57)
    files: Files = {"README.md": "# Direct staus\n"}
    for number, region in enumerate(("combined", "lowMass", "highMass")):
        workspace = make_workspace({f"SR_{region}": [5.0 + number], "QCD_CR": [60.0]})
        files |= _pair(f"Region-{region}/", workspace, points, ("mst", "mn2"))
    return tar(files)


ERJR = make_workspace({"SRlow": [12.0], "SRISR": [7.0], "CRlow": [120.0], "CRISR": [55.0]})


def _erjr_points() -> dict[str, list[float | str]]:
    return {
        f"ERJR_{a}p0_{b}p0": values
        for (a, b), values in (
            ((int(values[0]), int(values[1])), values)
            for values in _grid("{}_{}", range(100, 650, 50), range(0, 450, 50), 64).values()
        )
    }


@functools.cache
def erjr() -> bytes:
    """As version 2 of the likelihoods of SUSY-2018-06: 64 points."""
    return tar(_pair("", ERJR, _erjr_points(), ("mn2", "mn1")))


@functools.cache
def erjr_first() -> bytes:
    """As version 1 of them: one patch a file."""
    files: Files = {"BkgOnly.json": ERJR}
    for number, name in enumerate(_erjr_points()):
        files[f"patch.{name}.json"] = make_operations(ERJR, name, 1.0 + number)
    return tar(files)


SBOTTOM = {"sbottom_900_280_150": [900.0, 280.0, 150.0], "sbottom_1300_850_60": [1300.0, 850.0, 60.0]}


def _sbottom_regions() -> dict[str, Workspace]:
    return {
        f"Region{letter}": make_workspace({f"SR{letter}_meff": [5.0, 3.0], "VRtt": [20.0], "CRtt": [50.0]})
        for letter in "ABC"
    }


@functools.cache
def sbottom_first() -> bytes:
    """As version 1 of SUSY-2018-31: three regions, one patch a file."""
    files: Files = {}
    for region, workspace in _sbottom_regions().items():
        files[f"HEPData_workspaces/{region}/BkgOnly.json"] = workspace
        for name in SBOTTOM:
            files[f"HEPData_workspaces/{region}/patch.{name}.json"] = make_operations(workspace, name)
    return tar(files)


@functools.cache
def sbottom() -> bytes:
    """As version 3: patch sets, whose patches also remove the validation channel."""
    files: Files = {}
    for region, workspace in _sbottom_regions().items():
        patches = make_patch_set(workspace, SBOTTOM, labels=("m_sbottom", "m_neutralino2", "m_neutralino1"))
        for patch in patches["patches"]:
            patch["patch"].append({"op": "remove", "path": "/channels/1"})
        files |= {f"{region}/BkgOnly.json": workspace, f"{region}/patchset.json": patches}
    return tar(files)


@functools.cache
def compressed_spectra(version: int) -> bytes:
    """As SUSY-2019-09: in a folder in version 1, flat in version 2; three patch sets for one workspace."""
    onshell = make_workspace({"SR_onWZ": [8.0, 6.0], "CR_WZ": [90.0]})
    offshell = make_workspace({"SR_offWZ": [4.0, 3.0], "CR_WZ": [90.0]})
    files: Files = {"bkg_onshell.json": onshell, "bkg_offshell.json": offshell}
    files["patch_onshell_wino.json"] = make_patch_set(onshell, {"CN_WZ_300_100_onshell": [300, 100]})
    for model in ("higgsino", "winobino_plus", "winobino_minus"):
        points: Points = {f"CN_WZ_{mass}_100_{model}_offshell": [mass, 100] for mass in (150, 200)}
        files[f"patch_offshell_{model}.json"] = make_patch_set(offshell, points)
    folder = "statistical_models/" if version == 1 else ""
    return tar({f"{folder}{name}": content for name, content in files.items()})


BRANCHING = make_workspace({"SRFR": [4.0, 2.0], "CRWZ": [70.0]})


def _branching_points() -> dict[str, list[float | str]]:
    return {
        f"brZ_{z}_brH_{h}_brW_20_bre_33_brm_33_brt_33_mass_{mass}": [z, h, 20, 33, 33, 33, mass]
        for z, h in ((60, 20), (40, 40), (20, 60))
        for mass in (500, 700)
    }


@functools.cache
def branching() -> bytes:
    """As SUSY-2018-36: seven coordinates of every point."""
    labels = ("brZ", "brH", "brW", "bre", "brm", "brt", "mass")
    return tar(
        {
            "FullLikelihoods_sm/inclusive_bkgonly.json": BRANCHING,
            "FullLikelihoods_sm/inclusive_patchset.json": make_patch_set(
                BRANCHING, _branching_points(), labels=labels
            ),
        }
    )


@functools.cache
def branching_names() -> bytes:
    """The same points, one patch a file: only their names tell where they lie."""
    files: Files = {"FullLikelihoods_sm/inclusive_bkgonly.json": BRANCHING}
    for name in _branching_points():
        files[f"FullLikelihoods_sm/{name}.json"] = make_operations(BRANCHING, name)
    return tar(files)


@functools.cache
def words_as_values() -> bytes:
    """As SUSY-2018-10: two models in one patch set, told apart by a text among the values."""
    workspace = make_workspace({"SR2J": [6.0, 3.0], "TR2J": [40.0]})
    points: Points = {
        f"{model}_oneStep_{m}_{m // 2}_60": [model, m, m // 2, 60]
        for model in ("GG", "SS")
        for m in (1000, 1400)
    }
    return tar(_pair("likelihoods/", workspace, points, ("model", "m1", "m2", "m3")))


@functools.cache
def empty_digest() -> bytes:
    """As tools pass pallets on: a patch set with an empty digest, numbers as texts, and no version."""
    workspace = make_workspace({"SRL": [6.0, 3.0], "CRT": [40.0]})
    patches = make_patch_set(
        workspace, {"GG_1000_60": ["1000", "60"], "GG_1400_60": ["1400", "60"]}, digest=""
    )
    del patches["version"]
    return tar({"BkgOnly.json": workspace, "patchset.json": patches}, "xz")


def with_signal(workspace: Workspace, name: str, scale: float, poi: str = "mu_SIG") -> Workspace:
    """The workspace with a signal inside."""
    document = copy.deepcopy(workspace)
    bins = len(document["channels"][0]["samples"][0]["data"])
    document["channels"][0]["samples"].append(
        make_signal(name, [scale * (bin_ + 1) for bin_ in range(bins)], poi)
    )
    return document


@functools.cache
def complete_workspaces() -> bytes:
    """As SUSY-2018-33, with a second folder at the top: patch sets, and a workspace for each point."""
    files: Files = {"__MACOSX/Likelihoods/._x.json": b"\x00\x05\x16\x07", "Documentation/README.txt": "Hello"}
    for region in ("SRMET", "SRMU"):
        workspace = make_workspace({region: [1.5], f"CR_{region}": [30.0]})
        points = {f"StopRHadron_{mass}_100": [mass, 100.0] for mass in (1000, 1200)}
        patches = make_patch_set(workspace, points, labels=("mass", "lifetime"))
        folder = "Likelihoods/DVPlusMuConfig/"
        files[f"{folder}{region}_bkgonly.json"] = workspace
        files[f"{folder}{region}_patchset.json"] = patches
        for number, name in enumerate(points):
            files[f"{folder}{region}_{name}.json"] = with_signal(workspace, name, 2.0 + number)
    return zipped(files)


@functools.cache
def only_complete_workspaces() -> bytes:
    """A workspace for each point and nothing else, in two folders at the top of a zip."""
    files: Files = {}
    for region in ("SRMET", "SRMU"):
        workspace = make_workspace({region: [1.5], f"CR_{region}": [30.0]})
        for mass in (1000, 1200, 1400):
            name = f"StopRHadron_{mass}_100"
            files[f"{region}/{name}.json"] = with_signal(workspace, name, mass / 1000)
    return zipped(files)


@functools.cache
def two_top_folders() -> bytes:
    """A zip of which pyhf's own download keeps only the first folder."""
    files: Files = {"__MACOSX/RegionA/._BkgOnly.json": b"\x00\x05\x16\x07"}
    for letter in "AB":
        workspace = make_workspace({f"SR{letter}": [5.0, 3.0], "CR": [50.0]})
        files |= _pair(
            f"Region{letter}/", workspace, {"GG_1000_1": [1000, 1], "GG_1200_1": [1200, 1]}, ("mg", "mn")
        )
    return zipped(files)


@functools.cache
def nested() -> bytes:
    """As llh_jsons.tar of SUSY-2018-05: a tar of archives; one point is a region, not a mass."""
    files: Files = {}
    sets: dict[str, Points] = {
        "ewk_discovery": {"DR_Int_EWK": []},
        "RJR_C1N2": {"C1N2_200_100": [200, 100], "C1N2_300_100": [300, 100]},
        "STR_GG": {"GG_1000_500": [1000, 500], "GG_1200_500": [1200, 500], "GG_1400_500": [1400, 500]},
    }
    for name, points in sets.items():
        workspace = make_workspace({f"SR_{name}": [3.0, 1.5], "CRZ": [60.0]})
        labels = ("m1", "m2") if any(points.values()) else ()
        inner = {
            f"{name}_bkgonly.json": workspace,
            f"{name}_patchset.json": make_patch_set(workspace, points, labels=labels),
        }
        files[f"llh_jsons/{name}.json.tgz"] = tar(inner)
    return tar(files, "")


@functools.cache
def several_patch_sets() -> bytes:
    """As SUSY-2018-32: one workspace, three patch sets."""
    workspace = make_workspace({"SR_DF": [8.0, 5.0], "CR_top": [100.0]})
    files: Files = {"bkgonly.json": workspace}
    for model, labels in (
        ("C1C1WW", ("m_C1", "m_N1")),
        ("SlepSlep", ("m_slepton", "m_N1")),
        ("C1C1SlepSnu", ("m_C1", "m_N1")),
    ):
        points: Points = {f"{model}_{mass}_50": [mass, 50] for mass in (300, 400)}
        files[f"{model}_patchset.json"] = make_patch_set(workspace, points, labels=labels)
    return tar(files)


@functools.cache
def bare(poi: str = "mu") -> bytes:
    """As workspace.json of the four-top evidence: no archive, no patches."""
    workspace = with_signal(
        make_workspace({"SR": [12.0, 5.0, 2.0], "CR": [80.0]}, poi=poi), "signal", 1.0, poi
    )
    workspace["measurements"][0]["name"] = "cross-section_Measurement"
    return json.dumps(workspace, indent=4).encode()


@functools.cache
def heavy(size: int, seed: int = 0) -> bytes:
    """A pallet of three points beside so many bytes that do not compress: for downloads that take time."""
    workspace = make_workspace()
    noise = random.Random(seed).randbytes(size)
    return tar({"figures.pdf": noise, "BkgOnly.json": workspace, "patchset.json": make_patch_set(workspace)})


@functools.cache
def slha() -> bytes:
    """An archive that is no likelihood."""
    return tar({"slha/C1N2_900_250.slha": "BLOCK MASS\n"})


@functools.cache
def hs3() -> bytes:
    """As the likelihood of triple Higgs: HS3, which was tagged HistFactory."""
    document = {
        "metadata": {"hs3_version": "0.2", "packages": [{"name": "ROOT", "version": "6.32"}]},
        "distributions": [
            {
                "name": "model_SR",
                "type": "histfactory_dist",
                "axes": [{"name": "obs_x_SR", "min": 0, "max": 1, "nbins": 1}],
                "samples": [{"name": "HHH", "data": {"contents": [1.0], "errors": [0.1]}, "modifiers": []}],
            }
        ],
        "data": [{"name": "obsData_SR", "type": "binned", "contents": [3.0]}],
        "likelihoods": [{"name": "likelihood", "distributions": ["model_SR"], "data": ["obsData_SR"]}],
        "domains": [{"name": "default_domain", "type": "product_domain", "axes": []}],
        "analyses": [{"name": "analysis", "likelihood": "likelihood", "parameters_of_interest": ["mu"]}],
        "parameter_points": [{"name": "default_values", "parameters": [{"name": "mu", "value": 1.0}]}],
    }
    return tar({"HHH_Likelihoods/nonresonant.json": document, "HHH_Likelihoods/README.md": "HS3"})
