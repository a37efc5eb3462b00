"""Parts that are gone on with, or not: changed files, servers without ranges or validators, wrong ranges."""

from __future__ import annotations

import pytest

from fitgui.pallets.hepdata.cancelling import Cancel
from fitgui.pallets.hepdata.download import Patience, Phase, download
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.service import service_from_environment
from tests.hepdata.faults import (
    CutOff,
    NoLength,
    WrongRange,
)
from tests.hepdata.standin import StandIn
from tests.pallets.archives import tar
from tests.pallets.hepdata.downloading import NAME, QUICK, Downloader, packed

BIG = packed()


@pytest.mark.parametrize("change", ["etag", "length"])
def test_a_file_that_changed_meanwhile_is_fetched_anew(
    hepdata: StandIn, get: Downloader, change: str
) -> None:
    file = hepdata.publish(NAME, BIG)
    laid = hepdata.fault(file, CutOff(0.5))
    get.fails(file, ErrorKind.STALLED)
    laid.end()
    new = packed(seed=2) if change == "etag" else packed(600_000, seed=3)
    hepdata.replace(file, new)
    assert get(file).path.read_bytes() == new


def test_a_server_without_ranges_starts_over(hepdata: StandIn, get: Downloader) -> None:
    hepdata.site.ranges = False
    file = hepdata.publish(NAME, BIG)
    hepdata.fault(file, CutOff(0.5), times=1)
    assert get(file).path.read_bytes() == BIG
    assert [asked.status for asked in hepdata.asked(file)] == [200, 200]


def test_a_doi_leads_to_the_bytes_and_a_part_is_gone_on_with_there(hepdata: StandIn, get: Downloader) -> None:
    file = hepdata.publish("likelihoods.tar.gz", BIG, record=90607)
    hepdata.fault(file, CutOff(0.5), times=1)
    url = service_from_environment().doi_url("10.17182/hepdata.90607.v1/r1")
    got = download(get.session, url, get.folder, patience=QUICK)
    assert (got.path.read_bytes(), got.file_name) == (BIG, "likelihoods.tar.gz")
    assert get.ranges(file) == [None, f"bytes={len(BIG) // 2}-"]
    assert len(hepdata.asked("doi")) == 2


def test_dates_do_where_there_are_no_etags(hepdata: StandIn, get: Downloader) -> None:
    hepdata.site.etags = False
    file = hepdata.publish(NAME, BIG)
    hepdata.fault(file, CutOff(0.5), times=1)
    assert get(file).path.read_bytes() == BIG
    assert hepdata.asked(file)[1].headers["If-Range"].endswith("GMT")
    assert hepdata.asked(file)[1].status == 206


def test_without_etag_and_date_a_mixture_is_noticed(hepdata: StandIn, get: Downloader) -> None:
    hepdata.site.etags = hepdata.site.dates = False
    file = hepdata.publish(NAME, BIG)
    laid = hepdata.fault(file, CutOff(0.5))
    get.fails(file, ErrorKind.STALLED)
    laid.end()
    new = packed(seed=4)
    assert len(new) == len(BIG)
    hepdata.replace(file, new)
    hepdata.forget_requests()
    assert get(file).path.read_bytes() == new
    assert get.ranges(file)[-1] is None
    assert len(get.ranges(file)) == 2
    assert any("fetching it once more" in now.note for now in get.seen)


UNCHECKED = {
    "plain.json": [b'{"channels": [' + digit * 400_000 + b"]}" for digit in (b"1,", b"2,")],
    "plain.tar": [
        tar({"x.json": b'{"channels": [' + digit * 400_000 + b"]}"}, "") for digit in (b"1,", b"2,")
    ],
}
"""Of the same length, and without a checksum: a mixture of both cannot be told from a file."""


@pytest.mark.parametrize("again", [False, True], ids=["same try", "next try"])
@pytest.mark.parametrize("name", UNCHECKED)
def test_what_nothing_vouches_for_is_not_gone_on_with(
    hepdata: StandIn, get: Downloader, name: str, again: bool
) -> None:
    hepdata.site.etags = hepdata.site.dates = False
    old, new = UNCHECKED[name]
    file = hepdata.publish(name, old)
    laid = hepdata.fault(file, CutOff(0.5), times=None if again else 1)
    if again:
        assert "it goes on from there" not in get.fails(file, ErrorKind.STALLED)
        laid.end()
        hepdata.replace(file, new)
    hepdata.forget_requests()
    assert get(file).path.read_bytes() == (new if again else old)
    assert set(get.ranges(file)) == {None}


@pytest.mark.parametrize("name", UNCHECKED)
def test_what_has_an_etag_is_gone_on_with(hepdata: StandIn, get: Downloader, name: str) -> None:
    old, _ = UNCHECKED[name]
    file = hepdata.publish(name, old)
    hepdata.fault(file, CutOff(0.5), times=1)
    assert get(file).path.read_bytes() == old
    assert get.ranges(file) == [None, f"bytes={len(old) // 2}-"]


@pytest.mark.parametrize("changed", [False, True])
def test_a_part_of_unknown_length_that_was_all(hepdata: StandIn, get: Downloader, changed: bool) -> None:
    hepdata.site.etags = hepdata.site.dates = False
    file = hepdata.publish(NAME, BIG)
    laid = hepdata.fault(file, NoLength(whole=False))
    get.fails(file, ErrorKind.STALLED, patience=Patience(tries=1))
    assert get.part().stat().st_size == len(BIG)
    laid.end()
    if changed:
        hepdata.replace(file, packed(200_000))
    hepdata.forget_requests()
    assert get(file).path.read_bytes() == file.read()
    assert [asked.status for asked in hepdata.asked(file)] == ([416, 200] if changed else [416])


def test_another_part_than_asked_for_is_not_believed(hepdata: StandIn, get: Downloader) -> None:
    file = hepdata.publish(NAME, BIG)
    hepdata.fault(file, CutOff(0.5), times=1)
    hepdata.fault(file, WrongRange(), times=1)
    assert get(file).path.read_bytes() == BIG
    assert get.ranges(file) == [None, f"bytes={len(BIG) // 2}-", None]


def test_a_part_that_is_whole_needs_nothing(hepdata: StandIn, get: Downloader) -> None:
    file = hepdata.publish(NAME, BIG)
    cancel = Cancel()
    with pytest.raises(HepDataError):
        get(file, cancel=cancel, progress=lambda now: now.phase is Phase.CHECKING and cancel.cancel())
    assert get.part().read_bytes() == BIG
    assert get.left() == []
    assert get(file).path.read_bytes() == BIG
    assert len(hepdata.asked(file)) == 1
