"""Published signals that go out into a format and come in again give the CLs of the same content."""

from __future__ import annotations

from pathlib import Path

import pytest

from fitgui.reinterpretation.patching.patch import signal_patch
from fitgui.reinterpretation.target.published import signal_of_point
from tests.reinterpretation.format_round_trips import FORMATS, through
from tests.reinterpretation.targets import REAL, fit, real_target
from tests.reinterpretation.tool_writers import names_of, own_names

SAME = 1e-6


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(("file", "analysis"), [REAL[0], REAL[4]], ids=["stau", "1Lbb"])
def test_closure(real_pallets: Path, tmp_path: Path, file: str, analysis: str, name: str) -> None:
    target = real_target(real_pallets, file, analysis)
    published = signal_of_point(target, target.analysis.points[len(target.analysis.points) // 3])
    ours = through(target, published, name, tmp_path)
    theirs = FORMATS[name].content(published)
    assert ours.yields.keys() == theirs.yields.keys()
    for channel, events in theirs.yields.items():
        assert ours.yields[channel] == pytest.approx(events, rel=1e-6)
    found = fit(target, signal_patch(target, ours))
    expected = fit(target, signal_patch(target, theirs))
    assert found.cls_obs == pytest.approx(expected.cls_obs, abs=SAME)
    assert found.cls_exp == pytest.approx(expected.cls_exp, abs=SAME)


@pytest.mark.parametrize(
    ("which", "tool"),
    [
        (REAL[0], "checkmate"),
        (REAL[0], "madanalysis"),
        (REAL[0], "smodels"),
        (REAL[4], "simpleanalysis"),
        (REAL[4], "madanalysis"),
        (REAL[4], "smodels"),
    ],
)
def test_the_closure_uses_names_of_the_tools_themselves(
    real_pallets: Path, which: tuple[str, str], tool: str
) -> None:
    target = real_target(real_pallets, *which)
    own, plain = own_names(target, tool), names_of(target, tool)
    signal_regions = [channel.name for channel in target.channels if channel.is_signal]
    assert all(own[place] != plain[place] for place in target.bins() if place.channel in signal_regions)
