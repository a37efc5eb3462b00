"""A full disk during a run: it goes on, the user is told, and everything lands when there is room."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from fitgui.runs.controller import RunController
from fitgui.runs.journal import Journal, JournalError
from fitgui.runs.rescue import rescue
from fitgui_backends.contract import TaskState
from fitgui_backends.events import Notice, StampedEvent
from tests.processes import until
from tests.runs.disks import fill, small_disk
from tests.runs.support import ThreadBackend, small_plan

NAMES = [f"p{number}" for number in range(40)]


def test_events_wait_until_there_is_room(
    open_controller: Callable[..., RunController], tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        backend = ThreadBackend(gate=threading.Semaphore(2))
        controller = open_controller(backend, path=disk / "journal.sqlite")
        heard: list[StampedEvent] = []
        controller.subscribe(lambda _run, events: heard.extend(events))
        run = controller.start(small_plan(NAMES))
        until(lambda: controller.snapshot(run).counts[TaskState.DONE] == 2)
        assert controller.journal.flush(10)
        filler = fill(disk)
        assert backend.gate is not None
        backend.gate.release(len(NAMES))
        assert controller.wait(run, 20, recorded=False), "the run goes on without the disk"
        until(lambda: controller.journal.trouble is not None)
        until(lambda: any(stamped.sequence == 0 for stamped in heard))
        assert not controller.wait(run, 1.5)
        told = [stamped.event for stamped in heard if stamped.sequence == 0]
        assert len(told) == 1, "told once, not every second"
        assert isinstance(told[0], Notice)
        assert "disk" in told[0].text
        assert "full" in told[0].text
        assert "free some space" in told[0].text
        assert controller.snapshot(run).counts[TaskState.DONE] == 2, "shown is what is on disk"
        assert controller.snapshot(run, unwritten=True).counts[TaskState.DONE] == len(NAMES)
        filler.unlink()
        assert controller.wait(run, 20)
        assert controller.journal.trouble is None
        assert controller.snapshot(run).counts[TaskState.DONE] == len(NAMES)
        recorded = controller.journal.events(run)
        assert [stamped.sequence for stamped in recorded] == list(range(1, len(recorded) + 1))
        assert [stamped for stamped in heard if stamped.sequence] == recorded
        told = [stamped.event for stamped in heard if stamped.sequence == 0]
        assert len(told) == 2
        assert isinstance(told[1], Notice)
        assert told[1].text == "The journal is being written again; nothing was lost"
        controller.close()


def test_a_disk_that_stays_full_is_owned_up_to(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        controller = RunController(
            Journal(disk / "journal.sqlite"), {"local": ThreadBackend(gate=threading.Semaphore(0))}
        )
        run = controller.start(small_plan(NAMES))
        assert controller.journal.flush(10)
        fill(disk)
        assert not controller.close(timeout=2)
        reader = Journal(disk / "journal.sqlite")
        assert reader.runs()[0].id == run, "what was on the disk before is still there"
        reader.close()


def test_results_that_a_full_disk_shuts_out_are_rescued_after_closing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with small_disk(tmp_path / "disk") as disk:
        backend = ThreadBackend(gate=threading.Semaphore(0))
        controller = RunController(Journal(disk / "journal.sqlite"), {"local": backend})
        run = controller.start(small_plan(NAMES))
        assert controller.journal.flush(10)
        fill(disk)
        assert backend.gate is not None
        backend.gate.release(5)
        until(lambda: controller.snapshot(run, unwritten=True).counts[TaskState.DONE] == 5)
        assert not controller.close(timeout=2)
        path = rescue(controller, run, disk)
        assert path == tmp_path / f"fitgui-{run}.json", "the full disk takes nothing, the working folder does"
        states = [point["status"] for point in json.loads(path.read_text(encoding="utf-8"))["points"]]
        assert states == ["done"] * 5 + ["cancelled"] * 35
        assert sorted(file.name for file in tmp_path.iterdir()) == ["disk", path.name]


def test_a_disk_that_is_full_from_the_start_is_one_sentence(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        fill(disk)
        with pytest.raises(JournalError, match=r"full|cannot be written") as caught:
            Journal(disk / "journal.sqlite")
        assert "FITGUI_DATA" in str(caught.value)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are a matter of Unix")
def test_a_limit_on_file_sizes_is_survived_too(journal_path: Path) -> None:
    """The same without a disk of its own, so that it is tested without root as well."""
    script = f"""
import resource
from pathlib import Path
from fitgui.runs.journal import Journal
from tests.processes import until
from tests.runs.support import small_plan
from tests.runs.test_journal import event
journal = Journal(Path({str(journal_path)!r}))
told = []
journal.on_trouble = told.append
journal.add_run("run", 1e9, small_plan())
journal.append("run", [event(1)])
assert journal.flush(10)
wal = Path({str(journal_path)!r} + "-wal").stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (wal, resource.RLIM_INFINITY))
journal.append("run", [event(number) for number in range(2, 400)])
until(lambda: journal.trouble)
assert not journal.flush(0.2)
assert len(journal.waiting("run")) == 398
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert journal.flush(20)
assert [e.sequence for e in journal.events("run")] == list(range(1, 400))
assert told[0] and told[-1] is None and len(told) == 2, told
assert journal.close()
"""
    child = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr
