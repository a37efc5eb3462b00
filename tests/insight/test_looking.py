"""The numbers behind the plots of one point: against pyhf, scipy, and each other."""

from __future__ import annotations

import json
from typing import Any

import jsonpatch
import numpy as np
import pyhf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from fitgui.insight.correlated import related, strongest_pairs
from fitgui.insight.looking import look_inside, poisson_interval
from fitgui.insight.model import FITS, PARTS, PointInside
from fitgui.insight.record import HEADINGS, record_of
from fitgui.insight.service import options_of
from fitgui.insight.stacking import NAMED_SAMPLES, Stage, sample_order, stacked
from fitgui_backends.contract import FitOptions, FitPoint
from fitgui_backends.engines.detail import look_into
from tests.builders import make_operations, make_workspace

STAGES: tuple[Stage, ...] = ("pre-fit", "post-fit")


def workspace() -> dict[str, Any]:
    """An excess in the signal region, so that mu-hat is inside of its bounds."""
    return make_workspace(observed={"SR": [15.0, 11.0], "CR": [84.0]})


def fit_point(document: dict[str, Any], scale: float = 3.0) -> FitPoint:
    operations = make_operations(document, "signal", scale)
    return FitPoint(name="signal", operations=json.dumps(operations).encode())


@pytest.fixture(scope="module")
def inside() -> PointInside:
    document = workspace()
    return look_inside(document, None, fit_point(document), options_of(None))


@pytest.fixture(scope="module")
def reference() -> tuple[Any, Any]:
    """pyhf's model and data of the same point."""
    document = workspace()
    full = pyhf.Workspace(jsonpatch.apply_patch(document, make_operations(document, "signal", 3.0)))
    settings = {"normsys": {"interpcode": "code4"}, "histosys": {"interpcode": "code4p"}}
    model = full.model(modifier_settings=settings)
    return model, full.data(model)


def test_everything_is_found(inside: PointInside) -> None:
    assert inside.complete
    assert inside.finished == frozenset(PARTS)
    assert tuple(inside.fits) == FITS
    assert inside.fits["background"].mu == 0.0
    assert inside.fits["signal"].mu == 1.0
    assert inside.fits["free"].twice_nll <= min(fit.twice_nll for fit in inside.fits.values())


def test_the_numbers_are_those_of_the_command(inside: PointInside) -> None:
    document = workspace()
    detail = look_into(document, None, fit_point(document), FitOptions())
    free = inside.fits["free"]
    assert inside.result is not None
    assert inside.result.cls_obs == detail.result.cls_obs
    np.testing.assert_array_equal(free.parameters.pulls, detail.best.pulls)
    assert detail.impacts is not None
    assert inside.impacts is not None
    assert inside.impacts.names == tuple(impact.name for impact in detail.impacts.ranking)
    np.testing.assert_allclose(inside.impacts.post_fit, [i.post_fit.mu for i in detail.impacts.ranking])


@pytest.mark.parametrize("mu", [0.0, 0.7, 2.0])
@pytest.mark.parametrize("stage", STAGES)
def test_yields_at_any_signal_strength_are_those_of_pyhf(
    inside: PointInside, reference: tuple[Any, Any], stage: Stage, mu: float
) -> None:
    model, _ = reference
    free = inside.fits["free"]
    names, values = free.parameters.names, free.parameters.values
    if stage == "pre-fit":
        known = np.isfinite(free.parameters.centres)
        values = np.where(known, free.parameters.centres, 1.0)
    place = dict(zip(names, values, strict=True)) | {free.poi: mu}
    point = np.array([place[name] for name in model.config.par_names])
    stack = stacked(free, stage, mu)
    expected = model.main_model.expected_data(point)
    theirs = np.concatenate([expected[model.config.channel_slices[name]] for name, _ in stack.channels])
    np.testing.assert_allclose(stack.total, theirs, rtol=1e-9)
    assert stack.mu == mu

    widths = free.parameters.widths if stage == "pre-fit" else free.parameters.uncertainties
    correlations = np.eye(len(names)) if stage == "pre-fit" else free.parameters.correlations
    errors = []
    for bin_ in range(stack.total.size):
        slopes = np.zeros(len(names))
        for number, name in enumerate(names):
            if name == free.poi or not np.isfinite(widths[number]):
                continue
            step = 1e-4 * widths[number]
            sides = []
            for sign in (-1.0, 1.0):
                moved = point.copy()
                moved[model.config.par_names.index(name)] += sign * step
                by_channel = model.main_model.expected_data(moved)
                sides.append(
                    np.concatenate([by_channel[model.config.channel_slices[n]] for n, _ in stack.channels])
                )
            slopes[number] = (sides[1] - sides[0])[bin_] / (2.0 * step) * widths[number]
        errors.append(float(np.sqrt(slopes @ correlations @ slopes)))
    np.testing.assert_allclose(stack.errors, errors, rtol=1e-5)


def test_the_fitted_total_knows_the_uncertainty_of_mu(inside: PointInside) -> None:
    free = inside.fits["free"]
    fitted, known = stacked(free, "post-fit"), stacked(free, "post-fit", free.mu)
    np.testing.assert_allclose(fitted.total, known.total)
    assert fitted.mu == pytest.approx(free.mu)
    signal_region = slice(1, 3)  # the control region comes first
    assert (fitted.errors[signal_region] != known.errors[signal_region]).all()
    assert stacked(free, "pre-fit").mu == pytest.approx(1.0)


def test_layers_add_up(inside: PointInside) -> None:
    for fit in inside.fits.values():
        for stage in STAGES:
            stack = stacked(fit, stage)
            layers = np.sum([layer.values for layer in stack.layers], axis=0)
            np.testing.assert_allclose(layers, stack.background)
            np.testing.assert_allclose(stack.background + stack.signal, stack.total)
    one = stacked(inside.fits["free"], "post-fit", channels={"SR"})
    assert one.channels == (("SR", 2),)
    assert one.observed.tolist() == [15.0, 11.0]


def test_many_samples_become_few_layers_with_lasting_colours() -> None:
    document = workspace()
    for number in range(14):
        for channel, bins in ((0, 2), (1, 1)):
            document["channels"][channel]["samples"].append(
                {
                    "name": f"small{number:02}",
                    "data": [0.1 * (number + 1)] * bins,
                    "modifiers": [{"name": "JES", "type": "normsys", "data": {"lo": 0.9, "hi": 1.1}}],
                }
            )
    points = [
        look_inside(document, None, fit_point(document, scale), options_of(None), ("fits",))
        for scale in (1.0, 8.0)
    ]
    ranks = []
    for point in points:
        free = point.fits["free"]
        assert len(sample_order(free.channels)) == 15
        stack = stacked(free, "post-fit")
        assert len(stack.layers) == NAMED_SAMPLES + 1
        assert stack.layers[-1].name == "bkg"
        assert stack.layers[0].name == "6 others"
        assert len(stack.layers[0].members) == 6
        np.testing.assert_allclose(np.sum([layer.values for layer in stack.layers], axis=0), stack.background)
        ranks.append({layer.name: layer.rank for layer in stacked(free, "pre-fit", channels={"CR"}).layers})
    assert ranks[0] == ranks[1]


def test_cls_against_mu_is_that_of_pyhf(inside: PointInside, reference: tuple[Any, Any]) -> None:
    model, data = reference
    curve = inside.curve
    assert curve is not None
    assert curve.mus[0] == 0.0
    assert curve.observed[0] == curve.expected[0, 2] == 1.0
    for place in (5, 12, 20):
        observed, band = pyhf.infer.hypotest(
            float(curve.mus[place]), data, model, return_expected_set=True, test_stat="qtilde"
        )
        assert curve.observed[place] == pytest.approx(float(observed), abs=2e-4)
        np.testing.assert_allclose(curve.expected[place], [float(value) for value in band], atol=2e-4)
    assert curve.limit_observed is not None
    at_limit = np.interp(curve.limit_observed, curve.mus, np.log(curve.observed))
    assert np.exp(at_limit) == pytest.approx(0.05, abs=2e-3)
    assert curve.mus[-1] > max(limit for limit in curve.limit_expected if limit is not None)


def test_pieces_add_up_and_nothing_is_lost(inside: PointInside) -> None:
    from fitgui.insight.looking import Look  # noqa: PLC0415
    from fitgui_backends.engines.newton_engine import NewtonEngine  # noqa: PLC0415

    document, options = workspace(), options_of(None)
    look = Look(NewtonEngine().prepare(document, None, options), fit_point(document), options)
    found = PointInside(name="signal", options=options)
    first = look.next("fits")
    assert [fit.name for fit in first.fits] == ["free"]
    found = found.with_piece(first)
    while "impacts" not in found.finished:
        found = found.with_piece(look.next("impacts"))
    assert inside.impacts is not None
    assert found.impacts is not None
    assert found.impacts.names == inside.impacts.names
    shorter = Look(NewtonEngine().prepare(document, None, options), fit_point(document), options)
    piece = shorter.next("curve")
    assert found.with_piece(piece).impacts is found.impacts
    assert found.seconds > 0.0


def test_correlations_are_listed_by_their_size(inside: PointInside) -> None:
    parameters = inside.fits["free"].parameters
    pairs = strongest_pairs(parameters, "", 100)
    sizes = [abs(value) for _, _, value in pairs]
    assert sizes == sorted(sizes, reverse=True)
    for first, second, value in pairs:
        assert first < second
        assert value == parameters.correlations[first, second]
    named = strongest_pairs(parameters, "jes", 100)
    assert named
    assert all("JES" in (parameters.names[i], parameters.names[j]) for i, j, _ in named)
    assert set(related(parameters, 2)) == set(pairs[0][:2])


def test_the_record_tells_of_every_minimum(inside: PointInside) -> None:
    record = record_of(inside, inside.result, {"numpy": ("1.0", "2.0")})
    assert inside.result is not None
    assert len(record.rows) == len(inside.result.fits) == 4
    assert all(len(row) == len(HEADINGS) for row in record.rows)
    assert record.sentences[0].startswith("CLs at μ = 1: observed ")
    assert any(sentence.startswith("Best fit: mu_SIG = ") for sentence in record.sentences)
    assert [name for name, _ in record.starts] == ["μ free", "μ = 0", "μ = 1"]
    assert ("Versions of the run", "numpy 1.0 and 2.0") in record.facts


@given(st.integers(0, 100_000))
def test_poisson_intervals_are_those_of_the_chi_squared(count: int) -> None:
    low, high = poisson_interval(np.array([float(count)]))
    tail = 0.158655253931457
    assert high[0] == pytest.approx(chi2.ppf(1.0 - tail, 2 * count + 2) / 2.0, rel=1e-9)
    expected = chi2.ppf(tail, 2 * count) / 2.0 if count else 0.0
    assert low[0] == pytest.approx(expected, rel=1e-9)
    assert low[0] <= count < high[0]
