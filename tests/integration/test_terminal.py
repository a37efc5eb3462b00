"""The command line against the whole cluster: a person logs in; a run is left, cancelled, fitted at last."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.talking import talk
from tests.cluster.stack import Stack

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]
Fitgui = Callable[..., subprocess.CompletedProcess[str]]
FITGUI = (sys.executable, "-m", "fitgui")


@pytest.fixture
def here(tmp_path: Path) -> dict[str, str]:
    """A user without a keyring, on a machine without a display."""
    (tmp_path / "home").mkdir()
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "BROWSER")
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    return {
        **kept,
        "FITGUI_DATA": str(tmp_path / "data"),
        "HOME": str(tmp_path / "home"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        "COLUMNS": "140",
        "TERM": "xterm-256color",
    }


def call(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*FITGUI, *arguments], env=environment, capture_output=True, text=True, timeout=240, check=False
    )


def code_at(address: str) -> str:
    """What a browser shows to who visits the address."""
    with urllib.request.urlopen(address, timeout=30) as page:
        found = re.search(r'value="([^"]+)"', page.read().decode())
    assert found is not None
    return found[1]


def test_a_person_logs_in_by_a_code_and_fits(on_stack: Stack, here: dict[str, str], tmp_path: Path) -> None:
    secrets = ("GLOBUS_COMPUTE_CLIENT_ID", "GLOBUS_COMPUTE_CLIENT_SECRET")
    person = {name: value for name, value in here.items() if name not in secrets}
    refused = call(person, "run", "example", "--backend", "globus")
    assert refused.returncode == 1
    assert "GLOBUS_COMPUTE_CLIENT_SECRET" in refused.stderr
    codes: list[str] = []

    def answer(written: str) -> str | None:
        address = re.search(r"http://localhost:\S+", written)
        if codes or address is None or "code: " not in written:
            return None
        codes.append(code_at(address[0]))
        return codes[0]

    run = ("run", "example", "--points", "XX_150_20", "--backend", "globus", "--output", "found.json")
    status, written = talk([*FITGUI, *run], person, tmp_path, answer, seconds=240)
    assert status == 0, written
    for part in ("logged in as alice@example.org", "fitting at fitgui tests", "1 point: 1 done", "wall time"):
        assert part in written
    [point] = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))["points"]
    assert point["status"] == "done"
    assert point["block"], "a job of Slurm fitted it"
    again = call(person, "backends", "check", "globus")
    assert again.returncode == 1
    assert "not logged in" in again.stdout, "nothing was kept where there is no keyring"
    for path in (tmp_path / "data").rglob("*"):
        assert not path.is_file() or codes[0].encode() not in path.read_bytes()


def state_of(environment: dict[str, str]) -> dict[str, Any]:
    [run] = json.loads(call(environment, "runs", "list", "--json").stdout)
    assert isinstance(run, dict)
    return run


def test_a_run_is_left_cancelled_and_fitted_at_last(on_stack: Stack, here: dict[str, str]) -> None:
    on_stack.slurm.hold()
    options = ("--endpoint", "fitgui tests", "--set", "max_idletime=35")
    arguments = ("run", "example", "--points", "XX_150*", "XX_200*", "--backend", "globus", *options)
    process = subprocess.Popen(
        [*FITGUI, *arguments], env=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if "waiting for nodes" in line:
                break
        process.terminate()
        out, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, out) == (130, ""), errors
    assert "3 points handed over to fitgui tests, where the run goes on" in errors
    assert state_of(here)["state"] == "detached"
    mark = on_stack.standin.mark()
    on_stack.standin.fault("slow", "register_function", seconds=3)  # the command waits for it
    cancelled = call(here, "runs", "cancel", "last", "--json")
    assert cancelled.returncode == 0, cancelled.stderr
    assert json.loads(cancelled.stdout)["cancelled"] == 3
    assert state_of(here)["state"] == "cancelled"
    assert len(on_stack.standin.log(since=mark, route="submit")) == 1, "workers are told to stop, no more"
    on_stack.slurm.release()
    fitted = call(here, "run", "--resume", "last", "--json")
    assert fitted.returncode == 0, fitted.stderr
    points = json.loads(fitted.stdout)["points"]
    assert [point["status"] for point in points] == ["done"] * 3
    assert state_of(here)["state"] == "done"
