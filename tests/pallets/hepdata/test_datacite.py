"""Where HEPData does not answer, DataCite tells which versions and files are registered."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fitgui.pallets.acquire import acquire
from fitgui.pallets.hepdata.answers import RecordAnswer
from fitgui.pallets.hepdata.client import HepData
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.references import parse_reference
from fitgui.pallets.hepdata.service import Service
from fitgui.pallets.library.library import Library
from fitgui.pallets.published import Licence, PublishedFile
from tests.builders import as_bytes, make_workspace
from tests.hepdata import faults
from tests.hepdata.answer import json_answer
from tests.hepdata.standin import StandIn

FILE = "10.17182/hepdata.90607.v3/r3"


@pytest.fixture
def registry(hepdata: StandIn) -> StandIn:
    """The published likelihoods of the facts, which DataCite knows, too."""
    hepdata.populate(real=False)
    hepdata.site.registry = True
    return hepdata


def resolve(client: HepData, text: str) -> RecordAnswer:
    reference = parse_reference(text)
    assert reference is not None
    return client.resolve(reference)


def by_doi(file: PublishedFile) -> str:
    return file.doi


@pytest.mark.parametrize(
    "fault", [faults.Challenge(), faults.busy(503), faults.Reset()], ids=["browser", "busy", "offline"]
)
@pytest.mark.parametrize("typed", [FILE, "10.17182/hepdata.90607.v2", "90607", "92006"])
def test_it_tells_the_same_versions_and_files(
    registry: StandIn, make_client: Callable[..., HepData], typed: str, fault: faults.Fault
) -> None:
    told = resolve(make_client(), typed)
    registry.fault("/record/*", fault)
    client = make_client()
    client._asker.cache.clear()  # else the kept answer would do
    answer = resolve(client, typed)
    assert (answer.source, told.source) == ("datacite", "hepdata")
    assert (answer.version, answer.versions) == (told.version, told.versions)
    assert sorted(answer.files, key=by_doi) == sorted((file for file in told.files if file.doi), key=by_doi)
    assert answer.chosen == told.chosen
    for name in ("key", "title", "collaboration", "journal_doi", "inspire", "record", "version"):
        assert getattr(answer.entry, name) == getattr(told.entry, name)
    assert [file.likelihood for file in answer.entry.files] == [file.likelihood for file in told.entry.files]
    assert answer.offline
    assert bool(answer.page) == isinstance(fault, faults.Challenge)


def test_what_it_tells_of_a_file(registry: StandIn, client: HepData) -> None:
    registry.fault("/record/*", faults.Challenge())
    file = resolve(client, FILE).chosen
    assert file is not None
    assert file.name == "1Lbb-likelihoods-hepdata.tar.gz"
    assert (file.doi, file.resource, file.version, file.type) == (FILE, 1408476, 3, "HistFactory")
    assert file.licence == Licence("CC0", "https://creativecommons.org/publicdomain/zero/1.0/")


def test_what_is_published_is_found_though_only_files_can_be_had(
    registry: StandIn, client: HepData, library_pallet: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = registry.publish("little.json", library_pallet, record=4711, title="Little")
    registry.fault("record", faults.busy(503))
    registry.fault("resources", faults.busy(503))
    library = Library(tmp_path_factory.mktemp("kept"))
    reference = parse_reference("4711")
    assert reference is not None
    item = acquire(reference, None, library=library, client=client, folder=tmp_path_factory.mktemp("parts"))
    assert item.file is not None
    assert (item.file.doi, item.file.resource, item.file.name) == (file.doi, file.id, "little.json")
    assert item.entry is not None
    assert item.entry.record == 4711


@pytest.fixture
def library_pallet() -> bytes:
    return as_bytes(make_workspace())


@pytest.mark.parametrize("typed", ["90607.v9", "ins1755298", "1909.09226", "/record/resource/1408476"])
def test_where_it_cannot_tell_hepdata_s_sentence_stands(
    registry: StandIn, client: HepData, typed: str
) -> None:
    registry.fault("/record/*", faults.Challenge())
    registry.fault("search", faults.Challenge())
    typed = typed.replace("90607.v9", "10.17182/hepdata.90607.v9")
    with pytest.raises(HepDataError) as caught:
        resolve(client, typed)
    assert caught.value.kind is ErrorKind.BROWSER
    assert caught.value.page


def test_a_record_before_files_had_dois_is_not_told_empty(registry: StandIn, client: HepData) -> None:
    old = registry.add_record(55, versions={1: [registry.file("x.tar.gz", b"")]})
    old.versions[1].resources[0].doi = ""
    registry.fault("/record/*", faults.Challenge())
    with pytest.raises(HepDataError) as caught:
        resolve(client, "55")
    assert caught.value.kind is ErrorKind.BROWSER


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"data": None},
        {"data": {"attributes": []}},
        {
            "data": [
                1,
                {"attributes": {"doi": 5, "titles": "x", "relatedIdentifiers": [None, {"relationType": 7}]}},
            ]
        },
    ],
    ids=json.dumps,
)
def test_an_answer_of_any_shape_does_no_harm(registry: StandIn, client: HepData, document: object) -> None:
    registry.fault("/record/*", faults.Challenge())
    for route in ("registered", "registry"):
        registry.fault(route, faults.Instead(json_answer(document)))
    with pytest.raises(HepDataError) as caught:
        resolve(client, FILE)
    assert caught.value.kind is ErrorKind.BROWSER


def test_it_is_not_asked_where_hepdata_answers(registry: StandIn, client: HepData) -> None:
    resolve(client, FILE)
    with pytest.raises(HepDataError):
        resolve(client, "10.17182/hepdata.90607.v9")
    assert not registry.asked("/api.datacite/*")


def test_it_is_a_known_host() -> None:
    assert Service().allows("https://api.datacite.org/dois/10.17182/hepdata.1")
    assert not Service().allows("http://api.datacite.org/dois")


def test_of_a_file_the_page_is_the_file_s(registry: StandIn, client: HepData, tmp_path: Path) -> None:
    registry.fault("/record/*", faults.Challenge())
    known = PublishedFile(doi=FILE, version=3)
    for registered, page in (
        (False, f"https://doi.org/{FILE}"),
        (True, "https://www.hepdata.net/record/resource/1408476?landing_page=true"),
    ):
        registry.site.registry = registered
        for what in (known, parse_reference(FILE)):
            assert what is not None
            with pytest.raises(HepDataError) as caught:
                acquire(what, None, library=Library(tmp_path), client=client, folder=tmp_path / "parts")
            assert (caught.value.kind, caught.value.page) == (ErrorKind.BROWSER, page)
