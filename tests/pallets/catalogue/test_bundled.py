"""The bundled catalogue, and what a refresh from HEPData adds to it and keeps."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest

from fitgui.pallets.catalogue.bundled import FILE_NAME, Catalogue, keep_refreshed, load_catalogue, refresh
from fitgui.pallets.hepdata.client import HepData
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.published import Entry
from tests.hepdata.standin import StandIn

WHEN = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
NEW = Entry(key="ins3000000", inspire=3000000, record=999, title="New", source="hepdata")


@dataclass
class Said:
    entries: tuple[Entry, ...]
    retrieved: datetime = WHEN


def entry(catalogue: Catalogue, key: str) -> Entry:
    [found] = [each for each in catalogue.entries if each.key == key]
    return found


def test_the_bundled_catalogue_is_there_and_whole(tmp_path: Path) -> None:
    catalogue = load_catalogue(tmp_path)
    assert len(catalogue.entries) >= 30
    assert catalogue.problems == ()
    assert catalogue.refreshed is None
    assert catalogue.made is not None
    assert date(2026, 1, 1) < catalogue.made
    assert len({each.key for each in catalogue.entries}) == len(catalogue.entries)
    assert list(tmp_path.iterdir()) == [], "reading writes nothing"


def test_a_refresh_is_kept(tmp_path: Path) -> None:
    before = load_catalogue(tmp_path)
    lbb = Entry(key="ins1755298", inspire=1755298, title="Changed", abstract="Said", source="hepdata")
    after = keep_refreshed(tmp_path, Said((NEW, lbb)))
    assert (after.new, after.changed) == (1, 1)
    assert len(after.entries) == len(before.entries) + 1
    again = load_catalogue(tmp_path)
    assert again == Catalogue(after.entries, after.made, WHEN)
    known = entry(again, "ins1755298")
    assert (known.title, known.abstract) == ("Changed", "Said")
    assert known.nickname == entry(before, "ins1755298").nickname
    assert entry(again, NEW.key).points is None
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_what_hepdata_no_longer_lists_stays(tmp_path: Path) -> None:
    keep_refreshed(tmp_path, Said((NEW,)))
    other = msgspec.structs.replace(NEW, key="ins3000001", inspire=3000001, record=1000)
    later = datetime(2026, 12, 1, tzinfo=UTC)
    after = keep_refreshed(tmp_path, Said((other,), later))
    assert (after.new, after.changed, after.refreshed) == (1, 0, later)
    assert {NEW.key, other.key} <= {each.key for each in load_catalogue(tmp_path).entries}


def test_the_same_again_changes_nothing_but_the_time(tmp_path: Path) -> None:
    keep_refreshed(tmp_path, Said((NEW,)))
    later = datetime(2026, 12, 1, tzinfo=UTC)
    after = keep_refreshed(tmp_path, Said((NEW,), later))
    assert (after.new, after.changed) == (0, 0)
    assert load_catalogue(tmp_path).refreshed == later


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"[]",
        b"{",
        b"\xff\xfe",
        b'{"schema": 1}',
        b'{"schema": 1, "entries": {}, "refreshed": "2026-11-23T05:00:00+00:00"}',
        b'{"schema": 1, "entries": [], "refreshed": "yesterday"}',
        b'{"schema": 2, "entries": [], "refreshed": "2026-11-23T05:00:00+00:00"}',
    ],
)
def test_a_damaged_refresh_is_told_and_the_bundled_catalogue_goes_on(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(damage)
    catalogue = load_catalogue(tmp_path)
    [problem] = catalogue.problems
    assert "refresh it again" in problem
    assert catalogue.entries == load_catalogue(tmp_path / "other").entries
    assert catalogue.refreshed is None
    after = keep_refreshed(tmp_path, Said((NEW,)))
    assert after.problems == load_catalogue(tmp_path).problems == ()


def test_a_damaged_entry_costs_only_itself(tmp_path: Path) -> None:
    keep_refreshed(tmp_path, Said((NEW,)))
    document = json.loads((tmp_path / FILE_NAME).read_bytes())
    document["entries"].append({"key": "ins4", "inspire": "four"})
    (tmp_path / FILE_NAME).write_text(json.dumps(document), encoding="utf-8")
    catalogue = load_catalogue(tmp_path)
    assert NEW.key in {each.key for each in catalogue.entries}
    [problem] = catalogue.problems
    assert "1 of 2 entries" in problem


def test_fields_of_a_later_fitgui_do_no_harm(tmp_path: Path) -> None:
    keep_refreshed(tmp_path, Said((NEW,)))
    document = json.loads((tmp_path / FILE_NAME).read_bytes())
    document["entries"][0]["colour"] = "green"
    document["mood"] = "good"
    (tmp_path / FILE_NAME).write_text(json.dumps(document), encoding="utf-8")
    assert load_catalogue(tmp_path).problems == ()


def test_what_cannot_be_kept_is_still_shown(tmp_path: Path) -> None:
    in_the_way = tmp_path / "data"
    in_the_way.write_text("no folder", encoding="utf-8")
    after = keep_refreshed(in_the_way, Said((NEW,)))
    assert after.new == 1
    assert entry(after, NEW.key).title == "New"
    assert any("could not be kept" in problem for problem in after.problems)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    after = keep_refreshed(tmp_path, Said((NEW,)))
    assert any("could not be kept" in problem for problem in after.problems)


def test_two_windows_at_once_do_no_harm(tmp_path: Path) -> None:
    start = threading.Barrier(4)
    problems: list[str] = []

    def work(number: int) -> None:
        said = Said((msgspec.structs.replace(NEW, key=f"ins{number}", inspire=number, record=number),))
        start.wait(timeout=30)
        for _ in range(10):
            problems.extend(keep_refreshed(tmp_path, said).problems)
            problems.extend(load_catalogue(tmp_path).problems)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert problems == []
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_refreshing_asks_hepdata(hepdata: StandIn, tmp_path: Path) -> None:
    hepdata.populate(real=False)
    told: list[tuple[int, int]] = []
    client = HepData()
    try:
        after = refresh(client, progress=lambda done, total: told.append((done, total)), data_folder=tmp_path)
    finally:
        client.close()
    assert after.problems == ()
    assert after.changed > 0
    assert told[-1][0] == told[-1][1] > 0
    lbb = entry(load_catalogue(tmp_path), "ins1755298")
    assert lbb.abstract
    assert lbb.nickname
    assert sum(file.version == 4 for file in lbb.files) == 1, "by its DOI here, by its number there"


def test_a_refresh_that_fails_changes_nothing(hepdata: StandIn, tmp_path: Path) -> None:
    hepdata.populate(real=False)
    keep_refreshed(tmp_path, Said((NEW,)))
    before = (tmp_path / FILE_NAME).read_bytes()
    client = HepData()
    try:
        with hepdata.offline(), pytest.raises(HepDataError) as caught:
            refresh(client, data_folder=tmp_path)
        assert caught.value.kind is ErrorKind.OFFLINE
        with pytest.raises(HepDataError) as caught:
            refresh(client, cancelled=lambda: True, data_folder=tmp_path)
        assert caught.value.kind is ErrorKind.CANCELLED
    finally:
        client.close()
    assert (tmp_path / FILE_NAME).read_bytes() == before
