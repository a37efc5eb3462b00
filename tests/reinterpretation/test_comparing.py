"""Several analyses: the one that was expected to be most sensitive counts, whatever was observed."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from fitgui.reinterpretation.answer.comparing import (
    COLUMNS,
    MOST_SENSITIVE,
    NOT_COMBINED,
    Row,
    cells,
    conclusion,
    most_sensitive,
)
from fitgui.reinterpretation.answer.verdict import verdict
from fitgui_backends.results import FitResult
from tests.reinterpretation.results import a_result
from tests.reinterpretation.targets import example_target


def row(name: str, result: FitResult | None, problem: str = "") -> Row:
    """An analysis of that name."""
    return Row(replace(example_target(), pallet=name), None, result, problem)


def test_the_smallest_expected_limit_counts() -> None:
    rows = [
        row("one", a_result(0.001, 0.3, 0.5, 2.0)),
        row("two", a_result(0.2, 0.01, 1.5, 0.6)),
        row("three", None, "The file has no region of this analysis."),
    ]
    assert most_sensitive(rows) == 1
    said = conclusion(rows)
    assert said[0].startswith("two: ")
    assert "Not excluded: CLs = 0.2 (expected 0.01), μ < 1.5" in said[0]
    assert any("one: " in sentence and "expected to be less sensitive" in sentence for sentence in said)
    assert said[-1] == NOT_COMBINED


def test_cls_decides_where_a_row_has_no_limit() -> None:
    rows = [row("one", a_result(0.1, 0.2, 1.1, 0.5)), row("two", a_result(0.1, 0.1, limits=False))]
    assert most_sensitive(rows) == 1


def test_cls_decides_between_limits_out_of_bounds_and_the_first_wins_a_tie() -> None:
    rows = [row("one", a_result(0.9, 0.9, None, None)), row("two", a_result(0.9, 0.8, None, None))]
    assert most_sensitive(rows) == 1
    assert most_sensitive([rows[0], rows[0]]) == 0
    assert most_sensitive([*rows, row("three", a_result(0.9, 0.95, 9.0, 8.0))]) == 2


def test_a_doubtful_answer_does_not_count() -> None:
    doubtful = row("one", a_result(0.001, 0.001, 0.1, 0.1, converged=False))
    rows = [doubtful, row("two", a_result(0.2, 0.3, 1.5, 2.0))]
    assert most_sensitive(rows) == 1
    assert most_sensitive([doubtful]) is None
    assert conclusion([doubtful]) == ("No analysis has a sound answer for this signal.",)
    assert most_sensitive([]) is None
    assert "did not converge" in cells(doubtful)[-1]


def test_a_row_says_of_a_limit_beyond_the_bound_what_a_single_verdict_says() -> None:
    result = a_result(0.9, 0.8, None, None)
    bounded = replace(row("one", result), largest=10.0)
    assert bounded.verdict == verdict(result, bounded.target.poi, largest=10.0)
    assert bounded.verdict is not None
    assert "more than 10 times stronger" in bounded.verdict.sentence


def test_the_table_in_words() -> None:
    good = cells(row("one", a_result(0.018, 0.003, 0.41, 0.3)), best=True)
    assert len(good) == len(COLUMNS)
    assert good[1:] == ("excluded", "0.018", "0.003", "0.41", "0.3", MOST_SENSITIVE)
    bad = cells(row("two", None, "It is not for this analysis."))
    assert len(bad) == len(COLUMNS)
    assert bad[1] == "no answer"
    assert bad[-1] == "It is not for this analysis."
    assert "no limit within the bounds" in cells(row("three", a_result(0.9, 0.9, None, None)))[-1]


def test_a_single_answer_is_compared_with_nothing() -> None:
    said = conclusion([row("one", a_result(0.2, 0.3, 1.5, 2.0)), row("two", None, "No regions.")])
    assert len(said) == 1
    assert said[0].startswith("Only one: ")


results = st.builds(
    a_result,
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
    st.one_of(st.none(), st.floats(0.0, 100.0)),
    st.one_of(st.none(), st.floats(0.0, 100.0)),
    limits=st.booleans(),
    converged=st.booleans(),
    limits_converged=st.booleans(),
)


@given(st.lists(st.one_of(st.none(), results), max_size=5), st.randoms())
def test_what_was_observed_never_matters(answers: list[FitResult | None], random: object) -> None:
    """The choice is the same with other data, sound, and the best of all that are."""
    rows = [row(f"a{number}", result) for number, result in enumerate(answers)]
    best = most_sensitive(rows)
    sound = [number for number, one in enumerate(answers) if one is not None and one.converged]
    assert (best is None) == (not sound)
    others = [row(one.target.pallet, None if one.result is None else other_data(one.result)) for one in rows]
    assert most_sensitive(others) == best
    if best is not None:
        chosen = answers[best]
        assert chosen is not None
        assert best in sound
        compared = [one for number, one in enumerate(answers) if number in sound and one is not None]
        if all(one.limits is None for one in compared):
            assert chosen.cls_exp[2] == min(one.cls_exp[2] for one in compared)
        limits = [one.limits for one in compared if one.limits is not None and one.limits.converged]
        known = [one.exp[2] for one in limits if one.exp[2] is not None]
        if len(limits) == len(compared) and known:
            assert chosen.limits is not None
            assert chosen.limits.exp[2] == min(known)
    assert conclusion(rows)


def other_data(result: FitResult) -> FitResult:
    """The same expectation, observed otherwise."""
    limits = result.limits
    return a_result(
        1.0 - result.cls_obs,
        result.cls_exp[2],
        None if limits is None else 50.0,
        None if limits is None else limits.exp[2],
        limits=limits is not None,
        converged=result.converged,
        limits_converged=limits is None or limits.converged,
    )
