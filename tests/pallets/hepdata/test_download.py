"""Downloads from the stand-in: whole, cut, damaged, too large; what comes is right, or nothing comes."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import shutil
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fitgui.pallets.hepdata.cancelling import Cancel
from fitgui.pallets.hepdata.download import Patience, Phase, Progress
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from tests.hepdata.answer import Answer, page
from tests.hepdata.faults import (
    Compressed,
    CutOff,
    EndlessRedirect,
    Fault,
    Instead,
    NoLength,
    Oversize,
    Reset,
    Slow,
    Stalled,
    WrongContent,
    WrongLength,
    WrongRange,
    busy,
    flipped,
    redirect,
    truncated,
)
from tests.hepdata.records import Resource
from tests.hepdata.standin import StandIn
from tests.pallets.archives import tar, zipped
from tests.pallets.hepdata.downloading import NAME, Downloader, packed
from tests.processes import until
from tests.runs.disks import small_disk

BIG = packed()


def test_a_file_comes_whole_with_its_name_and_digest(hepdata: StandIn, get: Downloader) -> None:
    file = hepdata.publish(NAME, BIG)
    got = get(file)
    assert got.path.read_bytes() == BIG
    assert (got.path.name, got.file_name, got.size) == (NAME, NAME, len(BIG))
    assert got.digest == hashlib.sha256(BIG).hexdigest()
    [asked] = hepdata.asked(file)
    assert asked.headers["Accept-Encoding"] == "identity"
    assert asked.headers["User-Agent"].startswith("fitgui/")
    assert [now.phase for now in (get.seen[0], get.seen[-1])] == [Phase.DOWNLOADING, Phase.CHECKING]
    assert (get.seen[-1].received, get.seen[-1].total, get.seen[-1].fraction) == (len(BIG), len(BIG), 1.0)


def test_what_is_here_is_not_asked_for_again_unless_it_was_changed(hepdata: StandIn, get: Downloader) -> None:
    file = hepdata.publish(NAME, BIG)
    got = get(file)
    assert get(file) == got
    assert len(hepdata.asked(file)) == 1
    got.path.write_bytes(bytes([BIG[0]]) + random.Random(0).randbytes(len(BIG) - 1))
    assert get(file).path.read_bytes() == BIG
    assert len(hepdata.asked(file)) == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.tar.gz", tar({"x.json": {}})),
        ("a.tar.xz", tar({"x.json": {}}, "xz")),
        ("a.tar.bz2", tar({"x.json": {}}, "bz2")),
        ("a.tar", tar({"x.json": {"k": "v" * 5000}}, "")),
        ("a.zip", zipped({"x.json": {}, "y/z.json": [1]})),
        ("a.json", b'{"channels": []}\n'),
        ("a.json", '\ufeff{"channels": []}'.encode("utf-16-le")),
    ],
    ids=["tar.gz", "tar.xz", "tar.bz2", "tar", "zip", "json", "json in UTF-16"],
)
def test_every_kind_of_archive_passes(hepdata: StandIn, get: Downloader, name: str, content: bytes) -> None:
    got = get(hepdata.publish(name, content))
    assert (got.path.name, got.path.read_bytes()) == (name, content)


@pytest.mark.parametrize(
    "fault",
    [
        CutOff(0.4),
        CutOff(0.99),
        CutOff(1),
        CutOff(0),
        Reset(0.5),
        Reset(),
        WrongLength(100),
        NoLength(whole=False),
        busy(429),
        busy(503, "0"),
        Slow(piece=100_000, pause=0.0),
        NoLength(),
    ],
    ids=lambda fault: f"{type(fault).__name__}-{getattr(fault, 'after', '')}",
)
def test_a_fault_that_passes_is_not_noticed_in_the_end(
    hepdata: StandIn, get: Downloader, fault: Fault
) -> None:
    file = hepdata.publish(NAME, BIG)
    hepdata.fault(file, fault, times=1)
    assert get(file).path.read_bytes() == BIG


@pytest.mark.parametrize("share", [0.4, 0.99])
def test_a_cut_is_gone_on_with_where_it_was(hepdata: StandIn, get: Downloader, share: float) -> None:
    file = hepdata.publish(NAME, BIG)
    hepdata.fault(file, CutOff(share), times=1)
    assert get(file).path.read_bytes() == BIG
    first, second = hepdata.asked(file)
    assert first.range is None
    assert second.range == f"bytes={int(share * len(BIG))}-"
    assert second.status == 206
    assert second.headers["If-Range"].strip('"') == file.etag
    notes = [now.note for now in get.seen if now.note]
    assert notes == ["the connection broke; trying again (2 of 4)"]
    assert get.seen[-1].resumed_from == int(share * len(BIG))


def test_a_stall_ends_and_is_gone_on_with(hepdata: StandIn, impatient: Downloader) -> None:
    file = hepdata.publish(NAME, BIG)
    hepdata.fault(file, Stalled(0.5), times=1)
    assert impatient(file).path.read_bytes() == BIG
    assert impatient.ranges(file)[:2] == [None, f"bytes={len(BIG) // 2}-"]


def test_a_stall_for_ever_is_given_up_and_kept(hepdata: StandIn, impatient: Downloader) -> None:
    file = hepdata.publish(NAME, BIG)
    laid = hepdata.fault(file, Stalled(0.5))
    sentence = impatient.fails(file, ErrorKind.STALLED)
    assert "nothing came any more" in sentence
    assert "of 700 kB are here, and it goes on from there" in sentence
    assert impatient.left() == []
    laid.end()
    assert impatient(file).path.read_bytes() == BIG


def test_no_answer_at_all_is_told_soon(hepdata: StandIn, impatient: Downloader) -> None:
    file = hepdata.publish(NAME, BIG)
    hepdata.fault(file, Stalled(None))
    assert "try again later" in impatient.fails(file, ErrorKind.STALLED)
    assert len(hepdata.asked(file)) == 2


def test_offline_is_told_soon_and_later_it_goes_on(hepdata: StandIn, get: Downloader) -> None:
    file = hepdata.publish(NAME, BIG)
    laid = hepdata.fault(file, CutOff(0.5))
    get.fails(file, ErrorKind.STALLED)
    laid.end()
    kept = get.part().stat().st_size
    with hepdata.offline():
        assert "network" in get.fails(file, ErrorKind.OFFLINE)
    hepdata.forget_requests()
    assert get(file).path.read_bytes() == BIG
    assert get.ranges(file) == [f"bytes={kept}-"]


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (busy(429), ErrorKind.BUSY, "asked less often"),
        (busy(503, "7200"), ErrorKind.BUSY, "2 hours"),
        (EndlessRedirect(), ErrorKind.WRONG_ANSWER, "redirected more than"),
        (redirect("https://evil.example/x.tar.gz"), ErrorKind.FORBIDDEN_ADDRESS, "evil.example"),
        (redirect("http://www.hepdata.net/x.tar.gz"), ErrorKind.FORBIDDEN_ADDRESS, "www.hepdata.net"),
        (redirect("/login/?next=%2Frecord"), ErrorKind.REFUSED, "not published"),
        (Instead(page(404, "Sorry", "NotFound")), ErrorKind.NOT_FOUND, "does not have"),
        (Instead(page(500, "Oh", "Internal Server Error")), ErrorKind.WRONG_ANSWER, "status 500"),
        (Instead(), ErrorKind.WRONG_ANSWER, "A web page came instead of"),
        (Oversize(2**31, sent=1000), ErrorKind.TOO_LARGE, "larger than 50 MB"),
        (truncated(), ErrorKind.WRONG_ANSWER, "is cut off"),
        (flipped(), ErrorKind.WRONG_ANSWER, "is damaged"),
        (WrongLength(-100), ErrorKind.WRONG_ANSWER, "is cut off"),
        (WrongContent(lambda _: b"<!DOCTYPE html><html>Log in</html>"), ErrorKind.WRONG_ANSWER, "a web page"),
        (WrongContent(), ErrorKind.WRONG_ANSWER, "neither an archive nor JSON"),
        (WrongContent(lambda _: b""), ErrorKind.WRONG_ANSWER, "is empty"),
        (
            WrongContent(lambda _: b"root\0\0\xf4\x9a" * 9),
            ErrorKind.WRONG_ANSWER,
            "another file of the record",
        ),
        (
            WrongContent(lambda _: b'{"error": "Database is down"}'),
            ErrorKind.WRONG_ANSWER,
            "Database is down",
        ),
        (WrongContent(lambda _: b'{"channels": ['), ErrorKind.WRONG_ANSWER, "is cut off"),
    ],
)
def test_a_fault_that_stays_is_one_sentence_and_leaves_nothing_to_open(
    hepdata: StandIn, get: Downloader, fault: Fault, kind: ErrorKind, words: str
) -> None:
    file = hepdata.publish(NAME, BIG)
    laid = hepdata.fault(file, fault)
    assert words in get.fails(file, kind, cap=50_000_000)
    assert get.left() == []
    laid.end()
    assert get(file).path.read_bytes() == BIG


def test_what_claims_no_length_is_stopped_at_the_cap(hepdata: StandIn, get: Downloader) -> None:
    file = hepdata.publish(NAME, BIG)
    hepdata.fault(file, Oversize(2**31, claimed=False))
    get.fails(file, ErrorKind.TOO_LARGE, cap=3_000_000)
    [asked] = hepdata.asked(file)
    assert asked.done.wait(20)
    assert asked.sent < 200_000_000, "it hung up"
    assert list(get.folder.rglob("part")) == []


def test_compression_on_the_way_changes_no_archive(hepdata: StandIn, get: Downloader) -> None:
    archive = hepdata.publish("x.tar.gz", tar({"x.json": {"k": "v" * 3000}}))
    document = hepdata.publish("x.json", json.dumps({"k": ["v"] * 3000}).encode())
    for file in (archive, document):
        hepdata.fault(file, Compressed())
        assert get(file).path.read_bytes() == file.read()


def test_an_archive_that_is_only_labelled_as_compressed_stays_one(hepdata: StandIn, get: Downloader) -> None:
    content = tar({"x.json": {"k": "v" * 3000}})
    file = hepdata.publish("x.tar.gz", content)
    headers = [("Content-Type", "application/x-tar"), ("Content-Encoding", "gzip")]
    hepdata.fault(file, Instead(Answer(200, headers, content)))
    assert gzip.decompress(get(file).path.read_bytes()) == gzip.decompress(content)
    assert get(file).path.read_bytes() == content


def test_an_unknown_encoding_is_refused(hepdata: StandIn, get: Downloader) -> None:
    file = hepdata.publish("x.tar.gz", BIG)
    headers = [("Content-Type", "application/x-tar"), ("Content-Encoding", "br")]
    hepdata.fault(file, Instead(Answer(200, headers, BIG)))
    assert 'in the encoding "br"' in get.fails(file, ErrorKind.WRONG_ANSWER)


def cancelled_in_a_stall(get: Downloader, file: Resource, after: float | None) -> None:
    """Cancels when nothing arrives any more: that must not wait for the session's patience of 20 s."""
    stall = Stalled(after)
    laid = get.hepdata.fault(file, stall)
    cancel = Cancel()
    ended: list[HepDataError] = []

    def work() -> None:
        try:
            get(file, cancel=cancel)
        except HepDataError as error:
            ended.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert stall.reached.wait(20)
    if after is not None:
        until(lambda: list(get.folder.rglob("part")) and get.part().stat().st_size == len(BIG) // 2)
    cancel.cancel()
    thread.join(15)
    assert not thread.is_alive()
    assert [error.kind for error in ended] == [ErrorKind.CANCELLED]
    assert get.left() == []
    laid.end()
    get.hepdata.forget_requests()
    assert get(file).path.read_bytes() == BIG
    assert get.ranges(file) == [None if after is None else f"bytes={len(BIG) // 2}-"]


@pytest.mark.parametrize("after", [None, 0.5], ids=["no answer", "stalled"])
def test_cancelling_ends_a_stall_at_once(hepdata: StandIn, get: Downloader, after: float | None) -> None:
    cancelled_in_a_stall(get, hepdata.publish(NAME, BIG), after)


def test_cancelling_ends_a_stall_over_tls_at_once(hepdata_tls: StandIn, tmp_path: Path) -> None:
    class Tls:
        """The session asks a host other than HEPData's only without TLS."""

        def stream(self, url: str, *, headers: Mapping[str, str], what: str) -> requests.Response:
            return asking.get(url, headers=dict(headers), stream=True, timeout=(5, 20))

    with requests.Session() as asking:
        asking.trust_env = False
        asking.verify = str(hepdata_tls.ca_file)
        get = Downloader(hepdata_tls, Tls(), tmp_path / "downloads")
        cancelled_in_a_stall(get, hepdata_tls.publish(NAME, BIG), 0.5)


def test_cancelling_ends_a_pause_at_once(hepdata: StandIn, get: Downloader) -> None:
    file = hepdata.publish(NAME, BIG)
    hepdata.fault(file, busy(503))
    cancel = Cancel()

    def stop(now: Progress) -> None:
        if "busy" in now.note:
            cancel.cancel()

    with pytest.raises(HepDataError) as caught:
        get(file, cancel=cancel, progress=stop, patience=Patience(first_pause=600, longest_pause=600))
    assert caught.value.kind is ErrorKind.CANCELLED


def test_a_disk_that_is_too_small_is_told_before_or_when_it_is_full(
    hepdata: StandIn, get: Downloader, tmp_path: Path
) -> None:
    content = packed(1_500_000)
    known, unknown = (hepdata.publish(NAME, content, record=record) for record in (1, 2))
    hepdata.fault(unknown, NoLength())
    with small_disk(tmp_path / "disk", "1m") as get.folder:
        told = get.fails(known, ErrorKind.DISK)
        assert f"{NAME} needs 2.5 MB, but on the disk with {get.folder} only 1.0 MB are free" in told
        assert "is full: free some space there" in get.fails(unknown, ErrorKind.DISK)
        assert get.left() == []


PLACES = st.floats(0, 1)
FAULTS = st.one_of(
    st.builds(CutOff, PLACES),
    st.builds(Reset, PLACES | st.none()),
    st.builds(NoLength, st.booleans()),
    st.builds(WrongLength, st.integers(1, 500)),
    st.builds(Compressed),
    st.builds(WrongRange),
    st.builds(busy, st.sampled_from([429, 503])),
    st.builds(truncated, st.floats(0.1, 0.9)),
    st.builds(flipped, st.floats(0.1, 0.9)),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(st.lists(FAULTS, max_size=5), st.booleans(), st.booleans(), st.booleans())
def test_after_whatever_went_wrong_it_is_whole_or_not_there(
    hepdata: StandIn, get: Downloader, faults: list[Fault], etags: bool, dates: bool, ranges: bool
) -> None:
    site = hepdata.site
    site.etags, site.dates, site.ranges = etags, dates, ranges
    file = hepdata.publish(NAME, packed(50_000))
    for fault in faults:
        hepdata.fault(file, fault, times=1)
    for _ in range(len(faults) + 1):
        try:
            got = get(file)
        except HepDataError:
            assert get.left() == []
            continue
        assert got.path.read_bytes() == file.read()
        break
    else:
        pytest.fail("each fault strikes once, so the last try has none")
    shutil.rmtree(get.folder)


def test_the_name_is_made_safe(hepdata: StandIn, get: Downloader) -> None:
    file = hepdata.publish("plain.tar.gz", BIG)
    headers = [("Content-Disposition", 'attachment; filename="../../CON.tar.gz"'), ("ETag", '"1"')]
    hepdata.fault(file, Instead(Answer(200, [("Content-Type", "application/x-tar"), *headers], BIG)))
    got = get(file)
    assert got.path.name == "_CON.tar.gz"
    assert got.path.is_relative_to(get.folder)
