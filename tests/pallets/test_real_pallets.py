"""The three published pallets, read as they are."""

from __future__ import annotations

import copy
import warnings
from pathlib import Path

import jsonpatch
import pyhf
import pytest

from fitgui.pallets import open_pallet
from fitgui_backends.histfactory.patching import apply_patch, decode_operations
from fitgui_backends.histfactory.schema import validate_workspace
from fitgui_backends.histfactory.summary import parameter_count

REAL = {
    "atlas-susy-2019-08-1Lbb": {"BkgOnly": (125, 8, 14, 126, ("m1", "m2"))},
    "atlas-susy-2018-04-stau": {
        "Region-combined": (57, 5, 5, 120, ("mst", "mn2")),
        "Region-highMass": (57, 3, 3, 116, ("mst", "mn2")),
        "Region-lowMass": (57, 3, 3, 117, ("mst", "mn2")),
    },
    "atlas-susy-2018-06-3L-eRJR": {"BkgOnly": (64, 4, 4, 69, ("mn2", "mn1"))},
}


@pytest.mark.parametrize("name", REAL)
def test_real_pallet_is_read_completely(real_pallets: Path, name: str) -> None:
    pallet = open_pallet(real_pallets / f"{name}.tar.gz")
    summaries = {
        analysis.name: (
            len(analysis.points),
            len(analysis.channels),
            analysis.bins,
            analysis.parameters,
            analysis.labels,
        )
        for analysis in pallet.analyses
    }
    assert summaries == REAL[name]
    assert pallet.name == name
    assert pallet.problems == ()
    for analysis in pallet.analyses:
        assert analysis.digest_verified is True
        assert analysis.problems == ()
        assert analysis.poi == "mu_SIG"
        assert all(set(point.values) == set(analysis.labels) for point in analysis.points)


@pytest.mark.parametrize("name", REAL)
def test_real_patches_give_what_jsonpatch_and_pyhf_give(real_pallets: Path, name: str) -> None:
    for analysis in open_pallet(real_pallets / f"{name}.tar.gz").analyses:
        original = copy.deepcopy(analysis.workspace)
        for point in (analysis.points[0], analysis.points[-1]):
            operations = decode_operations(point.operations)
            patched = apply_patch(analysis.workspace, operations)
            assert patched == jsonpatch.apply_patch(original, operations)
            assert analysis.workspace == original
            validate_workspace(patched)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model = pyhf.Workspace(patched, validate=False).model(validate=False)
            assert parameter_count(patched) == model.config.npars
            assert model.config.poi_name == analysis.poi
        assert pyhf.utils.digest(original) == analysis.digest
