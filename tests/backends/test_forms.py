"""Answers to forms: completed, converted, refused in one sentence."""

from __future__ import annotations

from typing import Any

import pytest

from fitgui_backends.forms import FormError, complete

FORM: dict[str, Any] = {
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "title": "Name", "pattern": "^[a-z]+$", "examples": ["mine"]},
        "cores": {"type": "integer", "title": "Cores", "minimum": 1, "maximum": 8, "default": 2},
        "share": {"type": "number", "title": "Share", "minimum": 0},
        "alone": {"type": "boolean", "title": "Alone", "default": False},
        "way": {"type": "string", "title": "Way", "enum": ["here", "there"], "default": "here"},
        "commands": {"type": "string", "title": "Commands", "format": "multiline"},
        "time": {"type": "string", "title": "Time", "pattern": r"^\d+:\d\d$", "default": "0:20"},
        "queue": {"type": "string", "title": "Queue", "pattern": "^[a-z]+$", "description": "Small letters."},
    },
}


def test_what_is_not_answered_takes_its_default_or_stays_away() -> None:
    defaults = {"cores": 2, "alone": False, "way": "here", "time": "0:20"}
    assert complete(FORM, {"name": "a"}) == {"name": "a", **defaults}
    assert complete(FORM, {"name": "a", "cores": " ", "share": None})["cores"] == 2


def test_texts_become_what_the_form_asks_for() -> None:
    given = {"name": " a ", "cores": "4", "share": "0.5", "alone": "yes", "commands": "a\n\tb\n"}
    assert complete(FORM, given) == {
        "name": "a",
        "cores": 4,
        "share": 0.5,
        "alone": True,
        "way": "here",
        "commands": "a\n\tb",
        "time": "0:20",
    }
    assert complete(FORM, {"name": "a", "cores": 4.0, "alone": False})["cores"] == 4


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "Name is missing: write it as mine."),
        ({"name": "A1"}, "Name is 'A1', which does not fit: write it as mine."),
        (
            {"name": "a", "cores": "2.5"},
            "Cores is '2.5', which does not fit: give a whole number from 1 to 8.",
        ),
        ({"name": "a", "cores": 9}, "Cores is 9, which does not fit: give a whole number from 1 to"),
        ({"name": "a", "cores": True}, "Cores is True, which does not fit: give a whole number from 1 to"),
        ({"name": "a", "share": "nan"}, "Share is 'nan', which does not fit: give a number of 0 or more."),
        (
            {"name": "a", "cores": "inf"},
            "Cores is 'inf', which does not fit: give a whole number from 1 to 8.",
        ),
        ({"name": "a", "alone": "maybe"}, "Alone is 'maybe', which does not fit: answer yes or no."),
        ({"name": "a", "way": "up"}, "Way is 'up', which does not fit: choose one of here, there."),
        ({"name": "a", "commands": "a\x00b"}, "Commands is 'a\\x00b', which does not fit: write plain text."),
        ({"name": "a", "time": "100"}, "Time is '100', which does not fit: write it as 0:20."),
        ({"name": "a", "queue": "A"}, "Queue is 'A', which does not fit: Small letters."),
        ({"name": "a", "core": 1}, "There is no option core: did you mean cores?"),
        ({"name": "a", "zzz": 1}, "There is no option zzz: choose from name, cores, share"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(FormError) as caught:
        complete(FORM, given)
    assert str(caught.value).startswith(sentence)
    assert caught.value.field
