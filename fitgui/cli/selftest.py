"""``fitgui self-test``: one small fit through the real pool, its check with pyhf, one window off screen."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from fitgui import __version__, words
from fitgui.cli.errors import FAILED, OK, CommandError
from fitgui.cli.output import print_json, print_line
from fitgui.pallets import PalletError, open_pallet
from fitgui.runs.backends import create_backend
from fitgui.runs.check import comparison
from fitgui.runs.controller import RunController
from fitgui.runs.journal import Journal, JournalError
from fitgui.runs.plan import Check, RunError, make_plan
from fitgui_backends.contract import FitOptions

FIT_SECONDS = 120.0
WINDOW_SECONDS = 120.0


@click.command()
@click.option("--no-window", is_flag=True, help="Leave the window out, for machines without Qt.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def command(context: click.Context, /, no_window: bool, as_json: bool) -> None:
    """Fit one point of the bundled example, check it with pyhf, and open one window off screen.

    Nothing is left behind: the journal of the test is a temporary one.
    """
    tests: dict[str, Callable[[], str]] = {"fit": _fit}
    if not no_window:
        tests["window"] = _window
    outcomes = []
    for name, test in tests.items():
        outcome = _try(name, test)
        outcomes.append(outcome)
        if not as_json:
            verdict = "ok" if outcome["ok"] else "FAILED"
            print_line(f"{name:<7} {verdict:<7} {outcome['text']} ({words.duration(outcome['seconds'])})")
    passed = all(outcome["ok"] for outcome in outcomes)
    if as_json:
        print_json({"schema": 1, "version": __version__, "ok": passed, "tests": outcomes})
    context.exit(OK if passed else FAILED)


def _try(name: str, test: Callable[[], str]) -> dict[str, Any]:
    begun = time.monotonic()
    try:
        passed, text = True, test()
    except (CommandError, RunError, JournalError, PalletError) as error:
        passed, text = False, str(error)
    return {"name": name, "ok": passed, "text": text, "seconds": round(time.monotonic() - begun, 3)}


def _fit() -> str:
    pallet = open_pallet("example")
    analysis = pallet.analyses[0]
    middle = analysis.points[len(analysis.points) // 2]
    options = FitOptions(timeout_seconds=FIT_SECONDS)
    plan = make_plan(pallet, analysis, [middle], options, workers=1, check=Check(points=1))
    with tempfile.TemporaryDirectory(prefix="fitgui-self-test-") as folder:
        controller = RunController(
            Journal(Path(folder) / "journal.sqlite"), {"local": create_backend("local", workers=1)}
        )
        try:
            run_id = controller.start(plan)
            if not controller.wait(run_id, FIT_SECONDS):
                raise CommandError(f"the fit of {middle.name} did not end within {FIT_SECONDS:.0f} s")
            if not controller.wait_check(run_id, FIT_SECONDS):
                raise CommandError(f"pyhf did not check {middle.name} within {FIT_SECONDS:.0f} s")
            snapshot = controller.snapshot(run_id)
        finally:
            controller.close()
    status = snapshot.points[middle.name]
    if status.result is None:
        raise CommandError(f"{middle.name}: {status.error}")
    if not math.isfinite(status.result.cls_obs):
        raise CommandError(f"{middle.name}: CLs is not a number")
    checked = comparison(snapshot, middle.name)
    if checked is None:
        raise CommandError(snapshot.check_text or f"pyhf did not check {middle.name}")
    if not checked.agrees:
        raise CommandError(f"{middle.name}: {'; '.join(checked.sentences)}")
    return f"{middle.name}: CLs observed {words.number(status.result.cls_obs)}, and pyhf agrees"


def _window() -> str:
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "fitgui"]
    with tempfile.TemporaryDirectory(prefix="fitgui-self-test-") as folder:
        environment = {**os.environ, "FITGUI_DATA": folder, "QT_QPA_PLATFORM": "offscreen"}
        try:
            child = subprocess.run(  # noqa: S603 -- this very program
                [*program, "gui", "--self-test"],
                env=environment,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=WINDOW_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise CommandError(f"the window did not open within {WINDOW_SECONDS:.0f} s") from error
    if child.returncode != 0:
        said = [line for line in child.stderr.splitlines() if line.strip()] or [
            f"exit status {child.returncode}"
        ]
        raise CommandError(said[-1].removeprefix("fitgui: "))
    return "the window opened, showed the example and closed"
