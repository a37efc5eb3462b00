"""Published signals that a tool writes and that are read again give the CLs of the same content."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fitgui.reinterpretation.mapping import propose, signal_of
from fitgui.reinterpretation.model import Imported, Signal, Target
from fitgui.reinterpretation.normalising import to_events
from fitgui.reinterpretation.patch import signal_patch
from fitgui.reinterpretation.published import signal_of_point, without_uncertainties
from fitgui.reinterpretation.reading import read_signals
from tests.reinterpretation import tool_writers
from tests.reinterpretation.targets import REAL, fit, real_target
from tests.reinterpretation.tool_writers import Normalisation, names_of, six_digits

SAME = 1e-6
NORM = Normalisation()


def as_it_is(signal: Signal) -> Signal:
    return replace(signal, systematics=(), patch=None)


def written_with(as_written: Callable[[float], str]) -> Callable[[Signal], Signal]:
    return lambda signal: tool_writers.rounded(signal, as_written, NORM.events)


def simpleanalysis(target: Target, signal: Signal, folder: Path) -> tuple[Imported, ...]:
    text = tool_writers.simpleanalysis(signal, names_of(target, "simpleanalysis"), NORM)
    return read_signals(("Ewk.txt", text.encode()), target=target)


def checkmate(target: Target, signal: Signal, folder: Path) -> tuple[Imported, ...]:
    text = tool_writers.checkmate({"atlas_1": (signal, names_of(target))})
    return read_signals(("total_results.txt", text.encode()), target=target)


def cutflows(target: Target, signal: Signal, folder: Path) -> tuple[Imported, ...]:
    return read_signals(
        tool_writers.madanalysis_run(folder / "run", signal, names_of(target, "madanalysis"), NORM)
    )


def table_of_cls(target: Target, signal: Signal, folder: Path) -> tuple[Imported, ...]:
    text = tool_writers.madanalysis([signal], names_of(target, "madanalysis"), NORM)
    return read_signals(("CLs_output_summary.dat", text.encode()))


def smodels(target: Target, signal: Signal, folder: Path) -> tuple[Imported, ...]:
    return read_signals(("p.py", tool_writers.smodels_output(signal, names_of(target), NORM).encode()))


FORMATS = {
    "SimpleAnalysis": (simpleanalysis, written_with(six_digits)),
    "CheckMATE": (checkmate, as_it_is),
    "MadAnalysis, cut-flows": (cutflows, as_it_is),
    "MadAnalysis, CLs_output": (
        table_of_cls,
        lambda signal: replace(written_with("{:.7f}".format)(signal), statistical={}),
    ),
    "SModels": (smodels, without_uncertainties),
}
"""How a signal is written and read, and what of it the format can hold."""


def came_back(imported: tuple[Imported, ...], target: Target) -> Signal:
    (one,) = to_events(
        imported[0], cross_section_fb=NORM.cross_section_fb, luminosity_fb=NORM.luminosity_fb
    ).points
    regions = propose(imported[0], target)
    assert all(len(assignment.bins) == 1 for assignment in regions.assignments)
    return signal_of(one, regions, target)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(("file", "analysis"), [REAL[0], REAL[4]], ids=["stau", "1Lbb"])
def test_closure(real_pallets: Path, tmp_path: Path, file: str, analysis: str, name: str) -> None:
    target = real_target(real_pallets, file, analysis)
    write_and_read, content = FORMATS[name]
    published = signal_of_point(target, target.analysis.points[len(target.analysis.points) // 3])
    ours = came_back(write_and_read(target, published, tmp_path), target)
    theirs = content(published)
    assert ours.yields.keys() == theirs.yields.keys()
    for channel, events in theirs.yields.items():
        assert ours.yields[channel] == pytest.approx(events, rel=1e-6)
    found = fit(target, signal_patch(target, ours))
    expected = fit(target, signal_patch(target, theirs))
    assert found.cls_obs == pytest.approx(expected.cls_obs, abs=SAME)
    assert found.cls_exp == pytest.approx(expected.cls_exp, abs=SAME)


@pytest.mark.parametrize(("file", "analysis"), [REAL[0], REAL[4]], ids=["stau", "1Lbb"])
def test_a_patch_set_is_fitted_as_it_is(real_pallets: Path, file: str, analysis: str) -> None:
    target = real_target(real_pallets, file, analysis)
    point = target.analysis.points[5]
    text = tool_writers.patch_set([point], target.analysis.digest, target.analysis.labels)
    imported = read_signals(("patchset.json", text.encode()), target=target)
    signal = signal_of(imported[0].points[0], propose(imported[0], target), target)
    assert signal.patch is not None
    found, expected = fit(target, signal_patch(target, signal)), fit(target, point.operations)
    assert found.cls_obs == pytest.approx(expected.cls_obs, abs=SAME)
    assert found.cls_exp == pytest.approx(expected.cls_exp, abs=SAME)
