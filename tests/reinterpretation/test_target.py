"""What a signal of one's own is put on: channels, data, background, and what published signals tell."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.reinterpretation.kinds import kind_by_name, kinds_of
from fitgui.reinterpretation.model import RegionKind, SignalError
from fitgui.reinterpretation.target.target import entry_of, target_of
from tests.builders import make_operations, make_patch_set, make_workspace
from tests.reinterpretation.targets import (
    ONE_LEPTON,
    REAL,
    STAU,
    THREE_LEPTONS,
    analysis_of,
    example_target,
    opened,
    pallet_of,
    real_target,
    target_without_validation_region,
)

SIGNAL, CONTROL, VALIDATION = RegionKind.SIGNAL, RegionKind.CONTROL, RegionKind.VALIDATION


@pytest.mark.parametrize(("file", "analysis"), REAL)
def test_numbers_are_those_of_the_documents(real_pallets: Path, file: str, analysis: str) -> None:
    target = real_target(real_pallets, file, analysis)
    document = target.analysis.workspace
    observed = {each["name"]: each["data"] for each in document["observations"]}
    published: dict[str, list[list[float]]] = {each["name"]: [] for each in document["channels"]}
    for point in target.analysis.points:
        found = {
            int(operation["path"].split("/")[2]): operation["value"]["data"]
            for operation in json.loads(point.operations)
        }
        for number, channel in enumerate(document["channels"]):
            bins = len(channel["samples"][0]["data"])
            published[channel["name"]].append(found.get(number, [0.0] * bins))
    assert [channel.name for channel in target.channels] == list(published)
    for channel, of_document in zip(target.channels, document["channels"], strict=True):
        assert list(channel.observed) == observed[channel.name]
        expected = np.sum([sample["data"] for sample in of_document["samples"]], axis=0)
        assert channel.background == pytest.approx(expected, rel=1e-12)
        assert channel.published_low == pytest.approx(np.min(published[channel.name], axis=0), rel=1e-12)
        assert channel.published_high == pytest.approx(np.max(published[channel.name], axis=0), rel=1e-12)
    assert (target.poi, target.lumi, target.luminosity_fb) == ("mu_SIG", "lumi", 139.0)


@pytest.mark.parametrize(
    ("file", "analysis", "signal"),
    [
        (STAU, "Region-combined", {"SR1cut_cuts", "SR2cut_cuts"}),
        (THREE_LEPTONS, "BkgOnly", {"SRlow_cuts", "SRISR_cuts"}),
        (ONE_LEPTON, "BkgOnly", {"SRHMEM_mct2", "SRMMEM_mct2", "SRLMEM_mct2"}),
    ],
)
def test_kinds_of_published_channels(real_pallets: Path, file: str, analysis: str, signal: set[str]) -> None:
    pallet = pallet_of(real_pallets / file)
    target = target_of(pallet, analysis_of(pallet, analysis), kinds={})
    assert {channel.name for channel in target.channels if channel.kind is SIGNAL} == signal
    assert {channel.kind for channel in target.channels if channel.name not in signal} == {CONTROL}
    if file == ONE_LEPTON:  # TRHMEM_cuts does not tell by its name
        assert target.channel("TRHMEM_cuts").kind_reason == (
            "published signals put up to 2 % of the background there"
        )
    # What SModels and MadAnalysis say of channels comes with fitgui; they agree.
    known = real_target(real_pallets, file, analysis)
    assert [channel.kind for channel in known.channels] == [channel.kind for channel in target.channels]
    assert {channel.kind_reason for channel in known.channels} == {"other tools of the field"}


def test_staterrors_are_shared_where_published_signals_share_them(real_pallets: Path) -> None:
    one, three = (real_target(real_pallets, file, "BkgOnly") for file in (ONE_LEPTON, THREE_LEPTONS))
    assert {channel.staterror for channel in one.channels} == {
        f"staterror_{channel.name}" for channel in one.channels
    }
    assert {channel.staterror for channel in three.channels} == {""}  # a shapesys for each sample
    assert [channel.staterror for channel in example_target().channels] == ["staterror_SR", "", ""]


def test_kinds_that_are_known_count_first() -> None:
    pallet = pallet_of("example")
    target = target_of(pallet, pallet.analyses[0], kinds={"CR_W": VALIDATION})
    assert [channel.kind for channel in target.channels] == [SIGNAL, VALIDATION, CONTROL]


def test_the_catalogue_is_asked_by_paper_then_by_contents(real_pallets: Path) -> None:
    pallet = pallet_of(real_pallets / STAU)
    entry = entry_of(pallet, analysis_of(pallet, "Region-combined"))
    assert entry is not None
    assert entry.analysis == "SUSY-2018-04"
    assert entry_of(pallet, pallet.analyses[0], entries=[]) is None


def test_without_published_signals_nothing_is_known_of_them(tmp_path: Path) -> None:
    workspace = make_workspace({"SR": [3.0], "left": [7.0]})
    workspace["channels"][0]["samples"][0]["modifiers"].append(
        {"name": "mu_SIG_of_nobody", "type": "normfactor", "data": None}
    )
    workspace["measurements"][0]["config"]["poi"] = "mu_SIG"
    pallet = opened(tmp_path, workspace)
    target = target_of(pallet, pallet.analyses[0])
    assert target.channel("left").kind is RegionKind.UNKNOWN
    assert target.channel("left").is_signal
    assert target.channel("SR").published_high == ()
    assert (target.lumi, target.luminosity_fb) == ("", None)


def test_a_channel_that_published_patches_remove_has_no_range(tmp_path: Path) -> None:
    target = target_without_validation_region(tmp_path)
    assert target.channel("VR").published_high == ()
    assert target.channel("CR").published_high == (0.0,)
    assert target.channel("SR").published_high == (4.0, 8.0)


def test_a_workspace_with_a_signal_takes_no_second_one(tmp_path: Path) -> None:
    workspace = make_workspace(poi="mu_XS")
    workspace["channels"][0]["samples"].append(make_operations(workspace)[0]["value"])
    pallet = opened(tmp_path, workspace)
    with pytest.raises(SignalError, match="mu_XS already scales signal in SR, and a second signal"):
        target_of(pallet, pallet.analyses[0])


def test_measurements_that_scale_nothing_or_do_not_exist(tmp_path: Path) -> None:
    workspace = make_workspace()
    workspace["measurements"].append({"name": "Plain", "config": {"poi": "", "parameters": []}})
    pallet = opened(tmp_path, workspace, make_patch_set(workspace))
    analysis = pallet.analyses[0]
    assert target_of(pallet, analysis, "NormalMeasurement").measurement == "NormalMeasurement"
    with pytest.raises(SignalError, match=r"no parameter of interest.*another measurement \(NormalMeas"):
        target_of(pallet, analysis, "Plain")
    with pytest.raises(SignalError, match='no measurement "Other": choose one of NormalMeasurement, Plain'):
        target_of(pallet, analysis, "Other")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("SRHMEM_mct2", SIGNAL),
        ("SR_metsigST", SIGNAL),
        ("QCR1cut_cuts", CONTROL),
        ("STCREM_cuts", CONTROL),
        ("CRISR_cuts", CONTROL),
        ("CRtt_meff", CONTROL),
        ("VRtau1_cuts", VALIDATION),
        ("DFSR0J", SIGNAL),
        ("highISR", RegionKind.UNKNOWN),
        ("FSR_tagged", RegionKind.UNKNOWN),
        ("bin_sr_2", SIGNAL),
        ("cr", CONTROL),
        ("secret", RegionKind.UNKNOWN),
        ("TopControlRegion", CONTROL),
        ("mbb_sideband", CONTROL),
        ("validation-high", VALIDATION),
        ("signal_region_A", SIGNAL),
        ("WREM_cuts", RegionKind.UNKNOWN),
    ],
)
def test_what_names_say(name: str, kind: RegionKind) -> None:
    assert kind_by_name(name) is kind


_around = st.text(st.sampled_from("abdefghjklmnopqtuwxyzABDEGHJKLMNOPQTUWXYZ_0123456789-."), max_size=8)


@given(st.sampled_from([("SR", SIGNAL), ("CR", CONTROL), ("VR", VALIDATION)]), _around, st.text(max_size=12))
def test_the_first_letters_in_capitals_count(token: tuple[str, RegionKind], before: str, after: str) -> None:
    # Without S, C, V, I and F in front, the token is the first one there is.
    assert kind_by_name(before + token[0] + after) is token[1]


_channels = st.dictionaries(
    st.sampled_from(["a", "b", "SR", "CR", "VR1"]),
    st.tuples(st.floats(0.0, 1e4), st.floats(0.0, 1e4)),
    min_size=1,
)


@given(_channels, st.booleans())
def test_every_channel_has_a_kind_and_a_reason(
    channels: dict[str, tuple[float, float]], published: bool
) -> None:
    backgrounds = {name: (background,) for name, (background, _) in channels.items()}
    highs = {name: (events,) for name, (_, events) in channels.items()} if published else {}
    found = kinds_of(backgrounds, highs)
    assert list(found) == list(channels)
    for name, (kind, reason) in found.items():
        assert reason
        by_name = kind_by_name(name)
        if by_name is not RegionKind.UNKNOWN:
            assert kind is by_name
        elif not any(events for _, events in channels.values()) or not published:
            assert kind is RegionKind.UNKNOWN
        elif channels[name][1] == 0.0:
            assert kind is CONTROL
