"""``fitgui run`` on a cluster: where, with which options, what is seen, and what Ctrl-C means."""

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

from fitgui.runs.clusters import ClusterSettings
from fitgui_backends.contract import Place
from tests.cli.cluster import CODE, FARM, GRID, HIDDEN, NO_NODES, TWIN, ClusterOnThisMachine
from tests.cli.conftest import REPOSITORY, SLOW, Finished, read_lines
from tests.cli.talking import talk
from tests.processes import all_gone, until

Call = Callable[..., Finished]
Start = Callable[..., subprocess.Popen[str]]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and terminals of Unix")


def settings_of(cluster: ClusterOnThisMachine) -> ClusterSettings:
    return ClusterSettings(cluster.folder.parent)


def told(finished: Finished) -> list[str]:
    return [line.removeprefix("fitgui: ") for line in finished.stderr.splitlines()]


def only_run(here: Call) -> dict[str, Any]:
    [run] = json.loads(here("runs", "list", "--json").stdout)
    assert isinstance(run, dict)
    return run


def test_a_run_at_an_endpoint(logged_in: ClusterOnThisMachine, here: Call, small_pallet: Path) -> None:
    where = ("--backend", "globus", "--endpoint", "grid", "--set", "max_blocks=2", "account=atlas")
    finished = here("run", *where, small_pallet)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.count("done ") == 3
    lines = told(finished)
    assert lines[0] == "fitting at Grid with max_blocks=2, account=atlas"
    assert any("3 points: 3 done" in line for line in lines)
    assert logged_in.noted() == ['3 points for Grid {"max_blocks": 2, "account": "atlas"}']
    assert only_run(here)["backend"] == "globus"
    last = Place(identifier=GRID, name="Grid", options={"max_blocks": 2, "account": "atlas"})
    assert settings_of(logged_in).last("globus") == last


def test_a_pipe_is_told_what_the_run_waits_for(
    logged_in: ClusterOnThisMachine, start_cluster: Start, small_pallet: Path
) -> None:
    where = ("--backend", "globus", "--endpoint", "grid")
    process = start_cluster("run", small_pallet, *where, **{NO_NODES: "1"})
    assert process.stderr is not None
    lines = [process.stderr.readline() for _ in range(2)]
    assert lines == ["fitgui: fitting at Grid\n", "fitgui: waiting for nodes, 1 block waiting\n"]
    (logged_in.folder / "nodes").touch()
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert out.count("done ") == 3
    assert errors.startswith("fitgui: fitting with 1 block, 1 worker\n")


def test_the_place_that_was_used_last_is_taken_again(
    logged_in: ClusterOnThisMachine, here: Call, small_pallet: Path
) -> None:
    settings_of(logged_in).remember("globus", Place(identifier=TWIN, name="farm", options={"max_blocks": 3}))
    finished = here("run", small_pallet, "--backend", "globus", "--set", "max_blocks=", "--json")
    assert finished.returncode == 0, finished.stderr
    assert len(json.loads(finished.stdout)["points"]) == 3
    assert "fitting at farm" in told(finished)
    assert logged_in.noted() == ["3 points for farm {}"]
    assert settings_of(logged_in).options("globus", TWIN) == {}


def test_an_endpoint_that_is_offline_lets_the_run_wait(
    logged_in: ClusterOnThisMachine, here: Call, small_pallet: Path
) -> None:
    finished = here("run", small_pallet, "--backend", "globus", "--endpoint", FARM)
    assert finished.returncode == 0, finished.stderr
    assert "farm is offline: ask ada; until then the run waits" in told(finished)


def test_an_endpoint_that_is_not_listed_is_taken_by_its_identifier(
    logged_in: ClusterOnThisMachine, here: Call, small_pallet: Path
) -> None:
    finished = here("run", small_pallet, "--backend", "globus", "--endpoint", HIDDEN.upper())
    assert finished.returncode == 0, finished.stderr
    assert "fitting at Attic" in told(finished)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--endpoint", "grid"], "--endpoint belongs to a cluster: add --backend globus or --backend parsl"),
        (["--set", "max_blocks=1"], "--set belongs to a cluster"),
        (["--backend", "glob"], "there is no backend glob: choose one of local, globus, parsl"),
        (["--backend", "globus"], "which endpoint? add --endpoint NAME, such as Grid"),
        (["--backend", "globus", "--endpoint", "gird"], "there is no endpoint gird of globus"),
        (["--backend", "globus", "--endpoint", "farm"], "several endpoints are called farm"),
        (["--backend", "globus", "--workers", "4"], "--workers counts processes of this machine"),
        (["--backend", "globus", "--endpoint", "grid", "--set", "blocks=2"], "there is no option blocks of"),
        (["--backend", "globus", "--endpoint", "grid", "--set", "max_blocks"], "write it as name=value"),
        (["--resume", "last", "--endpoint", "grid"], "--endpoint belongs to a run from its start"),
        (["--resume", "last", "--set", "max_blocks=2"], "--set belongs to a run from its start"),
    ],
)
def test_mistakes(
    logged_in: ClusterOnThisMachine, here: Call, small_pallet: Path, arguments: list[str], sentence: str
) -> None:
    finished = here("run", small_pallet, *arguments)
    assert (finished.returncode, finished.stdout) == (2, "")
    [line] = told(finished)
    assert sentence in line
    assert logged_in.noted() == []


def test_without_a_login_nothing_is_started(
    cluster: ClusterOnThisMachine, here: Call, small_pallet: Path
) -> None:
    finished = here("run", small_pallet, "--backend", "globus", "--endpoint", "grid")
    assert finished.returncode == 1
    [line] = told(finished)
    assert line.startswith("needs login: log in (in a terminal this command asks for it; batch jobs set ")


def test_in_a_terminal_the_run_asks_for_the_login(environment: dict[str, str], small_pallet: Path) -> None:
    nodes = Path(environment["FITGUI_DATA"]) / "globus" / "nodes"
    answers = [CODE]

    def answer(written: str) -> str | None:
        if "waiting for nodes" in written:  # the bar says so
            nodes.touch()
        return answers.pop() if answers and "code: " in written else None

    code = "from tests.cli.cluster import main; main()"
    arguments = ["run", str(small_pallet), "--backend", "globus", "--endpoint", "grid"]
    status, text = talk(
        [sys.executable, "-c", code, *arguments],
        {**environment, "PYTHONPATH": str(REPOSITORY), "SSH_CONNECTION": "elsewhere", NO_NODES: "1"},
        small_pallet.parent,
        answer,
    )
    assert status == 0, text
    for part in ("https://login.example.org/code", "logged in as ada", "fitting at Grid", "3 points: 3 done"):
        assert part in text


def test_ctrl_c_leaves_the_run_to_the_cluster(
    logged_in: ClusterOnThisMachine, start_cluster: Start, here: Call, long_pallet: Path
) -> None:
    where = ("--backend", "globus", "--endpoint", "grid")
    process = start_cluster("run", long_pallet, *SLOW, *where, "--output", "part.json")
    read_lines(process, 3)
    children = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    until(lambda: all_gone(children))
    part = json.loads((long_pallet.parent / "part.json").read_text(encoding="utf-8"))
    states = [point["status"] for point in part["points"]]
    done = states.count("done")
    assert 3 <= done < 24
    assert {point["error"] for point in part["points"] if point["status"] != "done"} == {
        "it was not fitted yet: the run is going on or was interrupted"
    }
    going_on, last = errors.splitlines()[-2:]
    run_id = only_run(here)["run"]
    assert only_run(here)["state"] == "detached"
    assert here("runs", "show", "last").stderr.splitlines()[-2] == going_on
    assert going_on == (
        f"fitgui: {24 - done} points handed over to Grid, where the run goes on; cancel it with: "
        f"fitgui runs cancel {run_id}"
    )
    assert last.startswith("fitgui: fetch the results with: fitgui run --resume ")
    command = shlex.split(last.split(" with: ")[1])
    finished = here(*command[1:])
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.count("done ") == 24 - done, "what was here already is not fitted again"
    noted = logged_in.noted()
    assert "told to stop" not in noted
    assert f"reattached to {24 - done}" in noted
    whole = json.loads((long_pallet.parent / "part.json").read_text(encoding="utf-8"))
    assert {point["status"] for point in whole["points"]} == {"done"}


@pytest.fixture
def left_run(logged_in: ClusterOnThisMachine, start_cluster: Start, here: Call, small_pallet: Path) -> str:
    """A run of which nothing is done, left to the cluster by Ctrl-C."""
    where = ("--backend", "globus", "--endpoint", "grid")
    process = start_cluster("run", small_pallet, *where, **{NO_NODES: "1"})
    assert process.stderr is not None
    for line in process.stderr:
        if "waiting for nodes" in line:
            break
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    return str(only_run(here)["run"])


def test_a_run_that_was_left_can_be_cancelled(
    logged_in: ClusterOnThisMachine, left_run: str, here: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NO_NODES, "1")
    finished = here("runs", "cancel", "last")
    assert finished.returncode == 0, finished.stderr
    assert told(finished)[-2:] == [
        f"run {left_run}: 3 points cancelled at Grid, 0 done and kept",
        f"fit what is missing with: fitgui run --resume {left_run}",
    ]
    assert logged_in.noted()[-1] == "told to stop"
    assert only_run(here)["state"] == "cancelled"
    again = here("runs", "cancel", left_run, "--json")
    assert (again.returncode, again.stdout) == (1, "")
    assert told(again) == [f"run {left_run} has nothing at a cluster, so there is nothing to cancel"]
    monkeypatch.delenv(NO_NODES)
    assert here("run", "--resume", left_run).returncode == 0
    assert "reattached" not in logged_in.noted()[-1], "what was cancelled is not waited for"


def test_a_run_on_this_machine_has_nothing_to_cancel(here: Call, small_pallet: Path) -> None:
    assert here("run", small_pallet).returncode == 0
    finished = here("runs", "cancel", "last")
    assert finished.returncode == 1
    assert "nothing at a cluster" in told(finished)[0]
    assert here("runs", "cancel", "20200101").returncode == 2


def test_a_reader_that_goes_away_leaves_the_run_to_the_cluster(
    logged_in: ClusterOnThisMachine, here: Call, environment: dict[str, str], long_pallet: Path
) -> None:
    code = "from tests.cli.cluster import main; main()"
    arguments = ["run", str(long_pallet), *SLOW, "--backend", "globus", "--endpoint", "grid"]
    command = shlex.join([sys.executable, "-c", code, *arguments])
    finished = subprocess.run(
        ["sh", "-c", f"{command} | head -n 2"],
        env={**environment, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert len(finished.stdout.splitlines()) == 2
    assert only_run(here)["state"] == "detached"
    assert "told to stop" not in logged_in.noted()


def test_resuming_asks_for_a_login_too(logged_in: ClusterOnThisMachine, left_run: str, here: Call) -> None:
    logged_in._login.unlink()
    finished = here("run", "--resume", left_run)
    assert finished.returncode == 1
    assert told(finished)[-1].startswith("needs login: log in (")
    assert here("runs", "cancel", left_run).returncode == 1
    logged_in._login.write_text("ada", encoding="utf-8")
    assert here("run", "--resume", left_run, "--workers", "2").returncode == 2
    resumed = here("run", "--resume", left_run)
    assert resumed.returncode == 0, resumed.stderr
    assert logged_in.noted()[-2:] == ["reattached to 3", "3 points for Grid {}"]
