"""The stand-in from the command line, as CONTRIBUTING.md names it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.hepdata.server import LOOPBACK

ROOT = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-m", "tests.hepdata")


def ask(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def test_help_is_given_and_nothing_is_served() -> None:
    done = ask("--help")
    assert done.returncode == 0
    assert "--port" in done.stdout
    assert "FITGUI_HEPDATA_TEST_SERVICE" not in done.stdout


@pytest.mark.parametrize(
    "arguments", [["--prot", "39155"], ["39155"], ["--port", "70000"], ["--port", "http"]]
)
def test_what_is_not_known_is_refused(arguments: list[str]) -> None:
    done = ask(*arguments)
    assert done.returncode == 2
    assert arguments[-1] in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        done = ask("--port", str(port))
    assert done.returncode == 2
    assert f"port {port} cannot be had" in done.stderr


def test_it_listens_where_it_is_told_until_ctrl_c() -> None:
    with socket.create_server((LOOPBACK, 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [*PROGRAM, "--port", str(port)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "FITGUI_PALLETS": "/nonexistent"},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line == f"FITGUI_HEPDATA_TEST_SERVICE=http://{LOOPBACK}:{port}\n"
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/ping", timeout=60) as answer:
            assert answer.status == 200
    finally:
        process.send_signal(signal.SIGINT)
        _out, said = process.communicate(timeout=60)
    assert process.returncode == 0
    assert said == ""
