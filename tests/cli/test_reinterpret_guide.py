"""What the guide shows is read by fitgui as the guide says."""

from __future__ import annotations

import re

import pytest

from fitgui.cli.reinterpret_asked import ACCEPTABLE
from fitgui.reinterpretation.mapping.proposing import propose
from fitgui.reinterpretation.mapping.reasons import is_proposed
from fitgui.reinterpretation.reading import read_signals
from tests.cli.conftest import REPOSITORY
from tests.reinterpretation.targets import example_target

GUIDE = (REPOSITORY / "docs" / "reinterpretation.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```(csv|json)\n(.*?)^```$", GUIDE, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("kind", "text"), EXAMPLES)
def test_examples_are_read(kind: str, text: str) -> None:
    target = example_target()
    [imported] = read_signals((f"my.{kind}", text), target=target)
    found = propose(imported, target)
    assert {target.text(one.bins[0]) for one in found.assignments} == {"SR[0]", "SR[1]", "SR[2]"}
    assert not any(map(is_proposed, found.assignments))
    assert [point.values for point in imported.points if point.values] == [
        {"m1": mass, "m2": 150}
        for mass in ((300, 400) if "B,400" in text else (300,) if kind == "json" else ())
    ]


def test_the_guide_has_an_example_of_each_kind() -> None:
    assert len(EXAMPLES) == 5


def test_all_that_can_be_accepted_is_explained() -> None:
    for code in ACCEPTABLE:
        assert f"`--accept {code}`" in GUIDE
