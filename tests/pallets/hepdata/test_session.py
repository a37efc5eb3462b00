"""How HEPData is asked: hops, patience, sentences, and that nothing private is sent."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from importlib.util import find_spec
from pathlib import Path

import pytest
import requests

from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.service import MOST_HOPS, Service, service_from_environment
from fitgui.pallets.hepdata.session import USER_AGENT, Answer, Patience, Session
from tests.hepdata import faults
from tests.hepdata.standin import StandIn
from tests.pallets.hepdata.conftest import BRIEF

CAP = 100_000


def ask(session: Session, url: str, **options: object) -> Answer:
    return session.get(url, what="the test", cap=CAP, **options)  # type: ignore[arg-type]


def refusal(session: Session, url: str) -> HepDataError:
    with pytest.raises(HepDataError) as caught:
        ask(session, url)
    sentence = str(caught.value)
    assert sentence.isprintable()
    assert sentence.endswith(".")
    return caught.value


def test_who_asks_is_told_and_nothing_else(
    hepdata: StandIn, session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password secret\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    answer = ask(session, f"{hepdata.url}/record/count", accept="application/json")
    assert (answer.status, answer.content_type) == (200, "application/json")
    (asked,) = hepdata.requests
    assert asked.headers["User-Agent"] == USER_AGENT
    assert USER_AGENT.startswith("fitgui/")
    assert "://" not in USER_AGENT, "there is no address that could be promised"
    assert asked.headers["Accept"] == "application/json"
    assert not {"Authorization", "Cookie", "Proxy-Authorization", "Referer"} & set(asked.headers.keys())


def test_no_password_from_netrc_for_the_real_service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine www.hepdata.net login somebody password secret\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    session = Session(Service(), BRIEF)
    inner = session._requests
    assert inner.trust_env  # proxies and certificates of the system
    prepared = inner.prepare_request(requests.Request("GET", "https://www.hepdata.net/"))
    assert "Authorization" not in prepared.headers
    session.close()


def test_cookies_are_not_kept(hepdata: StandIn, session: Session) -> None:
    page = faults.page(200, "Hello")
    page.headers.append(("Set-Cookie", "session=abc; Path=/"))
    hepdata.fault("ping", faults.Instead(page))
    for _ in range(2):
        ask(session, f"{hepdata.url}/ping")
    assert all("Cookie" not in asked.headers for asked in hepdata.requests)


def test_both_hops_of_a_doi_keep_what_is_accepted(hepdata: StandIn, session: Session) -> None:
    published = hepdata.publish("a.json", b'{"channels": []}')
    answer = ask(session, session.service.doi_url(str(published.doi)), accept="application/json")
    assert answer.body == b'{"channels": []}'
    assert answer.url == f"{hepdata.url}/record/resource/{published.id}?landing_page=true"
    assert [asked.path.split("/")[1] for asked in hepdata.requests] == ["doi", "datacite", "record"]
    assert {asked.headers["Accept"] for asked in hepdata.requests} == {"application/json"}


@pytest.mark.parametrize(
    "target",
    [
        "http://evil.example/file",
        "https://evil.example/file",
        "//evil.example/file",
        "https://www.hepdata.net/record/1",  # the stand-in is all there is in a test
        "http://127.0.0.1:1/file",
        "http://localhost/file",
        "file:///etc/passwd",
        "http://[::1",
    ],
)
def test_a_hop_elsewhere_is_not_followed(hepdata: StandIn, session: Session, target: str) -> None:
    hepdata.fault("ping", faults.redirect(target))
    error = refusal(session, f"{hepdata.url}/ping")
    assert error.kind is ErrorKind.FORBIDDEN_ADDRESS
    assert len(hepdata.requests) == 1


def test_a_backslash_is_part_of_a_path_and_begins_no_host(hepdata: StandIn, session: Session) -> None:
    hepdata.fault("ping", faults.redirect("\\\\evil.example\\file"))
    answer = ask(session, f"{hepdata.url}/ping")
    assert (answer.status, answer.url) == (404, f"{hepdata.url}/%5C%5Cevil.example%5Cfile")


class Near(Service, frozen=True, kw_only=True):
    """The real rules, and one more host by https, for there is no HEPData here."""

    near: str = ""

    def allows(self, url: str) -> bool:
        return url.startswith(f"{self.near}/") or Service.allows(self, url)


@pytest.fixture
def secure(hepdata_tls: StandIn, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A session with the rules of the real service; its system trusts the stand-in's certificate."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(hepdata_tls.ca_file))
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    session = Session(Near(near=hepdata_tls.url), BRIEF)
    yield session
    session.close()


def test_https_is_verified(hepdata_tls: StandIn, secure: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(secure, f"{hepdata_tls.url}/ping").body == b"OK"
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    stranger = Session(secure.service, BRIEF)
    error = refusal(stranger, f"{hepdata_tls.url}/ping")
    assert error.kind is ErrorKind.OFFLINE
    assert "could not prove that it is localhost" in str(error)
    stranger.close()


@pytest.mark.parametrize(
    "target",
    [
        "http://www.hepdata.net/record/1",
        "http://localhost/",
        "http://127.0.0.1:80/",
        "https://127.0.0.1/",
        "https://evil.example/",
        "//evil.example/",
        "https://www.hepdata.net@evil.example/",
        "https://www.hepdata.net:443@evil.example/",
        "https://www.hepdata.net\\@evil.example/",
        "https://www.hepdata.net.evil.example/",
        "https://www.hepdata.net:8443/",
        "https://www.h\u0435pdata.net/",
        "ftp://www.hepdata.net/",
    ],
)
def test_the_real_service_leads_to_known_hosts_by_https_only(
    hepdata_tls: StandIn, secure: Session, target: str
) -> None:
    hepdata_tls.fault("ping", faults.redirect(target.encode().decode("latin-1")))
    error = refusal(secure, f"{hepdata_tls.url}/ping")
    assert error.kind is ErrorKind.FORBIDDEN_ADDRESS
    assert "fitgui only talks to" in str(error)
    assert len(hepdata_tls.requests) == 1


def test_nothing_but_known_hosts_is_asked_in_the_first_place(session: Session) -> None:
    for url in ("https://www.hepdata.net/", "http://127.0.0.1:1/", "http://evil.example/"):
        assert refusal(session, url).kind is ErrorKind.FORBIDDEN_ADDRESS
        with pytest.raises(HepDataError):
            session.stream(url, headers={})


def test_redirects_end(hepdata: StandIn, session: Session) -> None:
    hepdata.fault("ping", faults.EndlessRedirect())
    error = refusal(session, f"{hepdata.url}/ping")
    assert error.kind is ErrorKind.WRONG_ANSWER
    assert f"more than {MOST_HOPS} times" in str(error)
    assert len(hepdata.requests) == MOST_HOPS + 1


def test_a_page_to_log_in_means_not_published(hepdata: StandIn, session: Session) -> None:
    hepdata.add_record(5, versions={1: (), 2: ()}, unpublished=[2])
    error = refusal(session, f"{hepdata.url}/record/5?version=2&format=json")
    assert error.kind is ErrorKind.REFUSED
    assert str(error).startswith("The test is not published")
    assert len(hepdata.requests) == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_who_is_busy_is_asked_again(hepdata: StandIn, session: Session, status: int) -> None:
    hepdata.fault("ping", faults.busy(status), times=3)
    assert ask(session, f"{hepdata.url}/ping").body == b"OK"
    assert len(hepdata.requests) == 4


def test_but_not_for_ever(hepdata: StandIn, session: Session) -> None:
    hepdata.fault("ping", faults.busy(503))
    pauses: list[float] = []
    with pytest.raises(
        HepDataError, match=r"busy or under maintenance \(status 503\); try again in a few minutes"
    ) as caught:
        ask(session, f"{hepdata.url}/ping", wait=pauses.append)
    assert caught.value.kind is ErrorKind.BUSY
    assert len(hepdata.requests) == BRIEF.busy_tries
    assert pauses == sorted(pauses)
    assert pauses[-1] >= 4 * BRIEF.first_pause


@pytest.mark.parametrize("as_date", [False, True])
def test_it_is_left_alone_for_as_long_as_it_asks(hepdata: StandIn, session: Session, as_date: bool) -> None:
    patience = Patience(first_pause=0.01, longest_pause=100.0)
    patient = Session(session.service, patience)
    wanted = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True) if as_date else "60"
    hepdata.fault("ping", faults.busy(429, wanted), times=1)
    pauses: list[float] = []
    assert ask(patient, f"{hepdata.url}/ping", wait=pauses.append).body == b"OK"
    assert len(pauses) == 1
    assert 30 < pauses[0] <= 60
    patient.close()


@pytest.mark.parametrize(
    ("header", "told"), [("3600", "60 minutes"), ("60", "60 seconds"), ("10800", "3 hours")]
)
def test_too_long_a_wait_is_told_instead(hepdata: StandIn, session: Session, header: str, told: str) -> None:
    hepdata.fault("ping", faults.busy(429, header))
    error = refusal(session, f"{hepdata.url}/ping")
    assert error.kind is ErrorKind.BUSY
    assert f"try again in {told}" in str(error)
    assert error.retry_after == float(header)
    assert len(hepdata.requests) == 1


@pytest.mark.parametrize("header", ["soon", "-5", "", "1e9999"])
def test_a_wish_that_makes_no_sense_is_none(hepdata: StandIn, session: Session, header: str) -> None:
    hepdata.fault("ping", faults.busy(503, header), times=1)
    assert ask(session, f"{hepdata.url}/ping").body == b"OK"


def test_waiting_can_be_given_up(hepdata: StandIn, session: Session) -> None:
    hepdata.fault("ping", faults.busy(503))

    def wait(seconds: float) -> None:
        raise HepDataError(ErrorKind.CANCELLED, "Enough.")

    with pytest.raises(HepDataError, match=r"Enough\."):
        ask(session, f"{hepdata.url}/ping", wait=wait)
    assert len(hepdata.requests) == 1


def test_offline(hepdata: StandIn, session: Session) -> None:
    with hepdata.offline():
        error = refusal(session, f"{hepdata.url}/ping")
    assert error.kind is ErrorKind.OFFLINE
    assert "What is on this machine can still be used" in str(error)
    assert ask(session, f"{hepdata.url}/ping").body == b"OK"


@pytest.mark.parametrize(
    "fault",
    [
        faults.CutOff(0.5),
        faults.WrongLength(50),
        faults.Reset(),
        faults.Reset(0.5),
        faults.NoLength(whole=False),
        faults.Gibberish(),
        faults.Stalled(None),
        faults.Stalled(0.5),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_what_breaks_once_is_asked_again(hepdata: StandIn, session: Session, fault: faults.Fault) -> None:
    hepdata.add_record(7, versions={1: ()})
    url = f"{hepdata.url}/record/7?format=json"
    hepdata.site.compresses = False
    whole = ask(session, url).body
    hepdata.forget_requests()
    hepdata.fault("record", fault, times=1)
    assert ask(session, url).body == whole
    assert len(hepdata.requests) == 2


def test_who_says_nothing_is_not_waited_for_long(hepdata: StandIn, session: Session) -> None:
    hepdata.fault("ping", faults.Stalled(None))
    error = refusal(session, f"{hepdata.url}/ping")
    assert error.kind is ErrorKind.STALLED
    assert len(hepdata.requests) == BRIEF.broken_tries


def test_who_dawdles_is_not_waited_for_long(hepdata: StandIn, session: Session) -> None:
    hurried = Session(session.service, Patience(read_seconds=5.0, answer_seconds=0.2))
    hepdata.add_record(7, versions={1: ()})
    hepdata.site.compresses = False
    hepdata.fault("record", faults.Slow(piece=100, pause=0.1))
    error = refusal(hurried, f"{hepdata.url}/record/7?format=json")
    assert error.kind is ErrorKind.STALLED
    hurried.close()


@pytest.mark.parametrize("claimed", [True, False])
def test_a_small_answer_that_is_large_is_not_read(hepdata: StandIn, session: Session, claimed: bool) -> None:
    hepdata.fault("ping", faults.Oversize(10 * CAP, claimed=claimed))
    error = refusal(session, f"{hepdata.url}/ping")
    assert error.kind is ErrorKind.TOO_LARGE
    assert ask(session, f"{hepdata.url}/ping", cut=True).body[:2] == b"OK"


def test_nor_one_that_is_large_once_unpacked(hepdata: StandIn, session: Session) -> None:
    huge = faults.page(200, "x" * (20 * CAP)).compressed()
    assert len(huge.body) < CAP
    hepdata.fault("ping", faults.Instead(huge))
    assert refusal(session, f"{hepdata.url}/ping").kind is ErrorKind.TOO_LARGE


def test_a_download_begins_in_one_try(hepdata: StandIn, session: Session) -> None:
    published = hepdata.publish("a.tar.gz", b"x" * 1000)
    url = hepdata.address(published)
    with session.stream(url, headers={"Range": "bytes=10-19"}) as answer:
        assert (answer.status_code, answer.raw.read()) == (206, b"x" * 10)
    with session.stream(url, headers={"Range": "bytes=5000-"}) as answer:
        assert answer.status_code == 416
    hepdata.forget_requests()
    hepdata.fault("file", faults.busy(503, "7"), times=1)
    with pytest.raises(HepDataError) as caught:
        session.stream(url, headers={})
    assert (caught.value.kind, caught.value.retry_after) == (ErrorKind.BUSY, 7.0)
    assert len(hepdata.requests) == 1
    for status, kind in (
        (404, ErrorKind.NOT_FOUND),
        (403, ErrorKind.REFUSED),
        (500, ErrorKind.WRONG_ANSWER),
    ):
        hepdata.fault("file", faults.Instead(faults.page(status, "No")), times=1)
        with pytest.raises(HepDataError) as caught:
            session.stream(url, headers={}, what="a.tar.gz")
        assert caught.value.kind is kind
        assert "a.tar.gz" in str(caught.value).lower()


@pytest.fixture
def proxy() -> Iterator[tuple[int, list[bytes]]]:
    """A proxy that refuses everybody; its port, and what it was asked."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)

        def serve() -> None:
            try:
                while True:
                    connection, _ = server.accept()
                    with connection:
                        asked.append(connection.recv(4096))
                        connection.sendall(
                            b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
                        )
            except OSError:
                return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], asked
        server.shutdown(socket.SHUT_RDWR)
    thread.join(timeout=10)


def test_the_proxy_of_the_system_is_used(
    proxy: tuple[int, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, asked = proxy
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, f"http://somebody:secret@127.0.0.1:{port}")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    session = Session(Service(), BRIEF)
    error = refusal(session, "https://www.hepdata.net/ping")
    session.close()
    assert error.kind is ErrorKind.OFFLINE
    assert "proxy" in str(error)
    assert "secret" not in str(error)
    assert asked[0].startswith(b"CONNECT www.hepdata.net:443 ")


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        pytest.param(
            *("HTTPS_PROXY", "socks5://127.0.0.1:1", "speaks SOCKS"),
            marks=pytest.mark.skipif(find_spec("socks") is not None, reason="here requests speaks SOCKS"),
        ),
        ("HTTPS_PROXY", "http://127.0.0.1:1", "cannot be reached"),
        ("HTTPS_PROXY", "http:///nowhere", "cannot be reached"),
        ("REQUESTS_CA_BUNDLE", "/no/such/file.pem", "correct or unset REQUESTS_CA_BUNDLE"),
    ],
)
def test_settings_that_cannot_work_are_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, value)
    session = Session(Service(), BRIEF)
    error = refusal(session, "https://www.hepdata.net/ping")
    session.close()
    assert error.kind is ErrorKind.OFFLINE
    assert words in str(error)


def test_but_never_for_a_stand_in(
    hepdata: StandIn, proxy: tuple[int, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, asked = proxy
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
    session = Session(service_from_environment(), BRIEF)
    assert ask(session, f"{hepdata.url}/ping").body == b"OK"
    session.close()
    assert asked == []
