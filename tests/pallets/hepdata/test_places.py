"""Where parts are kept: one writer each, nothing left for ever, and whatever lies there does no harm."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path

import pytest

from fitgui.pallets.hepdata.cancelling import Cancel
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.places import KEPT_DAYS, Place, State, claim, clean
from tests.runs.disks import fill, small_disk

URL = "https://www.hepdata.net/record/resource/1?view=true"
DAY = 86400.0


def begun(place: Place, content: bytes = b"part") -> None:
    place.begin(State(url=URL, etag='"1"', total=100))
    with place.appending() as write:
        write(content)


def test_a_part_is_found_again_with_what_is_known_of_it(tmp_path: Path) -> None:
    with claim(tmp_path, URL, Cancel()) as place:
        begun(place)
    with claim(tmp_path, URL, Cancel()) as again:
        assert again.state() == State(url=URL, etag='"1"', total=100)
        assert again.part.read_bytes() == b"part"
    with claim(tmp_path, URL + "2", Cancel()) as other:
        assert (other.state(), other.received) == (None, 0)


@pytest.mark.parametrize(
    "garbage", [b"", b"{", b"[]", b'{"url": 3}', b'{"url": "https://other"}', b"\xff\xfe"]
)
def test_a_damaged_description_is_none(tmp_path: Path, garbage: bytes) -> None:
    with claim(tmp_path, URL, Cancel()) as place:
        begun(place)
        (place.folder / "state.json").write_bytes(garbage)
        assert place.state() is None
        assert place.whole() is None


@pytest.mark.parametrize(
    ("state", "validator"),
    [
        (State(url=URL, etag='"1"', last_modified="now"), '"1"'),
        (State(url=URL, etag='W/"1"', last_modified="now"), "now"),
        (State(url=URL, etag='W/"1"'), ""),
        (State(url=URL), ""),
    ],
)
def test_a_weak_etag_does_not_vouch_for_a_part(state: State, validator: str) -> None:
    assert state.validator == validator


def test_only_old_parts_are_cleaned_away(tmp_path: Path) -> None:
    with claim(tmp_path, URL, Cancel()) as place:
        begun(place)
    lock = place.folder.with_suffix(".lock")
    clean(tmp_path, now=time.time() + (KEPT_DAYS - 1) * DAY)
    assert place.part.exists()
    for path in (lock, place.folder, *place.folder.iterdir()):
        os.utime(path, (0, 0))
    os.utime(place.part)  # gone on with just now
    clean(tmp_path)
    assert place.part.exists()
    os.utime(place.part, (0, 0))
    clean(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_being_written_is_not_cleaned_away(tmp_path: Path) -> None:
    with claim(tmp_path, URL, Cancel()) as place:
        begun(place)
        clean(tmp_path, now=time.time() + 100 * DAY)
        assert place.part.read_bytes() == b"part"


def test_cleaning_where_nothing_is(tmp_path: Path) -> None:
    clean(tmp_path / "nothing")
    (tmp_path / "file.txt").write_text("of somebody else", encoding="utf-8")
    clean(tmp_path, now=time.time() + 100 * DAY)
    assert (tmp_path / "file.txt").exists()


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with (
        pytest.raises(HepDataError, match="cannot be written") as caught,
        claim(tmp_path / "file", URL, Cancel()),
    ):
        pass
    assert caught.value.kind is ErrorKind.DISK


def test_a_disk_that_fills_up_is_told_and_the_part_stays(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk, claim(disk, URL, Cancel()) as place:
        place.begin(State(url=URL))
        with place.appending() as write:
            write(b"x" * 100_000)
            filler = fill(disk)
            with pytest.raises(HepDataError, match="is full: free some space") as caught:
                write(b"x" * 100_000)
        assert caught.value.kind is ErrorKind.DISK
        assert place.received >= 100_000
        filler.unlink()
        with place.appending() as write:
            write(b"y")


def test_a_limit_on_the_size_of_files_is_told_as_that(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with claim(tmp_path, URL, Cancel()) as place:
        begun(place)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
        try:
            with pytest.raises(HepDataError) as caught, place.appending() as write:
                write(bytes(2000))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert place.received == 1000
    assert caught.value.kind is ErrorKind.DISK
    assert f"as large as this may not be written in {tmp_path}: raise the limit" in str(caught.value)
