"""Options of an endpoint as they are typed: converted by its form, refused in one sentence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.cli.backends_options import fill_form, form_lines, split_settings, typed
from fitgui.cli.errors import CommandUsageError
from fitgui.runs.clusters import OptionValue
from tests.cli.cluster import FORM


def filled(*texts: str, before: dict[str, OptionValue] | None = None, **changes: Any) -> dict[str, Any]:
    return fill_form({**FORM, **changes}, before or {}, split_settings(texts), "the grid")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("account=atlas", "atlas"),
        ("account=007", "007"),
        ("account=a=b", "a=b"),
        ("account= with blanks ", "with blanks"),
        ("max_blocks=4", 4),
        ("memory=1.5", 1.5),
        ("memory=2", 2.0),
        ("exclusive=yes", True),
        ("exclusive=0", False),
        ("partition=short", "short"),
        ("partition=7", 7),
        ("walltime=00:30:00", "00:30:00"),
    ],
)
def test_what_is_typed_becomes_what_the_form_wants(text: str, value: OptionValue) -> None:
    [(name, found)] = filled(text).items()
    assert name == text.partition("=")[0]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("max_blocks", "--set max_blocks says nothing: write it as name=value"),
        ("=4", "--set =4 says nothing"),
        ("max_block=4", "there is no option max_block of the grid: choose one of account"),
        ("max_blocks=many", "option max_blocks of the grid: many is no whole number"),
        ("max_blocks=1.5", "option max_blocks of the grid: 1.5 is no whole number"),
        ("max_blocks=0", "option max_blocks of the grid: 0 is less than the minimum of 1"),
        ("memory=nan", "option memory of the grid: nan is no number"),
        ("exclusive=maybe", "option exclusive of the grid: maybe is no yes or no"),
        ("walltime=1 hour", 'option walltime of the grid: "1 hour" does not match'),
        ("partition=medium", 'option partition of the grid: "medium" is not one of'),
    ],
)
def test_what_the_form_refuses_is_told_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(CommandUsageError) as refused:
        filled(text)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_a_pattern_means_is_told_by_the_words_of_the_form() -> None:
    with pytest.raises(CommandUsageError, match=r"\(HH:MM:SS\)"):
        filled("walltime=soon")


def test_an_example_is_told_rather_than_a_pattern() -> None:
    walltime = {**FORM["properties"]["walltime"], "default": "00:20:00"}
    wanted = "option walltime of the grid: 100 does not have the form that is asked for, such as 00:20:00 "
    with pytest.raises(CommandUsageError) as refused:
        filled("walltime=100", properties={"walltime": walltime})
    assert str(refused.value).startswith(wanted)
    assert "^" not in str(refused.value)


def test_what_is_typed_goes_over_what_is_saved_and_nothing_takes_it_away() -> None:
    before: dict[str, OptionValue] = {"account": "atlas", "max_blocks": 2}
    assert filled("max_blocks=4", before=before) == {"account": "atlas", "max_blocks": 4}
    assert filled("account=", before=before) == {"max_blocks": 2}
    assert filled("exclusive=", before=before) == before
    assert before == {"account": "atlas", "max_blocks": 2}, "what is saved is not changed"


def test_an_option_that_is_needed_is_asked_for() -> None:
    with pytest.raises(CommandUsageError) as refused:
        filled("max_blocks=4", required=["account"])
    assert str(refused.value) == "the grid needs the option account (Who pays.): --set account=VALUE"


def test_an_option_that_the_endpoint_knows_no_more_can_be_taken_away() -> None:
    with pytest.raises(CommandUsageError, match=r"take it away with --set colour="):
        filled("max_blocks=4", before={"colour": "red"})
    assert filled("colour=", before={"colour": "red"}) == {}


def test_only_a_form_that_says_so_takes_names_that_it_does_not_list() -> None:
    found = filled("nodes=2", "share=0.5", "queue=fast", additionalProperties=True)
    assert found == {"nodes": 2, "share": 0.5, "queue": "fast"}
    silent = {key: value for key, value in FORM.items() if key != "additionalProperties"}
    with pytest.raises(CommandUsageError, match="there is no option nodes"):
        fill_form(silent, {}, {"nodes": "2"}, "the grid")
    assert fill_form({}, {}, {"nodes": "2"}, "the grid") == {"nodes": 2}, "it lists none at all"


def test_a_list_is_not_set_by_a_word() -> None:
    form = {"properties": {"hosts": {"type": "array"}}}
    with pytest.raises(CommandUsageError, match="no single value"):
        fill_form(form, {}, {"hosts": "a"}, "the grid")


@pytest.mark.parametrize("form", [{"properties": 3}, {"properties": {"a": 1}}, {"type": "nonsense"}])
def test_a_form_that_is_none_does_not_stop_anybody(form: dict[str, Any]) -> None:
    assert fill_form(form, {}, {"a": "1"}, "the grid") == {"a": 1}


def test_the_form_in_words() -> None:
    lines = {line.name: line for line in form_lines(FORM, {"max_blocks": 4, "old": "x"})}
    assert list(lines) == [*FORM["properties"], "old"]
    assert (lines["max_blocks"].kind, lines["max_blocks"].value, lines["max_blocks"].default) == (
        "whole number",
        4,
        1,
    )
    assert lines["exclusive"].kind == "yes or no"
    assert lines["partition"].kind == "one of short, long, 7"
    assert lines["account"].description == "Who pays."


VALUES = st.one_of(
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=("Cc", "Cs", "Z")), min_size=1),
)
KINDS = {bool: "boolean", int: "integer", float: "number", str: "string"}


@given(st.dictionaries(st.sampled_from("abcdef"), VALUES))
def test_what_is_shown_can_be_typed_again(values: dict[str, OptionValue]) -> None:
    properties = {name: {"type": KINDS[type(value)]} for name, value in values.items()}
    texts = split_settings([f"{name}={typed(value)}" for name, value in values.items()])
    found = fill_form({"properties": properties}, {}, texts, "the grid")
    assert found == values
    assert [type(value) for value in found.values()] == [type(value) for value in values.values()]
