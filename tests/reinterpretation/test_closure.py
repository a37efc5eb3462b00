"""The yields of published patches give the answers of patches that were written by hand with that content."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fitgui.pallets import SignalPoint
from fitgui.reinterpretation.model import Signal, Target
from fitgui.reinterpretation.patching.patch import signal_patch
from fitgui.reinterpretation.target.published import signal_of_point
from tests.reinterpretation import by_hand
from tests.reinterpretation.targets import REAL, example_target, fit, real_target, without_uncertainties

SAME = 1e-6
"""What the issue of closure is about: CLs of the same content."""


def agree(target: Target, signal: Signal, operations: bytes) -> None:
    """CLs of a signal are those of a patch, observed and expected."""
    ours, theirs = fit(target, signal_patch(target, signal)), fit(target, operations)
    assert ours.cls_obs == pytest.approx(theirs.cls_obs, abs=SAME)
    assert ours.cls_exp == pytest.approx(theirs.cls_exp, abs=SAME)


def closes(target: Target, point: SignalPoint) -> None:
    """A published point agrees with what is written by hand: nominal only, then with uncertainties."""
    workspace = dict(target.analysis.workspace)
    signal = signal_of_point(target, point)
    agree(target, without_uncertainties(signal), by_hand.yields_alone(workspace, point.operations))
    agree(target, replace(signal, patch=None), by_hand.with_uncertainties(workspace, point.operations))


@pytest.mark.parametrize(("file", "analysis"), REAL)
def test_published_pallets_close(real_pallets: Path, file: str, analysis: str) -> None:
    target = real_target(real_pallets, file, analysis)
    points = target.analysis.points
    for point in (points[len(points) // 3], points[-4]):
        closes(target, point)


def test_the_example_closes() -> None:
    for point in example_target().analysis.points[::25]:
        closes(example_target(), point)
