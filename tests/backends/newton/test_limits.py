"""Upper limits: pyhf's where pyhf is quick, and CLs at the level everywhere."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyhf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fitgui_backends.histfactory.constraints import Data, observed_data
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.model import Compiler, Model, observed_counts
from fitgui_backends.histfactory.patching import apply_patch
from fitgui_backends.inference.hypothesis_test import hypothesis_test
from fitgui_backends.inference.limits import Limits, upper_limits
from tests.backends.newton.conftest import compile_both
from tests.backends.newton.small_models import one_channel
from tests.builders import make_operations, make_workspace
from tests.conftest import REPOSITORY

ModelOf = Callable[[str, str], tuple[Model, Data]]
RELAXED = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def small(
    observed: list[float],
    scale: float = 1.0,
    bounds: tuple[float, float] = (0.0, 10.0),
    background: tuple[float, float] = (12.0, 5.0),
) -> dict[str, Any]:
    """A workspace of three bins with a signal."""
    workspace = make_workspace({"SR": list(background), "CR": [80.0]}, observed={"SR": observed})
    workspace["channels"][0]["samples"].append(make_operations(workspace, scale=scale)[0]["value"])
    config = workspace["measurements"][0]["config"]
    config["parameters"].append({"name": "mu_SIG", "bounds": [list(bounds)], "inits": [1.0]})
    return workspace


def compiled(document: Mapping[str, Any]) -> tuple[Model, Data]:
    model = Compiler().compile(document)
    return model, observed_data(model, observed_counts(document, model))


def limits_of(model: Model, data: Data, mu: float = 1.0, **options: Any) -> Limits:
    return upper_limits(model, data, hypothesis_test(model, data, mu), **options)


@pytest.mark.parametrize(
    ("observed", "bounds"), [([6.0, 2.0], (0.0, 10.0)), ([12.0, 5.0], (0.0, 25.0)), ([20.0, 9.0], (0.0, 8.0))]
)
def test_small_models_as_pyhf(observed: list[float], bounds: tuple[float, float]) -> None:
    both = compile_both(small(observed, 3.0, bounds))
    limits = limits_of(both.model, both.data)
    assert limits.converged
    assert limits.messages == limits.notes == ()
    with np.errstate(all="ignore"):
        reference, band = pyhf.infer.intervals.upper_limits.upper_limit(
            both.reference_data, both.reference, rtol=1e-4
        )
    assert limits.observed == pytest.approx(float(reference), rel=5e-4)
    assert limits.expected == pytest.approx([float(value) for value in band], rel=5e-4)


def test_pyhf_agrees_on_cls_at_the_limits_of_the_example() -> None:
    folder = REPOSITORY / "resources" / "example"
    workspace = json.loads((folder / "BkgOnly.json").read_text(encoding="utf-8"))
    patches = json.loads((folder / "patchset.json").read_text(encoding="utf-8"))["patches"]
    both = compile_both(apply_patch(workspace, patches[0]["patch"]))
    limits = limits_of(both.model, both.data)
    with np.errstate(all="ignore"):
        cls_obs, _ = pyhf.infer.hypotest(
            limits.observed, both.reference_data, both.reference, return_expected_set=True
        )
        _, cls_exp = pyhf.infer.hypotest(
            limits.expected[2], both.reference_data, both.reference, return_expected_set=True
        )
    assert float(cls_obs) == pytest.approx(0.05, abs=5e-5)
    assert float(cls_exp[2]) == pytest.approx(0.05, abs=5e-5)


DATA = st.lists(st.integers(0, 30).map(float), min_size=2, max_size=2)
SCALE = st.floats(0.7, 40.0)


@RELAXED
@given(DATA, SCALE, st.floats(0.01, 0.4), st.sampled_from(["qtilde", "q"]), st.sampled_from([0.0, -3.0]))
def test_cls_at_a_limit_is_at_the_level(
    observed: list[float], scale: float, level: float, statistic: str, low: float
) -> None:
    # Below zero the expectation must stay positive: half an event and more.
    model, data = compiled(small(observed, scale, (max(low, -4.0 / scale), 30.0)))
    test = hypothesis_test(model, data, test_statistic=statistic)
    limits = upper_limits(model, data, test, level=level, test_statistic=statistic)
    assert limits.converged
    found = [value for value in limits.expected if value is not None]
    assert found == sorted(found)
    assert limits.expected[: len(found)] == tuple(found)
    for number, mu in enumerate((limits.observed, *limits.expected)):
        if mu == 0.0:
            assert any("is zero" in note for note in limits.notes)
            continue
        at = hypothesis_test(model, data, 30.0 if mu is None else mu, test_statistic=statistic)
        cls = (at.cls_obs, *at.cls_exp)[number]
        if mu is None:
            assert cls > level
        else:
            assert cls == pytest.approx(level, abs=1e-6)


@RELAXED
@given(DATA, st.floats(0.2, 5.0))
def test_limits_scale_with_the_signal(observed: list[float], factor: float) -> None:
    one = limits_of(*compiled(small(observed, 2.0, (0.0, 100.0))))
    other = limits_of(*compiled(small(observed, 2.0 * factor, (0.0, 100.0 / factor))))
    pairs = zip((one.observed, *one.expected), (other.observed, *other.expected), strict=True)
    for mine, scaled in pairs:
        assert mine is not None
        assert scaled is not None
        assert scaled * factor == pytest.approx(mine, rel=1e-5)


def test_the_signal_strength_of_the_test_does_not_matter() -> None:
    model, data = compiled(small([15.0, 3.0], 3.0))
    one, other = limits_of(model, data), limits_of(model, data, 7.5)
    assert one.observed == pytest.approx(other.observed, rel=1e-6)
    assert one.expected == pytest.approx(other.expected, rel=1e-6)


def test_beyond_the_bound() -> None:
    model, data = compiled(small([14.0, 5.0], 3.0, (0.0, 1.2)))
    wide = limits_of(*compiled(small([14.0, 5.0], 3.0)))
    limits = limits_of(model, data)
    assert None in limits.expected
    for value, everywhere in zip(
        (limits.observed, *limits.expected), (wide.observed, *wide.expected), strict=True
    ):
        assert everywhere is not None
        assert value == (None if everywhere > 1.2 else pytest.approx(everywhere, rel=1e-6))
    assert any("CLs is still above 0.05 at mu_SIG = 1.2" in note for note in limits.notes)
    assert limits.messages == ()
    assert limits.converged


def test_a_signal_without_effect() -> None:
    limits = limits_of(*compiled(small([12.0, 5.0], 1e-9)))
    assert limits.observed is None
    assert limits.expected == (None,) * 5
    assert limits.notes == ("The signal has no effect that could be seen, so mu_SIG has no limit.",)


def test_a_deficit_that_excludes_everything_above_zero() -> None:
    """With mu-hat far below zero, CLs by qtilde goes to exp(-q/2) at mu = 0, not to 1."""
    model, data = compiled(small([0.0, 0.0], 6.0, (-0.4, 10.0), (30.0, 30.0)))
    limits = limits_of(model, data)
    assert hypothesis_test(model, data, 0.2).cls_obs < 0.05
    assert limits.observed == 0.0
    assert "CLs is below 0.05 at every mu_SIG above zero: the observed limit is zero." in limits.notes
    assert all(value is not None and value > 0.0 for value in limits.expected)


def test_what_is_no_limit() -> None:
    model, data = compiled(small([12.0, 5.0]))
    test = hypothesis_test(model, data)
    for level in (0.0, 1.0, math.nan):
        with pytest.raises(HistFactoryError, match="lies between 0 and 1"):
            upper_limits(model, data, test, level=level)
    with pytest.raises(HistFactoryError, match='no test statistic "q0": choose qtilde or q'):
        upper_limits(model, data, test, test_statistic="q0")


@pytest.mark.parametrize(
    ("analysis", "point"),
    [
        ("1Lbb", "C1N2_Wh_hbb_300_150"),
        ("1Lbb", "C1N2_Wh_hbb_900_250"),
        ("3L eRJR", "ERJR_200p0_50p0"),
        ("3L eRJR", "ERJR_100p0_60p0"),
        ("stau combined", "DS_100_1_Staus"),
    ],
)
def test_published_limits_are_where_cls_is_at_the_level(model_of: ModelOf, analysis: str, point: str) -> None:
    model, data = model_of(analysis, point)
    limits = limits_of(model, data)
    assert limits.converged
    assert limits.observed is not None
    assert hypothesis_test(model, data, limits.observed).cls_obs == pytest.approx(0.05, abs=1e-6)
    for number in (0, 2):
        mu = limits.expected[number]
        assert mu is not None
        assert hypothesis_test(model, data, mu).cls_exp[number] == pytest.approx(0.05, abs=1e-6)


def test_lower_minima_on_the_way_are_used(model_of: ModelOf) -> None:
    """Without a look from further starts the path stays in a minimum that is not the lowest."""
    model, data = model_of("1Lbb", "C1N2_Wh_hbb_375_50")
    test = hypothesis_test(model, data, thorough=False)
    followed, verified = upper_limits(model, data, test, thorough=False), upper_limits(model, data, test)
    assert verified.expected[4] is not None
    assert followed.expected[4] is not None
    assert verified.expected[4] > followed.expected[4] + 1e-3
    at = hypothesis_test(model, data, verified.expected[4])
    assert at.cls_exp[4] <= 0.05 + 1e-6


def test_limits_that_rest_on_rates_below_zero_are_told() -> None:
    """At mu = 1 no sample is below zero, at most of the limits one is."""
    shift = ("h", "histosys", {"hi_data": [9.0], "lo_data": [0.5]})
    samples = {
        "signal": ([6.0], [("mu", "normfactor", None)]),
        "b0": ([15.0], []),
        "b1": ([5.0], [shift]),
    }
    model, data = compiled(one_channel(samples, [20.0]))
    test = hypothesis_test(model, data)
    assert not any(fit.negative_rates for fit in test.fits.values())
    (message,) = upper_limits(model, data, test).messages
    assert message.startswith(
        "At the observed limit and the expected limits at 0, +1 and +2 sigma a sample is"
    )
    assert message.endswith("the worst: b1 in SR, bin 1, is expected at -4.2 events (h).")


def test_limits_take_the_minimum_that_cls_takes() -> None:
    """A path leads to a lower minimum far below zero; a hypothesis test passes it over, so limits do."""
    workspace = json.loads((Path(__file__).parent / "passed_over.json").read_text())
    model, data = compiled(workspace)
    limits = limits_of(model, data)
    assert limits.observed is not None
    assert hypothesis_test(model, data, limits.observed).cls_obs == pytest.approx(0.05, abs=1e-6)
    for number, mu in enumerate(limits.expected):
        assert mu is not None
        assert hypothesis_test(model, data, mu).cls_exp[number] == pytest.approx(0.05, abs=1e-6)
    assert any("a sample is expected below zero" in message for message in limits.messages)


def test_limits_need_few_fits(model_of: ModelOf) -> None:
    model, data = model_of("1Lbb", "C1N2_Wh_hbb_900_250")
    assert limits_of(model, data).fits <= 20
