"""Ctrl-C, SIGTERM and ``kill -9`` during a run: what is done is kept, and the rest can be gone on with."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.cli.conftest import SLOW, Finished, read_lines, without_times
from tests.processes import all_gone, until

Call = Callable[..., Finished]
Start = Callable[..., subprocess.Popen[str]]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")


def states(document: dict[str, Any]) -> dict[str, str]:
    return {point["name"]: point["status"] for point in document["points"]}


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(
    fitgui: Call, start_fitgui: Start, long_pallet: Path, number: signal.Signals
) -> None:
    process = start_fitgui("run", long_pallet, *SLOW, "--workers", "1", "--output", "part.json")
    read_lines(process, 3)
    workers = workers_of(process)
    # A terminal sends Ctrl-C to the workers too; a system that shuts down ends the command alone.
    (os.killpg if number is signal.SIGINT else os.kill)(process.pid, number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
    until(lambda: all_gone(workers))
    part = json.loads((long_pallet.parent / "part.json").read_text(encoding="utf-8"))
    done = [name for name, state in states(part).items() if state == "done"]
    assert 3 <= len(done) < 24
    assert set(states(part).values()) == {"done", "cancelled"}
    [hint] = [line for line in errors.splitlines() if "go on with: " in line]
    command = shlex.split(hint.split("go on with: ")[1])
    assert command[:2] == ["fitgui", "run"]
    finished = fitgui(*command[1:], "--json")
    assert finished.returncode == 0, finished.stderr
    whole = json.loads(finished.stdout)
    assert set(states(whole).values()) == {"done"}
    before = {point["name"]: point for point in part["points"]}
    for point in whole["points"]:
        if point["name"] in done:
            assert point == before[point["name"]], "what was done is not fitted again"
    assert whole["wall_seconds"] > part["wall_seconds"]


@pytest.mark.parametrize("module", ["fitgui.cli.main", "click", "fitgui.cli.run"])
def test_ctrl_c_before_anything_has_begun_is_quiet(start_fitgui: Start, module: str) -> None:
    # Deterministic: the signal arrives while this very module is looked for.
    code = (
        "import os, signal, sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}:\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "from fitgui.__main__ import main\n"
        "main()\n"
    )
    process = start_fitgui("run", "example", code=code)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors.strip()) == (130, "fitgui: interrupted")


def test_a_second_ctrl_c_ends_at_once(start_fitgui: Start, long_pallet: Path) -> None:
    # A backend that takes its time to stop, so that there is something to be impatient about.
    code = (
        "import fitgui_backends.local as local, threading\n"
        "local.LocalBackend.cancel = lambda *arguments: None\n"
        "local.LocalBackend.close = lambda *arguments: threading.Event().wait()\n"
        "from fitgui.__main__ import main\n"
        "main()\n"
    )
    process = start_fitgui("run", long_pallet, *SLOW, "--workers", "1", "--timeout", "0", code=code)
    read_lines(process, 1)
    workers = workers_of(process)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    assert "Ctrl-C again" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    until(lambda: all_gone(workers))


def test_kill_9_loses_at_most_the_points_in_flight(
    fitgui: Call, start_fitgui: Start, long_pallet: Path
) -> None:
    process = start_fitgui("run", long_pallet, *SLOW, "--workers", "2")
    seen = [line.split()[1] for line in read_lines(process, 5)]
    workers = workers_of(process)
    process.kill()
    process.communicate(timeout=30)
    [run] = json.loads(fitgui("runs", "list", "--json").stdout)
    assert run["state"] == "interrupted"
    kept = json.loads(fitgui("runs", "export", run["run"]).stdout)
    done = {name for name, state in states(kept).items() if state == "done"}
    assert done >= set(seen), "what was shown is on disk"
    assert len(done) < 24
    resumed = fitgui("run", "--resume", run["run"], "--output", "whole.json")
    assert resumed.returncode == 0, resumed.stderr
    fitted = {line.split()[1] for line in resumed.stdout.splitlines()}
    assert fitted == set(states(kept)) - done, "what was done is not fitted again"
    whole = json.loads((long_pallet.parent / "whole.json").read_text(encoding="utf-8"))
    before = {point["name"]: point for point in kept["points"]}
    assert all(point == before[point["name"]] for point in whole["points"] if point["name"] in done)
    undisturbed = json.loads(fitgui("run", long_pallet, *SLOW, "--json").stdout)
    assert without_times(whole) == without_times(undisturbed)
    until(lambda: all_gone(workers))


def test_a_reader_that_goes_away_ends_the_run_quietly(
    fitgui: Call, environment: dict[str, str], long_pallet: Path
) -> None:
    command = shlex.join([sys.executable, "-m", "fitgui", "run", str(long_pallet), *SLOW])
    shell = f"{command} --workers 1 | head -n 2"
    finished = subprocess.run(
        ["sh", "-c", shell], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert len(finished.stdout.splitlines()) == 2
    assert finished.stderr == ""
    [run] = json.loads(fitgui("runs", "list", "--json").stdout)
    assert run["state"] == "cancelled"
    assert 2 <= run["done"] < 24
