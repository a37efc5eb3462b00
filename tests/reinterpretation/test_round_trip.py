"""Published yields go out in every format, come in again, are mapped, and give the same CLs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fitgui.pallets import SignalPoint
from fitgui.reinterpretation.mapping.placing import signal_of
from fitgui.reinterpretation.mapping.problems import problems
from fitgui.reinterpretation.mapping.proposing import propose
from fitgui.reinterpretation.model import BinRef, Imported, Signal, Target
from fitgui.reinterpretation.normalising import needs, to_events
from fitgui.reinterpretation.reading import read_signals
from fitgui.reinterpretation.target.published import signal_of_point
from fitgui.reinterpretation.writing import Form, signals_text
from tests.reinterpretation import by_hand
from tests.reinterpretation import tool_writers as tools
from tests.reinterpretation.targets import ONE_LEPTON, STAU, real_target, without_uncertainties
from tests.reinterpretation.test_closure import agree

NORM = tools.Normalisation()
PLACES = ((STAU, "Region-combined", 20), (ONE_LEPTON, "BkgOnly", 41))
"""File, analysis, and which point: one bin for each channel, then several."""

Case = tuple[Target, SignalPoint, Signal]


@pytest.fixture(scope="module", params=PLACES, ids=[place[0].split("-")[-1][:-7] for place in PLACES])
def case(request: pytest.FixtureRequest, real_pallets: Path) -> Case:
    """A target, one of its points, and that as a signal that can be changed."""
    file, analysis, number = request.param
    target = real_target(real_pallets, file, analysis)
    point = target.analysis.points[number]
    return target, point, replace(signal_of_point(target, point), patch=None)


def taken_in(target: Target, imported: Imported, tool: str) -> Signal:
    """The signal that a file comes to, mapped without anybody's help and without anything severe."""
    assert imported.tool == tool
    section, luminosity = needs(imported)
    events = to_events(
        imported,
        cross_section_fb=NORM.cross_section_fb if section else None,
        luminosity_fb=NORM.luminosity_fb if luminosity else None,
    )
    region_map = propose(events, target)
    assert not [each.sentence for each in problems(region_map, events, target) if each.severe]
    assert {bins for each in region_map.assignments for bins in each.bins} == set(target.bins())
    return signal_of(events.points[0], region_map, target)


def numbers(target: Target, signal: Signal, rounded: Callable[[float], float], *, errors: bool) -> bytes:
    """By hand: the numbers as a tool writes them."""
    yields = {name: [rounded(value) for value in events] for name, events in signal.yields.items()}
    statistical = {name: [rounded(value) for value in events] for name, events in signal.statistical.items()}
    return by_hand.of_numbers(dict(target.analysis.workspace), yields, statistical if errors else {})


def written(form: str) -> Callable[[float], float]:
    """What an efficiency is, written in a format, in events."""
    return lambda events: float(format(events / NORM.events, form)) * NORM.events


@pytest.mark.parametrize(("kind", "form"), [("csv", "long"), ("csv", "wide"), ("json", "auto")])
def test_plain_files_with_all_uncertainties(case: Case, kind: Any, form: Form) -> None:
    target, point, signal = case
    text = signals_text(target, [signal], kind, form=form)
    (imported,) = read_signals((f"own.{kind}", text), target=target)
    back = taken_in(target, imported, kind)
    assert (back.yields, back.values) == (signal.yields, point.values)
    agree(target, back, by_hand.with_uncertainties(dict(target.analysis.workspace), point.operations))


def test_a_plain_scan_file(case: Case) -> None:
    target, point, signal = case
    bare = replace(signal, systematics=())
    text = signals_text(target, [bare, replace(bare.scaled(2.0), name="twice")], "csv")
    (imported,) = read_signals(("scan.csv", text), target=target)
    assert [each.name for each in imported.points] == [point.name, "twice"]
    agree(target, taken_in(target, imported, "csv"), numbers(target, bare, float, errors=True))


@pytest.mark.parametrize("headed", [True, False])
def test_paste_from_a_spreadsheet(case: Case, headed: bool) -> None:
    target, point, signal = case
    rows = [
        (target.text(BinRef(name, number)), repr(value))
        for name, events in signal.yields.items()
        for number, value in enumerate(events)
    ]
    if headed:
        text = "region\tyield\n" + "\n".join("\t".join(row) for row in rows)
    else:
        text = "\n".join(value for _, value in rows)
    (imported,) = read_signals(("pasted text", text), target=target)
    back = taken_in(target, imported, "csv") if headed else _by_position(target, imported)
    agree(target, back, by_hand.yields_alone(dict(target.analysis.workspace), point.operations))


def _by_position(target: Target, imported: Imported) -> Signal:
    region_map = propose(imported, target)
    # Only their order tells where numbers go, which somebody has to confirm.
    assert [each.code for each in problems(region_map, imported, target) if each.severe]
    confirmed = replace(region_map, confirmed=True)
    assert not [each for each in problems(confirmed, imported, target) if each.severe]
    return signal_of(imported.points[0], confirmed, target)


def test_simpleanalysis(case: Case) -> None:
    target, _, signal = case
    text = tools.simpleanalysis(signal, tools.names_of(target, "simpleanalysis"), NORM)
    (imported,) = read_signals(("Analysis.txt", text), target=target)
    agree(
        target,
        taken_in(target, imported, "simpleanalysis"),
        numbers(target, signal, written(".6g"), errors=True),
    )


def test_checkmate(case: Case) -> None:
    target, _, signal = case
    text = tools.checkmate({"atlas_0000_00000": (signal, tools.names_of(target))})
    (imported,) = read_signals(("total_results.txt", text), target=target)
    agree(target, taken_in(target, imported, "checkmate"), numbers(target, signal, float, errors=True))


def test_madanalysis(case: Case) -> None:
    target, _, signal = case
    text = tools.madanalysis([signal], tools.names_of(target, "madanalysis"), NORM, summary=False)
    (imported,) = read_signals(("CLs_output.dat", text), target=target)
    agree(
        target,
        taken_in(target, imported, "madanalysis"),
        numbers(target, signal, written(".7f"), errors=False),
    )


def test_cut_flows_of_madanalysis(case: Case, tmp_path: Path) -> None:
    target, _, signal = case
    folder = tools.madanalysis_run(tmp_path / "run", signal, tools.names_of(target, "madanalysis"), NORM)
    (imported,) = read_signals(folder, target=target)
    back = taken_in(target, imported, "madanalysis")
    for name, events in signal.yields.items():  # cut-flows have seven digits of sums of weights
        assert back.yields[name] == pytest.approx(events, rel=1e-4, abs=1e-3)
    agree(target, back, numbers(target, back, float, errors=True))


def test_smodels(case: Case) -> None:
    target, point, signal = case
    text = tools.smodels_output(without_uncertainties(signal), tools.names_of(target), NORM)
    (imported,) = read_signals(("point.slha.py", text), target=target)
    back = taken_in(target, imported, "smodels")
    agree(target, back, by_hand.yields_alone(dict(target.analysis.workspace), point.operations))


@pytest.mark.parametrize("whole", [True, False], ids=["patch set", "patch"])
def test_pyhf(case: Case, whole: bool) -> None:
    target, point, _ = case
    analysis = target.analysis
    text = tools.patch_set([point], analysis.digest, analysis.labels) if whole else point.operations
    (imported,) = read_signals(("patch.json", text), target=target)
    assert json.loads(imported.points[0].patch or b"") == json.loads(point.operations)
    back = taken_in(target, imported, "pyhf")
    agree(target, back, point.operations)
    agree(
        target,
        replace(back, patch=None),
        by_hand.with_uncertainties(dict(analysis.workspace), point.operations),
    )
