"""HEPData lets only web browsers in: nobody gets around that, and there is a way on."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from fitgui.pallets.hepdata.browser_check import may_be_check, only_for_browsers
from fitgui.pallets.hepdata.client import HepData
from fitgui.pallets.hepdata.download import download
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.references import Reference, parse_reference
from fitgui.pallets.hepdata.service import Service, service_from_environment
from fitgui.pallets.hepdata.session import USER_AGENT, Session
from tests.hepdata import faults
from tests.hepdata.answer import Answer, page
from tests.hepdata.standin import StandIn

FILE = "10.17182/hepdata.90607.v3/r3"
CHALLENGES = [
    faults.Challenge(),
    faults.Challenge(status=503),
    faults.Challenge(told=False),
    faults.Challenge(status=503, told=False),
    faults.Challenge(status=429, told=False),
]


@pytest.fixture
def full(hepdata: StandIn) -> StandIn:
    return hepdata.populate(real=False)


def refusal(ask: Callable[[], object]) -> HepDataError:
    with pytest.raises(HepDataError) as caught:
        ask()
    return caught.value


def resolve(client: HepData, text: str) -> object:
    reference = parse_reference(text)
    assert reference is not None
    return client.resolve(reference)


@pytest.mark.parametrize("challenge", CHALLENGES, ids=str)
def test_a_check_is_told_once_and_never_got_around(
    full: StandIn, client: HepData, challenge: faults.Challenge
) -> None:
    full.fault("/record/*", challenge)
    error = refusal(lambda: resolve(client, FILE))
    assert error.kind is ErrorKind.BROWSER
    assert str(error) == (
        "HEPData lets only web browsers in at the moment: open the page of the record in a browser, save the "
        "file, and open it here."
    )
    assert error.page == "https://www.hepdata.net/record/90607?version=3"
    (asked,) = full.asked("record")  # not once more, and as ever
    assert asked.headers["user-agent"] == USER_AGENT
    assert "cookie" not in asked.headers


@pytest.mark.parametrize("challenge", CHALLENGES, ids=str)
def test_the_page_of_a_file_is_named(
    full: StandIn, session: Session, challenge: faults.Challenge, tmp_path: Path
) -> None:
    address = f"{full.url}/record/resource/1408476?view=true"
    full.fault(1408476, challenge)
    error = refusal(lambda: download(session, address, tmp_path))
    assert (error.kind, error.page) == (
        ErrorKind.BROWSER,
        "https://www.hepdata.net/record/resource/1408476?landing_page=true",
    )
    assert "page of the file" in str(error)
    assert len(full.asked("file")) == 1
    assert list(tmp_path.rglob("*.part")) == []


def test_behind_a_doi_the_page_is_the_doi(full: StandIn, session: Session, tmp_path: Path) -> None:
    full.fault("file", faults.Challenge())
    full.fault("resource", faults.Challenge())
    error = refusal(lambda: download(session, session.service.doi_url(FILE), tmp_path))
    assert error.page == f"https://doi.org/{FILE}"
    assert "page of the file" in str(error)


def test_a_search_is_done_in_a_browser(full: StandIn, client: HepData) -> None:
    full.fault("search", faults.Challenge())
    error = refusal(lambda: client.search("stau"))
    assert error.kind is ErrorKind.BROWSER
    assert error.page.startswith("https://www.hepdata.net/search/?q=")
    assert "stau" in error.page
    assert "format" not in error.page
    assert "search there in a browser" in str(error)


def test_looking_inside_a_file_is_refused_likewise(full: StandIn, client: HepData) -> None:
    answer = client.record(Reference(record=90607))
    full.fault("file", faults.Challenge())
    assert refusal(lambda: client.classify(answer.entry.files[0])).kind is ErrorKind.BROWSER


def test_what_was_told_before_is_good_enough(full: StandIn, make_client: Callable[..., HepData]) -> None:
    reference = parse_reference(FILE)
    assert reference is not None
    before = make_client().record(reference)
    found = make_client().search("stau")
    full.fault("*", faults.Challenge())
    again = make_client().record(reference, fresh=True)
    assert (again.files, again.cached, again.source) == (before.files, True, "hepdata")
    assert again.offline.startswith("HEPData lets only web browsers in")
    assert again.page == "https://www.hepdata.net/record/90607?version=3"
    search = make_client().search("stau", fresh=True)
    assert (search.entries, search.cached) == (found.entries, True)
    assert search.page.startswith("https://www.hepdata.net/search/")


@pytest.mark.parametrize(
    ("status", "kind"), [(403, ErrorKind.REFUSED), (503, ErrorKind.BUSY), (429, ErrorKind.BUSY)]
)
def test_hepdata_s_own_refusals_pass_through_the_same_network(
    full: StandIn, client: HepData, status: int, kind: ErrorKind
) -> None:
    own = page(status, "HEPData", "You don't have the permission, just a moment of it.")
    full.fault("record", faults.Instead(Answer(status, [*own.headers, ("Server", "cloudflare")], own.body)))
    assert refusal(lambda: resolve(client, FILE)).kind is kind


def test_a_check_whose_page_does_not_come_is_told_by_its_header(full: StandIn, client: HepData) -> None:
    class Cut(faults.Challenge):
        def send(self, answer: Answer, wire: faults.Wire) -> None:
            wire.head(answer, length=len(answer.body))
            wire.body(answer.body[:10])
            wire.hang_up()

    full.fault("record", Cut())
    assert refusal(lambda: resolve(client, FILE)).kind is ErrorKind.BROWSER


def test_only_refusals_are_looked_at() -> None:
    headers = {"Content-Type": "text/html", "Server": "cloudflare"}
    assert may_be_check(403, headers)
    assert not may_be_check(200, {**headers, "Cf-Mitigated": "challenge"})
    assert not may_be_check(404, headers)
    assert not may_be_check(403, {**headers, "Server": "nginx"})
    assert not may_be_check(403, {**headers, "Content-Type": "application/json"})
    assert only_for_browsers(headers, b"<title>403 Forbidden</title>", "https://x") is None


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("/record/90607?format=json&light=true", "https://www.hepdata.net/record/90607"),
        (
            "/record/ins1755298?format=json&light=true&version=2",
            "https://www.hepdata.net/record/ins1755298?version=2",
        ),
        ("/record/resources/90607/3", "https://www.hepdata.net/record/90607?version=3"),
        ("/record/resource/7?view=true", "https://www.hepdata.net/record/resource/7?landing_page=true"),
        (
            "/record/resource/7?landing_page=true",
            "https://www.hepdata.net/record/resource/7?landing_page=true",
        ),
        ("/search/?q=a+b&format=json&page=2&size=25", "https://www.hepdata.net/search/?q=a+b&page=2&size=25"),
        ("/doi/10.17182/hepdata.90607.v3/r3", "https://doi.org/10.17182/hepdata.90607.v3/r3"),
    ],
)
def test_pages_for_people_are_the_real_ones(hepdata: StandIn, asked: str, shown: str) -> None:
    stand_in, real = service_from_environment(), Service()
    assert stand_in.page(hepdata.url + asked) == shown
    if not asked.startswith("/doi/"):
        assert real.page(real.hepdata + asked) == shown


def test_the_error_travels_between_processes() -> None:
    error = HepDataError(ErrorKind.BROWSER, "No.", page="https://www.hepdata.net/record/1")
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.kind, str(copy), copy.page) == (error.kind, "No.", error.page)
