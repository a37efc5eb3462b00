"""``--points A B`` means the same as ``--points A --points B``, wherever the pallet stands."""

from __future__ import annotations

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.cli.lists import spread
from fitgui.cli.run import command

WORD = st.text("abc*?[]_19", min_size=1, max_size=4)


def parsed(arguments: list[str]) -> tuple[str | None, tuple[str, ...], str | None]:
    context = click.Context(command)
    command.parse_args(context, arguments)
    return context.params["pallet"], context.params["points"], context.params["analysis"]


@given(
    lists=st.lists(st.lists(WORD, min_size=1, max_size=3), min_size=1, max_size=3),
    first=st.booleans(),
)
def test_lists_and_repetitions_are_the_same(lists: list[list[str]], first: bool) -> None:
    typed = [word for words in lists for word in ("--points", *words)]
    arguments = ["pallet", *typed] if first else [*typed, "--analysis", "SR", "pallet"]
    points = tuple(word for words in lists for word in words)
    assert parsed(arguments) == ("pallet", points, None if first else "SR")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--points", "A", "pallet"], ("pallet", ("A",), None)),
        (["--points", "A", "B", "pallet"], ("pallet", ("A", "B"), None)),
        (["--points", "A", "B", "--", "pallet"], ("pallet", ("A", "B"), None)),
        (["--points=A", "pallet"], ("pallet", ("A",), None)),
        (["--points", "A"], (None, ("A",), None)),
        (["pallet", "--points", "-A", "B", "--json"], ("pallet", ("-A", "B"), None)),
        (["pallet", "--analysis", "SR", "--points", "A", "B"], ("pallet", ("A", "B"), "SR")),
    ],
)
def test_the_pallet_is_found(
    arguments: list[str], expected: tuple[str | None, tuple[str, ...], str | None]
) -> None:
    assert parsed(arguments) == expected


def test_an_option_without_its_value_is_left_to_click() -> None:
    assert spread(["pallet", "--points"], ["--points"], ["--points"]) == ["pallet", "--points"]
