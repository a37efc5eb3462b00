"""Own signals as a pallet: it opens again as what it was, here and in pyhf, and runs like any other."""

from __future__ import annotations

import json
import re
import tarfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pyhf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgui.folders import default_signals_folder
from fitgui.pallets import open_pallet
from fitgui.pallets.catalogue.notation import axis_notation
from fitgui.pallets.finding import open_kept
from fitgui.pallets.library.library import Library
from fitgui.pallets.model import Coordinate, Pallet, SignalPoint
from fitgui.reinterpretation.model import Signal, SignalError, Target
from fitgui.reinterpretation.patching.own_pallet import keep_own, own_pallet
from fitgui.reinterpretation.patching.patch import signal_patch, signal_point
from fitgui.reinterpretation.target.published import signal_of_point
from fitgui.runs.plan import make_plan
from fitgui.runs.published_times import published_times
from fitgui.takeaway.provenance import background_entry
from fitgui_backends.contract import FitOptions
from tests.reinterpretation.targets import REAL, STAU, example_target, real_target

SCHEMA_NAME = re.compile(r"[a-zA-Z0-9_]+")


def own_scan(target: Target, count: int) -> list[SignalPoint]:
    """Published signals of other cross sections, with coordinates of their own."""
    points = target.analysis.points
    found = []
    for number in range(count):
        signal = signal_of_point(target, points[number % len(points)]).scaled(0.5 + 0.1 * number)
        values: dict[str, Coordinate] = {"m(stau) [GeV]": 100.0 + number, "tan beta": 2.5}
        found.append(signal_point(target, replace(signal, name=f"model {number}, 2.5", values=values)))
    return found


def documents(pallet: Pallet) -> dict[str, object]:
    found = {}
    with tarfile.open(pallet.source) as archive:
        for member in archive:
            stream = archive.extractfile(member)
            assert stream is not None
            found[member.name] = json.load(stream)
    return found


@pytest.mark.parametrize(("file", "analysis"), REAL)
def test_it_opens_again_as_what_it_was(real_pallets: Path, tmp_path: Path, file: str, analysis: str) -> None:
    target = real_target(real_pallets, file, analysis)
    own = own_pallet(target, "My scan", own_scan(target, 3), ["m(stau) [GeV]", "tan beta"])
    kept = keep_own(own, tmp_path)
    opened = open_pallet(kept.source)
    assert opened == kept
    assert opened.problems == ()
    [found] = opened.analyses
    assert (found.name, found.digest) == (analysis, target.analysis.digest)
    assert found.digest_verified
    assert found.references == target.analysis.references
    assert found.labels == ("m_stau_GeV", "tan_beta")
    assert [point.name for point in found.points] == [f"model_{number}_2p5" for number in range(3)]
    assert found.points[1].values == {"m_stau_GeV": 101.0, "tan_beta": 2.5}
    assert [json.loads(point.operations) for point in found.points] == [
        json.loads(point.operations) for point in own_scan(target, 3)
    ]


@pytest.mark.parametrize(("file", "analysis"), REAL)
def test_pyhf_takes_it(real_pallets: Path, tmp_path: Path, file: str, analysis: str) -> None:
    target = real_target(real_pallets, file, analysis)
    kept = keep_own(own_pallet(target, "mine", own_scan(target, 2), ["tan beta"]), tmp_path)
    background, patch_set = documents(kept).values()
    patches = pyhf.PatchSet(patch_set)  # checks the schema, and that names and values are unique
    workspace = pyhf.Workspace(background, validate=False)
    patches.verify(workspace)
    model = pyhf.Workspace(patches.apply(workspace, "model_1_2p5")).model(validate=False)
    assert model.config.poi_name == target.poi


def test_the_same_signals_are_written_once(tmp_path: Path) -> None:
    target = example_target()
    points = own_scan(target, 4)
    first = keep_own(own_pallet(target, "scan", points, ["tan beta"]), tmp_path)
    written = Path(first.source).stat()
    again = keep_own(own_pallet(target, "scan", points, ["tan beta"]), tmp_path)
    assert again == first
    assert keep_own(first, tmp_path) == first
    assert Path(first.source).stat().st_mtime_ns == written.st_mtime_ns
    other = keep_own(own_pallet(target, "scan", points[:3], ["tan beta"]), tmp_path)
    assert other.source != first.source
    Path(first.source).write_bytes(b"damaged")
    keep_own(first, tmp_path)
    assert open_pallet(first.source) == first
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    ("points", "labels", "words"),
    [
        ([], ["m"], "no signals to fit"),
        (
            [SignalPoint("a", {"m": 1.0}, b"[]", ""), SignalPoint("b", {}, b"[]", "")],
            ["m"],
            "b has no value for m",
        ),
        ([SignalPoint("a", {"m": float("nan")}, b"[]", "")], ["m"], "a has no value for m"),
        ([SignalPoint("a", {"m": ""}, b"[]", "")], ["m"], "a has no value for m"),
        ([SignalPoint("a", {}, b"[]", "")] * 100_001, [], "split it"),
    ],
)
def test_what_cannot_be_a_pallet_is_refused(points: list[SignalPoint], labels: list[str], words: str) -> None:
    with pytest.raises(SignalError, match=words):
        own_pallet(example_target(), "scan", points, labels)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    target = example_target()
    (tmp_path / "signals").write_text("a file is in the way")
    with pytest.raises(SignalError, match="cannot be written to"):
        keep_own(own_pallet(target, "scan", own_scan(target, 1), []), tmp_path / "signals")


@cache
def operations() -> bytes:
    return signal_patch(example_target(), Signal("s", yields={"SR": (1.0, 2.0, 3.0)}))


@given(
    names=st.lists(st.text(max_size=20), min_size=1, max_size=5),
    labels=st.lists(st.text(max_size=10), max_size=3, unique=True),
    data=st.data(),
)
@settings(deadline=None, max_examples=25)
def test_whatever_points_are_called_it_opens_again(
    names: list[str], labels: list[str], data: st.DataObject
) -> None:
    coordinate = st.one_of(
        st.floats(allow_nan=False, allow_infinity=False, width=32),
        st.text(min_size=1, max_size=90),
        st.sampled_from(["1", "1.0", "300", "inf", "true"]),
    )
    values = data.draw(
        st.lists(
            st.fixed_dictionaries(dict.fromkeys(labels, coordinate)),
            min_size=len(names),
            max_size=len(names),
        )
    )
    points = [SignalPoint(name, each, operations(), "") for name, each in zip(names, values, strict=True)]
    target = example_target()
    own = own_pallet(target, names[0], points, labels)
    with TemporaryDirectory() as folder:
        kept = keep_own(own, Path(folder))
        assert open_pallet(kept.source) == kept
        patch_set = documents(kept).popitem()[1]
    [found] = kept.analyses
    assert len(found.points) == len(names)
    if found.references:
        pyhf.PatchSet(patch_set)
    assert all(SCHEMA_NAME.fullmatch(text) for text in (*found.labels, *(one.name for one in found.points)))


def test_trials_do_not_fill_the_library(tmp_path: Path) -> None:
    target = example_target()
    kept = keep_own(own_pallet(target, "trial", own_scan(target, 2), ["tan beta"]))
    assert Path(kept.source).parent == default_signals_folder()
    library = Library(tmp_path / "library")
    assert open_kept(kept.source, library) == kept
    assert not library.items()
    elsewhere = keep_own(own_pallet(target, "trial", own_scan(target, 2), ["tan beta"]), tmp_path)
    open_kept(elsewhere.source, library)
    assert len(library.items()) == 1  # somebody who was sent it may want to keep it


def test_nothing_takes_own_signals_for_the_published_ones(real_pallets: Path, tmp_path: Path) -> None:
    target = real_target(real_pallets, STAU, "Region-combined")
    points = [
        replace(point, operations=own_scan(target, 1)[0].operations) for point in target.analysis.points
    ]
    kept = keep_own(own_pallet(target, "my staus", points, target.analysis.labels), tmp_path)
    [analysis] = kept.analyses
    plan = make_plan(kept, analysis, analysis.points, FitOptions())
    published = make_plan(
        open_pallet(real_pallets / STAU), target.analysis, target.analysis.points, FitOptions()
    )
    assert plan.analysis.digest == published.analysis.digest
    assert published_times(published.analysis) is not None
    assert published_times(plan.analysis) is None
    assert axis_notation(target.analysis)
    assert not axis_notation(analysis)
    assert published.analysis.own_signal == ""
    assert plan.analysis.own_signal.startswith("Own signal on ")
    assert plan.analysis.own_signal.endswith("my staus")
    assert background_entry(published.analysis) is None
    entry = background_entry(plan.analysis)
    assert entry is not None
    assert entry.arxiv == "1911.06660"
