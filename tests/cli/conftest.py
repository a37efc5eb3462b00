"""The command as users call it: a process of its own, with a data folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fitgui.cli.main import run_cli
from fitgui.runs import backends
from tests.builders import make_patch_set, make_workspace
from tests.cli.cluster import ClusterOnThisMachine

Finished = subprocess.CompletedProcess[str]

REPOSITORY = Path(__file__).resolve().parents[2]
SLOW = ("--toys", "40")
"""What makes a point of :func:`long_pallet` take about a tenth of a second: time enough to interrupt."""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Nothing of the user's own; a terminal is told apart only by what the test gives."""
    plain = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return {**plain, "FITGUI_DATA": str(tmp_path / "data"), "TERM": "xterm-256color", "COLUMNS": "140"}


@pytest.fixture
def fitgui(environment: dict[str, str], tmp_path: Path) -> Callable[..., Finished]:
    """Calls the command and waits for its end."""

    def call(*arguments: str | Path, timeout: float = 120, **extra: str) -> Finished:
        return subprocess.run(
            [sys.executable, "-m", "fitgui", *map(str, arguments)],
            env={**environment, **extra},
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )

    return call


@pytest.fixture
def here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Finished]:
    """Calls the command in this process: all but the start of the program, in a tenth of the time."""
    monkeypatch.setenv("FITGUI_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.chdir(tmp_path)

    def no_window(*_: object) -> int:
        raise AssertionError("a window was asked for")

    def call(*arguments: str | Path) -> Finished:
        capsys.readouterr()
        status = run_cli([str(argument) for argument in arguments], no_window)
        written = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, status, written.out, written.err)

    return call


@pytest.fixture
def start_fitgui(
    environment: dict[str, str], tmp_path: Path
) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts the command and leaves it running; whatever is left at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(
        *arguments: str | Path, code: str | None = None, stdin: int | None = None, **extra: str
    ) -> subprocess.Popen[str]:
        program = ["-m", "fitgui"] if code is None else ["-c", code]
        process = subprocess.Popen(
            [sys.executable, *program, *map(str, arguments)],
            env={**environment, **extra},
            cwd=tmp_path,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate(timeout=30)


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ClusterOnThisMachine:
    """A cluster in the place of Globus Compute, for commands in this process; nobody is logged in."""
    where = (ClusterOnThisMachine.__module__, ClusterOnThisMachine.__name__)
    monkeypatch.setitem(backends._MODULES, "globus", where)
    return ClusterOnThisMachine(folder=tmp_path / "data" / "globus")


@pytest.fixture
def logged_in(cluster: ClusterOnThisMachine) -> ClusterOnThisMachine:
    """The same, with somebody logged in."""
    cluster._login.write_text("ada", encoding="utf-8")
    return cluster


@pytest.fixture
def start_cluster(
    start_fitgui: Callable[..., subprocess.Popen[str]],
) -> Callable[..., subprocess.Popen[str]]:
    """Starts the command with that cluster; its standard input is a pipe."""

    def start(*arguments: str | Path, **extra: str) -> subprocess.Popen[str]:
        return start_fitgui(
            *arguments,
            code="from tests.cli.cluster import main; main()",
            stdin=subprocess.PIPE,
            **{"PYTHONPATH": str(REPOSITORY), **extra},
        )

    return start


@pytest.fixture
def long_pallet(tmp_path: Path) -> Path:
    """A pallet of 24 points, which take seconds with :data:`SLOW`."""
    folder = tmp_path / "long"
    folder.mkdir()
    workspace = make_workspace({"SR": [40.0, 30.0, 20.0, 12.0, 8.0, 5.0], "CR": [80.0, 60.0]})
    points = {f"sig_{mass}_{mass // 2}": [mass, mass // 2] for mass in range(100, 340, 10)}
    (folder / "BkgOnly.json").write_text(json.dumps(workspace), encoding="utf-8")
    (folder / "patchset.json").write_text(json.dumps(make_patch_set(workspace, points)), encoding="utf-8")
    return folder


def read_lines(process: subprocess.Popen[str], count: int) -> list[str]:
    """The next lines of the standard output of a process that goes on."""
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(count)]
    assert all(lines), f"it ended after {lines}"
    return lines


def without_times(document: dict[str, object]) -> dict[str, object]:
    """A results document without what differs between two runs of the same plan."""
    points = document["points"]
    assert isinstance(points, list)
    kept = {key: document[key] for key in ("schema", "pallet", "analysis", "engine")}
    return {**kept, "points": [_without_times(point) for point in points]}


def _without_times(point: dict[str, object]) -> dict[str, object]:
    return {
        key: _without_times(value) if isinstance(value, dict) else value
        for key, value in point.items()
        if key not in ("seconds", "worker")
    }
