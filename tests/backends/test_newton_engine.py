"""The engine newton against pyhf, published references, and what pyhf's minimisers miss."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fitgui.pallets import Analysis, SignalPoint, open_pallet
from fitgui_backends.contract import FitOptions, FitPoint
from fitgui_backends.engines import FitError, available_engines, load_engine
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.schema import validate_workspace
from fitgui_backends.results import FitResult
from tests.builders import Workspace, make_operations, make_workspace

NEWTON = FitOptions(engine="newton")


def fit(workspace: object, operations: bytes, name: str = "point", options: FitOptions = NEWTON) -> FitResult:
    prepared = load_engine(options.engine).prepare(workspace, None, options)  # type: ignore[arg-type]
    return prepared.fit(FitPoint(name=name, operations=operations))


def published(pallets: Path, file: str, analysis: str) -> tuple[Analysis, dict[str, SignalPoint]]:
    (found,) = [a for a in open_pallet(pallets / file).analyses if a.name == analysis]
    return found, {point.name: point for point in found.points}


def test_it_is_offered_and_needs_no_pyhf() -> None:
    assert "newton" in available_engines()
    code = (
        "import sys; from fitgui_backends.engines import load_engine; load_engine('newton').warm_up();"
        "print([m for m in ('pyhf', 'PySide6', 'jsonschema', 'scipy.optimize') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("name", "observed", "expected"),
    [
        ("C1N2_Wh_hbb_900_250", 0.4573, (0.0148, 0.0517, 0.1617, 0.4098, 0.7428)),
        ("C1N2_Wh_hbb_300_150", 0.30987, (0.00931, 0.03648, 0.12729, 0.35638, 0.69855)),
    ],
)
def test_1lbb_agrees_with_pyhf_s_reference(
    real_pallets: Path, name: str, observed: float, expected: tuple[float, ...]
) -> None:
    analysis, points = published(real_pallets, "atlas-susy-2019-08-1Lbb.tar.gz", "BkgOnly")
    result = fit(analysis.workspace, points[name].operations, name)
    assert result.name == name
    assert result.cls_obs == pytest.approx(observed, abs=1e-4)
    assert result.cls_exp == pytest.approx(expected, abs=1e-4)
    assert result.converged
    assert {record.fit for record in result.fits} == {"free", "mu0", "mu1", "asimov_mu1"}
    assert all(record.estimated_distance < 1e-6 for record in result.fits)


def test_it_is_right_where_slsqp_is_silently_wrong(real_pallets: Path) -> None:
    analysis, points = published(real_pallets, "atlas-susy-2018-06-3L-eRJR.tar.gz", "BkgOnly")
    operations = points["ERJR_300p0_100p0"].operations
    result = fit(analysis.workspace, operations)
    assert result.converged
    assert result.cls_obs == pytest.approx(0.01814, abs=1e-4)  # as minuit finds, after half a minute
    slsqp = fit(analysis.workspace, operations, options=FitOptions(engine="pyhf"))
    assert not slsqp.converged
    assert result.twice_nll.free is not None
    assert slsqp.twice_nll.free is not None
    assert result.twice_nll.free < slsqp.twice_nll.free - 30


def test_no_fit_ends_above_pyhf_s_on_stau(real_pallets: Path) -> None:
    analysis, points = published(real_pallets, "atlas-susy-2018-04-stau.tar.gz", "Region-lowMass")
    for name in ("DS_120_40_Staus", "DS_280_80_Staus"):
        ours = fit(analysis.workspace, points[name].operations).twice_nll
        theirs = fit(analysis.workspace, points[name].operations, options=FitOptions(engine="pyhf")).twice_nll
        for which in ("free", "mu0", "mu1"):
            assert getattr(ours, which) <= getattr(theirs, which) + 1e-3, (name, which)


def test_points_do_not_depend_on_their_order() -> None:
    workspace = make_workspace({"SR": [50.0, 20.0], "CR": [100.0]})
    patches = [make_operations(workspace, scale=scale) for scale in (0.5, 1.0, 3.0)]
    points = [FitPoint(name=str(i), operations=json.dumps(patch).encode()) for i, patch in enumerate(patches)]
    forward: dict[str, float] = {}
    backward: dict[str, float] = {}
    for order, answers in ((points, forward), (points[::-1], backward)):
        prepared = load_engine("newton").prepare(workspace, None, NEWTON)
        for point in order:
            answers[point.name] = prepared.fit(point).cls_obs
    assert forward == backward


@pytest.mark.parametrize(
    ("operations", "word"),
    [
        (b'[{"op": "add", "path": "/channels/9/samples/0", "value": {}}]', "/channels/9"),
        (b'[{"op": "replace", "path": "/measurements/0/config/poi", "value": ""}]', "parameter of interest"),
    ],
)
def test_what_cannot_be_fitted_is_told_in_one_sentence(operations: bytes, word: str) -> None:
    workspace = make_workspace({"SR": [50.0]})
    with pytest.raises(FitError, match=word) as caught:
        fit(workspace, operations)
    assert "\n" not in str(caught.value)


def test_an_option_that_it_does_not_know_is_refused() -> None:
    with pytest.raises(FitError, match="code4p"):
        fit(make_workspace(), b"[]", options=FitOptions(engine="newton", histosys_interpolation="code2"))


def test_a_signal_that_changes_nothing_is_told() -> None:
    workspace = make_workspace({"SR": [50.0, 60.0]})
    operations = json.dumps(make_operations(workspace, scale=1e-9)).encode()
    result = fit(workspace, operations)
    assert result.cls_obs == pytest.approx(1.0, abs=1e-6)
    assert "mu-hat is undefined" in result.warnings[0]


def test_one_parameter_is_on_a_bound_and_two_parameters_are() -> None:
    for count, words in ((1, "1 parameter is on a bound in"), (2, "2 parameters are on a bound in")):
        workspace = make_workspace({"SR": [50.0, 60.0]}, observed={"SR": [90.0, 100.0]})
        names = ["JES", "scale"][:count]
        if count == 2:
            sample = workspace["channels"][0]["samples"][0]
            sample["modifiers"].append({"name": "scale", "type": "normfactor", "data": None})
        workspace["measurements"][0]["config"]["parameters"] = [
            {"name": name, "bounds": [[-0.1, 1.1]], "inits": [0.0 if name == "JES" else 1.0]}
            for name in names
        ]
        operations = json.dumps(make_operations(workspace, scale=1.0)).encode()
        assert any(words in warning for warning in fit(workspace, operations).warnings)


def _bounded(low: float, high: float, init: float = 1.0) -> Workspace:
    workspace = make_workspace({"SR": [50.0, 60.0]})
    parameter = {"name": "mu_SIG", "bounds": [[low, high]], "inits": [init]}
    workspace["measurements"][0]["config"]["parameters"] = [parameter]
    return workspace


@pytest.mark.parametrize("bounds", [(0.0, 0.5, 0.2), (0.5, 10.0, 1.0), (0.0, 10.0, 12.0)])
def test_both_engines_refuse_bounds_in_the_same_words(bounds: tuple[float, float, float]) -> None:
    workspace = _bounded(*bounds)
    operations = json.dumps(make_operations(workspace)).encode()
    said = []
    for engine in available_engines():
        with pytest.raises(FitError) as caught:
            fit(workspace, operations, options=FitOptions(engine=engine))
        said.append(str(caught.value))
    assert said[0] == said[1]
    assert "bounds" in said[0]


@pytest.mark.parametrize("statistic", ["qtilde", "q"])
def test_limits_and_discovery_agree_with_pyhf(statistic: str) -> None:
    workspace = _bounded(0.0 if statistic == "qtilde" else -10.0, 10.0)
    operations = json.dumps(make_operations(workspace, scale=8.0)).encode()
    newton, pyhf = (
        fit(
            workspace,
            operations,
            options=FitOptions(engine=engine, limits=True, discovery=True, test_statistic=statistic),
        )
        for engine in available_engines()
    )
    assert newton.cls_obs == pytest.approx(pyhf.cls_obs, abs=1e-4)
    assert newton.limits is not None
    assert pyhf.limits is not None
    assert newton.limits.obs == pytest.approx(pyhf.limits.obs, rel=1e-3)
    assert newton.limits.exp == pytest.approx(pyhf.limits.exp, rel=1e-3)
    assert newton.discovery is not None
    assert pyhf.discovery is not None
    assert newton.discovery.p0_obs == pytest.approx(pyhf.discovery.p0_obs, abs=1e-4)
    assert newton.discovery.p0_exp == pytest.approx(pyhf.discovery.p0_exp, abs=1e-4)
    assert min(newton.limits.fits, pyhf.limits.fits) > 0
    assert newton.warnings == pyhf.warnings == ()


@pytest.mark.parametrize("engine", ["newton", "pyhf"])
def test_a_limit_beyond_the_bounds_is_none_and_told(engine: str) -> None:
    workspace = _bounded(0.0, 3.0)
    operations = json.dumps(make_operations(workspace, scale=5.0)).encode()
    result = fit(workspace, operations, options=FitOptions(engine=engine, limits=True))
    assert result.limits is not None
    assert result.limits.exp[0] is not None
    assert result.limits.exp[4] is None
    (note,) = result.notes
    assert "still above 0.05 at mu" in note
    assert "= 3" in note
    assert result.warnings == (), "an answer that lies beyond is no reason for doubt"


@pytest.mark.parametrize("engine", ["newton", "pyhf"])
def test_a_test_statistic_that_does_not_suit_the_bounds_is_told(engine: str) -> None:
    for low, statistic in ((0.0, "q"), (-5.0, "qtilde")):
        workspace = _bounded(low, 10.0)
        operations = json.dumps(make_operations(workspace, scale=5.0)).encode()
        result = fit(workspace, operations, options=FitOptions(engine=engine, test_statistic=statistic))
        assert any("before publishing" in warning for warning in result.warnings)


def test_the_record_tells_the_starts(real_pallets: Path) -> None:
    analysis, points = published(real_pallets, "atlas-susy-2018-04-stau.tar.gz", "Region-combined")
    result = fit(analysis.workspace, points["DS_240_1_Staus"].operations)
    messages = {record.fit: record.message for record in result.fits}
    assert all("starts (" in message or message for message in messages.values())
    assert any("best of" in message and "above it" in message for message in messages.values())


def test_a_second_opinion_is_given_where_a_rate_is_negative(real_pallets: Path) -> None:
    analysis, points = published(real_pallets, "atlas-susy-2018-04-stau.tar.gz", "Region-combined")
    options = FitOptions(non_negative=True)
    result = fit(analysis.workspace, points["DS_140_1_Staus"].operations, options=options)
    assert any("no physics means" in warning for warning in result.warnings)
    second = result.non_negative
    assert second is not None
    assert second.converged
    assert second.cls_obs == pytest.approx(result.cls_obs, rel=0.1)
    pairs = zip((second.cls_obs, *second.cls_exp), (result.cls_obs, *result.cls_exp), strict=True)
    same = max(abs(a - b) for a, b in pairs) <= 0.005
    opinion = [sentence for sentence in result.notes if "kept at zero" in sentence]
    doubts = [sentence for sentence in result.warnings if "kept at zero" in sentence]
    assert (len(opinion), len(doubts)) == ((1, 0) if same else (0, 1)), "agreement is no reason for doubt"
    assert second.twice_nll.mu1 is not None
    assert result.twice_nll.mu1 is not None
    assert second.twice_nll.mu1 > result.twice_nll.mu1
    without = fit(analysis.workspace, points["DS_120_1_Staus"].operations, options=options)
    assert without.non_negative is None


def test_new_samples_are_checked_and_known_ones_are_not_looked_at_again() -> None:
    """The verdict and its words are those of the whole document, wherever the patch puts what is wrong."""
    workspace = make_workspace({"SR": [12.0, 5.0], "CR": [80.0]})
    bad = {"name": "signal", "data": [1.0, "two"], "modifiers": []}
    for path, place in (("/channels/0/samples/1", "SR"), ("/channels/1/samples/0", "CR")):
        operations = json.dumps([{"op": "add", "path": path, "value": bad}]).encode()
        document = json.loads(json.dumps(workspace))
        document["channels"][int(path.split("/")[2])]["samples"].insert(int(path[-1]), bad)
        with pytest.raises(HistFactoryError) as whole:
            validate_workspace(document)
        with pytest.raises(FitError) as patched:
            fit(workspace, operations)
        assert place in str(whole.value)
        assert str(patched.value).rstrip(".").lower() == str(whole.value).lower()


def test_the_local_backend_fits_with_it(tmp_path: Path) -> None:
    """Through the command line and a real worker, against pyhf in this process."""
    output = tmp_path / "newton.json"
    command = [sys.executable, "-m", "fitgui", "run", "example", "--points", "XX_500_*", "--workers", "1"]
    environment = {**os.environ, "FITGUI_DATA": str(tmp_path / "data")}
    subprocess.run([*command, "--output", str(output)], check=True, capture_output=True, env=environment)
    document = json.loads(output.read_text())
    assert document["engine"] == "newton"
    ours = {point["name"]: point["cls_obs"] for point in document["points"]}
    assert len(ours) >= 3
    (analysis,) = open_pallet("example").analyses
    points = {point.name: point for point in analysis.points}
    theirs = {
        name: fit(analysis.workspace, points[name].operations, name, FitOptions(engine="pyhf")).cls_obs
        for name in ours
    }
    assert ours == pytest.approx(theirs, abs=2e-4)
