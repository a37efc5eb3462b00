"""The journal: on disk first, shown second; nothing of it is ever thrown away."""

from __future__ import annotations

import math
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import msgspec
import numpy as np
import pytest

from fitgui.runs.database import SCHEMA_VERSION
from fitgui.runs.journal import Journal, JournalError
from fitgui.runs.ownership import Owner, is_alive
from fitgui_backends.contract import TaskState
from fitgui_backends.events import Notice, PointFitted, RunEvent, StampedEvent, TaskStateChanged
from tests.processes import until
from tests.runs.support import result_of, small_plan

RUN = "20261122-231502-1a2b"


def event(sequence: int, content: RunEvent | None = None) -> StampedEvent:
    content = content or Notice(level="info", text=f"number {sequence}")
    return StampedEvent(sequence=sequence, time=1e9 + sequence, elapsed=0.5 * sequence, event=content)


def rows_on_disk(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT sequence FROM events ORDER BY sequence")]


def test_events_come_back_as_they_went_in(journal_path: Path) -> None:
    journal = Journal(journal_path)
    plan = small_plan()
    events = [
        event(1, TaskStateChanged(points=("a_1",), state=TaskState.RUNNING, worker="höst:1")),
        event(2, PointFitted(result=result_of("a_1"))),
        event(3, Notice(level="warning", text="a sentence with \x00 and ü")),
    ]
    journal.add_run(RUN, 1e9, plan)
    journal.append(RUN, events)
    assert journal.flush(10)
    assert journal.events(RUN) == events
    assert journal.events(RUN, after=2) == events[2:]
    record = journal.run(RUN)
    assert record.plan == plan.without_documents()
    assert record.plan.plan.workspace == b""
    assert [point.operations for point in record.plan.plan.points] == [b"", b"", b""]
    assert record.alive
    assert journal.close()
    again = Journal(journal_path)
    assert again.events(RUN) == events
    assert not again.run(RUN).alive
    again.close()


def test_not_a_number_and_numpy_survive(journal_path: Path) -> None:
    journal = Journal(journal_path)
    journal.add_run(RUN, 1e9, small_plan())
    odd = msgspec.structs.replace(result_of("a_1"), cls_obs=math.nan, mu_hat=np.float64(0.25))
    journal.append(RUN, [event(1, PointFitted(result=odd))])
    assert journal.flush(10)
    [read] = journal.events(RUN)
    assert isinstance(read.event, PointFitted)
    assert math.isnan(read.event.result.cls_obs)
    assert read.event.result.mu_hat == 0.25
    journal.close()


def test_listeners_see_only_what_is_on_disk(journal_path: Path) -> None:
    journal = Journal(journal_path)
    seen: list[tuple[list[int], list[int]]] = []
    journal.on_committed = lambda run, events: seen.append(
        ([stamped.sequence for stamped in events], rows_on_disk(journal_path))
    )
    journal.add_run(RUN, 1e9, small_plan())
    for number in range(1, 701):
        journal.append(RUN, [event(number)])
    assert journal.flush(20)
    assert [number for shown, _ in seen for number in shown] == list(range(1, 701))
    assert all(set(shown) <= set(on_disk) for shown, on_disk in seen)
    assert len(seen) < 100, "events are written in batches"
    journal.close()


def test_many_threads_lose_nothing(journal_path: Path) -> None:
    journal = Journal(journal_path)
    runs = [f"{RUN}-{number}" for number in range(4)]

    def write(run: str) -> None:
        journal.add_run(run, 1e9, small_plan())
        for number in range(1, 301):
            journal.append(run, [event(number)])

    threads = [threading.Thread(target=write, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert journal.close(20)
    reader = Journal(journal_path)
    assert all([e.sequence for e in reader.events(run)] == list(range(1, 301)) for run in runs)
    reader.close()


def test_a_newer_journal_is_refused_in_words_and_left_alone(journal_path: Path) -> None:
    Journal(journal_path).close()
    with closing(sqlite3.connect(journal_path)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = journal_path.read_bytes()
    with pytest.raises(JournalError, match="newer fitgui"):
        Journal(journal_path)
    assert journal_path.read_bytes() == before


@pytest.mark.parametrize("damage", ["text", "header", "middle", "cut"])
def test_a_damaged_file_is_set_aside_not_deleted(journal_path: Path, damage: str) -> None:
    journal = Journal(journal_path)
    journal.add_run(RUN, 1e9, small_plan())
    journal.append(RUN, [event(number) for number in range(1, 2001)])
    journal.close()
    content = bytearray(journal_path.read_bytes())
    match damage:
        case "text":
            content = bytearray(b"this is no database" * 100)
        case "header":
            content[:32] = bytes(32)
        case "middle":
            content[4096:-4096] = b"\xa5" * (len(content) - 8192)
        case "cut":
            content = content[: len(content) // 2]
    journal_path.write_bytes(content)
    journal = Journal(journal_path)
    [notice] = journal.notices
    assert "damaged" in notice
    [aside] = journal_path.parent.glob("journal-damaged-*.sqlite")
    assert aside.name in notice
    assert aside.read_bytes() == bytes(content)
    assert journal.runs() == []
    journal.add_run(RUN, 1e9, small_plan())
    journal.append(RUN, [event(1)])
    assert journal.close()


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(JournalError, match="FITGUI_DATA") as caught:
        Journal(tmp_path / "file" / "journal.sqlite")
    assert "\n" not in str(caught.value)


def test_an_unknown_run_is_one_sentence(journal_path: Path) -> None:
    journal = Journal(journal_path)
    with pytest.raises(JournalError, match="there is no run nonsense"):
        journal.run("nonsense")
    journal.close()


def test_another_process_reads_and_writes_meanwhile(journal_path: Path) -> None:
    journal = Journal(journal_path)
    journal.add_run(RUN, 1e9, small_plan())
    script = f"""
from pathlib import Path
from fitgui.runs.journal import Journal
from tests.runs.support import small_plan
from tests.runs.test_journal import event
journal = Journal(Path({str(journal_path)!r}))
journal.add_run("other", 1e9, small_plan())
print("ready", flush=True)
for number in range(1, 401):
    journal.append("other", [event(number)])
assert journal.close(30)
"""
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    for number in range(1, 401):
        journal.append(RUN, [event(number)])
    assert child.wait(60) == 0
    child.stdout.close()
    assert journal.flush(30)
    assert len(journal.events(RUN)) == len(journal.events("other")) == 400
    assert {record.id: record.alive for record in journal.runs()} == {RUN: True, "other": False}
    journal.close()


def test_a_run_of_a_living_process_cannot_be_claimed_and_of_a_killed_one_can(journal_path: Path) -> None:
    script = f"""
from pathlib import Path
from fitgui.runs.journal import Journal
from tests.runs.support import small_plan
journal = Journal(Path({str(journal_path)!r}))
journal.add_run({RUN!r}, 1e9, small_plan())
journal.flush()
print("ready", flush=True)
input()
"""
    child = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdin is not None
    assert child.stdout is not None
    journal = Journal(journal_path)
    try:
        assert child.stdout.readline() == "ready\n"
        assert journal.run(RUN).alive
        with pytest.raises(JournalError, match=f"process {child.pid} on .* go on there, or close it first"):
            journal.claim(RUN)
        child.kill()
        child.wait(10)
        until(lambda: not journal.run(RUN).alive)
        journal.claim(RUN)
        assert journal.run(RUN).alive
        rival = Journal(journal_path)
        with pytest.raises(JournalError, match="still open"):
            rival.claim(RUN)
        rival.close()
    finally:
        child.kill()
        child.wait(10)
        child.stdin.close()
        child.stdout.close()
        journal.close()
    assert list((journal_path.parent / "owners").iterdir()) == [], "no lock file is left behind"


def test_a_run_may_be_given_up_by_another_thread_than_took_it(tmp_path: Path) -> None:
    taken: list[Owner] = []
    thread = threading.Thread(target=lambda: taken.append(Owner(tmp_path)))
    thread.start()
    thread.join(10)
    [owner] = taken
    os.link(tmp_path / f"{owner.name}.lock", tmp_path / "same.lock")  # the lock stays visible by this name
    assert is_alive(tmp_path, "same")
    owner.release()
    assert not is_alive(tmp_path, "same")
