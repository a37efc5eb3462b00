"""Limits, pseudo-experiments, discovery and the check, as they are asked for in a terminal."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from fitgui.cli.asked import asked_check, asked_options
from fitgui.cli.errors import CommandUsageError
from fitgui.cli.run import command
from fitgui.runs.plan import Check
from fitgui_backends.contract import FitOptions
from tests.cli.conftest import Finished

Call = Callable[..., Finished]


def chosen(*arguments: str) -> dict[str, Any]:
    context = click.Context(command)
    command.parse_args(context, ["pallet", *arguments])
    return context.params


def test_nothing_asked_is_the_default() -> None:
    assert asked_options(chosen()) == FitOptions()
    assert FitOptions().engine == "newton"
    assert asked_check(chosen()) is None


def test_everything_asked_reaches_the_engine() -> None:
    typed = ["--limits", "--toys", "500", "--seed", "9", "--discovery", "--non-negative", "--timeout", "0"]
    assert asked_options(chosen(*typed, "--test-statistic", "q")) == FitOptions(
        limits=True,
        toys=500,
        seed=9,
        discovery=True,
        non_negative=True,
        test_statistic="q",
        timeout_seconds=None,
    )
    pyhf = asked_options(chosen("--engine", "pyhf", "--optimizer", "minuit"))
    assert (pyhf.engine, pyhf.optimizer) == ("pyhf", "minuit")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--check"], Check()),
        (["--check", "7"], Check(points=7)),
        (["--check", "--check-seed", "4"], Check(seed=4)),
        (["--check=2", "--limits"], Check(points=2)),
    ],
)
def test_a_check_has_three_points_unless_it_is_told(arguments: list[str], expected: Check) -> None:
    assert asked_check(chosen(*arguments)) == expected


def test_a_check_does_not_take_the_pallet_for_its_number() -> None:
    context = click.Context(command)
    command.parse_args(context, ["--check", "pallet.json", "--points", "a", "b"])
    assert (context.params["pallet"], context.params["check"]) == ("pallet.json", 3)
    assert context.params["points"] == ("a", "b")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--seed", "3"], "--seed belongs to pseudo-experiments: add --toys N"),
        (["--check-seed", "3"], "--check-seed belongs to a check: add --check"),
        (["--tensor-backend", "jax"], "--tensor-backend is a choice of pyhf: add --engine pyhf"),
        (["--engine", "pyhf", "--toys", "10"], "choose the engine newton"),
        (["--engine", "pyhf", "--non-negative"], "choose the engine newton"),
        (["--engine", "pihf"], "there is no engine pihf: choose one of"),
    ],
)
def test_what_does_not_fit_together_is_said_before_anything_starts(
    arguments: list[str], expected: str
) -> None:
    parameters = chosen(*arguments)
    with pytest.raises(CommandUsageError) as raised:
        (asked_options(parameters), asked_check(parameters))
    assert expected in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("arguments", [["--check", "0"], ["--toys", "0"], ["--test-statistic", "q0"]])
def test_a_number_that_makes_no_sense_is_refused(arguments: list[str]) -> None:
    with pytest.raises(click.UsageError):
        chosen(*arguments)


def test_everything_for_machines_and_in_the_table(fitgui: Call, small_pallet: Path) -> None:
    asked = ["--limits", "--discovery", "--toys", "50", "--seed", "3", "--check", "2"]
    finished = fitgui("run", small_pallet, *asked, "--json", "--output", "all.csv")
    assert finished.returncode == 0, finished.stderr
    document = json.loads(finished.stdout)
    assert {k: document["options"][k] for k in ("engine", "limits", "discovery", "toys", "seed")} == {
        "engine": "newton",
        "limits": True,
        "discovery": True,
        "toys": 50,
        "seed": 3,
    }
    for point in document["points"]:
        band = point["mu_upper_exp"]
        assert 0 < point["mu_upper_obs"] < 10
        assert band == sorted(band)
        assert (point["mu_upper_obs"] < 1) == (point["cls_obs"] < 0.05)
        assert 0 < point["discovery"]["p0_obs"] < 1
        assert (point["toys"]["number"], point["toys"]["seed"]) == (50, 3)
        assert 0 <= point["toys"]["cls_obs"] <= 1
        assert point["non_negative"] is None
    assert [check["status"] for check in document["checks"]] == ["agrees", "agrees"]
    assert all(0 < check["largest_difference"] < 1e-4 for check in document["checks"])
    assert "checking CLs of 2 points with pyhf (limits are not recomputed); " in finished.stderr
    assert "pyhf agrees with newton on 2 of 2 checked points" in finished.stderr
    exported = json.loads(fitgui("runs", "export", "last").stdout)
    assert exported == document
    with (small_pallet.parent / "all.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [float(row["mu_upper_obs"]) for row in rows] == [p["mu_upper_obs"] for p in document["points"]]
    assert sorted(row["check"] for row in rows) == ["", "agrees", "agrees"]
    shown = fitgui("runs", "show", "last").stdout.splitlines()
    assert all(heading in shown[1] for heading in ("mu up obs", "p0 obs", "p0 exp", "CLs toys"))
    assert [line.split()[0] for line in shown[1:]] == ["done"] * 3 + ["check"] * 2 + ["pyhf"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_ctrl_c_ends_the_check_and_keeps_the_run(
    fitgui: Call, start_fitgui: Callable[..., subprocess.Popen[str]], small_pallet: Path
) -> None:
    process = start_fitgui("run", small_pallet, "--check", "--output", "results.json")
    assert process.stderr is not None
    told: list[str] = []
    while not told or "checking CLs of 3 points with pyhf; " not in told[-1]:
        told.append(process.stderr.readline())
        assert told[-1], told
    os.killpg(process.pid, signal.SIGINT)
    lines, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    assert lines.count("done ") == 3
    assert "The check was given up: it was cancelled" in errors
    document = json.loads((small_pallet.parent / "results.json").read_text(encoding="utf-8"))
    assert [point["status"] for point in document["points"]] == ["done"] * 3
    [hint] = [line for line in errors.splitlines() if "go on with: " in line]
    again = fitgui(*hint.split("go on with: fitgui ")[1].split())
    assert again.returncode == 0, again.stderr
    document = json.loads((small_pallet.parent / "results.json").read_text(encoding="utf-8"))
    assert len(document["checks"]) == 3, "the file is written again by the command that was offered"
    assert "pyhf agrees with newton on 3 of 3 checked points" in again.stderr
    assert sum(line.startswith("check ") and "  agrees  " in line for line in again.stdout.splitlines()) == 3
    [run] = json.loads(fitgui("runs", "list", "--json").stdout)
    assert run["state"] == "done"
    assert run["check"] == {"points": 3, "agree": 3, "differ": 0}
    assert "check: 3 of 3 agree" in fitgui("runs", "list").stdout


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
@pytest.mark.parametrize("form", ["lines", "json"])
def test_ctrl_c_the_moment_the_check_is_announced(
    start_fitgui: Callable[..., subprocess.Popen[str]], small_pallet: Path, form: str
) -> None:
    # Deterministic: the signal arrives while the sentence that invites it is still being said.
    code = (
        "import os, signal, sys\n"
        "from fitgui.cli import ending\n"
        "said = ending.say\n"
        "def say(text):\n"
        "    said(text)\n"
        "    if text.startswith('checking '):\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "ending.say = say\n"
        "from fitgui.__main__ import main\n"
        "main()\n"
    )
    more = ["--json"] if form == "json" else []
    process = start_fitgui("run", small_pallet, "--check", *more, code=code)
    lines, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "The check was given up: it was cancelled" in errors
    assert "go on with: fitgui run --resume" in errors
    assert lines.count('"done"' if more else "done ") == 3


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_a_check_that_is_given_up_counts_what_was_asked_for(
    start_fitgui: Callable[..., subprocess.Popen[str]], small_pallet: Path
) -> None:
    # Deterministic: the signal arrives while the first comparison is shown.
    code = (
        "import os, signal, sys\n"
        "from fitgui.cli.ending import Ending\n"
        "from fitgui.runs.checker import Checker\n"
        "told, receive, seen = Ending.tell_checked, Checker._receive, []\n"
        "def tell_checked(self, comparison):\n"
        "    told(self, comparison)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "def only_the_first(self, job, event):\n"
        "    if type(event).__name__ != 'PointFitted' or not seen:\n"
        "        receive(self, job, event)\n"
        "        seen.append(event) if type(event).__name__ == 'PointFitted' else None\n"
        "Ending.tell_checked, Checker._receive = tell_checked, only_the_first\n"
        "from fitgui.__main__ import main\n"
        "main()\n"
    )
    process = start_fitgui("run", small_pallet, "--check", code=code)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "1 of 3 points checked: pyhf agrees with newton on 1 of 1 checked point" in errors
