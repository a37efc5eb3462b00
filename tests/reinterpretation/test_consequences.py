"""What keeping a channel without signal, or leaving it out of the fit, means in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fitgui.reinterpretation.findings import by_importance
from fitgui.reinterpretation.looking_over.caveats import caveats
from fitgui.reinterpretation.looking_over.consequences import consequences
from fitgui.reinterpretation.looking_over.sanity import check_signal
from fitgui.reinterpretation.model import Finding, Signal, SignalError, Systematic, Target, Treatment
from fitgui.reinterpretation.target.published import signal_of_point, treatments_of_point
from fitgui.reinterpretation.target.target import target_of
from tests.builders import make_workspace
from tests.reinterpretation.targets import (
    ONE_LEPTON,
    REAL,
    STAU,
    example_target,
    opened,
    real_target,
    target_without_validation_region,
)

SIGNAL = Signal("x", yields={"SR": (10.0, 3.0, 0.5)})


def by_code(findings: tuple[Finding, ...]) -> dict[str, list[str]]:
    """Sentences by code."""
    found: dict[str, list[str]] = {}
    for finding in findings:
        assert not finding.severe
        assert finding.sentence.endswith(".")
        found.setdefault(finding.code, []).append(finding.sentence)
    return found


def in_signal_regions(target: Target) -> Signal:
    """One event in each bin of the signal regions."""
    return Signal("x", yields={each.name: (1.0,) * each.bins for each in target.channels if each.is_signal})


def test_what_is_kept_without_signal_says_what_published_signals_do_there() -> None:
    found = by_code(consequences(example_target(), SIGNAL))
    assert found == {
        "kept": [
            "CR_W and CR_top stay in the fit without signal (published signals put up to 3.3 % of the "
            "background there, most in CR_top)."
        ]
    }
    one = Signal("x", yields={**SIGNAL.yields, "CR_top": (0.0, 0.0)})
    assert by_code(consequences(example_target(), one)) == {
        "kept": [
            "CR_W stays in the fit without signal (published signals put up to 3.2 % of the background "
            "there)."
        ]
    }
    everywhere = Signal("x", yields={**SIGNAL.yields, "CR_W": (0.0, 0.0, 0.0), "CR_top": (0.0, 0.0)})
    assert consequences(example_target(), everywhere) == ()


def test_much_signal_in_a_control_region_is_too_much_to_pass_over(real_pallets: Path) -> None:
    target = real_target(real_pallets, STAU, "Region-combined")
    (sentence,) = by_code(consequences(target, in_signal_regions(target)))["contamination"]
    assert sentence.startswith("QCR1cut_cuts, QCR2cut_cuts and WCRcut_cuts stay in the fit without signal (")
    assert "most in QCR2cut_cuts" in sentence
    assert "; in QCR2cut_cuts that is too much to pass over: give yields for it if you can." in sentence


def test_a_normalisation_that_loses_its_control_region(real_pallets: Path) -> None:
    found = by_code(consequences(example_target(), SIGNAL, {"CR_top": Treatment.DROP}))
    assert found["lost-control"] == [
        "Without CR_top the free normalisation mu_top loses its control region (it scales 88 % of the "
        "background of CR_top): the regions that remain say less about it (CR_W most, where it scales 13 %), "
        "so the expected sensitivity changes, and a signal may be taken for background."
    ]
    both = dict.fromkeys(("CR_top", "CR_W"), Treatment.DROP)
    lost = by_code(consequences(example_target(), SIGNAL, both))["lost-control"]
    assert [sentence.split(" normalisation ")[1].split(" ")[0] for sentence in lost] == ["mu_top", "shape_W"]
    assert all("only SR determines it, signal or not" in sentence for sentence in lost)
    # Of three regions for the top quark in 1Lbb one may go without taking the normalisation with it.
    target = real_target(real_pallets, ONE_LEPTON, "BkgOnly")
    signal = in_signal_regions(target)
    assert "lost-control" not in by_code(consequences(target, signal, {"TRMMEM_cuts": Treatment.DROP}))
    (sentence,) = by_code(consequences(target, signal, {"WREM_cuts": Treatment.DROP}))["lost-control"]
    assert sentence.startswith("Without WREM_cuts the free normalisation mu_W loses its control region")


def test_a_normalisation_that_is_fixed_or_goes_with_its_region_is_not_lost(tmp_path: Path) -> None:
    workspace = make_workspace({"SR": [5.0], "CR": [80.0], "CR2": [40.0]})
    for number in (0, 1):
        workspace["channels"][number]["samples"][0]["modifiers"].append(
            {"name": "mu_fixed", "type": "normfactor", "data": None}
        )
    workspace["channels"][2]["samples"][0]["modifiers"].append(
        {"name": "mu_alone", "type": "normfactor", "data": None}
    )
    workspace["measurements"][0]["config"]["parameters"] = [{"name": "mu_fixed", "fixed": True}]
    pallet = opened(tmp_path, workspace)
    target = target_of(pallet, pallet.analyses[0])
    signal = Signal("x", yields={"SR": (1.0,)})
    found = by_code(consequences(target, signal, dict.fromkeys(("CR", "CR2"), Treatment.DROP)))
    assert list(found) == ["lost-constraint"]


def test_signal_regions_that_are_left_out_or_stay_empty(real_pallets: Path) -> None:
    target = real_target(real_pallets, STAU, "Region-combined")
    signal = Signal("x", yields={"SR1cut_cuts": (3.0,)})
    dropped = by_code(consequences(target, signal, {"SR2cut_cuts": Treatment.DROP}))
    assert dropped["lost-signal"] == [
        "The signal region SR2cut_cuts is left out (published signals put up to 24.4 events there): the "
        "expected limit gets weaker by what it would tell."
    ]
    kept = by_code(consequences(target, signal, {"SR2cut_cuts": Treatment.KEEP}))
    assert kept["kept-without-signal"] == [
        "SR2cut_cuts stays in the fit without signal: right only if your signal puts nothing there "
        "(published signals put up to 2.4 times the background there)."
    ]


def test_what_makes_an_answer_wrong_is_told_first(real_pallets: Path) -> None:
    """However many regions stay without signal, doubts about the numbers stand above them."""
    target = real_target(real_pallets, STAU, "Region-combined")
    signal = in_signal_regions(target).scaled(0.02)
    told = (
        *consequences(target, signal),
        *caveats(target, signal),
        *check_signal(target, signal),
    )
    ordered = [finding.code for finding in by_importance(told)]
    assert ordered == ["units", "no-uncertainty", "contamination"]


def test_names_that_signal_and_background_share() -> None:
    names = ("jet_energy_scale", "b_tagging", "my_theory")
    systematics = tuple(Systematic(name, {"SR": (1.0, 0.3, 0.1)}, {}) for name in names)
    signal = Signal("x", yields=SIGNAL.yields, systematics=systematics)
    (sentence,) = by_code(consequences(example_target(), signal))["correlated"]
    assert "(jet_energy_scale, b_tagging)" in sentence


def test_channels_that_published_patches_remove(tmp_path: Path) -> None:
    target = target_without_validation_region(tmp_path)
    signal = Signal("x", yields={"SR": (1.0, 1.0)})
    assert by_code(consequences(target, signal))["published-drop"] == [
        "VR stays in the fit, but published signals are fitted without it: leave it out to do the same."
    ]
    assert by_code(consequences(target, signal, {"VR": Treatment.DROP}))["lost-constraint"] == [
        "VR is left out: its data no longer constrain backgrounds and systematic uncertainties."
    ]
    point = target.analysis.points[0]
    assert treatments_of_point(target, point) == {"VR": Treatment.DROP}
    assert signal_of_point(target, point).yields == {"SR": (2.0, 4.0), "CR": (0.0,)}


@pytest.mark.parametrize(("file", "analysis"), REAL)
def test_published_signals_as_yields(real_pallets: Path, file: str, analysis: str) -> None:
    target = real_target(real_pallets, file, analysis)
    names = [channel.name for channel in target.channels]
    for point in target.analysis.points[::19]:
        signal = signal_of_point(target, point)
        assert (signal.name, signal.values, signal.patch) == (point.name, point.values, point.operations)
        assert list(signal.yields) == names
        assert signal.with_luminosity
        samples = {
            names[int(each["path"].split("/")[2])]: each["value"] for each in json.loads(point.operations)
        }
        for name in names:
            sample: dict[str, Any] = samples.get(
                name, {"data": [0.0] * len(signal.yields[name]), "modifiers": []}
            )
            assert list(signal.yields[name]) == sample["data"]
            errors = [m["data"] for m in sample["modifiers"] if m["type"] in ("staterror", "shapesys")]
            assert [list(signal.statistical[name])] == errors if errors else name not in signal.statistical
            factors = {m["name"]: m["data"] for m in sample["modifiers"] if m["type"] == "normsys"}
            shapes = {m["name"]: m["data"] for m in sample["modifiers"] if m["type"] == "histosys"}
            for one in signal.systematics:
                hi = factors.get(one.name, {"hi": 1.0})["hi"]
                above = shapes.get(one.name, {"hi_data": sample["data"]})["hi_data"]
                wanted = [hi * value - n for value, n in zip(above, sample["data"], strict=True)]
                assert one.up.get(name, (0.0,) * len(wanted)) == pytest.approx(wanted, rel=1e-9, abs=1e-12)


def test_patches_without_a_signal_or_that_do_not_apply() -> None:
    target = example_target()
    point = target.analysis.points[0]
    empty = type(point)("empty", {}, b"[]", "set")
    with pytest.raises(SignalError, match="point empty adds no sample that mu_SIG scales"):
        signal_of_point(target, empty)
    broken = type(point)("broken", {}, b'[{"op": "remove", "path": "/channels/7"}]', "set")
    with pytest.raises(SignalError, match="patch of point broken cannot be read: operation 1"):
        treatments_of_point(target, broken)
    gone = type(point)("gone", {}, b'[{"op": "replace", "path": "", "value": {}}]', "set")
    with pytest.raises(SignalError, match="leaves no workspace behind"):
        signal_of_point(target, gone)


def test_a_signal_of_several_samples_is_their_sum() -> None:
    target = example_target()
    operations = json.loads(target.analysis.points[0].operations)
    second = {**operations[0], "value": {**operations[0]["value"], "name": "another process"}}
    point = type(target.analysis.points[0])("two", {}, json.dumps([*operations, second]).encode(), "set")
    one, two = (signal_of_point(target, each) for each in (target.analysis.points[0], point))
    assert two.yields["SR"] == pytest.approx([2.0 * value for value in one.yields["SR"]])
    assert two.statistical["SR"] == pytest.approx([2.0**0.5 * value for value in one.statistical["SR"]])
    for first, both in zip(one.systematics, two.systematics, strict=True):
        assert both.up["SR"] == pytest.approx([2.0 * value for value in first.up["SR"]])
        assert both.up["CR_W"] == first.up["CR_W"]
