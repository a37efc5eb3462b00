"""One file and its DOI: what ``Accept``, flags, ranges and validators do."""

from __future__ import annotations

import http.client
import json
from email.utils import parsedate_to_datetime

import pytest

from tests.hepdata import layouts
from tests.hepdata.conftest import Get
from tests.hepdata.records import LARGE
from tests.hepdata.standin import StandIn

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
LANDING = "/record/resource/1408476?landing_page=true"
VIEW = "/record/resource/1408476?view=true"


def described(get: Get, number: int) -> dict[str, str]:
    answer = get(f"/record/resource/{number}")
    assert answer.headers["Content-Type"] == "application/json"
    document = answer.json()
    assert isinstance(document, dict)
    return document


@pytest.mark.parametrize("accept", ["*/*", "text/html", "application/json", "image/png"])
def test_the_bytes_whatever_is_accepted(filled: StandIn, get: Get, accept: str) -> None:
    answer = get(VIEW, headers={"Accept": accept})
    assert answer.content == layouts.lbb()
    assert answer.headers["Content-Type"] == "application/x-tar"
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Content-Disposition"] == "attachment; filename=1Lbb-likelihoods-hepdata.tar.gz"


@pytest.mark.parametrize(
    ("name", "kind", "disposition"),
    [
        ("workspace.json", "application/json", "attachment; filename=workspace.json"),
        ("x.zip", "application/zip", "attachment; filename=x.zip"),
        ("x.tgz", "application/x-tar", "attachment; filename=x.tgz"),
        ("maps.root", "application/octet-stream", "attachment; filename=maps.root"),
        ("with space.json", "application/json", 'attachment; filename="with space.json"'),
        ("τ.json", "application/json", "attachment; filename=.json; filename*=UTF-8''%CF%84.json"),
        ("code.py", "text/x-python; charset=utf-8", "attachment; filename=code.py"),
    ],
)
def test_how_a_file_is_called(hepdata: StandIn, get: Get, name: str, kind: str, disposition: str) -> None:
    file = hepdata.publish(name, b"{}")
    answer = get(f"/record/resource/{file.id}?view=true")
    assert answer.content == b"{}"
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Content-Disposition"] == disposition


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", "application/x-tar"),
        ("application/x-tar, application/zip", "application/x-tar"),
        ("application/x-tar;q=0.9, text/html", "text/html; charset=utf-8"),
        ("application/*", "application/x-tar"),
        (BROWSER, "text/html; charset=utf-8"),
        ("text/html", "text/html; charset=utf-8"),
        ("application/ld+json", "application/json"),
    ],
)
def test_the_landing_page_is_what_is_accepted(filled: StandIn, get: Get, accept: str, expected: str) -> None:
    answer = get(LANDING, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, expected)


def test_an_accept_without_the_right_type_is_refused_in_json(filled: StandIn, get: Get) -> None:
    """The example of HEPData's own page on formats."""
    answer = get(LANDING, headers={"Accept": "application/zip"})
    assert answer.status_code == 406
    assert answer.json() == {
        "file_mimetype": "application/x-tar",
        "msg": "Accept header value 'application/zip' does not contain a valid media type for this resource. "
        "Expected Accept header to include one of 'application/x-tar', 'text/html', 'application/ld+json', "
        "'application/vnd.hepdata.ld+json'",
    }


def test_no_accept_at_all_is_refused_too(filled: StandIn) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", filled.port, timeout=20)
    connection.request("GET", LANDING)
    answer = connection.getresponse()
    assert answer.status == 406
    assert json.loads(answer.read())["file_mimetype"] == "application/x-tar"
    connection.close()


@pytest.mark.parametrize(
    ("name", "content", "shown", "kind"),
    [
        ("workspace.json", b'{"channels": []}', '{"channels": []}', "application/json"),
        ("workspace.json", b" " * LARGE, "Large text file", "application/json"),
        ("x.tar.gz", b"text", "Binary", "application/x-tar"),
        ("x.tgz", b"\x1f\x8b" * LARGE, "Binary", "application/x-tar"),
        ("x.tar.xz", b"\xfd7zXZ", "Binary", "application/x-tar"),
        ("x.zip", b"PK\x03\x04\xff", "Binary", "application/zip"),
        ("x.zip", b"\xff" * LARGE, "Large text file", "application/zip"),
        ("x.root", b"root\xff", "Binary", "application/octet-stream"),
        ("x.root", b"\xff" * LARGE, "Large text file", "text/plain"),
        ("x.unheard", "größer".encode(), "größer", "text/plain"),
    ],
)
def test_without_a_flag_a_file_is_described(
    hepdata: StandIn, get: Get, name: str, content: bytes, shown: str, kind: str
) -> None:
    file = hepdata.publish(name, content, description="What it is", type="json")
    assert described(get, file.id) == {
        "location": f"/record/resource/{file.id}?view=true",
        "type": "json",
        "description": "What it is",
        "file_contents": shown,
    }
    answer = get(f"/record/resource/{file.id}?landing_page=no", headers={"Accept": kind})
    assert answer.content == content


def test_links_lead_away(filled: StandIn, get: Get) -> None:
    answer = get("/record/resource/1934830?view=true")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "https://github.com/SModelS/smodels-database-release"
    assert described(get, 1934830)["file_contents"] == answer.headers["Location"]


@pytest.mark.parametrize("accept", ["*/*", "application/x-tar, application/zip, application/json"])
def test_a_doi_takes_two_hops(filled: StandIn, get: Get, accept: str) -> None:
    answer = get("/doi/10.17182/HEPDATA.90607.v3/r3", headers={"Accept": accept}, allow_redirects=True)
    assert [hop.status_code for hop in answer.history] == [302, 302]
    assert [hop.headers["Location"] for hop in answer.history] == [
        f"{filled.url}/datacite/10.17182/HEPDATA.90607.v3/r3",
        f"{filled.url}{LANDING}",
    ]
    assert answer.content == layouts.lbb()


def test_a_browser_goes_straight_to_the_page(filled: StandIn, get: Get) -> None:
    answer = get("/doi/10.17182/hepdata.90607.v3/r3", headers={"Accept": BROWSER}, allow_redirects=True)
    assert len(answer.history) == 1
    assert "<title>HistFactory File 1Lbb" in answer.text


@pytest.mark.parametrize(
    ("doi", "target"),
    [
        ("10.17182/hepdata.90607", "/record/ins1755298"),
        ("10.17182/hepdata.90607.v2", "/record/ins1755298?version=2"),
        ("10.17182/hepdata.90607.v4/t2", "/record/906072"),
    ],
)
def test_a_doi_of_a_record_is_a_page(filled: StandIn, get: Get, doi: str, target: str) -> None:
    """Which is not what one gets who asks for an archive there (pyhf issue 2265)."""
    answer = get(f"/doi/{doi}", headers={"Accept": "application/x-tar"}, allow_redirects=True)
    assert answer.url == filled.url + target
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert get(f"/doi/{doi}", headers={"Accept": BROWSER}).headers["Location"] == filled.url + target


def test_a_doi_that_nobody_registered(filled: StandIn, get: Get) -> None:
    for doi in ("10.17182/hepdata.5", "10.17182/hepdata.90607.v3/r9", "10.17182/hepdata.129959.v2/r1"):
        assert get(f"/doi/{doi}").status_code == 404


def test_ranges(filled: StandIn, get: Get) -> None:
    whole, size = layouts.lbb(), len(layouts.lbb())
    first = get(VIEW)
    etag, date = first.headers["ETag"], first.headers["Last-Modified"]
    assert first.headers["Accept-Ranges"] == "bytes"
    part = get(VIEW, headers={"Range": "bytes=1000-", "If-Range": etag})
    assert (part.status_code, part.content) == (206, whole[1000:])
    assert part.headers["Content-Range"] == f"bytes 1000-{size - 1}/{size}"
    assert get(VIEW, headers={"Range": "bytes=10-19", "If-Range": date}).content == whole[10:20]
    assert get(VIEW, headers={"Range": "bytes=-5"}).content == whole[-5:]
    for other in ('"another"', "Thu, 19 Nov 2020 12:00:00 GMT"):
        changed = get(VIEW, headers={"Range": "bytes=1000-", "If-Range": other})
        assert (changed.status_code, changed.content) == (200, whole)
    beyond = get(VIEW, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{size}")
    assert get(VIEW, headers={"If-None-Match": etag}).status_code == 304


def test_a_poorer_server(filled: StandIn, get: Get) -> None:
    filled.site.ranges = filled.site.etags = filled.site.dates = False
    answer = get(VIEW, headers={"Range": "bytes=1000-"})
    assert (answer.status_code, answer.content) == (200, layouts.lbb())
    assert {"ETag", "Last-Modified", "Accept-Ranges"}.isdisjoint(answer.headers)


def test_a_changed_file_has_other_validators(filled: StandIn, get: Get) -> None:
    before = get(VIEW)
    filled.replace(filled.resource(1408476), layouts.stau())
    after = get(VIEW, headers={"Range": "bytes=100-", "If-Range": before.headers["ETag"]})
    assert (after.status_code, after.content) == (200, layouts.stau())
    assert after.headers["ETag"] != before.headers["ETag"]
    dates = [parsedate_to_datetime(answer.headers["Last-Modified"]) for answer in (before, after)]
    assert dates[0] < dates[1]


@pytest.mark.parametrize("name", ["a\nb.json", "a\r\nX-Other: 1.json", "a\x00.json"])
def test_a_name_that_no_header_can_tell_is_refused_when_published(hepdata: StandIn, name: str) -> None:
    with pytest.raises(ValueError, match="no header can tell the file name"):
        hepdata.publish(name, b"{}")
    assert hepdata.site.records == {}
