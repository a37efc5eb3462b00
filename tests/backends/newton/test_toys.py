"""Pseudo-experiments: exact p-values, pyhf's toys, the asymptotic formulae, and shares that fit together."""

from __future__ import annotations

import functools
import itertools
import json
import math
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyhf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import kstest, norm, poisson

from fitgui_backends.histfactory.constraints import Data, observed_data
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.model import Compiler, Model, observed_counts
from fitgui_backends.inference.hypothesis_test import HypothesisTest, hypothesis_test
from fitgui_backends.inference.toy_data import BACKGROUND, SIGNAL, WALL, ToyLikelihood, throw
from fitgui_backends.inference.toys import ToySample, merge_toys, throw_toys, toy_cls

ModelOf = Callable[[str, str], tuple[Model, Data]]
Prepared = tuple[Model, Data, HypothesisTest]
NORMSYS = {"name": "scale", "type": "normsys", "data": {"lo": 0.95, "hi": 1.05}}


def document(
    signal: Sequence[float],
    background: Sequence[float],
    observed: Sequence[float],
    modifiers: Sequence[Any] = (),
) -> dict[str, Any]:
    """One channel, one background, a signal with mu."""
    mu = {"name": "mu", "type": "normfactor", "data": None}
    samples = [
        {"name": "bkg", "data": list(background), "modifiers": list(modifiers)},
        {"name": "sig", "data": list(signal), "modifiers": [mu]},
    ]
    return {
        "channels": [{"name": "SR", "samples": samples}],
        "observations": [{"name": "SR", "data": list(observed)}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }


def prepare(workspace: dict[str, Any], mu: float = 1.0) -> Prepared:
    model = Compiler().compile(workspace)
    data = observed_data(model, observed_counts(workspace, model))
    return model, data, hypothesis_test(model, data, mu)


def shapesys(*widths: float) -> dict[str, Any]:
    return {"name": "yields", "type": "shapesys", "data": list(widths)}


def compatible(one: float, number: int, other: float, other_number: float = math.inf) -> bool:
    """Whether two p-values from so many toys agree within 4.5 standard deviations."""
    p = (one * number + other * min(other_number, 1e9)) / (number + min(other_number, 1e9))
    return abs(one - other) < 4.5 * math.sqrt(p * (1.0 - p) * (1.0 / number + 1.0 / other_number)) + 1e-12


def test_p_values_of_a_counting_experiment_are_those_of_poisson() -> None:
    prepared = prepare(document([4.0], [5.0], [3.0]))
    sample = throw_toys(*prepared, [1.0], count=800, seed=11)
    assert sample.failed == 0
    assert sample.observed[0] == pytest.approx(2.0 * (4.0 - 3.0 * math.log(9.0 / 5.0)), abs=1e-7)
    # Fewer events are more extreme, so the same number of events must count as equal in spite of rounding.
    for toys, rate in ((sample.signal[0], 9.0), (sample.background[0], 5.0)):
        share = float((toys >= sample.observed[0] - 1e-5).mean())
        assert compatible(share, 800, float(poisson.cdf(3, rate)))
    answer = toy_cls(sample, 0)
    exact = float(poisson.cdf(3, 9.0) / poisson.cdf(3, 5.0))
    assert abs(answer.cls_obs - exact) < 4.5 * answer.cls_obs_error
    relative = math.hypot(*(math.sqrt((1 / poisson.cdf(3, rate) - 1) / 800) for rate in (9.0, 5.0)))
    assert answer.cls_obs_error == pytest.approx(exact * relative, rel=0.3)


def test_p_values_agree_with_toys_of_pyhf(monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = document([6.0], [10.0], [9.0], [shapesys(3.0)])
    sample = throw_toys(*prepare(workspace), [1.0], count=1000, seed=5)
    reference = pyhf.Model({"channels": workspace["channels"], "parameters": []}, poi_name="mu")
    monkeypatch.setattr(np.random.mtrand, "_rand", np.random.RandomState(8))
    calculator = pyhf.infer.calculators.ToyCalculator(
        [9.0, *reference.config.auxdata], reference, ntoys=80, track_progress=False
    )
    observed = calculator.teststatistic(1.0)
    assert sample.observed[0] == pytest.approx(float(observed), abs=1e-5)
    for ours, theirs in zip((sample.signal, sample.background), calculator.distributions(1.0), strict=True):
        assert compatible(float((ours[0] >= observed).mean()), 1000, float(theirs.pvalue(observed)), 80)
        assert compatible(float((ours[0] >= 0.5).mean()), 1000, float(theirs.pvalue(0.5)), 80)


def test_cls_and_its_band_are_defined_as_in_pyhf(monkeypatch: pytest.MonkeyPatch) -> None:
    def percentile(
        _: Any, numbers: Any, q: Any, axis: int | None = None, interpolation: str = "linear"
    ) -> Any:
        return np.percentile(numbers, q, axis=axis, method=interpolation)  # type: ignore[call-overload]

    # pyhf 0.7.6 calls numpy's by an argument that numpy 2.4 has no more.
    monkeypatch.setattr(type(pyhf.get_backend()[0]), "percentile", percentile)
    generator = np.random.default_rng(3)
    signal, background = generator.exponential(1.0, 200), generator.exponential(3.0, 200)
    signal[:60] = 0.0  # mu-hat above mu
    background[:10] = 0.0
    sample = hand_made(signal[None], background[None], np.array([2.5]))
    calculator = pyhf.infer.calculators.ToyCalculator(
        [0.0], pyhf.simplemodels.uncorrelated_background([1], [1], [1])
    )
    pair = [pyhf.infer.calculators.EmpiricalDistribution(toys) for toys in (signal, background)]
    answer = toy_cls(sample, 0)
    assert answer.cls_obs == pytest.approx(float(calculator.pvalues(2.5, *pair)[2]), rel=1e-12)
    assert answer.cls_exp == pytest.approx(
        [float(v) for v in calculator.expected_pvalues(*pair)[2]], rel=1e-7
    )


def hand_made(
    signal: NDArray[np.float64], background: NDArray[np.float64], observed: NDArray[np.float64]
) -> ToySample:
    return ToySample(
        mus=np.arange(1.0, 1.0 + len(observed)),
        observed=observed,
        signal=signal,
        background=background,
        seed=0,
        first=0,
        failed=0,
        converged=True,
        seconds=0.0,
    )


def test_without_extreme_toys_cls_is_undefined_and_the_error_of_no_toys_is_not_zero() -> None:
    toys = np.zeros((1, 100))
    assert math.isnan(toy_cls(hand_made(toys, toys, np.array([9.0])), 0).cls_obs)
    answer = toy_cls(hand_made(toys, toys + 10.0, np.array([9.0])), 0)
    assert answer.cls_obs == 0.0
    assert 0.005 < answer.cls_obs_error < 0.02


def test_with_many_events_the_distributions_are_the_asymptotic_ones() -> None:
    workspace = document([150.0, 90.0], [4000.0, 2500.0], [4030.0, 2490.0], [NORMSYS, shapesys(40.0, 30.0)])
    model, data, test = prepare(workspace)
    sample = throw_toys(model, data, test, [1.0], count=300, seed=2)
    assert sample.failed == 0
    assert sample.observed[0] == pytest.approx(test.q_mu, abs=1e-9)
    width = math.sqrt(test.q_mu_asimov)

    def distribution(q: NDArray[np.float64], shift: float) -> NDArray[np.float64]:
        """arXiv:1007.1727, equation 65, where it does not depend on shift but through (mu - mu') / sigma."""
        beyond = norm.cdf((q - width * width + 2.0 * width * (width - shift)) / (2.0 * width))
        return np.where(q <= width * width, norm.cdf(np.sqrt(q) - shift), beyond)

    for toys, shift in ((sample.signal[0], 0.0), (sample.background[0], width)):
        positive = toys[toys > 0.0]
        nothing = float(norm.cdf(-shift))
        assert compatible(1.0 - positive.size / 300, 300, nothing)
        share = (distribution(positive, shift) - nothing) / (1.0 - nothing)
        assert kstest(share, "uniform").pvalue > 1e-3
    answer = toy_cls(sample, 0)
    assert abs(answer.cls_obs - test.cls_obs) < 4.5 * answer.cls_obs_error
    assert answer.cls_exp[2] == pytest.approx(test.cls_exp[2], abs=0.1)


def test_auxiliary_data_are_thrown_around_what_the_fit_expects() -> None:
    model, data, test = prepare(
        document([10.0, 5.0], [50.0, 52.0], [45.0, 60.0], [NORMSYS, shapesys(10.0, 7.0)])
    )
    expected = ToyLikelihood(model, data).expected(test.fits["mu0"].x)
    sigma = model.parameters.normal_sigma
    thrown = [throw(expected, sigma, seed=4, hypothesis=BACKGROUND, number=number) for number in range(1000)]
    for name, variance in (("counts", expected.counts), ("poisson", expected.poisson), ("normal", sigma**2)):
        numbers = np.array([getattr(toy, name) for toy in thrown])
        assert numbers.shape == (1000, len(variance))
        assert (np.abs(numbers.mean(axis=0) - getattr(expected, name)) < 4.5 * np.sqrt(variance / 1000)).all()
        assert numbers.var(axis=0) == pytest.approx(variance, rel=4.5 * math.sqrt(2.0 / 1000))
        if name != "normal":
            assert (numbers == np.rint(numbers)).all()
    assert not np.allclose(expected.poisson, model.parameters.poisson_data), "conditional, not nominal"
    other = throw(expected, sigma, seed=4, hypothesis=SIGNAL, mu=1.0, number=0)
    assert not np.array_equal(other.counts, thrown[0].counts)


def test_huge_rates_can_be_thrown() -> None:
    rates = np.array([1e11, 1e19, 0.0, -1e-4])
    nothing = np.zeros(0)
    thrown = throw(Data(rates, nothing, nothing), nothing, seed=0, hypothesis=SIGNAL, mu=1.0, number=0)
    assert np.isfinite(thrown.counts).all()
    assert np.abs(thrown.counts - rates)[:2] == pytest.approx(np.sqrt(rates[:2]), rel=4.0)
    assert thrown.counts[2:].tolist() == [0.0, 0.0]


WORKSPACE = document([6.0, 3.0], [10.0, 8.0], [9.0, 10.0], [NORMSYS, shapesys(3.0, 2.0)])
MUS = [0.7, 1.0, 2.5]


@functools.cache
def whole() -> tuple[Prepared, ToySample]:
    prepared = prepare(WORKSPACE)
    return prepared, throw_toys(*prepared, MUS, first=3, count=8, seed=99)


@settings(max_examples=8, deadline=None)
@given(cuts=st.sets(st.integers(1, 7), max_size=4), order=st.randoms(use_true_random=False))
def test_shares_merge_to_the_same_bits(cuts: set[int], order: Any) -> None:
    prepared, sample = whole()
    edges = [0, *sorted(cuts), 8]
    shares = [
        throw_toys(*prepared, MUS, first=3 + low, count=high - low, seed=99)
        for low, high in itertools.pairwise(edges)
    ]
    order.shuffle(shares)
    merged = merge_toys(shares)
    assert merged.signal.tobytes() == sample.signal.tobytes()
    assert merged.background.tobytes() == sample.background.tobytes()
    assert merged.observed.tobytes() == sample.observed.tobytes()
    assert (merged.first, merged.number, merged.failed) == (3, 8, sample.failed)


def test_shares_that_do_not_fit_together_are_refused() -> None:
    prepared, sample = whole()
    later = throw_toys(*prepared, MUS, first=12, count=1, seed=99)
    for shares, words in (
        ([], "no shares"),
        ([sample, sample], "there twice"),
        ([sample, later], "missing"),
        ([sample, throw_toys(*prepared, MUS, first=11, count=1, seed=98)], "different seeds"),
        ([sample, throw_toys(*prepared, [1.0], first=11, count=1, seed=99)], "signal strengths"),
    ):
        with pytest.raises(ValueError, match=words):
            merge_toys(shares)


def test_toys_do_not_depend_on_the_process_nor_on_other_signal_strengths() -> None:
    prepared, sample = whole()
    program = (
        "import json, sys\n"
        "from fitgui_backends.histfactory.constraints import observed_data\n"
        "from fitgui_backends.histfactory.model import Compiler, observed_counts\n"
        "from fitgui_backends.inference.hypothesis_test import hypothesis_test\n"
        "from fitgui_backends.inference.toys import throw_toys\n"
        "workspace = json.load(sys.stdin)\n"
        "model = Compiler().compile(workspace)\n"
        "data = observed_data(model, observed_counts(workspace, model))\n"
        f"toys = throw_toys(model, data, hypothesis_test(model, data), {MUS}, first=3, count=8, seed=99)\n"
        "print(toys.signal.tobytes().hex(), toys.background.tobytes().hex())\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(WORKSPACE),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ended.stdout.split() == [sample.signal.tobytes().hex(), sample.background.tobytes().hex()]
    alone = throw_toys(*prepared, [1.0], first=3, count=8, seed=99)
    assert alone.signal[0].tobytes() == sample.signal[1].tobytes()
    assert alone.background[0] == pytest.approx(sample.background[1], abs=1e-6)
    other = throw_toys(*prepared, [1.0], first=3, count=8, seed=100)
    assert not np.array_equal(other.signal, alone.signal)


def test_a_test_statistic_is_never_negative_and_zero_where_mu_hat_is_above_mu() -> None:
    _, sample = whole()
    for toys in (sample.signal, sample.background):
        assert (toys >= 0.0).all()
        assert np.isfinite(toys).all()
    assert (sample.signal == 0.0).any()


def test_toys_of_a_published_model_with_empty_bins_converge(model_of: ModelOf) -> None:
    model, data = model_of("1Lbb", "C1N2_Wh_hbb_900_250")
    test = hypothesis_test(model, data)
    sample = throw_toys(model, data, test, [1.0], count=8, seed=1)
    assert sample.failed == 0
    assert sample.signal.max() < 25.0
    assert sample.background.max() < 25.0


def test_the_rate_of_an_empty_bin_ends_at_a_wall() -> None:
    lopsided = {"name": "kink", "type": "normsys", "data": {"lo": 0.1, "hi": 600.0}}
    model, data, _ = prepare(document([1.0], [4.0], [3.0], [lopsided]))
    empty = Data(np.zeros(1), data.normal, data.poisson)
    likelihood = ToyLikelihood(model, empty)
    alphas = np.linspace(-5.0, 5.0, 201)
    index = model.parameters.index("kink")
    x = model.parameters.init.copy()
    x[model.parameters.index("mu")] = 0.0
    lowest = math.inf
    for alpha in alphas:
        x[index] = alpha
        rate = float(likelihood.expected(x).counts[0])
        wall = 0.5 * WALL * min(rate, 0.0) ** 2
        expected = rate + wall + 0.5 * alpha**2 + 0.5 * math.log(2.0 * math.pi)
        assert likelihood.value(x) == pytest.approx(expected, rel=1e-12)
        lowest = min(lowest, rate)
    assert lowest < -0.1, "the interpolation is negative somewhere"


def test_what_cannot_be_thrown_is_told() -> None:
    prepared = prepare(document([-8.0], [5.0], [0.0]), mu=0.1)
    with pytest.raises(HistFactoryError, match=r'channel "SR", bin 1: the fit at mu = 1 expects -3 events'):
        throw_toys(*prepared, [1.0], count=1, seed=0)


@pytest.mark.parametrize(
    ("mus", "options", "words"),
    [
        ([], {}, "above zero, each given once"),
        ([1.0, 1.0], {}, "above zero, each given once"),
        ([0.0], {}, "above zero"),
        ([11.0], {}, "outside of its bounds"),
        ([1.0], {"count": 0}, "at least one"),
        ([1.0], {"seed": -1}, "not negative"),
        ([1.0], {"test_statistic": "q0"}, "no test statistic"),
    ],
)
def test_bad_requests_are_told(mus: list[float], options: dict[str, Any], words: str) -> None:
    prepared, _ = whole()
    with pytest.raises(HistFactoryError, match=words):
        throw_toys(*prepared, mus, **{"count": 1, "seed": 0, **options})
