"""The client against the stand-in: from whatever somebody types to the record and its files."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from werkzeug.wrappers import Request

from fitgui.pallets.hepdata.answers import RecordAnswer
from fitgui.pallets.hepdata.client import HepData
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.references import parse_reference
from fitgui.pallets.published import Format, Licence, PublishedFile
from tests.hepdata import faults, layouts
from tests.hepdata.answer import json_answer
from tests.hepdata.standin import StandIn
from tests.pallets.hepdata.conftest import BRIEF

LBB_FILE = "10.17182/hepdata.90607.v3/r3"


def resolve(client: HepData, text: str) -> RecordAnswer:
    reference = parse_reference(text)
    assert reference is not None
    return client.resolve(reference)


def refusal(ask: Callable[[], object]) -> HepDataError:
    with pytest.raises(HepDataError) as caught:
        ask()
    sentence = str(caught.value)
    assert sentence.isprintable()
    assert sentence.endswith(".")
    assert sentence[0].isupper()
    return caught.value


@pytest.fixture
def full(hepdata: StandIn) -> StandIn:
    """The published likelihoods of the facts."""
    return hepdata.populate(real=False)


@pytest.mark.parametrize(
    ("typed", "version", "file"),
    [
        (LBB_FILE, 3, LBB_FILE),
        (f"https://doi.org/{LBB_FILE}?x=1", 3, LBB_FILE),
        ("10.17182/hepdata.90607.v4/r3", 4, "10.17182/hepdata.90607.v4/r3"),
        ("10.17182/hepdata.90607", 4, None),
        ("10.17182/hepdata.90607.v2", 2, None),
        ("90607", 4, None),
        ("ins1755298", 4, None),
        (" https://www.hepdata.net/record/ins1755298?version=3&table=x ", 3, None),
        ("https://inspirehep.net/literature/1755298", 4, None),
        ("1909.09226", 4, None),
        ("https://arxiv.org/pdf/1909.09226v2.pdf", 4, None),
        ("10.1140/epjc/s10052-020-8050-3", 4, None),
        ("https://www.hepdata.net/record/resource/1408476?landing_page=true", 3, LBB_FILE),
        ("/record/resource/1934827", 4, "10.17182/hepdata.90607.v4/r3"),
    ],
)
def test_every_name_leads_to_the_record(
    full: StandIn, client: HepData, typed: str, version: int, file: str | None
) -> None:
    answer = resolve(client, typed)
    assert (answer.entry.key, answer.entry.record, answer.version, answer.versions) == (
        "ins1755298",
        90607,
        version,
        4,
    )
    assert (answer.chosen.doi if answer.chosen else None) == file
    assert not answer.cached
    assert all("light=false" not in asked.url for asked in full.requests)


def test_what_a_record_tells(full: StandIn, client: HepData) -> None:
    answer = resolve(client, LBB_FILE)
    entry = answer.entry
    assert entry.title.startswith("Search for direct production of electroweakinos in final states")
    assert "of the stand-in" in entry.abstract
    assert (entry.collaboration, entry.arxiv, entry.year) == ("ATLAS", "1909.09226", 2020)
    assert (entry.journal, entry.journal_doi) == (
        "Eur.Phys.J.C 80 (2020) 691",
        "10.1140/epjc/s10052-020-8050-3",
    )
    assert (entry.inspire, entry.energy_tev, entry.version) == (1755298, 13.0, 4)
    assert (entry.source, entry.retrieved[:4]) == ("hepdata", str(datetime.now(UTC).year))
    assert [(file.name, file.likelihood) for file in answer.files] == [
        ("SimpleAnalysis.cxx", False),
        ("SLHA.tar.gz", False),
        ("1Lbb-likelihoods-hepdata.tar.gz", True),
    ]
    assert entry.files == (answer.chosen,)
    assert answer.chosen == PublishedFile(
        name="1Lbb-likelihoods-hepdata.tar.gz",
        doi=LBB_FILE,
        version=3,
        resource=1408476,
        description="Archive of full likelihoods in the HistFactory JSON format described in "
        "ATL-PHYS-PUB-2019-029",
        type="HistFactory",
        likelihood=True,
        licence=Licence(name="CC0", url="https://creativecommons.org/publicdomain/zero/1.0/"),
    )


def test_files_are_joined_by_doi_and_not_by_position(hepdata: StandIn, client: HepData) -> None:
    """HEPData lists the two in different orders, and what has no DOI in one of them only."""
    files = [
        hepdata.file("picture.png", b"", type="png", id=30),
        hepdata.file("https://example.org/x", b"", type="SModelS", id=31),
        hepdata.file("z.tar.gz", layouts.lbb(), id=20),
        hepdata.file("a.tar.gz", layouts.stau(), id=10),
    ]
    hepdata.add_record(77, versions={1: files})
    answer = resolve(client, "77")
    assert {file.resource: (file.name, file.doi[-2:]) for file in answer.files} == {
        10: ("a.tar.gz", "r1"),
        20: ("z.tar.gz", "r2"),
        30: ("picture.png", "r3"),
        31: ("", ""),
    }
    assert [file.name for file in answer.entry.files] == ["z.tar.gz", "a.tar.gz"]


@pytest.mark.parametrize(
    ("typed", "kind", "sentence"),
    [
        (
            "10.17182/hepdata.90607.v3/r9",
            ErrorKind.NOT_FOUND,
            "Record 90607 version 3 has no file r9; it has r1 ",
        ),
        (
            "10.17182/hepdata.90607.v9/r1",
            ErrorKind.NOT_FOUND,
            "Record 90607 has versions 1 to 4, not version 9.",
        ),
        (
            "10.17182/hepdata.100170.v2",
            ErrorKind.NOT_FOUND,
            "Record 100170 has version 1 only, not version 2.",
        ),
        ("ins1755298?version=9", None, ""),
        ("https://www.hepdata.net/record/ins1755298?version=9", ErrorKind.NOT_FOUND, "not version 9."),
        ("424242", ErrorKind.NOT_FOUND, "HEPData does not have record 424242; check the number."),
        ("ins1", ErrorKind.NOT_FOUND, "HEPData does not have the record of ins1"),
        ("2901.01234", ErrorKind.NOT_FOUND, "HEPData has no record of arXiv:2901.01234"),
        ("10.1103/PhysRevLett.1.1", ErrorKind.NOT_FOUND, "no record of 10.1103/physrevlett.1.1"),
        ("/record/resource/5", ErrorKind.NOT_FOUND, "HEPData does not have file 5"),
    ],
)
def test_what_is_not_there_is_told(
    full: StandIn, client: HepData, typed: str, kind: ErrorKind | None, sentence: str
) -> None:
    if kind is None:
        assert parse_reference(typed) is None
        return
    error = refusal(lambda: resolve(client, typed))
    assert error.kind is kind
    assert sentence in str(error)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("10.17182/hepdata.95751.v7", "Record 95751 has versions 1 to 2, not version 7."),
        ("10.17182/hepdata.95751.v7/r3", "Record 95751 has versions 1 to 2, not version 7."),
        ("10.17182/hepdata.100170.v2", "Record 100170 has version 1 only, not version 2."),
        (
            "https://www.hepdata.net/record/ins1866951?version=7",
            "The record of ins1866951 has versions 1 to 2, not version 7.",
        ),
    ],
)
def test_another_version_than_was_asked_for_is_none(
    full: StandIn, client: HepData, typed: str, sentence: str
) -> None:
    full.site.newest_instead = True
    for _ in range(2):  # the second time by what is kept
        error = refusal(lambda: resolve(client, typed))
        assert (error.kind, str(error)) == (ErrorKind.NOT_FOUND, sentence)
    assert resolve(client, "10.17182/hepdata.95751.v1").version == 1


def test_an_older_version_in_place_of_the_one_asked_for_is_told(full: StandIn, client: HepData) -> None:
    """A proxy on the way that looks away from what is behind the question mark."""
    older = full.site.answer(Request.from_values("/record/90607?format=json&light=true&version=2"))
    full.fault("record", faults.Instead(older))
    error = refusal(lambda: resolve(client, LBB_FILE))
    assert error.kind is ErrorKind.WRONG_ANSWER
    assert "answered with version 2 of record 90607 when asked for version 3" in str(error)


def test_what_is_not_published_is_told(hepdata: StandIn, client: HepData) -> None:
    hidden = hepdata.file("a.json", b"{}")
    hepdata.add_record(5, versions={1: (), 2: [hidden]}, unpublished=[2])
    error = refusal(lambda: resolve(client, "10.17182/hepdata.5.v2/r1"))
    assert error.kind is ErrorKind.REFUSED
    assert str(error).startswith("Record 5 version 2 is not published")
    assert resolve(client, "5").version == 1
    error = refusal(lambda: resolve(client, f"/record/resource/{hidden.id}"))
    assert error.kind is ErrorKind.REFUSED


def test_a_record_of_a_table_is_told(hepdata: StandIn, client: HepData) -> None:
    hepdata.add_record(5)
    table = faults.Answer(200, [("Content-Type", "application/json")], b'{"name": "Table 1", "headers": []}')
    hepdata.fault("record", faults.Instead(table))
    error = refusal(lambda: resolve(client, "476075"))
    assert error.kind is ErrorKind.NOT_FOUND
    assert "not the record of a publication" in str(error)


def test_old_records_are_judged_by_words_then_by_content(full: StandIn, client: HepData) -> None:
    (file,) = resolve(client, "10.17182/hepdata.90607.v2").entry.files
    assert (file.type, file.likelihood) == ("gz", None)
    seen = client.classify(file)
    assert (seen.type, seen.likelihood, seen.name) == ("HistFactory", True, file.name)
    assert seen.size == len(full.resource(1267798).read())
    # The answer is kept, and only the first half megabyte was asked for.
    (asked,) = full.asked("file")
    assert asked.range == "bytes=0-524287"
    assert client.classify(file) == seen
    assert len(full.asked("file")) == 1


@pytest.mark.parametrize(
    ("name", "content", "likelihood", "kind"),
    [
        ("a.tar.gz", layouts.slha(), False, "gz"),
        ("a.json", b'{"epsilon": 0.1}', False, "gz"),
        ("a.json", b"", False, "gz"),
        ("bare.json", layouts.bare(), True, "HistFactory"),
        ("a.zip", layouts.two_top_folders(), True, "HistFactory"),
        ("HS3.tar.gz", layouts.hs3(), True, "HS3"),
        ("large.json", b'{"numbers": [' + b"1," * 400_000 + b"1]}", False, "gz"),
        ("endless.json", b'{"numbers": [' + b"1," * 5_000_000 + b"1]}", None, "gz"),
        ("heavy.tar.gz", layouts.heavy(2_000_000), True, "HistFactory"),
    ],
)
@pytest.mark.parametrize("ranges", [True, False])
def test_content_tells(
    hepdata: StandIn,
    client: HepData,
    name: str,
    content: bytes,
    likelihood: bool | None,
    kind: str,
    ranges: bool,
) -> None:
    hepdata.site.ranges = ranges
    published = hepdata.publish(name, content, type="gz", description="Something")
    (file,) = resolve(client, str(published.doi)).files
    seen = client.classify(file)
    assert (seen.likelihood, seen.type, seen.size) == (likelihood, kind, len(content))


def test_a_page_in_place_of_a_file_is_no_verdict(hepdata: StandIn, client: HepData) -> None:
    published = hepdata.publish("a.gz", layouts.lbb(), type="gz")
    hepdata.fault("file", faults.Instead(), times=1)
    file = PublishedFile(resource=published.id, name="a.gz")
    assert refusal(lambda: client.classify(file)).kind is ErrorKind.WRONG_ANSWER
    assert client.classify(file).likelihood


def test_where_bytes_are(hepdata: StandIn, client: HepData) -> None:
    assert (
        client.file_url(PublishedFile(resource=7, doi=LBB_FILE))
        == f"{hepdata.url}/record/resource/7?view=true"
    )
    assert client.file_url(PublishedFile(doi=LBB_FILE)) == f"{hepdata.url}/doi/{LBB_FILE}"
    assert refusal(lambda: client.file_url(PublishedFile(name="x"))).kind is ErrorKind.NOT_FOUND


def test_a_file_that_lies_elsewhere_is_no_likelihood(hepdata: StandIn, client: HepData) -> None:
    link = hepdata.file("https://gitlab.cern.ch/w.json", b"", type="json", description="pyhf workspace")
    hepdata.add_record(9, versions={1: [link]})
    answer = resolve(client, "9")
    assert [file.likelihood for file in answer.files] == [False]
    assert answer.entry.files == ()


def test_hs3_is_recognised(hepdata: StandIn, client: HepData) -> None:
    hepdata.publish("a.json", layouts.hs3(), type="HS3", record=8, title="Triple Higgs")
    for entry in (resolve(client, "8").entry, client.search("triple").entries[0]):
        assert entry.format is Format.HS3
        assert "HS3" in entry.why_not
        assert entry.files[0].likelihood


def test_only_published_likelihoods_are_found(full: StandIn, client: HepData) -> None:
    assert {entry.key for entry in client.search("").entries} >= {"ins1755298", "ins1765529", "ins2845789"}
    (stau,) = client.search("direct stau").entries
    assert (stau.key, stau.record, stau.arxiv) == ("ins1765529", 92006, "1911.06660")
    (file,) = stau.files
    assert (file.name, file.type, file.likelihood) == ("SUSY-2018-04_likelihoods.tar.gz", "HistFactory", True)
    assert (file.version, file.resource) == (stau.version, 1406212)
    full.publish("b.json", b"{}", type="Combine", title="Direct stau by CMS")
    full.publish("c.json", b"{}", type="json", title="Direct stau, nobody knows")
    assert client.search("direct stau", fresh=True).total == 1
    nothing = client.search("no such thing")
    assert (nothing.entries, nothing.total) == ((), 0)


def test_pages(hepdata: StandIn, client: HepData) -> None:
    for number in range(1, 31):
        hepdata.publish(f"{number}.tar.gz", b"x", record=1000 + number, title=f"Search {number}")
    first, second = client.search("search"), client.search("search", page=2)
    assert (len(first.entries), len(second.entries)) == (25, 5)
    assert first.total == second.total == 30
    assert not {entry.key for entry in first.entries} & {entry.key for entry in second.entries}
    assert client.search("search", page=9).entries == ()
    assert len(client.search("search", size=5000).entries) == 30


def test_a_search_that_cannot_be_carried_out_is_told(hepdata: StandIn, client: HepData) -> None:
    error = refusal(lambda: client.search('title:"'))
    assert error.kind is ErrorKind.WRONG_ANSWER
    assert "plain words" in str(error)
    assert list(client._asker.cache.folder.glob("*")) == []


def test_the_whole_catalogue(hepdata: StandIn, client: HepData) -> None:
    for number in range(1, 121):
        hepdata.publish(f"{number}.tar.gz", b"x", record=1000 + number, title=f"Search {number}")
    told: list[tuple[int, int]] = []
    answer = client.likelihoods(progress=lambda here, total: told.append((here, total)))
    assert len({entry.key for entry in answer.entries}) == answer.total == 120
    assert told == [(50, 120), (100, 120), (120, 120)]
    assert not answer.cached
    hepdata.forget_requests()
    client.likelihoods()
    assert len(hepdata.asked("search")) == 3  # a refresh is never answered from what is kept


def test_a_wrong_total_does_not_make_it_ask_on(hepdata: StandIn, client: HepData) -> None:
    """HEPData says that there are thousands, and gives the first page again and again."""
    for number in range(1, 4):
        hepdata.publish(f"{number}.tar.gz", b"x", record=1000 + number)
    first = json.loads(hepdata.site.answer(Request.from_values("/search/?format=json&q=")).body)
    first["total"] = first["hits"]["total"] = 9000
    hepdata.fault("search", faults.Instead(json_answer(first)))
    assert len(client.likelihoods().entries) == 3
    assert len(hepdata.asked("search")) == 2


def test_pages_are_not_asked_for_all_at_once(hepdata: StandIn, client: HepData) -> None:
    for number in range(1, 121):
        hepdata.publish(f"{number}.tar.gz", b"x", record=1000 + number)
    told: list[int] = []
    waiting = HepData(cache=client._asker.cache, patience=msgspec.structs.replace(BRIEF, between_pages=3600))
    calls = iter([False, False, False, True])
    with closing(waiting):
        error = refusal(
            lambda: waiting.likelihoods(
                progress=lambda here, _: told.append(here), cancelled=lambda: next(calls, True)
            )
        )
    assert error.kind is ErrorKind.CANCELLED, "a wish to stop ends the pause"
    assert told == [50]
    assert len(hepdata.asked("search")) == 1


def test_the_catalogue_can_be_cancelled(hepdata: StandIn, client: HepData) -> None:
    for number in range(1, 121):
        hepdata.publish(f"{number}.tar.gz", b"x", record=1000 + number)
    told: list[int] = []
    error = refusal(
        lambda: client.likelihoods(progress=lambda here, _: told.append(here), cancelled=lambda: bool(told))
    )
    assert error.kind is ErrorKind.CANCELLED
    assert len(hepdata.requests) == 1
    hepdata.fault("search", faults.busy(503, "3"))
    calls: list[int] = []
    error = refusal(lambda: client.likelihoods(cancelled=lambda: calls.append(1) or len(calls) > 1))  # type: ignore[func-returns-value]
    assert error.kind is ErrorKind.CANCELLED
    assert len(hepdata.requests) == 2


def test_half_a_catalogue_is_none(hepdata: StandIn, client: HepData) -> None:
    for number in range(1, 121):
        hepdata.publish(f"{number}.tar.gz", b"x", record=1000 + number)
    client.likelihoods()
    hepdata.fault("search", faults.busy(503), skip=1)
    assert refusal(client.likelihoods).kind is ErrorKind.BUSY


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


def test_nothing_is_asked_twice(full: StandIn, make_client: Callable[..., HepData]) -> None:
    clock = Clock()
    client = make_client(clock=clock)
    first = client.search("stau")
    again = make_client(clock=clock).search("stau")
    assert (first.cached, again.cached, again.offline) == (False, True, "")
    assert again.entries == first.entries
    assert again.retrieved <= datetime.now(UTC)
    assert len(full.requests) == 1
    assert not client.search("stau", fresh=True).cached
    clock.now += timedelta(days=2)
    assert not client.search("stau").cached
    assert len(full.requests) == 3


@pytest.mark.parametrize(
    "ask",
    [
        lambda client, fresh: client.search("stau", fresh=fresh),
        lambda client, fresh: client.record(parse_reference(LBB_FILE), fresh=fresh),
        lambda client, fresh: client.record(parse_reference("1909.09226"), fresh=fresh),
        lambda client, fresh: client.record(parse_reference("/record/resource/1408476"), fresh=fresh),
    ],
    ids=["search", "file", "arXiv", "resource"],
)
def test_offline_an_older_answer_has_to_do(
    full: StandIn, make_client: Callable[..., HepData], ask: Callable[[HepData, bool], RecordAnswer]
) -> None:
    clock = Clock()
    first = ask(make_client(clock=clock), False)
    clock.now += timedelta(days=500)
    with full.offline():
        client = make_client(clock=clock)
        for fresh in (False, True):
            old = ask(client, fresh)
            assert old.cached
            assert old.offline.startswith("Offline")
            assert abs(old.retrieved - first.retrieved) < timedelta(seconds=30)
        assert refusal(lambda: client.search("something else")).kind is ErrorKind.OFFLINE
        assert refusal(lambda: resolve(client, "1")).kind is ErrorKind.OFFLINE
    ill = full.fault("*", faults.Instead(faults.page(500, "Oh")))
    assert "failed with status 500" in ask(make_client(clock=clock), True).offline
    ill.end()
    full.fault("*", faults.busy(503))
    assert "busy" in ask(make_client(clock=clock), True).offline


@pytest.mark.parametrize("route", ["record", "resources", "search"])
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (faults.Instead(), "A web page came instead"),
        (faults.Instead(faults.page(418, "Oh")), "status 418"),
        (
            faults.Instead(faults.Answer(406, [("Content-Type", "application/json")], b'{"msg": "no"}')),
            "status 406",
        ),
        (
            faults.Instead(faults.Answer(200, [("Content-Type", "application/json")], b"{")),
            "cannot be understood",
        ),
        (
            faults.Instead(faults.Answer(200, [("Content-Type", "application/json")], b"[]")),
            "cannot be understood",
        ),
        (
            faults.Instead(faults.Answer(200, [("Content-Type", "application/json")], b"[" * 10**5)),
            "understood",
        ),
        (faults.Instead(faults.Answer(200, [], b"{}")), "Something came instead"),
    ],
    ids=["page", "418", "406", "broken", "list", "deep", "untyped"],
)
def test_a_wrong_answer_is_told_and_not_kept(
    full: StandIn, client: HepData, route: str, fault: faults.Fault, words: str
) -> None:
    full.fault(route, fault, times=1)
    error = refusal(lambda: resolve(client, "1909.09226"))
    assert error.kind is ErrorKind.WRONG_ANSWER
    assert words in str(error)
    assert resolve(client, "1909.09226").entry.record == 90607


def test_a_client_can_be_closed_and_used_again(full: StandIn, client: HepData) -> None:
    client.search("stau")
    client.close()
    client.close()
    assert client.search("stau", fresh=True).total == 1
