"""The first thing that a newcomer does: every point of the example, through the installed command."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from typing import Any

import pytest

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The results file of ``fitgui run example``."""
    folder = tmp_path_factory.mktemp("example")
    output = folder / "results.json"
    command = [sys.executable, "-m", "fitgui", "run", "example", "--workers", "2", "--output", str(output)]
    environment = {**os.environ, "FITGUI_DATA": str(folder / "data")}
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    document: dict[str, Any] = json.loads(output.read_bytes())
    return document


def test_every_point_is_fitted_without_a_worry(results: dict[str, Any]) -> None:
    assert len(results["points"]) == 60
    worries = {
        point["name"]: (point["status"], point["error"], point["warnings"])
        for point in results["points"]
        if point["status"] != "done" or not point["converged"] or not _are_expected(point)
    }
    assert not worries


def _are_expected(point: dict[str, Any]) -> bool:
    """Far inside of what is excluded, a fit at mu = 1 pulls the signal's own uncertainty to its bound."""
    pulled = "1 parameter is on a bound in the fit at mu = 1"
    return all(
        point["cls_obs"] < 1e-6 and warning.startswith(pulled) and warning.endswith("signal_theory.")
        for warning in point["warnings"]
    )


def test_the_contour_crosses_the_plane(results: dict[str, Any]) -> None:
    observed = [point["cls_obs"] < 0.05 for point in results["points"]]
    expected = [point["cls_exp"][2] < 0.05 for point in results["points"]]
    for excluded in (observed, expected):
        assert 20 <= sum(excluded) <= len(excluded) - 20
    assert observed != expected


def test_cls_rises_with_the_mass_of_x(results: dict[str, Any]) -> None:
    massless = sorted(
        (point["values"]["m_X"], point["cls_exp"][2])
        for point in results["points"]
        if point["values"]["m_Y"] == 0 and point["values"]["m_X"] >= 400
    )
    assert len(massless) >= 6
    assert all(lighter < heavier for (_, lighter), (_, heavier) in itertools.pairwise(massless))


def test_the_expected_band_is_in_order(results: dict[str, Any]) -> None:
    for point in results["points"]:
        assert point["cls_exp"] == sorted(point["cls_exp"])
