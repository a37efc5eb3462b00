"""Signals become patches that say the same in pyhf and in newton, and that read back as they were."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyhf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgui.pallets import SignalPoint
from fitgui.reinterpretation.mapping.placing import signal_of
from fitgui.reinterpretation.mapping.proposing import propose
from fitgui.reinterpretation.model import Events, Signal, SignalError, Systematic, Target, Treatment
from fitgui.reinterpretation.patching.patch import OWN, sample_name, signal_patch, signal_point
from fitgui.reinterpretation.reading import read_signals
from fitgui.reinterpretation.target.layout import layout_of
from fitgui.reinterpretation.target.published import signal_of_point
from fitgui.reinterpretation.target.target import target_of
from fitgui_backends.histfactory.checks import check_workspace
from fitgui_backends.histfactory.patching import apply_patch, decode_operations
from fitgui_backends.histfactory.schema import validate_workspace
from tests.builders import make_patch_set, make_workspace
from tests.reinterpretation.targets import example_target, fit, opened, pallet_of, without_uncertainties

BINS = {"SR": 3, "CR_W": 3, "CR_top": 2}
NOMINAL = Signal(
    name="my model / 1",
    values={"mass": 300.0},
    yields={"SR": (20.0, 8.0, 0.5), "CR_W": (2.0, 1.0, 0.0)},
)
FULL = replace(
    NOMINAL,
    statistical={"SR": (2.0, 1.0, 0.1), "CR_W": (0.3, 0.2, 0.0)},
    systematics=(
        Systematic("jet_energy_scale", {"SR": (1.0, 0.9, 0.1)}, {"SR": (-1.0, -0.5, -0.1)}),
        Systematic("theory", {"SR": (2.0, 0.8, 0.05), "CR_W": (0.2, 0.1, 0.0)}, {"SR": (-1.0, -0.4, -0.025)}),
        Systematic("trigger", {"SR": (1.0, 0.8, 0.0)}, {"SR": (-1.0, -0.8, 0.0)}, correlated=False),
        Systematic("pile-up", {"CR_W": (0.5, 0.0, 0.0)}, {"CR_W": (-0.1, 0.0, 0.0)}, correlated=False),
        Systematic("halves", {"SR": (-19.0, 0.0, 0.0)}, {"SR": (-20.0, 0.0, 0.0)}),
    ),
)


def patched(target: Target, operations: bytes) -> dict[str, Any]:
    """The workspace with the patch, sound as far as fitgui can tell."""
    document: dict[str, Any] = apply_patch(target.analysis.workspace, decode_operations(operations))
    validate_workspace(document)
    findings = check_workspace(document)
    assert (findings.errors, findings.warnings) == ([], [])
    return document


def added(target: Target, operations: bytes) -> dict[str, dict[str, Any]]:
    """The samples that a patch adds, by channel."""
    names = [channel.name for channel in target.channels]
    return {
        names[int(each["path"].split("/")[2])]: each["value"]
        for each in json.loads(operations)
        if each["op"] == "add"
    }


def total_uncertainty(signal: Signal) -> dict[str, Events]:
    """One standard deviation by channel and bin, in events.

    Statistical and systematic uncertainties in quadrature, of the latter the mean of up and down; without
    that of the luminosity.
    """
    found: dict[str, Events] = {}
    for channel, events in signal.yields.items():
        none = (0.0,) * len(events)
        parts = [signal.statistical.get(channel, none)]
        for one in signal.systematics:
            high, low = one.up.get(channel, none), one.down.get(channel, none)
            parts.append(
                tuple((abs(above) + abs(below)) / 2.0 for above, below in zip(high, low, strict=True))
            )
        found[channel] = tuple(math.hypot(*each) for each in zip(*parts, strict=True))
    return found


def modifiers(sample: Mapping[str, Any]) -> dict[str, tuple[str, Any]]:
    """Type and data by name."""
    return {each["name"]: (each["type"], each["data"]) for each in sample["modifiers"]}


@pytest.mark.parametrize(
    ("signal", "treatments"),
    [
        pytest.param(NOMINAL, {}, id="yields alone"),
        pytest.param(FULL, {}, id="with uncertainties"),
        pytest.param(FULL, {"CR_W": Treatment.DROP}, id="without a control region"),
    ],
)
def test_newton_and_pyhf_say_the_same(signal: Signal, treatments: Mapping[str, Treatment]) -> None:
    target = example_target()
    operations = signal_patch(target, signal, treatments)
    workspace = pyhf.Workspace(patched(target, operations))
    model = workspace.model(
        modifier_settings={"normsys": {"interpcode": "code4"}, "histosys": {"interpcode": "code4p"}}
    )
    observed, expected = pyhf.infer.hypotest(1.0, workspace.data(model), model, return_expected_set=True)
    result = fit(target, operations)
    # SLSQP ends a little above the minimum where parameters are on bounds.
    assert result.cls_obs == pytest.approx(float(observed), abs=1e-4)
    assert result.cls_exp == pytest.approx([float(value) for value in expected], abs=1e-4)


def test_each_uncertainty_becomes_the_modifier_that_tells_it() -> None:
    target = example_target()
    samples = added(target, signal_patch(target, FULL))
    assert list(samples) == ["SR", "CR_W"]
    assert {sample["name"] for sample in samples.values()} == {"my_model_1"}
    assert samples["SR"]["data"] == [20.0, 8.0, 0.5]
    signal_region, control_region = (modifiers(sample) for sample in samples.values())
    assert signal_region["mu_SIG"] == ("normfactor", None)
    assert signal_region["lumi"] == ("lumi", None)
    assert signal_region["staterror_SR"] == ("staterror", [2.0, 1.0, 0.1])
    assert signal_region["jet_energy_scale"][0] == "histosys"
    assert signal_region["theory"] == ("normsys", {"hi": 1.1, "lo": 0.95})
    assert signal_region["trigger_SR"] == ("shapesys", [1.0, 0.8, 0.0])
    assert signal_region["halves"] == ("histosys", {"hi_data": [1.0, 8.0, 0.5], "lo_data": [0.0, 8.0, 0.5]})
    assert control_region["signal_stat_CR_W"] == ("shapesys", [0.3, 0.2, 0.0])
    assert control_region["theory"] == ("normsys", {"hi": 1.1, "lo": 1.0})
    assert control_region["pile-up_CR_W_0"][0] == "histosys"
    assert set(control_region) == {"mu_SIG", "lumi", "signal_stat_CR_W", "theory", "pile-up_CR_W_0"}


def test_a_patch_is_a_point_like_any_other() -> None:
    target = example_target()
    point = signal_point(target, FULL)
    assert (point.name, point.values, point.patch_set) == ("my model / 1", {"mass": 300.0}, OWN)
    assert point.operations == signal_patch(target, FULL)


def test_luminosity_only_where_it_is_wanted() -> None:
    target = example_target()
    samples = added(target, signal_patch(target, replace(FULL, with_luminosity=False)))
    assert all("lumi" not in modifiers(sample) for sample in samples.values())


def test_channels_without_events_get_no_sample_unless_there_is_none_at_all() -> None:
    target = example_target()
    zeros = {"SR": (0.0, 0.0, 0.0), "CR_top": (0.0, 0.0)}
    assert list(added(target, signal_patch(target, Signal("x", yields={**NOMINAL.yields, **zeros})))) == [
        "CR_W"
    ]
    nothing = signal_patch(target, Signal("x", yields=zeros))
    assert added(target, nothing)["SR"]["data"] == [0.0, 0.0, 0.0]
    assert fit(target, nothing).cls_obs == 1.0
    assert any("changes nothing" in warning for warning in fit(target, nothing).warnings)
    appears = Systematic("appears", {"SR": (0.0, 1.0, 0.0)}, {})
    assert modifiers(
        added(target, signal_patch(target, Signal("x", yields=zeros, systematics=(appears,))))["SR"]
    )["appears"] == ("histosys", {"hi_data": [0.0, 1.0, 0.0], "lo_data": [0.0, 0.0, 0.0]})


def test_the_sample_is_called_like_no_other() -> None:
    layout = layout_of(example_target().analysis)
    assert sample_name(Signal("top"), layout) == "top_2"
    assert sample_name(Signal("~ ~"), layout) == "signal"
    assert sample_name(Signal("gg → χχ"), layout) == "gg"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("lumi", "lumi is the luminosity parameter of the workspace, which the signal has anyway"),
        ("mu_top", "mu_top is a free normalisation of the workspace"),
        ("shape_W", "shape_W is a free normalisation"),
        ("staterror_SR", "staterror_SR has a parameter for each bin"),
        ("fakes_per_bin", "fakes_per_bin has a parameter for each bin"),
        ("mu_SIG", "mu_SIG is the signal strength"),
        (" ", "has no name"),
    ],
)
def test_names_that_mean_something_else_already(name: str, words: str) -> None:
    one = Systematic(name, {"SR": (1.0, 1.0, 0.1)}, {"SR": (-1.0, -1.0, -0.1)})
    with pytest.raises(SignalError, match=words):
        signal_patch(example_target(), replace(NOMINAL, systematics=(one,)))
    # Parameters of an uncertainty that is not correlated get free names.
    own = replace(NOMINAL, systematics=(replace(one, name=name.strip() or "x", correlated=False),))
    patched(example_target(), signal_patch(example_target(), own))


def test_own_names_step_aside(tmp_path: Any) -> None:
    workspace = make_workspace({"SR": [12.0, 5.0], "CR": [80.0]})
    workspace["channels"][0]["samples"][0]["modifiers"].append(
        {"name": "signal_stat_SR", "type": "normsys", "data": {"lo": 0.9, "hi": 1.1}}
    )
    workspace["measurements"][0]["config"]["parameters"] = [
        {"name": "lumi", "auxdata": [1.0], "sigmas": [0.02], "bounds": [[0.5, 1.5]], "inits": [1.0]}
    ]
    pallet = opened(tmp_path, workspace)
    target = target_of(pallet, pallet.analyses[0])
    signal = Signal("bkg", yields={"SR": (3.0, 1.0)}, statistical={"SR": (0.3, 0.1)})
    sample = added(target, signal_patch(target, signal))["SR"]
    assert sample["name"] == "bkg_2"
    assert set(modifiers(sample)) == {"mu_SIG", "signal_stat_SR_2"}  # lumi is set, but nothing uses it
    lumi = Systematic("lumi", {"SR": (0.3, 0.1)}, {"SR": (-0.3, -0.1)})
    with pytest.raises(SignalError, match="measurement sets sigmas of a parameter lumi"):
        signal_patch(target, replace(signal, systematics=(lumi,)))


def test_a_staterror_over_several_channels_is_joined_in_all_or_in_none(tmp_path: Any) -> None:
    workspace = make_workspace({"SR1": [12.0], "SR2": [5.0]})
    for channel in workspace["channels"]:
        channel["samples"][0]["modifiers"][1]["name"] = "stat"
    patches = make_patch_set(workspace)
    for patch in patches["patches"]:
        patch["patch"] = [
            {
                "op": "add",
                "path": f"/channels/{number}/samples/1",
                "value": {
                    "name": "signal",
                    "data": [2.0],
                    "modifiers": [
                        {"name": "mu_SIG", "type": "normfactor", "data": None},
                        {"name": "stat", "type": "staterror", "data": [0.2]},
                    ],
                },
            }
            for number in range(2)
        ]
    pallet = opened(tmp_path, workspace, patches)
    target = target_of(pallet, pallet.analyses[0])
    both = Signal("x", yields={"SR1": (1.0,), "SR2": (2.0,)}, statistical={"SR1": (0.1,)})
    samples = added(target, signal_patch(target, both))
    assert modifiers(samples["SR1"])["stat"] == ("staterror", [0.1])
    assert modifiers(samples["SR2"])["stat"] == ("staterror", [0.0])
    patched(target, signal_patch(target, both))
    one = Signal("x", yields={"SR1": (1.0,), "SR2": (0.0,)}, statistical={"SR1": (0.1,)})
    assert "signal_stat_SR1" in modifiers(added(target, signal_patch(target, one))["SR1"])
    patched(target, signal_patch(target, one))
    dropped = signal_patch(target, one, {"SR2": Treatment.DROP})
    assert modifiers(added(target, dropped)["SR1"])["stat"] == ("staterror", [0.1])
    patched(target, dropped)


@pytest.mark.parametrize(
    ("signal", "treatments", "words"),
    [
        (Signal("x"), {}, "Signal region SR has no yields: give them"),
        (Signal("x"), {"SR": Treatment.KEEP}, "The signal x has no yields in a channel that is fitted"),
        (NOMINAL, dict.fromkeys(BINS, Treatment.DROP), "All channels are left out"),
        (
            NOMINAL,
            {"VR": Treatment.DROP},
            "no channel VR to be left out of the fit: the channels are SR, CR_W",
        ),
        (NOMINAL, {"VR": Treatment.KEEP}, "no channel VR to be kept or left out"),
        (Signal("x", yields={"SR": (1.0, 2.0)}), {}, "SR has 3 bins, but 2 yields are given"),
        (Signal("x", yields={**NOMINAL.yields, "SRB": (1.0,)}), {}, "no channel SRB for the yields"),
        (Signal("x", yields={"SR": (1.0, math.nan, 0.0)}), {}, r"yields of SR hold nan \(bin 1\)"),
        (
            replace(NOMINAL, statistical={"SR": (1.0, -1.0, 0.0)}),
            {},
            r"statistical uncertainties of SR hold -1 \(bin 1\): give 0 or",
        ),
        (
            replace(NOMINAL, systematics=(Systematic("a", {"SR": (math.inf, 0.0, 0.0)}, {}),)),
            {},
            r"changes of a \(up\) of SR hold inf",
        ),
        (
            replace(NOMINAL, systematics=(Systematic("a", {}, {}), Systematic("a", {}, {}))),
            {},
            "a is given twice",
        ),
    ],
)
def test_what_cannot_be_added_is_told_in_one_sentence(
    signal: Signal, treatments: Mapping[str, Treatment], words: str
) -> None:
    with pytest.raises(SignalError, match=words) as caught:
        signal_patch(example_target(), signal, treatments)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_a_patch_of_its_own_is_used_as_it_is() -> None:
    target = example_target()
    point = target.analysis.points[3]
    signal = signal_of_point(target, point)
    assert signal_patch(target, signal) == point.operations
    dropped = signal_patch(target, signal, {"CR_W": Treatment.DROP})
    assert json.loads(dropped)[:-2] == json.loads(point.operations)
    assert [channel["name"] for channel in patched(target, dropped)["channels"]] == ["SR", "CR_top"]
    # Once something was changed it is made anew, of the same content.
    anew = fit(target, signal_patch(target, replace(signal, patch=None)))
    assert anew.cls_obs == pytest.approx(fit(target, point.operations).cls_obs, rel=1e-6)


def test_a_patch_that_drops_channels_itself_is_left_as_it_is_and_drops_them_when_it_is_changed() -> None:
    target = example_target()
    operations = json.loads(target.analysis.points[0].operations)
    place = layout_of(target.analysis).channels["CR_top"]
    operations = [each for each in operations if not each["path"].startswith(f"/channels/{place.index}/")]
    for part, index in (("channels", place.index), ("observations", place.observation)):
        operations.append({"op": "remove", "path": f"/{part}/{index}"})
    written = json.dumps(operations).encode()
    (imported,) = read_signals(("mine.json", written), target=target)
    (point,) = imported.points
    signal = signal_of(point, propose(imported, target), target)
    treatments = dict.fromkeys(point.dropped, Treatment.DROP)
    assert treatments == {"CR_top": Treatment.DROP}
    assert signal_patch(target, signal, treatments) == written
    changed = patched(target, signal_patch(target, signal.scaled(2.0), treatments))
    assert [channel["name"] for channel in changed["channels"]] == ["SR", "CR_W"]
    assert not any(
        modifier["type"] == "lumi" and not signal.with_luminosity
        for channel in changed["channels"]
        for modifier in channel["samples"][-1]["modifiers"]
    )


def test_a_parameter_that_the_measurement_fixes_is_no_uncertainty(tmp_path: Any) -> None:
    document = make_workspace()
    document["measurements"][0]["config"]["parameters"].append({"name": "theory", "fixed": True})
    pallet = opened(tmp_path, document, make_patch_set(document))
    target = target_of(pallet, pallet.analyses[0])
    events = (1.0,) * target.channel("SR").bins
    signal = Signal("mine", yields={"SR": events}, systematics=(Systematic("theory", {"SR": events}, {}),))
    with pytest.raises(SignalError, match="fixes the parameter theory"):
        signal_patch(target, signal)


def test_drops_after_a_patch_that_moves_channels_itself() -> None:
    target = example_target()
    operations = [
        {"op": "remove", "path": "/channels/1"},
        {"op": "remove", "path": "/observations/1"},
        *json.loads(signal_patch(target, Signal("x", yields={"SR": (1.0, 1.0, 1.0)}))),
    ]
    signal = Signal("x", yields={"SR": (1.0, 1.0, 1.0)}, patch=json.dumps(operations).encode())
    # CR_W is gone already, and CR_top has another place now.
    made = signal_patch(target, signal, {"CR_W": Treatment.DROP, "CR_top": Treatment.DROP})
    assert [channel["name"] for channel in patched(target, made)["channels"]] == ["SR"]
    broken = replace(signal, patch=b'[{"op": "remove", "path": "/channels/9"}]')
    with pytest.raises(SignalError, match="cannot be applied to analysis BkgOnly: operation 1"):
        signal_patch(target, broken, {"CR_W": Treatment.DROP})


_events = st.one_of(st.just(0.0), st.floats(1e-3, 1e3))


@st.composite
def _signals(draw: st.DrawFn) -> Signal:
    """Signals on the bundled example, with all that a signal can have."""
    channels = draw(st.sets(st.sampled_from(["CR_W", "CR_top"]))) | {"SR"}
    yields: dict[str, Events] = {
        name: tuple(draw(st.lists(_events, min_size=bins, max_size=bins)))
        for name, bins in BINS.items()
        if name in channels
    }

    def part(low: float, high: float) -> dict[str, Events]:
        return {
            name: tuple(draw(st.floats(low, high)) * value for value in events)
            for name, events in yields.items()
            if draw(st.booleans())
        }

    systematics = tuple(
        Systematic(name, part(0.0, 1.5), part(-1.0, 0.5))
        for name in draw(
            st.sets(st.sampled_from(["jet_energy_scale", "b_tagging", "scale", "ISR"]), max_size=3)
        )
    )
    return Signal(draw(st.text(max_size=8)), {}, yields, part(0.0, 1.0), systematics, {}, draw(st.booleans()))


@given(_signals())
@settings(deadline=None, max_examples=60)
def test_a_signal_reads_back_from_its_patch_as_it_was(signal: Signal) -> None:
    target = example_target()
    operations = signal_patch(target, signal)
    patched(target, operations)
    back = signal_of_point(target, SignalPoint("x", {}, operations, OWN))
    uncertainty = total_uncertainty(signal)
    for name, bins in BINS.items():
        none = (0.0,) * bins
        assert back.yields[name] == signal.yields.get(name, none)
        if any(back.yields[name]):
            assert total_uncertainty(back)[name] == pytest.approx(uncertainty[name], rel=1e-9, abs=1e-9)
            assert back.statistical.get(name, none) == signal.statistical.get(name, none)
    assert back.with_luminosity is signal.with_luminosity
    found = {one.name: one for one in back.systematics}
    for one in signal.systematics:
        for name, events in one.up.items():
            if any(events):
                assert found[one.name].up[name] == pytest.approx(events, rel=1e-9, abs=1e-9)
    # Made anew from what was read, the patch says the same.
    again = signal_of_point(
        target, SignalPoint("x", {}, signal_patch(target, replace(back, patch=None)), OWN)
    )
    assert again.yields == back.yields
    assert again.statistical == back.statistical


@given(_signals(), st.floats(1e-3, 1e3))
@settings(deadline=None, max_examples=40)
def test_a_scaled_signal_has_scaled_uncertainties(signal: Signal, factor: float) -> None:
    target = example_target()
    first = added(target, signal_patch(target, signal))
    second = added(target, signal_patch(target, signal.scaled(factor)))
    assert list(first) == list(second)
    for channel, sample in first.items():
        assert second[channel]["data"] == pytest.approx([factor * each for each in sample["data"]])
    before, after = total_uncertainty(signal), total_uncertainty(signal.scaled(factor))
    for channel, events in before.items():
        assert after[channel] == pytest.approx([factor * each for each in events])


@given(_signals(), st.sets(st.sampled_from(list(BINS)), max_size=2))
@settings(deadline=None, max_examples=40)
def test_what_is_dropped_is_gone_and_all_else_is_there(signal: Signal, dropped: set[str]) -> None:
    target = example_target()
    if dropped >= set(signal.yields):
        return
    operations = signal_patch(target, signal, dict.fromkeys(dropped, Treatment.DROP))
    document = patched(target, operations)
    left = [name for name in BINS if name not in dropped]
    assert [channel["name"] for channel in document["channels"]] == left
    assert sorted(each["name"] for each in document["observations"]) == sorted(left)
    kinds = [each["op"] for each in json.loads(operations)]
    assert kinds == sorted(kinds)  # what is added comes first
    for number, channel in enumerate(document["channels"]):
        before = pallet_of("example").analyses[0].workspace["channels"][list(BINS).index(left[number])]
        assert channel["samples"][: len(before["samples"])] == before["samples"]


def test_without_uncertainties_only_yields_are_left() -> None:
    bare = without_uncertainties(FULL)
    assert (bare.yields, bare.statistical, bare.systematics) == (FULL.yields, {}, ())
    assert total_uncertainty(FULL)["CR_W"] == pytest.approx(
        (math.hypot(0.3, 0.1, 0.3), 0.2062, 0.0), abs=1e-3
    )
