"""The bundled example: made by its script, valid, and friendly to the reference."""

from __future__ import annotations

import itertools
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyhf
import pytest

from fitgui.resources import resource_path

ROOT = Path(__file__).resolve().parent.parent
FILES = ("BkgOnly.json", "patchset.json")
MODIFIERS = {"normfactor", "shapefactor", "lumi", "normsys", "histosys", "shapesys", "staterror"}


@pytest.fixture(scope="module")
def workspace() -> dict[str, Any]:
    return json.loads((resource_path("example") / "BkgOnly.json").read_bytes())  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def patch_set() -> dict[str, Any]:
    return json.loads((resource_path("example") / "patchset.json").read_bytes())  # type: ignore[no-any-return]


def numbers(document: Any) -> list[float]:
    """Every number in a document."""
    if isinstance(document, dict):
        return list(itertools.chain.from_iterable(numbers(value) for value in document.values()))
    if isinstance(document, list):
        return list(itertools.chain.from_iterable(numbers(value) for value in document))
    return [document] if isinstance(document, (int, float)) else []


def test_the_script_makes_the_same_bytes_again(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "resources" / "make_example.py"), "--output", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (resource_path("example") / name).read_bytes()


def test_every_modifier_type_is_shown(workspace: dict[str, Any]) -> None:
    samples = [sample for channel in workspace["channels"] for sample in channel["samples"]]
    assert {modifier["type"] for sample in samples for modifier in sample["modifiers"]} == MODIFIERS
    assert len(workspace["channels"]) == 3
    assert all(math.isfinite(number) and number > 0 for sample in samples for number in sample["data"])


def test_the_plane_is_two_dimensional_below_the_diagonal(patch_set: dict[str, Any]) -> None:
    assert patch_set["metadata"]["labels"] == ["m_X", "m_Y"]
    masses = [tuple(patch["metadata"]["values"]) for patch in patch_set["patches"]]
    assert 55 <= len(masses) == len(set(masses)) <= 70
    assert all(m_x - m_y > 125 and m_y >= 0 for m_x, m_y in masses)
    assert all(math.isfinite(number) for number in numbers(patch_set))


def test_pyhf_accepts_it_and_its_digest(workspace: dict[str, Any], patch_set: dict[str, Any]) -> None:
    background = pyhf.Workspace(workspace)
    patches = pyhf.PatchSet(patch_set)
    patches.verify(background)
    model = patches.apply(background, "XX_600_100").model()
    assert model.config.poi_name == "mu_SIG"
    assert model.config.nmaindata == 8
    assert model.config.npars <= 20  # SLSQP differentiates numerically: the time grows with every parameter


@pytest.mark.parametrize("name", ["XX_200_70", "XX_700_100", "XX_1000_400"])
def test_two_minimisers_agree(workspace: dict[str, Any], patch_set: dict[str, Any], name: str) -> None:
    model = pyhf.PatchSet(patch_set).apply(pyhf.Workspace(workspace), name)
    answers = []
    for optimizer in ("scipy", "minuit"):
        pyhf.set_backend("numpy", optimizer)
        try:
            built = model.model()
            observed, band = pyhf.infer.hypotest(
                1.0, model.data(built), built, test_stat="qtilde", return_expected_set=True
            )
        finally:
            pyhf.set_backend("numpy", "scipy")
        answers.append([float(observed), *(float(value) for value in band)])
    assert all(0 <= value <= 1 for value in answers[0])
    assert answers[0] == pytest.approx(answers[1], abs=1e-3)
