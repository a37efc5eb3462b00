"""``fitgui run --backend parsl``: Parsl's own executor, with its workers on this machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.cli.conftest import SLOW, Finished, read_lines
from tests.processes import all_gone, until

Call = Callable[..., Finished]
Start = Callable[..., subprocess.Popen[str]]

pytest.importorskip("parsl")
WHERE = ("--backend", "parsl", "--endpoint", "local", "--set", "workers_per_node=1")


def naming(folder: str) -> list[psutil.Process]:
    """The processes whose command names a folder: blocks are nobody's children."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(folder in word for word in process.info["cmdline"] or ())
    ]


def test_the_same_numbers_as_on_this_machine(fitgui: Call, small_pallet: Path) -> None:
    finished = fitgui("run", small_pallet, *WHERE, "--json", timeout=240)
    assert finished.returncode == 0, finished.stderr
    there = json.loads(finished.stdout)
    here = json.loads(fitgui("run", small_pallet, "--json").stdout)
    assert there["backend"]["name"] == "parsl"
    assert [point["name"] for point in there["points"]] == [point["name"] for point in here["points"]]
    for point, other in zip(there["points"], here["points"], strict=True):
        numbers = [point["cls_obs"], *point["cls_exp"]]
        assert numbers == pytest.approx([other["cls_obs"], *other["cls_exp"]], abs=1e-9)
        assert point["worker"] != other["worker"]
    lines = finished.stderr.splitlines()
    assert lines[0] == "fitgui: fitting at Parsl on this machine with workers_per_node=1"
    assert any(line.startswith("fitgui: waiting for ") for line in lines)
    assert any(" s wall time: " in line for line in lines), "where the wall time went"
    again = fitgui("backends", "options", "--backend", "parsl", "--json")
    assert json.loads(again.stdout)["options"] == {"workers_per_node": 1}, "it is remembered"


def test_ctrl_c_ends_the_run_and_all_that_belongs_to_it(
    fitgui: Call, start_fitgui: Start, environment: dict[str, str], long_pallet: Path
) -> None:
    process = start_fitgui("run", long_pallet, *SLOW, *WHERE)
    read_lines(process, 1)
    everybody = [*psutil.Process(process.pid).children(recursive=True), *naming(environment["FITGUI_DATA"])]
    assert any("process_worker_pool" in " ".join(one.cmdline()) for one in everybody)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: all of them get it
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert "go on with: fitgui run" in errors
    until(lambda: all_gone(everybody) and not naming(environment["FITGUI_DATA"]))
    [run] = json.loads(fitgui("runs", "list", "--json").stdout)
    assert run["state"] == "cancelled"
    assert 1 <= run["done"] < 24
    cancelled = fitgui("runs", "cancel", "last")
    assert cancelled.returncode == 1
    assert "nothing to cancel" in cancelled.stderr
