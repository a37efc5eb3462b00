"""What goes wrong goes wrong as it says, where it says and as often as it says."""

from __future__ import annotations

import gzip
import http.client
import queue
import socket
import threading
from collections.abc import Callable

import pytest
import requests

from tests.hepdata import faults, layouts
from tests.hepdata.conftest import Get
from tests.hepdata.faults import Fault
from tests.hepdata.records import Resource
from tests.hepdata.standin import PATIENCE, StandIn

WHOLE = layouts.heavy(300_000)


@pytest.fixture
def file(hepdata: StandIn) -> Resource:
    return hepdata.publish("pallet.tar.gz", WHOLE)


def read_raw(hepdata: StandIn, file: Resource) -> tuple[int | None, bytes]:
    """Claimed length, and every byte that came in the body, read from a socket of our own."""
    with socket.create_connection(("127.0.0.1", hepdata.port), timeout=PATIENCE) as connection:
        asking = f"GET /record/resource/{file.id}?view=true HTTP/1.1"
        connection.sendall(f"{asking}\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        data = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = data.partition(b"\r\n\r\n")
    lines = dict(line.lower().split(": ", 1) for line in head.decode().split("\r\n")[1:])
    return (int(lines["content-length"]) if "content-length" in lines else None), body


@pytest.mark.parametrize(
    ("fault", "claimed", "sent"),
    [
        (Fault(), len(WHOLE), WHOLE),
        (faults.Slow(piece=100_000, pause=0.0), len(WHOLE), WHOLE),
        (faults.CutOff(0.4), len(WHOLE), WHOLE[: int(0.4 * len(WHOLE))]),
        (faults.CutOff(0.99), len(WHOLE), WHOLE[: int(0.99 * len(WHOLE))]),
        (faults.CutOff(17), len(WHOLE), WHOLE[:17]),
        (faults.CutOff(0), len(WHOLE), b""),
        (faults.WrongLength(100), len(WHOLE) + 100, WHOLE),
        (faults.WrongLength(-100), len(WHOLE) - 100, WHOLE),
        (faults.truncated(0.5), len(WHOLE) // 2, WHOLE[: len(WHOLE) // 2]),
    ],
    ids=lambda value: repr(value)[:40] if isinstance(value, Fault) else "",
)
def test_what_is_claimed_and_what_comes(
    hepdata: StandIn, file: Resource, fault: Fault, claimed: int, sent: bytes
) -> None:
    hepdata.fault(file, fault)
    assert read_raw(hepdata, file) == (claimed, sent)


@pytest.mark.parametrize("fault", [faults.Reset(), faults.Reset(1000), faults.Gibberish()], ids=repr)
def test_broken_connections(hepdata: StandIn, file: Resource, get: Get, fault: Fault) -> None:
    hepdata.fault(file, fault, times=1)
    path = f"/record/resource/{file.id}?view=true"
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        get(path)
    assert get(path).content == WHOLE


def test_no_length(hepdata: StandIn, file: Resource, get: Get) -> None:
    path = f"/record/resource/{file.id}?view=true"
    hepdata.fault(file, faults.NoLength(), times=1)
    answer = get(path)
    assert "Content-Length" not in answer.headers
    assert answer.content == WHOLE
    hepdata.fault(file, faults.NoLength(whole=False), times=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        get(path)


def test_other_contents(hepdata: StandIn, file: Resource, get: Get) -> None:
    path = f"/record/resource/{file.id}?view=true"
    hepdata.fault(file, faults.Instead(), times=1)
    page = get(path)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    hepdata.fault(file, faults.WrongContent(), times=1)
    noise = get(path).content
    assert len(noise) == len(WHOLE)
    assert noise != WHOLE
    hepdata.fault(file, faults.flipped(), times=1)
    damaged = get(path).content
    assert sum(a != b for a, b in zip(damaged, WHOLE, strict=True)) == 1
    hepdata.fault(file, faults.Compressed(), times=1)
    packed = get(path, headers={"Accept-Encoding": "identity"}, stream=True)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.raw.read(decode_content=False)) == WHOLE


def test_a_content_that_is_wrong_has_ranges_of_its_own(hepdata: StandIn, file: Resource, get: Get) -> None:
    hepdata.fault(file, faults.WrongContent(lambda original: b"0123456789"))
    answer = get(f"/record/resource/{file.id}?view=true", headers={"Range": "bytes=4-"})
    assert (answer.content, answer.headers["Content-Range"]) == (b"456789", "bytes 4-9/10")


def test_another_range_than_was_asked_for(hepdata: StandIn, file: Resource, get: Get) -> None:
    hepdata.fault(file, faults.WrongRange())
    answer = get(f"/record/resource/{file.id}?view=true", headers={"Range": f"bytes={len(WHOLE) - 10}-"})
    assert (answer.status_code, answer.content) == (206, WHOLE[:10])
    assert answer.headers["Content-Range"] == f"bytes 0-9/{len(WHOLE)}"


@pytest.mark.parametrize("retry_after", [None, "2", "Wed, 21 Oct 2026 07:28:00 GMT"])
@pytest.mark.parametrize("status", [429, 503])
def test_busy(hepdata: StandIn, get: Get, status: int, retry_after: str | None) -> None:
    hepdata.fault("search", faults.busy(status, retry_after), times=2)
    answers = [get("/search/?q=x&format=json") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert answers[0].headers.get("Retry-After") == retry_after


def test_redirects(hepdata: StandIn, file: Resource, get: Get) -> None:
    path = f"/record/resource/{file.id}?view=true"
    for target in (
        "http://www.hepdata.net/x",
        "https://example.org/x",
        "https://127.0.0.1:1/x",
        "file:///etc",
    ):
        hepdata.fault("file", faults.redirect(target), times=1)
        answer = get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, target)
    endless = hepdata.fault("/doi/*", faults.EndlessRedirect())
    with pytest.raises(requests.TooManyRedirects):
        get(f"/doi/{file.doi}", allow_redirects=True)
    assert endless.used > 10
    endless.end()
    assert get(f"/doi/{file.doi}", allow_redirects=True).content == WHOLE


def test_oversize(hepdata: StandIn, file: Resource, get: Get) -> None:
    path = f"/record/resource/{file.id}?view=true"
    hepdata.fault(file, faults.Oversize(3_000_000, claimed=False), times=1)
    assert len(get(path).content) == 3_000_000
    hepdata.fault(file, faults.Oversize(2**40, sent=1000), times=1)
    answer = get(path, stream=True)
    assert answer.headers["Content-Length"] == str(2**40)
    assert answer.raw.read(1000) == WHOLE[:1000]
    answer.close()
    [*_, asked] = hepdata.asked(file)
    assert asked.hung_up.wait(PATIENCE)


@pytest.mark.parametrize("after", [None, 0, 0.5, 1000])
def test_a_stall_ends_when_it_is_released(
    hepdata: StandIn, file: Resource, get: Get, after: faults.Where | None
) -> None:
    stalled = faults.Stalled(after)
    hepdata.fault(file, stalled, times=1)
    came: queue.Queue[bytes] = queue.Queue()
    thread = threading.Thread(target=lambda: came.put(get(f"/record/resource/{file.id}?view=true").content))
    thread.start()
    assert stalled.reached.wait(PATIENCE)
    assert came.empty()
    stalled.released.set()
    assert came.get(timeout=PATIENCE) == WHOLE
    thread.join(PATIENCE)
    [asked] = hepdata.asked("file")
    assert asked.done.wait(PATIENCE)
    assert (asked.ended, asked.sent, asked.status) == ("whole", len(WHOLE), 200)


def test_who_leaves_during_a_stall_is_seen(hepdata: StandIn, file: Resource) -> None:
    stalled = faults.Stalled(100)
    hepdata.fault(file, stalled)
    connection = http.client.HTTPConnection("127.0.0.1", hepdata.port, timeout=PATIENCE)
    connection.request("GET", f"/record/resource/{file.id}?view=true")
    assert stalled.reached.wait(PATIENCE)
    connection.close()
    [asked] = hepdata.asked(file)
    assert asked.hung_up.wait(PATIENCE)
    assert asked.done.wait(PATIENCE)
    assert asked.sent == 100


@pytest.mark.parametrize(
    ("where", "path"),
    [
        ("search", "/search/?q=x"),
        ("record", "/record/ins1000077"),
        ("record", "/record/77"),
        ("resources", "/record/resources/77/1"),
        ("resource", "/record/resource/5"),
        ("file", "/record/resource/5?view=true"),
        ("/record/*", "/record/resource/5"),
        (5, "/record/resource/5"),
        ("doi", "/doi/10.17182/hepdata.77.v1/r1"),
        ("datacite", "/datacite/10.17182/hepdata.77.v1/r1"),
        ("robots", "/robots.txt"),
        ("*", "/ping"),
    ],
)
def test_where_a_fault_lies(hepdata: StandIn, get: Get, where: str | int, path: str) -> None:
    hepdata.add_record(77, versions={1: [hepdata.file("a.tar.gz", WHOLE, id=5)]})
    other = "/" if path == "/ping" else "/ping"
    laid = hepdata.fault(where, faults.busy(503), times=1, skip=1)
    assert get(path).status_code < 400
    if where != "*":
        assert get(other).status_code == 200
    assert get(path).status_code == 503
    assert get(path).status_code < 400
    assert laid.used == 1


def test_the_log(hepdata: StandIn, file: Resource, get: Get) -> None:
    get(
        f"/record/resource/{file.id}?view=true&x=%C3%A4",
        headers={"Range": "bytes=5-9", "User-Agent": "fitgui/1", "Accept": "a/b"},
    )
    [asked] = hepdata.wait_for("file")
    assert asked.done.wait(PATIENCE)
    assert (asked.method, asked.path, asked.query["x"]) == ("GET", f"/record/resource/{file.id}", "ä")
    assert (asked.range, asked.headers["user-agent"]) == ("bytes=5-9", "fitgui/1")
    assert asked.headers["ACCEPT"] == "a/b"
    assert (asked.status, asked.sent, asked.resource) == (206, 5, file.id)
    assert hepdata.asked("/record/resource/*") == hepdata.asked(file.id) == [asked]
    hepdata.forget_requests()
    assert hepdata.requests == ()


def test_waiting_in_vain_tells_what_came(
    hepdata: StandIn, get: Get, monkeypatch: pytest.MonkeyPatch, file: Resource
) -> None:
    monkeypatch.setattr("tests.hepdata.standin.PATIENCE", 0.05)
    get("/ping")
    with pytest.raises(TimeoutError, match=r"1 to file.*/ping"):
        hepdata.wait_for("file")


@pytest.fixture
def threads() -> Callable[[], set[threading.Thread]]:
    before = set(threading.enumerate())
    return lambda: set(threading.enumerate()) - before


def test_nothing_is_left(threads: Callable[[], set[threading.Thread]]) -> None:
    standin = StandIn()
    file = standin.publish("a.tar.gz", WHOLE)
    stalled = faults.Stalled(10)
    standin.fault(file, stalled)
    connections = [http.client.HTTPConnection("127.0.0.1", standin.port, timeout=PATIENCE) for _ in range(3)]
    connections[0].connect()  # says nothing at all
    connections[1].request("GET", "/ping")
    assert connections[1].getresponse().read() == b"OK"  # and stays open
    connections[2].request("GET", f"/record/resource/{file.id}?view=true")
    assert stalled.reached.wait(PATIENCE)
    assert threads()
    standin.close()
    standin.close()
    assert threads() == set()
    for connection in connections:
        connection.close()


def test_offline_and_online_again(hepdata: StandIn, get: Get) -> None:
    with hepdata.offline(), pytest.raises(requests.ConnectionError):
        get("/ping")
    assert get("/ping").text == "OK"


def test_https(threads: Callable[[], set[threading.Thread]], hepdata_tls: StandIn) -> None:
    file = hepdata_tls.publish("a.tar.gz", WHOLE)
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(hepdata_tls.address(file), verify=str(hepdata_tls.ca_file), timeout=PATIENCE)
        assert answer.url.startswith("https://localhost:")
        assert answer.content == WHOLE
        assert hepdata_tls.requests[0].headers["Host"] == f"localhost:{hepdata_tls.port}"
        with pytest.raises(requests.exceptions.SSLError):
            session.get(hepdata_tls.url + "/ping", timeout=PATIENCE)
    with socket.create_connection(("127.0.0.1", hepdata_tls.port)) as silent:
        hepdata_tls.close()
        assert silent.fileno() > 0
    assert threads() == set()
