"""Limits and p0 by the pyhf engine: right where its fits are right, and marked where they are not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonpatch
import numpy as np
import pyhf
import pytest
import threadpoolctl

from fitgui_backends.contract import FitOptions, FitPoint
from fitgui_backends.engines import load_engine
from fitgui_backends.engines.pyhf_extras import misled_fits, upper_limits
from fitgui_backends.engines.pyhf_health import misled_in_words
from fitgui_backends.engines.pyhf_recorder import Minimisation, recording_optimizer
from tests.backends.test_pyhf_engine import fit, read_region
from tests.builders import make_operations, make_workspace


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """As in a worker."""
    with threadpoolctl.threadpool_limits(1):
        yield


def test_p0_of_fits_that_went_nowhere_is_marked(real_pallets: Path) -> None:
    workspace, patches = read_region(real_pallets / "atlas-susy-2018-06-3L-eRJR.tar.gz", "1912.08479")
    result = fit(workspace, patches["ERJR_300p0_100p0"], discovery=True)
    assert result.discovery is not None
    assert result.discovery.p0_obs == pytest.approx(0.5), "it is 0.184"
    assert "do not use p0" in result.warnings[1]
    records = {record.fit: record.converged for record in result.fits if record.fit.startswith("discovery")}
    assert not records["discovery_free"]
    assert set(records) == {
        f"discovery_{name}" for name in ("free", "mu0", "mu1", "asimov_free", "asimov_mu0")
    }


@pytest.mark.integration
@pytest.mark.timeout(300)
def test_limits_of_fits_that_went_nowhere_are_marked(real_pallets: Path) -> None:
    workspace, patches = read_region(real_pallets / "atlas-susy-2018-06-3L-eRJR.tar.gz", "1912.08479")
    result = fit(workspace, patches["ERJR_300p0_100p0"], limits=True)
    assert result.limits is not None
    assert result.limits.obs is not None
    assert result.limits.obs > 1.0, "it is 0.821"
    assert not result.limits.converged
    assert not result.converged
    assert f"{result.limits.fits} ended where they started" in result.warnings[1]
    assert "do not use the upper limits" in result.warnings[1]


def test_good_limits_and_p0_are_not_marked() -> None:
    workspace = make_workspace()
    operations = make_operations(workspace, scale=4.0)
    result = fit(workspace, operations, limits=True, discovery=True)
    newton = load_engine("newton").prepare(workspace, None, FitOptions(limits=True, discovery=True))
    other = newton.fit(FitPoint(name="point", operations=json.dumps(operations).encode()))
    assert result.limits is not None
    assert other.limits is not None
    assert result.discovery is not None
    assert other.discovery is not None
    assert result.limits.converged
    assert result.converged
    assert result.warnings == ()
    assert result.limits.fits > 20
    assert result.limits.obs == pytest.approx(other.limits.obs, rel=1e-3)
    assert result.discovery.p0_obs == pytest.approx(other.discovery.p0_obs, rel=1e-3)
    assert all(record.converged for record in result.fits)


@pytest.mark.parametrize(("where", "kind"), [("start", "ended where"), ("off", "stopped above")])
def test_one_wrong_fit_behind_limits_is_found(where: str, kind: str) -> None:
    """The hypothesis test at mu = 1 is right; one at another mu, which only the limits need, is not."""
    workspace = make_workspace()
    document = jsonpatch.JsonPatch(make_operations(workspace, scale=4.0)).apply(workspace)
    model = pyhf.Workspace(document).model()
    tests: list[tuple[float, list[Minimisation]]] = []

    def record(minimisation: Minimisation) -> None:
        tests[-1][1].append(minimisation)

    pyhf.set_backend("numpy", custom_optimizer=recording_optimizer("scipy", record))
    data = pyhf.tensorlib.astensor(pyhf.Workspace(document).data(model))

    def twice_nll_at(parameters: Any, data: Any) -> float:
        return float(pyhf.infer.mle.twice_nll(pyhf.tensorlib.astensor(parameters), data, model)[0])

    upper_limits(data, model, "qtilde", before=lambda mu: tests.append((mu, [])))
    poi = model.config.poi_index
    assert misled_fits(tests, data, poi, twice_nll_at, []) == []
    mu, fits = tests[3]
    place = next(n for n, one in enumerate(fits) if one.fixed == {poi: mu} and one.data is data)
    good = fits[place]
    end = (
        good.start
        if where == "start"
        else np.where(np.arange(good.end.size) == poi, good.end, good.end * 1.1)
    )
    fits[place] = replace(good, end=end, twice_nll=twice_nll_at(end, data), success=True)
    (misled,) = misled_fits(tests, data, poi, twice_nll_at, [])
    assert misled.words == f"the fit at mu = {mu:g}"
    assert misled.gain == pytest.approx(fits[place].twice_nll - good.twice_nll, rel=0.2)
    sentence = misled_in_words([misled], 5 * len(tests), "the upper limits")
    assert f"1 {kind}" in sentence
    assert f"2 NLL of the fit at mu = {mu:g} is lower elsewhere" in sentence
