"""CLs: pyhf's where pyhf finds the minimum, published reference values, and what the record says."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pyhf
import pytest
from scipy.special import log_ndtr

from fitgui_backends.engines.newton_words import warnings_in_words
from fitgui_backends.histfactory.constraints import Data, observed_data
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.likelihood import Likelihood
from fitgui_backends.histfactory.model import Compiler, Model, observed_counts
from fitgui_backends.inference import starts
from fitgui_backends.inference.fits import Fitter, unphysical
from fitgui_backends.inference.hypothesis_test import background_fit, cls_of, hypothesis_test
from fitgui_backends.inference.starts import Start
from tests.backends.newton.conftest import Published, compile_both
from tests.backends.newton.small_models import compiled, counting, one_channel
from tests.builders import Workspace, make_operations, make_workspace

ModelOf = Callable[[str, str], tuple[Model, Data]]


def with_signal(
    observed: Sequence[float],
    *,
    scale: float = 1.0,
    lowest: float = 0.0,
    background: Sequence[float] = (12.0, 5.0),
) -> Workspace:
    """A signal and a control region; the bounds of the POI are set."""
    workspace = make_workspace({"SR": background, "CR": [80.0]}, observed={"SR": observed})
    workspace["channels"][0]["samples"].append(make_operations(workspace, scale=scale)[0]["value"])
    bounds = [{"name": "mu_SIG", "bounds": [[lowest, 10.0]]}]
    workspace["measurements"][0]["config"]["parameters"] = bounds
    return workspace


@pytest.mark.parametrize(
    ("point", "observed", "expected"),
    [
        ("C1N2_Wh_hbb_900_250", 0.4573, (0.0148, 0.0517, 0.1617, 0.4098, 0.7428)),
        ("C1N2_Wh_hbb_300_150", 0.30987, (0.00931, 0.03648, 0.12729, 0.35638, 0.69855)),
    ],
)
def test_1lbb_as_pyhf(model_of: ModelOf, point: str, observed: float, expected: tuple[float, ...]) -> None:
    test = hypothesis_test(*model_of("1Lbb", point))
    assert test.converged
    assert test.cls_obs == pytest.approx(observed, abs=1e-4)
    assert test.cls_exp == pytest.approx(expected, abs=1e-4)


def test_3l_where_pyhf_does_not_move(model_of: ModelOf) -> None:
    test = hypothesis_test(*model_of("3L eRJR", "ERJR_300p0_100p0"))
    assert test.converged
    assert test.cls_obs == pytest.approx(0.01814, abs=1e-4)


def test_stau_in_the_minimum_of_pyhf_and_in_a_lower_one(model_of: ModelOf) -> None:
    model, data = model_of("stau combined", "DS_280_40_Staus")
    nearest = hypothesis_test(model, data, thorough=False)
    assert nearest.converged
    assert nearest.cls_obs == pytest.approx(0.0019022, abs=1e-6)
    assert nearest.cls_exp[2] == pytest.approx(0.00167, abs=5e-6)
    lowest = hypothesis_test(model, data)
    assert lowest.converged
    for name, fit in lowest.fits.items():
        if name != "asimov_mu1":  # fitted to other Asimov data
            assert fit.twice_nll <= nearest.fits[name].twice_nll + 1e-6
    # The background-only fit has a second minimum, lower by 0.13: the record shows it.
    assert lowest.fits["mu0"].twice_nll < nearest.fits["mu0"].twice_nll - 0.1
    assert lowest.fits["mu0"].spread > 0.1
    assert len(lowest.fits["mu0"].starts) > 2


def test_a_lower_minimum_without_meaning_is_left_out_and_told(
    model_of: ModelOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One of these scattered starts ends where the sample Z is expected at minus fifteen events.
    monkeypatch.setattr(starts, "_SEED", 10)
    model, data = model_of("stau combined", "DS_280_40_Staus")
    fitter, likelihood = Fitter(model), Likelihood(model, data)
    fit = fitter.fit(likelihood, [Start("nominal", model.parameters.init)], 1.0)
    assert fit.converged
    assert fit.dismissed > 4.0
    assert unphysical(likelihood, fit.x) < 0.1
    nearest = Fitter(model, thorough=False).fit(likelihood, [Start("nominal", model.parameters.init)], 1.0)
    assert fit.twice_nll <= nearest.twice_nll + 1e-6
    assert nearest.dismissed == 0.0


@pytest.mark.parametrize("point", ["DS_200_1_Staus", "DS_280_40_Staus"])
def test_no_fit_of_a_test_is_above_what_another_one_found(model_of: ModelOf, point: str) -> None:
    model, data = model_of("stau combined", point)
    test, fitter, likelihood = hypothesis_test(model, data), Fitter(model), Likelihood(model, data)
    assert test.fits["free"].twice_nll <= min(test.fits["mu0"].twice_nll, test.fits["mu1"].twice_nll) + 1e-6
    for name, mu in (("mu0", 0.0), ("mu1", 1.0), ("free", None)):
        offered = [Start(other, fit.x) for other, fit in test.fits.items() if other != name]
        refined = fitter.refine(likelihood, test.fits[name], offered[:2], mu)
        assert refined.twice_nll >= test.fits[name].twice_nll - 1e-6


def test_negative_rates_are_named(model_of: ModelOf) -> None:
    test = hypothesis_test(*model_of("stau combined", "DS_240_1_Staus"), thorough=False)
    assert test.converged
    found = {(rate.channel, rate.sample): rate for rate in test.fits["mu1"].negative_rates}
    rate = found["QCR1cut_cuts", "Z_Staus"]
    assert rate.bin == 1
    assert rate.rate < 0.0
    assert rate.modifiers


def test_a_background_fit_of_another_point_saves_work_and_changes_nothing(model_of: ModelOf) -> None:
    other, data = model_of("1Lbb", "C1N2_Wh_hbb_900_250")
    known = hypothesis_test(other, data)
    background = dict(zip(other.parameters.names, known.fits["mu0"].x.tolist(), strict=True))
    model, data = model_of("1Lbb", "C1N2_Wh_hbb_300_150")
    alone, helped = hypothesis_test(model, data), hypothesis_test(model, data, background=background)
    assert helped.cls_obs == pytest.approx(alone.cls_obs, abs=1e-6)
    assert helped.cls_exp == pytest.approx(alone.cls_exp, abs=1e-6)
    assert len(helped.fits["mu0"].starts) == 1


@pytest.mark.parametrize("analysis", ["1Lbb", "stau combined", "3L eRJR"])
def test_the_background_alone_is_fitted_once_for_all_points(
    model_of: ModelOf, published: Published, analysis: str
) -> None:
    workspace, patches = published.points(analysis)
    alone = Compiler().compile(workspace)
    assert alone.poi not in alone.parameters.places
    background = background_fit(alone, observed_data(alone, observed_counts(workspace, alone)))
    assert background is not None
    for point in list(patches)[::25]:
        model, data = model_of(analysis, point)
        test, by_itself = hypothesis_test(model, data, background=background), hypothesis_test(model, data)
        assert test.fits["mu0"].twice_nll <= by_itself.fits["mu0"].twice_nll + 1e-6
        assert test.fits["mu0"].winner == "fit at mu = 0 of another signal"
        assert test.cls_obs == pytest.approx(by_itself.cls_obs, abs=1e-5)


def test_a_background_fit_holds_the_signal_at_zero_where_the_workspace_has_one() -> None:
    both = compile_both(with_signal([20.0, 9.0]))
    background = background_fit(both.model, both.data)
    assert background is not None
    assert background["mu_SIG"] == 0.0
    alone = hypothesis_test(both.model, both.data).fits["mu0"]
    assert list(background.values()) == pytest.approx(alone.x.tolist(), abs=1e-6)


def test_no_background_fit_where_the_background_cannot_make_the_data() -> None:
    both = compile_both(with_signal([20.0, 9.0], background=[12.0, 0.0]))
    assert background_fit(both.model, both.data) is None


@pytest.mark.parametrize("scale", [0.3, 1.0, 3.0])
@pytest.mark.parametrize("observed", [[6.0, 2.0], [12.0, 5.0], [20.0, 9.0]])
def test_small_models_as_pyhf(scale: float, observed: list[float]) -> None:
    both = compile_both(with_signal(observed, scale=scale))
    with np.errstate(all="ignore"):
        cls_obs, cls_exp = pyhf.infer.hypotest(
            1.0, both.reference_data, both.reference, return_expected_set=True
        )
    test = hypothesis_test(both.model, both.data)
    assert test.cls_obs == pytest.approx(float(cls_obs), abs=1e-4)
    assert test.cls_exp == pytest.approx([float(value) for value in cls_exp], abs=1e-4)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("lowest", [0.0, -5.0])
@pytest.mark.parametrize("statistic", ["q", "qtilde"])
@pytest.mark.parametrize("observed", [[6.0, 2.0], [12.0, 5.0], [20.0, 9.0]])
def test_test_statistics_as_pyhf(lowest: float, statistic: str, observed: list[float]) -> None:
    both = compile_both(with_signal(observed, lowest=lowest))
    cls_obs, cls_exp = pyhf.infer.hypotest(
        1.0, both.reference_data, both.reference, return_expected_set=True, test_stat=statistic
    )
    test = hypothesis_test(both.model, both.data, test_statistic=statistic)
    assert test.cls_obs == pytest.approx(float(cls_obs), abs=1e-4)
    assert test.cls_exp == pytest.approx([float(value) for value in cls_exp], abs=1e-4)
    if observed == [6.0, 2.0]:
        assert (test.mu_hat < 0.0) == (lowest < 0.0)


def test_an_unknown_test_statistic_is_refused() -> None:
    both = compile_both(with_signal([12.0, 5.0]))
    with pytest.raises(HistFactoryError, match='no test statistic "t": choose qtilde or q'):
        hypothesis_test(both.model, both.data, test_statistic="t")


def test_the_asymptotic_formulas_are_those_of_pyhf() -> None:
    for q_mu, q_asimov in [(0.0, 2.0), (1.0, 4.0), (4.0, 4.0), (9.0, 4.0), (0.0, 0.0), (30.0, 20.0)]:
        calculator = pyhf.infer.calculators.AsymptoticTestStatDistribution
        root, root_asimov = math.sqrt(q_mu), math.sqrt(q_asimov)
        statistic = root - root_asimov
        if root > root_asimov:
            statistic = (q_mu - q_asimov) / (2.0 * root_asimov)
        signal, background = calculator(-root_asimov), calculator(0.0)
        observed, band = cls_of(q_mu, q_asimov)
        assert observed == pytest.approx(signal.pvalue(statistic) / background.pvalue(statistic), rel=1e-12)
        for value, sigma in zip(band, (2.0, 1.0, 0.0, -1.0, -2.0), strict=True):
            assert value == pytest.approx(signal.pvalue(sigma) / background.pvalue(sigma), rel=1e-12)


def test_cls_without_sensitivity_is_not_a_number() -> None:
    assert math.isnan(cls_of(1.0, 0.0)[0])


@pytest.mark.parametrize("statistic", ["qtilde", "q"])
def test_rounding_excludes_nothing(statistic: str) -> None:
    for q_mu, q_asimov in [(1e-13, 0.0), (1e-9, 1e-26), (1e-12, 1e-12), (1e-10, 3e-11), (4e-10, 2e-9)]:
        observed, band = cls_of(q_mu, q_asimov, test_statistic=statistic)
        assert (observed, *band) == pytest.approx([1.0] * 6, abs=2e-4)


@pytest.mark.parametrize("pull", [0.0, 1.0, 3.0])
def test_cls_goes_to_one_continuously_with_the_signal(pull: float) -> None:
    """A deficit of some standard deviations, and signals that are seen less and less."""
    exponents = np.arange(2.0, 9.0, 0.125)
    roots = 10.0**-exponents
    observed = [cls_of(root * root + 2.0 * pull * root, root * root)[0] for root in roots]
    assert np.all(np.diff(observed) > -2e-5)
    assert observed[-1] == pytest.approx(1.0, abs=1e-7)


@pytest.mark.parametrize("signal", [0.0, 1e-12, 1e-9, 1e-7, 1e-6, 1e-5])
def test_signals_of_almost_nothing_exclude_nothing(signal: float) -> None:
    modifiers = [("n", "normsys", {"hi": 1.1, "lo": 0.9})]
    background = [1e4, 7e3, 4e3]
    samples = {
        "background": (background, [*modifiers, ("st", "staterror", [0.1 * b for b in background])]),
        "signal": ([signal, 1.3 * signal, 0.7 * signal], [("mu", "normfactor", None)]),
    }
    model, data = compiled(one_channel(samples, [1.07e4, 6e3, 4.4e3]))
    test = hypothesis_test(model, data)
    assert (test.cls_obs, *test.cls_exp) == pytest.approx([1.0] * 6, abs=1e-4)


@pytest.mark.filterwarnings("ignore")
def test_a_deep_deficit_is_an_exclusion() -> None:
    """Both tail probabilities are too small for a number, their ratio is not."""
    both = compile_both(
        counting(9.4e5, [("n", "normsys", {"hi": 1.001, "lo": 0.999})], background=1e6, signal=1e3)
    )
    test = hypothesis_test(both.model, both.data)
    root, root_asimov = math.sqrt(test.q_mu), math.sqrt(test.q_mu_asimov)
    t = (test.q_mu - test.q_mu_asimov) / (2.0 * root_asimov)
    assert root > root_asimov
    assert t > 38.0
    expected = float(log_ndtr(-t - root_asimov) - log_ndtr(-t))
    assert math.log(test.cls_obs) == pytest.approx(expected, abs=1e-9)
    pyhf_s = pyhf.infer.hypotest(1.0, both.reference_data, both.reference)
    assert math.isnan(float(pyhf_s)), "why this is computed in another way"


def test_both_ways_to_compute_cls_agree() -> None:
    for root_asimov in (1e-3, 0.7, 3.0):
        near, far = (
            cls_of((t + root_asimov) ** 2, root_asimov**2, test_statistic="q")[0]
            for t in (25 - 1e-9, 25 + 1e-9)
        )
        assert near == pytest.approx(far, rel=1e-7)


def test_a_workspace_without_signal_is_refused_with_the_name_of_the_parameter() -> None:
    workspace = make_workspace()
    both = Compiler().compile(workspace)
    data = Data(np.array([1.0, 1.0, 1.0]), both.parameters.normal_data, both.parameters.poisson_data)
    with pytest.raises(HistFactoryError, match='"mu_SIG" does not occur in the model'):
        hypothesis_test(both, data)


def test_a_signal_strength_out_of_bounds_is_refused() -> None:
    workspace = make_workspace()
    workspace["channels"][0]["samples"].append(make_operations(workspace)[0]["value"])
    both = compile_both(workspace)
    with pytest.raises(HistFactoryError, match="mu_SIG = 11 lies outside of its bounds 0 to 10"):
        hypothesis_test(both.model, both.data, 11.0)
    with pytest.raises(HistFactoryError, match="must be above zero"):
        hypothesis_test(both.model, both.data, 0.0)


def test_a_whole_bin_below_zero_is_named() -> None:
    """With no events observed nothing holds a negative signal back."""
    samples = {"signal": ([1.0, 3.0, 2.0], [("mu", "normfactor", None)]), "b": ([5.0, 4.0, 2.0], [])}
    model, data = compiled(one_channel(samples, [0.0, 0.0, 0.0], bounds=(-5.0, 10.0)))
    test = hypothesis_test(model, data, test_statistic="q")
    assert test.mu_hat == -5.0
    assert [(below.bin, below.rate) for below in test.fits["free"].negative_bins] == [
        (2, pytest.approx(-11.0)),
        (3, pytest.approx(-8.0)),
    ]
    assert test.fits["mu1"].negative_bins == ()
    warnings = warnings_in_words(test, 1.0, model, "q")
    assert any("mu-hat is at the end of its range, -5:" in warning for warning in warnings)
    assert any("SR, bin 2, is expected at -11 events as a whole" in warning for warning in warnings)


@pytest.mark.parametrize(
    ("signal", "scale", "sentence"),
    [
        (0.0, 1.0, "changes nothing that is measured"),
        (1e-7, 1.0, "changes nothing that is measured"),
        (1e-2, 1.0, "hardly tell signal strengths apart"),
        (0.5, 1.0, ""),
        (1e4, 2e5, ""),  # CLs is 0.99 at mu = 1, but mu-hat is where the data say
    ],
)
def test_mu_hat_is_called_undefined_only_where_it_is(signal: float, scale: float, sentence: str) -> None:
    background = [50.0 * scale, 100.0 * scale, 5.0 * scale]
    modifiers = [("n", "normsys", {"hi": 1.1, "lo": 0.9}), ("st", "staterror", [0.1 * b for b in background])]
    samples = {
        "signal": ([signal, 3.0 * signal, 0.1 * signal], [("mu", "normfactor", None)]),
        "b": (background, modifiers),
    }
    model, data = compiled(one_channel(samples, [50.05 * scale, 100.0 * scale, 5.0 * scale]))
    warnings = warnings_in_words(hypothesis_test(model, data), 1.0, model, "qtilde")
    if sentence:
        assert sentence in warnings[0]
    else:
        assert warnings == []
