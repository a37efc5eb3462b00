"""What `make` does where no window can be opened: it says why, and the terminal still works."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGING = Path(__file__).resolve().parent.parent / "packaging"
LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="X11 and apt are those of Linux")
SEARCHED = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def window_check(what: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the check with only these of the variables that Qt looks at."""
    kept = {name: value for name, value in os.environ.items() if name not in SEARCHED}
    command = [sys.executable, str(PACKAGING / "window_check.py"), what, *arguments]
    return subprocess.run(
        command, env=kept | environment, capture_output=True, text=True, timeout=60, check=False
    )


def program(folder: Path, name: str, text: str) -> Path:
    """A small shell script in ``folder``."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of programs that stands before the PATH: the user is root, packages cannot be downloaded."""
    if shutil.which("sh") is None:
        pytest.skip("there is no sh")
    program(tmp_path, "id", "echo 0")
    program(tmp_path, "apt-get", "echo 'Could not resolve host' >&2; exit 100")
    program(tmp_path, "python", "echo 'Qt cannot start: libEGL.so.1' >&2; exit 1")
    return tmp_path


def system_libraries(machine: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script of the set-up on that machine."""
    command = ["sh", str(PACKAGING / "system-libraries.sh"), str(machine / "python"), *arguments]
    environment = {**os.environ, "PATH": f"{machine}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def make(target: str, programs: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run make with the programs of this folder in the place of those that it has installed."""
    if shutil.which("make") is None:
        pytest.skip("there is no make")
    kept = {name: value for name, value in os.environ.items() if name not in {*SEARCHED, "MAKEFLAGS"}}
    command = ["make", "--no-print-directory", "--assume-old=.venv/.set-up", f"BIN={programs}", target]
    return subprocess.run(
        command,
        cwd=PACKAGING.parent,
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_where_the_tests_of_the_window_run_its_libraries_are_there() -> None:
    assert window_check("libraries").returncode == 0


@LINUX_ONLY
def test_no_display_is_said() -> None:
    answer = window_check("display")
    assert (answer.returncode, answer.stderr) == (1, "No display is set.\n")


@LINUX_ONLY
def test_a_display_that_is_gone_is_said_in_one_line() -> None:
    answer = window_check("display", DISPLAY=":987")
    assert answer.returncode == 1
    assert answer.stderr.startswith("No window can be opened with DISPLAY=:987: ")
    assert answer.stderr.count("\n") == 1


@LINUX_ONLY
def test_a_display_that_never_answers_is_given_up() -> None:
    with socket.socket() as silent:
        for number in range(300, 400):  # X11 listens at 6000 and the number of the display
            try:
                silent.bind(("127.0.0.1", 6000 + number))
            except OSError:
                continue
            break
        silent.listen()
        answer = window_check("display", "--limit", "2", DISPLAY=f"127.0.0.1:{number}")
    assert answer.returncode == 1
    assert "no answer within 2 s" in answer.stderr


def test_a_display_that_opens_is_taken() -> None:
    answer = window_check("display", DISPLAY=":987", QT_QPA_PLATFORM="offscreen")
    assert (answer.returncode, answer.stderr) == (0, "")


@LINUX_ONLY
def test_setting_up_goes_on_without_the_network(machine: Path) -> None:
    answer = system_libraries(machine)
    assert answer.returncode == 0
    assert "Could not resolve host" in answer.stderr
    assert "apt-get install --no-install-recommends libegl1" in answer.stderr
    assert "fitgui works in the terminal" in answer.stderr


@LINUX_ONLY
def test_the_tests_name_what_is_to_be_installed(machine: Path) -> None:
    answer = system_libraries(machine, "--check")
    assert answer.returncode == 1
    assert "libEGL.so.1" in answer.stderr
    assert "apt-get install --no-install-recommends libegl1" in answer.stderr
    assert "Could not resolve host" not in answer.stderr, "a check installs nothing"


@LINUX_ONLY
def test_setting_up_installs_what_is_missing(machine: Path) -> None:
    program(machine, "apt-get", f"touch '{machine}/installed'")
    program(machine, "python", f"test -e '{machine}/installed'")
    answer = system_libraries(machine)
    assert (answer.returncode, answer.stderr) == (0, "")


@LINUX_ONLY
@pytest.mark.parametrize(
    ("environment", "begins"),
    [
        ({}, "run example"),
        ({"DISPLAY": ":987"}, "run example"),
        ({"DISPLAY": ":987", "QT_QPA_PLATFORM": "offscreen"}, "gui example --run"),
    ],
    ids=["none", "gone", "open"],
)
def test_the_demo_takes_the_window_if_one_opens(
    tmp_path: Path, environment: dict[str, str], begins: str
) -> None:
    program(tmp_path, "python", f"exec '{sys.executable}' \"$@\"")
    program(tmp_path, "fitgui", 'echo "fitgui $*"')
    answer = make("demo", tmp_path, **environment)
    assert answer.returncode == 0
    assert answer.stdout.splitlines()[-1] == f"fitgui {begins}"


@LINUX_ONLY
def test_make_test_does_not_get_as_far_as_pytest_without_libraries(machine: Path) -> None:
    program(machine, "ruff", "")
    program(machine, "mypy", "")
    program(machine, "pytest", "echo INTERNALERROR")
    answer = make("test", machine)
    assert answer.returncode != 0
    assert "libEGL.so.1" in answer.stderr
    assert "INTERNALERROR" not in answer.stdout
