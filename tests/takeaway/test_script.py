"""The copied script: run by a Python of its own, it finds the CLs of the run with pyhf alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fitgui.pallets import Analysis, Pallet, SignalPoint, open_pallet
from fitgui.runs.plan import RunError
from fitgui.takeaway import script_text
from fitgui.takeaway.provenance import Provenance
from fitgui.takeaway.script import ScriptPoint, embed, make_script
from fitgui_backends.contract import FitOptions, FitPoint
from fitgui_backends.engines import load_engine
from fitgui_backends.results import FitResult
from tests.builders import make_patch_set, make_signal, make_workspace
from tests.hepdata.standin import StandIn
from tests.pallets.archives import tar, zipped
from tests.takeaway.hands import run_script
from tests.takeaway.recorded import NOWHERE

WORKSPACE = make_workspace()


def fitted(analysis: Analysis, point: SignalPoint, options: FitOptions) -> FitResult:
    engine = load_engine(options.engine)
    prepared = engine.prepare(analysis.workspace, None, options)
    return prepared.fit(FitPoint(name=point.name, operations=point.operations))


def agrees(pallet: Pallet, path: Path, point: str, folder: Path, options: FitOptions | None = None) -> str:
    """Check the script against a fit, and return the script."""
    options = options or FitOptions()
    [analysis] = [found for found in pallet.analyses if any(point == known.name for known in found.points)]
    [wanted] = [known for known in analysis.points if known.name == point]
    result = fitted(analysis, wanted, options)
    text = make_script(
        ScriptPoint(pallet, analysis, wanted, options, Provenance(path, "", None), None, result, "r1")
    )
    ours, theirs, _ = run_script(text, folder)
    assert theirs == pytest.approx([result.cls_obs, *result.cls_exp], rel=1e-5)
    assert ours == pytest.approx([result.cls_obs, *result.cls_exp], abs=1e-4)
    return text


def test_options_of_the_run_are_those_of_the_script(small_pallet: Path, tmp_path: Path) -> None:
    options = FitOptions(
        poi_test=0.7, test_statistic="q", normsys_interpolation="code1", histosys_interpolation="code0"
    )
    text = agrees(open_pallet(small_pallet), small_pallet, "sig_400_100", tmp_path, options)
    for words in ("MU = 0.7", "'code1'", "'code0'", "TEST_STATISTIC = 'q'", "run r1"):
        assert words in text


def test_a_point_of_pyhf_is_fitted_as_pyhf_does(small_pallet: Path, tmp_path: Path) -> None:
    text = agrees(open_pallet(small_pallet), small_pallet, "sig_400_200", tmp_path, FitOptions(engine="pyhf"))
    assert "STARTS" not in text
    assert "Optimizer" not in text


def test_patches_made_from_whole_workspaces_travel_in_the_script(tmp_path: Path) -> None:
    files = {}
    for mass in (600, 800):
        document = json.loads(json.dumps(WORKSPACE))
        document["channels"][0]["samples"].append(make_signal(f"S{mass}", [mass / 100.0] * 2))
        files[f"Stop_{mass}_100.json"] = document
    path = tmp_path / "whole.zip"
    path.write_bytes(zipped(files))
    text = agrees(open_pallet(path), path, "Stop_800_100", tmp_path)
    assert "base85" in text


def test_a_large_random_document_travels_in_the_script(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    for size in (1, 96, 100_000, 100_000, 100_000):
        document = {"noise": rng.bytes(size).decode("latin-1")}
        kept = embed("NOISE", json.dumps(document, ensure_ascii=False).encode())
        known: dict[str, Any] = {"json": json}
        exec(script_text.UNPACK + kept, known)  # what is written there, as Python reads it
        assert known["unpacked"](known["NOISE"]) == document
        assert max(map(len, kept.splitlines())) < 120


def test_a_large_patch_made_from_whole_workspaces_is_run(tmp_path: Path) -> None:
    noise = np.random.default_rng(2).bytes(100_000).hex()
    files = {}
    for mass in (600, 800):
        document = json.loads(json.dumps(WORKSPACE))
        document["channels"][0]["samples"].append(make_signal(f"S{mass}{noise}", [mass / 100.0] * 2))
        files[f"Stop_{mass}_100.json"] = document
    path = tmp_path / "whole.zip"
    path.write_bytes(zipped(files))
    assert len(agrees(open_pallet(path), path, "Stop_800_100", tmp_path)) > 100_000


def test_archives_in_archives_and_names_that_were_changed(tmp_path: Path) -> None:
    inner = {
        folder: tar({"BkgOnly.json": WORKSPACE, "patchset.json": make_patch_set(WORKSPACE, scaled)})
        for folder, scaled in (("a", {"p_1_2": [1, 2], "p_3_4": [3, 4]}), ("b", {"p_5_6": [5, 6]}))
    }
    path = tmp_path / "outer.zip"
    path.write_bytes(zipped({f"{folder}.tar.gz": data for folder, data in inner.items()}))
    pallet = open_pallet(path)
    point = next(point.name for found in pallet.analyses for point in found.points if "3_4" in point.name)
    agrees(pallet, path, point, tmp_path)


def test_no_name_of_a_stranger_is_ever_code(tmp_path: Path) -> None:
    evil = 'x"""\nimport os; os.mkdir("owned")\n\'\'\' $HOME ${mu} \\ {0} %s'
    path = tmp_path / "it's $mu.tar"
    path.write_bytes(tar({"b.json": WORKSPACE, "p.json": make_patch_set(WORKSPACE, {evil: [1, 2]})}, ""))
    pallet = open_pallet(path)
    agrees(pallet, path, pallet.analyses[0].points[0].name, tmp_path)
    assert not (tmp_path / "owned").exists()


def test_a_published_pallet_is_fetched_by_its_doi(hepdata: StandIn, tmp_path: Path) -> None:
    data = tar({"BkgOnly.json": WORKSPACE, "patchset.json": make_patch_set(WORKSPACE)})
    resource = hepdata.publish("likelihoods.tar.gz", data)
    assert resource.doi is not None
    path = tmp_path / "likelihoods.tar.gz"
    path.write_bytes(data)
    pallet = open_pallet(path)
    analysis = pallet.analyses[0]
    point = analysis.points[0]
    gone = Provenance(None, resource.doi, None)
    text = make_script(ScriptPoint(pallet, analysis, point, FitOptions(), gone))
    assert "https://doi.org/" in text
    ours, theirs, printed = run_script(text.replace("https://doi.org/", f"{hepdata.url}/doi/"), tmp_path)
    assert ours == pytest.approx(theirs, abs=1e-4)
    assert "fetching" in printed
    assert "not the very file" not in printed


def test_what_cannot_be_reproduced_is_said(small_pallet: Path) -> None:
    pallet = open_pallet(small_pallet)
    analysis = pallet.analyses[0]
    with pytest.raises(RunError, match="open it again"):
        make_script(ScriptPoint(pallet, analysis, analysis.points[0], FitOptions(), NOWHERE))
    there = Provenance(small_pallet, "", None)
    with pytest.raises(RunError, match="no result yet"):
        make_script(ScriptPoint(pallet, analysis, analysis.points[0], FitOptions(engine="pyhf"), there))


@pytest.mark.parametrize(
    ("archive", "analysis", "point"),
    [
        # Where pyhf's own start leads SLSQP to another, higher minimum without a word.
        ("atlas-susy-2018-06-3L-eRJR.tar.gz", "BkgOnly", "ERJR_125p0_85p0"),
        *(
            pytest.param(*where, marks=pytest.mark.integration)
            for where in [
                ("atlas-susy-2018-06-3L-eRJR.tar.gz", "BkgOnly", "ERJR_250_50"),
                ("atlas-susy-2018-04-stau.tar.gz", "Region-lowMass", "DS_100_1_Staus"),
                ("atlas-susy-2018-04-stau.tar.gz", "Region-combined", "DS_240_40_Staus"),
                ("atlas-susy-2019-08-1Lbb.tar.gz", "BkgOnly", "C1N2_Wh_hbb_300_150"),
            ]
        ),
    ],
)
def test_points_of_published_pallets(
    real_pallets: Path, tmp_path: Path, archive: str, analysis: str, point: str
) -> None:
    pallet = open_pallet(real_pallets / archive)
    [chosen] = [found for found in pallet.analyses if found.name == analysis]
    wanted = next(known for known in chosen.points if known.name == point)
    origin = Provenance(real_pallets / archive, "", None)
    ours, theirs, _ = run_script(
        make_script(ScriptPoint(pallet, chosen, wanted, FitOptions(), origin)), tmp_path
    )
    assert ours == pytest.approx(theirs, abs=1e-4)
    assert not any(value != value for value in ours)
