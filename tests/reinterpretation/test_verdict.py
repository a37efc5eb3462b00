"""The answer in words: of real fits, and of every combination of numbers."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.reinterpretation.answer.verdict import State, cls_text, limit_text, verdict
from fitgui_backends.results import EXCLUSION_CLS
from tests.reinterpretation.results import a_result
from tests.reinterpretation.targets import STAU, fit, real_target


def test_an_excluded_signal() -> None:
    found = verdict(a_result(0.018, 0.003, 0.41, 0.3))
    assert found.state is State.EXCLUDED
    assert found.headline == "Excluded at 95 % CL: CLs = 0.018 (expected 0.003), μ < 0.41"
    assert found.sentence == (
        "The data exclude this signal: it would have to be at least 2.4 times weaker to be allowed."
    )


def test_a_signal_that_is_not_excluded() -> None:
    found = verdict(a_result(0.31, 0.12, 2.3, 1.5))
    assert found.state is State.NOT_EXCLUDED
    assert found.headline == "Not excluded: CLs = 0.31 (expected 0.12), μ < 2.3"
    assert found.sentence == (
        "The data do not exclude this signal: it would have to be 2.3 times stronger to be excluded."
    )


def test_data_that_differ_from_what_was_expected() -> None:
    more = verdict(a_result(0.31, 0.012, 2.3, 0.7))
    assert "was expected to exclude it" in more.sentence
    assert "more like this signal" in more.sentence
    fewer = verdict(a_result(0.012, 0.31, 0.7, 2.3))
    assert "was not expected to exclude it" in fewer.sentence
    assert "less like this signal" in fewer.sentence


def test_a_limit_beyond_the_bounds() -> None:
    result = a_result(0.9, 0.8, None, None)
    found = verdict(result, "mu_SIG", largest=10.0)
    assert found.headline == "Not excluded: CLs = 0.9 (expected 0.8)"
    assert "more than 10 times stronger" in found.sentence
    assert "within the bounds of mu_SIG" in verdict(result, "mu_SIG").sentence


def test_cls_comes_before_the_limits() -> None:
    found = verdict(a_result(0.018, 0.003, limits=False))
    assert found.headline == "Excluded at 95 % CL: CLs = 0.018 (expected 0.003)"
    assert found.sentence == "The data exclude this signal."


def test_a_doubtful_fit_excludes_nothing() -> None:
    found = verdict(a_result(0.018, 0.003, 0.41, 0.3, converged=False))
    assert found.state is State.UNKNOWN
    assert found.headline.startswith("Doubtful: ")
    assert "did not converge" in found.sentence
    nothing = verdict(a_result(math.nan, math.nan, None, None, converged=False))
    assert nothing.state is State.UNKNOWN
    assert "No answer" in nothing.headline


def test_a_doubtful_limit_is_not_shown() -> None:
    found = verdict(a_result(0.018, 0.003, 0.41, 0.3, limits_converged=False))
    assert found.state is State.EXCLUDED
    assert "μ <" not in found.headline
    assert "did not converge" in found.sentence


def test_pseudo_experiments_that_say_otherwise_are_quoted() -> None:
    assert (
        "Pseudo-experiments do not exclude it: CLs = 0.08"
        in verdict(a_result(0.03, 0.03, toys=0.08)).sentence
    )
    assert "Pseudo" not in verdict(a_result(0.03, 0.03, toys=0.02)).sentence


def test_of_a_real_fit(real_pallets: Path) -> None:
    """A stau at the border of what is excluded, from the published patch."""
    target = real_target(real_pallets, STAU, "Region-lowMass")
    point = next(one for one in target.analysis.points if one.name == "DS_160_1_Staus")
    result = fit(target, point.operations)
    found = verdict(result, target.poi)
    assert (found.state is State.EXCLUDED) == (result.cls_obs < EXCLUSION_CLS)
    assert cls_text(result.cls_obs) in found.headline


positive = st.floats(0.0, 1.0)
strengths = st.one_of(st.none(), st.floats(0.0, 1e6))


@given(
    observed=st.one_of(positive, st.just(math.nan)),
    expected=st.one_of(positive, st.just(math.nan)),
    limit=strengths,
    expected_limit=strengths,
    limits=st.booleans(),
    converged=st.booleans(),
    limits_converged=st.booleans(),
    toys=st.one_of(st.none(), positive),
    largest=st.one_of(st.none(), st.floats(1.0, 100.0)),
)
def test_numbers_in_words_never_contradict_the_verdict(
    observed: float,
    expected: float,
    limit: float | None,
    expected_limit: float | None,
    *,
    limits: bool,
    converged: bool,
    limits_converged: bool,
    toys: float | None,
    largest: float | None,
) -> None:
    result = a_result(
        observed,
        expected,
        limit,
        expected_limit,
        limits=limits,
        converged=converged,
        limits_converged=limits_converged,
        toys=toys,
    )
    found = verdict(result, "mu_SIG", largest=largest)
    assert "nan" not in found.headline + found.sentence
    assert "inf" not in found.headline + found.sentence
    assert found.sentence.endswith(".")
    if not converged or math.isnan(observed):
        assert found.state is State.UNKNOWN
        return
    assert found.state is (State.EXCLUDED if observed < EXCLUSION_CLS else State.NOT_EXCLUDED)
    shown = re.search(r"CLs (?:= |(?=[<>]))([<>]?)([\d.e+-]+)", found.headline)
    assert shown is not None
    value = float(shown[2])
    if shown[1] != ">":
        assert (value < EXCLUSION_CLS or shown[1] == "<") == (observed < EXCLUSION_CLS)
    for factor in re.findall(r"([\d.e+-]+) times (?:weaker|stronger)", found.sentence):
        assert float(factor) >= 1.0


@given(st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True)))
def test_any_number_has_a_text(value: float | None) -> None:
    for text in (cls_text(value), limit_text(value)):
        assert text
        assert "nan" not in text
        assert "inf" not in text


@pytest.mark.parametrize(
    ("value", "text"), [(0.049999, "<0.05"), (0.0497, "0.0497"), (0.31, "0.31"), (1e-9, "<1e-6")]
)
def test_rounding_never_takes_cls_across_the_threshold(value: float, text: str) -> None:
    assert cls_text(value) == text
