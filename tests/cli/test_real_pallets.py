"""``fitgui run --engine pyhf`` on published pallets gives what pyhf itself gives, to the last digits."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonpatch
import pyhf
import pytest
from threadpoolctl import threadpool_limits

from tests.cli.conftest import Finished

Call = Callable[..., Finished]


def read_member(archive: Path, name: str) -> Any:
    with tarfile.open(archive) as tar:
        [member] = [member for member in tar if member.name.endswith(name)]
        stream = tar.extractfile(member)
        assert stream is not None
        return json.load(stream)


def direct(workspace: Any, patch_set: Any, name: str) -> tuple[float, list[float]]:
    """pyhf itself, as its documentation shows."""
    [patch] = [p["patch"] for p in patch_set["patches"] if p["metadata"]["name"] == name]
    full = pyhf.Workspace(jsonpatch.apply_patch(workspace, patch), validate=False)
    model = full.model(
        validate=False,
        modifier_settings={"normsys": {"interpcode": "code4"}, "histosys": {"interpcode": "code4p"}},
    )
    # SLSQP turns the rounding of a sum that BLAS split between threads into differences of 1e-5 in CLs.
    with threadpool_limits(1):
        observed, band = pyhf.infer.hypotest(
            1.0, full.data(model), model, test_stat="qtilde", return_expected_set=True
        )
    return float(observed), [float(value) for value in band]


def agree(fitgui: Call, archive: Path, folder: str, analysis: str, names: list[str]) -> None:
    patterns = [part for name in names for part in ("--points", name)]
    finished = fitgui(
        "run", archive, "--engine", "pyhf", "--analysis", analysis, *patterns, "--json", timeout=1200
    )
    assert finished.returncode == 0, finished.stderr
    document = json.loads(finished.stdout)
    assert [point["name"] for point in document["points"]] == names
    workspace = read_member(archive, f"{folder}BkgOnly.json")
    patch_set = read_member(archive, f"{folder}patchset.json")
    for point in document["points"]:
        observed, band = direct(workspace, patch_set, point["name"])
        assert point["cls_obs"] == pytest.approx(observed, abs=1e-8)
        assert point["cls_exp"] == pytest.approx(band, abs=1e-8)


def test_stau_low_mass(fitgui: Call, real_pallets: Path) -> None:
    agree(
        fitgui,
        real_pallets / "atlas-susy-2018-04-stau.tar.gz",
        "Region-lowMass/",
        "Region-lowMass",
        ["DS_200_1_Staus"],
    )


@pytest.mark.integration
@pytest.mark.timeout(1800)
def test_one_lepton_two_b(fitgui: Call, real_pallets: Path) -> None:
    agree(
        fitgui,
        real_pallets / "atlas-susy-2019-08-1Lbb.tar.gz",
        "",
        "BkgOnly",
        ["C1N2_Wh_hbb_300_150", "C1N2_Wh_hbb_900_250"],
    )
