"""Every way in which likelihoods are published, from HEPData's stand-in to points that can be fitted.

Nothing here is opened from a path that a test wrote: the real client asks, downloads and keeps each file.
Which layout is whose is told in :mod:`tests.hepdata.layouts`.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyhf
import pytest

from fitgui.pallets import Analysis, Pallet, PalletError, SignalPoint
from fitgui.pallets.acquire import acquire, default_downloads_folder
from fitgui.pallets.choosing import FileChoiceError
from fitgui.pallets.finding import open_kept
from fitgui.pallets.hepdata.client import HepData
from fitgui.pallets.hepdata.download import download
from fitgui.pallets.hepdata.references import Reference, parse_reference
from fitgui.pallets.library.item import LibraryItem
from fitgui.pallets.library.library import Library
from fitgui_backends.histfactory.patching import apply_patch, decode_operations
from tests.builders import digest_of
from tests.hepdata import layouts
from tests.hepdata.standin import StandIn
from tests.pallets.published_layouts import LAYOUTS, Expected


@pytest.fixture
def client(hepdata: StandIn) -> Iterator[HepData]:
    """The real one, pointed to the stand-in."""
    asking = HepData()
    yield asking
    asking.close()


@pytest.fixture
def library(hepdata: StandIn) -> Library:
    return Library()


def named(text: str) -> Reference:
    reference = parse_reference(text)
    assert reference is not None
    return reference


@pytest.fixture
def have(client: HepData, library: Library) -> Callable[..., LibraryItem]:
    return lambda text, **options: acquire(named(text), None, library=library, client=client, **options)


Have = Callable[..., LibraryItem]


@pytest.mark.parametrize("title", LAYOUTS)
def test_a_published_file_opens(hepdata: StandIn, have: Have, library: Library, title: str) -> None:
    layout = LAYOUTS[title]
    file = hepdata.publish(layout.name, layout.content(), record=95000, type=layout.kind)
    assert file.doi == "10.17182/hepdata.95000.v1/r1"
    item = have(file.doi)
    asked = [request.route for request in hepdata.requests]
    assert sorted(asked) == ["file", "record", "resources"]

    pallet = open_kept(file.doi, library)
    expect(pallet, layout.expected)
    assert pallet.source == file.doi
    assert pallet.digest == item.digest == hashlib.sha256(layout.content()).hexdigest()
    assert item.file_name == layout.name
    assert item.path.read_bytes() == layout.content()
    summary = {analysis.name: len(analysis.points) for analysis in item.contents or ()}
    assert summary == layout.expected.points
    assert have(file.doi) == item
    assert [request.route for request in hepdata.requests] == asked  # nobody was asked again


def expect(pallet: Pallet, expected: Expected) -> None:
    """The analyses, their points, labels and digests are the published ones, and pyhf takes them."""
    assert {analysis.name: len(analysis.points) for analysis in pallet.analyses} == expected.points
    assert len(pallet.problems) == len(expected.problems)
    for said, begins in zip(pallet.problems, expected.problems, strict=True):
        assert said.startswith(begins)
    for analysis in pallet.analyses:
        assert analysis.problems == expected.doubts
        assert analysis.digest_verified is expected.verified
        assert analysis.digest == digest_of(json.loads(analysis.workspace_json))
        assert analysis.labels == (expected.labels if any(p.values for p in analysis.points) else ())
        for point in (*analysis.points[:3], *analysis.points[-1:]):
            patched = apply_patch(analysis.workspace, decode_operations(point.operations))
            model = pyhf.Workspace(patched).model()
            assert model.config.poi_name == analysis.poi
    if expected.example is not None:
        name, values = expected.example
        [point] = [point for point in pallet.analyses[0].points if point.name == name]
        assert point.values == values


@pytest.mark.parametrize("title", LAYOUTS)
def test_a_published_file_comes_through_its_doi(
    hepdata: StandIn, client: HepData, tmp_path: Path, title: str
) -> None:
    """Over doi.org and DataCite, where the type has to be asked for and bare JSON is easily refused (406)."""
    layout = LAYOUTS[title]
    file = hepdata.publish(layout.name, layout.content())
    got = download(client.session, client.service.doi_url(str(file.doi)), tmp_path / "downloads")
    assert [request.route for request in hepdata.requests] == ["doi", "datacite", "file"]
    assert got.digest == hashlib.sha256(layout.content()).hexdigest()
    assert got.file_name == layout.name
    assert got.path.read_bytes() == layout.content()


def test_versions_of_one_record_differ_in_folders(hepdata: StandIn, have: Have, library: Library) -> None:
    hepdata.populate(real=False)
    in_a_folder, flat = (
        open_kept(have("10.17182/hepdata.95751", version=version).digest, library) for version in (1, 2)
    )
    assert [analysis.path for analysis in in_a_folder.analyses] == [
        "statistical_models/bkg_offshell.json",
        "statistical_models/bkg_onshell.json",
    ]
    assert [analysis.path for analysis in flat.analyses] == ["bkg_offshell.json", "bkg_onshell.json"]
    assert in_a_folder.digest != flat.digest
    for before, after in zip(in_a_folder.analyses, flat.analyses, strict=True):
        assert (before.name, before.digest, before.labels) == (after.name, after.digest, after.labels)
        assert [(p.name, p.values) for p in before.points] == [(p.name, p.values) for p in after.points]
    assert len(library.items()) == 2


def test_points_of_a_record_stay_when_patches_become_a_patch_set(
    hepdata: StandIn, have: Have, library: Library
) -> None:
    """As of 91127: version 1 is an old one, whose file nobody had marked as a likelihood."""
    hepdata.populate(real=False)
    old, new = (open_kept(have("91127", version=version).digest, library).analyses[0] for version in (1, 2))
    assert (old.digest, old.digest_verified, new.digest_verified) == (new.digest, None, True)
    assert (old.labels, new.labels) == (("x1", "x2"), ("mn2", "mn1"))
    coordinates = [{point.name: tuple(point.values.values()) for point in a.points} for a in (old, new)]
    assert coordinates[0] == coordinates[1]
    assert len(coordinates[0]) == 64


def patched_channels(analysis: Analysis, point: SignalPoint) -> dict[str, list[str]]:
    patched = apply_patch(analysis.workspace, decode_operations(point.operations))
    return {channel["name"]: [s["name"] for s in channel["samples"]] for channel in patched["channels"]}


def test_patches_do_what_they_did_where_they_were_published(
    hepdata: StandIn, have: Have, library: Library
) -> None:
    """A validation channel is removed after the signal was added; a whole workspace comes out as it was."""
    removing = hepdata.publish("HEPData_workspaces.tar.gz", layouts.sbottom())
    region = open_kept(have(str(removing.doi)).digest, library).analyses[1]
    assert patched_channels(region, region.points[0]) == {
        "SRB_meff": ["bkg", region.points[0].name],
        "CRtt": ["bkg"],
    }
    whole = hepdata.publish("Likelihoods.zip", layouts.only_complete_workspaces())
    published = zipfile.ZipFile(io.BytesIO(layouts.only_complete_workspaces()))
    for analysis in open_kept(have(str(whole.doi)).digest, library).analyses:
        for point in analysis.points:
            patched = apply_patch(analysis.workspace, decode_operations(point.operations))
            assert patched == json.loads(published.read(f"{analysis.name}/{point.name}.json"))


@pytest.mark.parametrize(
    ("reference", "version", "points"),
    [
        ("1909.09226", 2, {"BkgOnly": 125}),
        ("10.17182/hepdata.90607.v3/r3", None, {"BkgOnly": 125}),
        ("ins1755298", None, {"BkgOnly": 125}),
        (
            "https://www.hepdata.net/record/ins1765529?version=2",
            None,
            {"Region-combined": 57, "Region-highMass": 57, "Region-lowMass": 57},
        ),
        ("10.17182/hepdata.91127.v2/r3", None, {"BkgOnly": 64}),
    ],
)
def test_the_published_files_themselves(
    hepdata: StandIn,
    have: Have,
    library: Library,
    real_pallets: Path,
    reference: str,
    version: int | None,
    points: dict[str, int],
) -> None:
    hepdata.populate()
    item = have(reference, version=version)
    assert item.size > 90_000
    pallet = open_kept(item.name, library)
    assert {analysis.name: len(analysis.points) for analysis in pallet.analyses} == points
    assert all(analysis.digest_verified for analysis in pallet.analyses)
    if version is not None:
        assert item.file is not None
        assert (item.file.version, item.file.resource) == (2, 1267798)


def test_several_likelihoods_in_one_version(hepdata: StandIn, have: Have, library: Library) -> None:
    hepdata.populate(real=False)
    with pytest.raises(FileChoiceError) as caught:
        have("129959")
    assert "r1 workspace_tugamma_LH.json, r2 workspace_tugamma_RH.json" in str(caught.value)
    assert library.items() == ()
    names = {open_kept(have("129959", file=f"r{n}").digest, library).analyses[0].poi for n in (1, 2)}
    assert names == {"mu_LH", "mu_RH"}


def downloads_left() -> list[str]:
    folder = default_downloads_folder()
    return [path.name for path in folder.rglob("*") if path.is_file() and path.stat().st_size > 0]


def test_hs3_that_is_tagged_as_histfactory_is_refused(hepdata: StandIn, have: Have, library: Library) -> None:
    hepdata.populate(real=False)
    with pytest.raises(PalletError) as caught:
        have("2411.02040")
    assert "nonresonant.json is an HS3 document, not a HistFactory workspace" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(hepdata.asked("file")) == 1
    assert library.items() == ()
    assert downloads_left() == []


def test_hs3_that_says_so_is_not_even_downloaded(hepdata: StandIn, have: Have, library: Library) -> None:
    file = hepdata.publish("HHH.tar.gz", layouts.hs3(), type="HS3")
    with pytest.raises(PalletError, match="published as HS3"):
        have(str(file.doi))
    assert hepdata.asked("file") == []
    assert library.items() == ()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("SLHA.tar.gz", layouts.slha, "holds no HistFactory JSON"),
        ("settings.json", lambda: b'{"epsilon": 0.1}', "nothing that can be fitted"),
        (
            "patches.tar.gz",
            lambda: without(layouts.lbb(), "1Lbb/BkgOnly.json"),
            "patchset.json was left out: there is no usable workspace that it could belong to",
        ),
    ],
)
def test_what_is_no_likelihood_is_refused_with_a_reason(
    hepdata: StandIn, have: Have, library: Library, name: str, content: Callable[[], bytes], reason: str
) -> None:
    file = hepdata.publish(name, content())
    with pytest.raises(PalletError) as caught:
        have(str(file.doi))
    assert name in str(caught.value)
    assert reason in str(caught.value)
    assert library.items() == ()
    assert downloads_left() == []


def without(archive: bytes, name: str) -> bytes:
    """The archive without one of its members."""
    kept = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(archive)) as old, tarfile.open(fileobj=kept, mode="w:gz") as new:
        for member in old:
            if member.name != name:
                new.addfile(member, old.extractfile(member))
    return kept.getvalue()
