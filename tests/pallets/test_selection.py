"""Points by pattern, and by names that look like patterns."""

from __future__ import annotations

import pytest

from fitgui.pallets.model import SignalPoint
from fitgui.pallets.selection import match_points

NAMES = ["C1[300]", "C13", "C1*", "C1_2", "what?", "whats"]
POINTS = [SignalPoint(name, {}, b"[]", patch_set="p") for name in NAMES]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["C1[300]"], ["C1[300]"]),
        (["C1[3]"], ["C13"]),
        (["C1*"], ["C1*"]),
        (["C1*", "C*3"], ["C13", "C1*"]),
        (["what?"], ["what?"]),
        (["what[?s]"], ["what?", "whats"]),
        (["whats", "C1[300]"], ["C1[300]", "whats"]),
        (["*"], NAMES),
        (["c13"], []),
        ([], []),
    ],
)
def test_a_name_means_itself_before_it_is_a_pattern(patterns: list[str], expected: list[str]) -> None:
    assert [point.name for point in match_points(POINTS, patterns)] == expected
