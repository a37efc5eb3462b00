"""Answers that are kept: their age, their size, and that nothing in the folder can do harm."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fitgui.pallets.hepdata.cache import AnswerCache

URL = "https://www.hepdata.net/record/1"
NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def test_an_answer_is_found_again_with_its_age(tmp_path: Path) -> None:
    clock = Clock()
    AnswerCache(tmp_path / "a", clock=clock).put(URL, b"{}" * 1000)
    clock.now += timedelta(hours=2)
    cache = AnswerCache(tmp_path / "a", clock=clock)
    kept = cache.get(URL)
    assert kept is not None
    assert (kept.url, kept.body, kept.retrieved) == (URL, b"{}" * 1000, NOON)
    assert kept.age(clock()) == timedelta(hours=2)
    assert cache.get(URL, timedelta(hours=2)) is not None
    assert cache.get(URL, timedelta(hours=1)) is None
    assert cache.get(URL + "?page=2") is None


def test_an_answer_from_the_future_is_too_old(tmp_path: Path) -> None:
    clock = Clock()
    cache = AnswerCache(tmp_path, clock=clock)
    cache.put(URL, b"x")
    clock.now -= timedelta(days=1)  # somebody set the clock right
    assert cache.get(URL, timedelta(days=365)) is None
    assert cache.get(URL) is not None


def test_the_latest_answer_counts(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path)
    cache.put(URL, b"1")
    cache.put(URL, b"2")
    kept = cache.get(URL)
    assert kept is not None
    assert kept.body == b"2"
    assert len(list(tmp_path.iterdir())) == 1
    cache.clear()
    assert cache.get(URL) is None
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_made_before_something_is_kept(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path / "a" / "b")
    assert cache.get(URL) is None
    cache.clear()
    assert list(tmp_path.iterdir()) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_a_broken_entry_is_none(tmp_path: Path, data: st.DataObject) -> None:
    cache = AnswerCache(tmp_path)
    cache.put(URL, b'{"results": []}')
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = data.draw(
        st.sampled_from([whole[:at], whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :], b""])
    )
    path.write_bytes(changed)
    kept = cache.get(URL)
    assert kept is None or kept.body == b'{"results": []}'
    cache.put(URL, b"new")
    again = cache.get(URL)
    assert again is not None
    assert again.body == b"new"


def test_the_oldest_go_when_there_are_too_many(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path, cap=100_000)
    for number in range(20):
        cache.put(f"{URL}/{number}", os.urandom(10_000))
        path = cache._path(f"{URL}/{number}")
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))
    cache.put(f"{URL}/last", os.urandom(10_000))
    total = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert total <= 100_000
    assert cache.get(f"{URL}/last") is not None
    assert cache.get(f"{URL}/19") is not None
    assert cache.get(f"{URL}/0") is None


def test_one_that_is_too_large_is_not_kept(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path, cap=10_000)
    cache.put(URL, os.urandom(9_000))
    assert cache.get(URL) is None


def test_a_body_that_swells_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = AnswerCache(tmp_path)
    cache.put(URL, b"\0" * 1_000_000)
    monkeypatch.setattr("fitgui.pallets.hepdata.cache._LARGEST_BODY", 1000)
    assert cache.get(URL) is None


def test_what_a_killed_process_left_goes_away_after_a_while(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path)
    old, new, foreign = tmp_path / "x.part", tmp_path / "y.part", tmp_path / "notes.txt"
    for path in (old, new, foreign):
        path.write_bytes(b"?")
    os.utime(old, (1_700_000_000, 1_700_000_000))
    os.utime(foreign, (1_700_000_000, 1_700_000_000))
    cache.put(URL, b"1")
    assert not old.exists()
    assert new.exists()
    assert foreign.exists()


def test_a_folder_that_cannot_be_written_is_no_trouble(tmp_path: Path) -> None:
    in_the_way = tmp_path / "cache"
    in_the_way.write_text("a file", encoding="utf-8")
    cache = AnswerCache(in_the_way)
    assert cache.put(URL, b"1").body == b"1"
    assert cache.get(URL) is None
    cache.clear()
    assert in_the_way.read_text(encoding="utf-8") == "a file"


def test_two_processes_may_use_it_at_once(tmp_path: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from fitgui.pallets.hepdata.cache import AnswerCache
cache = AnswerCache(Path({str(tmp_path)!r}), cap=40_000)
for turn in range(150):
    for name in "abc":
        cache.put(name, name.encode() * 5000 + bytes(turn % 7))
        kept = cache.get(name)
        assert kept is None or kept.body.startswith(name.encode() * 5000), kept
print("fine")
"""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for process in running:
        out, err = process.communicate(timeout=60)
        assert (out.strip(), err) == ("fine", "")
    assert all(path.suffix == ".answer" for path in tmp_path.iterdir())
