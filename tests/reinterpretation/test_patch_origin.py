"""A bare patch names places only: what it says of its workspace otherwise is noticed, and what it removes."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from fitgui.reinterpretation.formats.tools import pyhf_patch
from fitgui.reinterpretation.looking_over.sanity import check_file
from fitgui.reinterpretation.model import Imported, Signal, SignalError, Systematic, Target
from fitgui.reinterpretation.patching.patch import signal_patch
from tests.reinterpretation import tool_writers
from tests.reinterpretation.targets import REAL, example_target, real_target


def read(target: Target, patch: bytes) -> Imported:
    (imported,) = pyhf_patch.read(patch, "patch.json", target)
    return imported


def codes(imported: Imported) -> list[str]:
    return [finding.code for finding in imported.findings if finding.severe]


@pytest.mark.parametrize(("ours", "theirs"), list(permutations(REAL, 2)))
def test_a_patch_of_another_workspace_is_noticed(
    real_pallets: Path, ours: tuple[str, str], theirs: tuple[str, str]
) -> None:
    target, other = real_target(real_pallets, *ours), real_target(real_pallets, *theirs)
    for point in other.analysis.points[::40]:
        try:
            imported = read(target, point.operations)
        except SignalError:
            continue  # it cannot be applied at all
        (finding,) = (each for each in check_file(target, imported) if each.code == "other-analysis")
        assert finding.severe
        assert finding.sentence.startswith("patch.json may be a patch for another workspace")


@pytest.mark.parametrize("which", REAL)
def test_a_patch_of_this_workspace_passes(real_pallets: Path, which: tuple[str, str]) -> None:
    target = real_target(real_pallets, *which)
    for point in target.analysis.points[::20]:
        assert not read(target, point.operations).findings
        without = replace(target, analysis=replace(target.analysis, patch_sets=()))
        assert not codes(read(without, point.operations))


def own(target: Target, *, statistical: bool, systematic: bool) -> bytes:
    bins = {channel.name: channel.bins for channel in target.channels if channel.is_signal}
    some = {name: (0.1,) * number for name, number in bins.items()}
    return signal_patch(
        target,
        Signal(
            name="mine",
            yields={name: (1.0,) * number for name, number in bins.items()},
            statistical=some if statistical else {},
            systematics=(Systematic("scale", some, some),) if systematic else (),
        ),
    )


@pytest.mark.parametrize("systematic", [False, True])
@pytest.mark.parametrize("which", REAL)
def test_patches_of_own_signals(real_pallets: Path, which: tuple[str, str], systematic: bool) -> None:
    target = real_target(real_pallets, *which)
    assert not codes(read(target, own(target, statistical=True, systematic=systematic)))
    assert codes(read(target, own(target, statistical=False, systematic=systematic))) == ["other-analysis"]


def test_where_nothing_tells_it_is_said() -> None:
    (finding,) = read(example_target(), own(example_target(), statistical=False, systematic=False)).findings
    assert "nothing in it says which workspace it is for" in finding.sentence
    (finding,) = read(example_target(), own(example_target(), statistical=False, systematic=True)).findings
    assert "1 of the 1 uncertainties in it (scale) are in neither" in finding.sentence


def test_a_digest_settles_it() -> None:
    target = example_target()
    point = replace(target.analysis.points[0], operations=own(target, statistical=False, systematic=False))
    (imported,) = pyhf_patch.read(
        tool_writers.patch_set([point], target.analysis.digest, target.analysis.labels).encode(),
        "set.json",
        target,
    )
    assert not imported.findings


def test_what_a_patch_removes_is_told() -> None:
    target = example_target()
    names = [each["name"] for each in target.analysis.workspace["channels"]]
    data = [each["name"] for each in target.analysis.workspace["observations"]]
    gone = "CR_top"
    operations = [
        *json.loads(target.analysis.points[0].operations),
        {"op": "remove", "path": f"/channels/{names.index(gone)}"},
        {"op": "remove", "path": f"/observations/{data.index(gone)}"},
    ]
    imported = read(target, json.dumps(operations).encode())
    (point,) = imported.points
    assert point.dropped == (gone,)
    assert not imported.findings
    plain = read(target, target.analysis.points[0].operations).points[0]
    assert plain.dropped == ()
    assert plain.with_luminosity == bool(target.lumi)


def test_without_luminosity() -> None:
    target = example_target()
    operations = json.loads(target.analysis.points[0].operations)
    for operation in operations:
        kept = [each for each in operation["value"]["modifiers"] if each["type"] != "lumi"]
        operation["value"]["modifiers"] = kept
    assert not read(target, json.dumps(operations).encode()).points[0].with_luminosity


def test_what_it_changes_of_the_backgrounds_is_told() -> None:
    target = example_target()
    channel = target.analysis.workspace["channels"][0]
    operations = [
        *json.loads(target.analysis.points[0].operations),
        {
            "op": "replace",
            "path": "/channels/0/samples/0/data",
            "value": [2.0 * value for value in channel["samples"][0]["data"]],
        },
    ]
    (finding,) = read(target, json.dumps(operations).encode()).findings
    assert not finding.severe
    assert f"backgrounds of {channel['name']}" in finding.sentence
