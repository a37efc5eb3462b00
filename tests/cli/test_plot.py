"""``runs plot`` and ``runs report``: figures and reports from the terminal."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from fitgui.runs.journal import Journal
from tests.cli.conftest import Finished
from tests.runs.recordings import record

Call = Callable[..., Finished]


@pytest.fixture
def run(here: Call) -> str:
    """A run of some points of the example."""
    done = here("run", "example", "--points", "XX_[345]?0_*", "--limits", "--json")
    assert done.returncode == 0, done.stderr
    return str(json.loads(here("runs", "list", "--json").stdout)[0]["run"])


def test_a_run_is_plotted_and_reported(here: Call, run: str, tmp_path: Path) -> None:
    plane, bars = tmp_path / "plane.pdf", tmp_path / "pulls.svg"
    done = here("runs", "plot", run, "--width", "column", "--output", plane)
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip().endswith(f"the figure is in {plane}")
    assert plane.read_bytes().startswith(b"%PDF-")

    point = json.loads(here("runs", "show", run, "--json").stdout)["points"][0]["name"]
    done = here(
        "runs", "plot", run, "--what", "pulls", "--point", point, "--style", "neutral", "--output", bars
    )
    assert done.returncode == 0, done.stderr
    assert ET.fromstring(bars.read_bytes()).tag.endswith("svg")
    assert f"<!-- {point} -->" in bars.read_text(encoding="utf-8")

    kinds: list[tuple[str, tuple[object, ...], str]] = [
        ("workers", (), "Fits"),
        ("cls-vs-mu", ("--point", point), "95 % CL limit on μ"),
    ]
    masses = tmp_path / "sigma.csv"
    masses.write_text("mass [GeV], xsec [pb]\n100, 5\n1000, 0.001\n", encoding="utf-8")
    fixed = next(iter(coordinates(here, run)))
    kinds.append(
        ("cross-section", ("--cross-sections", masses, "--line", fixed), "branching fraction included")
    )
    for what, options, said in kinds:
        file = tmp_path / f"{what}.svg"
        done = here("runs", "plot", run, "--what", what, *options, "--output", file)
        assert done.returncode == 0, done.stderr
        assert said in file.read_text(encoding="utf-8")

    report = tmp_path / "report.html"
    done = here("runs", "report", run, "--output", report)
    assert done.returncode == 0, done.stderr
    assert run in report.read_text(encoding="utf-8")


def coordinates(here: Call, run: str) -> list[str]:
    """``NAME=VALUE`` of the second coordinate, of the lines along the first one."""
    points = json.loads(here("runs", "show", run, "--json").stdout)["points"]
    label = list(points[0]["values"])[1]
    return sorted({f"{label}={point['values'][label]:g}" for point in points})


def test_mistakes_are_one_sentence(here: Call, run: str, tmp_path: Path) -> None:
    label = coordinates(here, run)[0].partition("=")[0]
    for arguments, said in (
        (("plot", run, "--output", "x.jpg"), "ends in none of .pdf, .svg, .png"),
        (("plot", run, "--output", "x.pdf", "--width", "12"), "12 is no width"),
        (("plot", run, "--output", "x.pdf", "--values", "limit"), "say which with --marks"),
        (("plot", run, "--output", "x.pdf", "--what", "pulls", "--point", "XX_*"), "it matches XX_"),
        (("plot", run, "--output", "x.pdf", "--what", "pulls"), "name it with --point"),
        (("plot", run, "--output", "x.pdf", "--point", "a"), "--what plane has no --point"),
        (("plot", run, "--output", "x.pdf", "--what", "pulls", "--point", "a"), "there is no point a"),
        (("plot", run, "--output", "x.pdf", "--what", "cls", "--line", "m2"), "--line m2 is no NAME=VALUE"),
        (("plot", run, "--output", "x.pdf", "--what", "cls", "--line", "q=1"), "there is no coordinate q"),
        (("plot", run, "--output", "x.pdf", "--what", "cls", "--line", f"{label}=-7"), "there are lines at"),
        (("plot", run, "--output", "x.pdf", "--line", f"{label}=0"), "along no line"),
        (("plot", run, "--output", "x.pdf", "--what", "cross-section"), "name one with --cross-sections"),
        (
            ("plot", run, "--output", "x.pdf", "--what", "cross-section", "--cross-sections", "none.csv"),
            "none.csv",
        ),
        (("plot", "nothing", "--output", "x.pdf"), "there is no run nothing"),
        (("plot", run, "--output", "missing/x.pdf"), "there is no folder"),
        (("report", run, "--output", "x.docx"), "ends in neither .html nor .pdf"),
    ):
        done = here("runs", *arguments)
        assert done.returncode == 2, arguments
        assert said in done.stderr
        assert done.stderr.count("\n") == 1
    assert not list(tmp_path.glob("x.*"))


def test_a_run_without_results_or_limits_is_refused(here: Call, tmp_path: Path) -> None:
    empty, some = "20251129-120000-dddd", "20261129-110000-aaaa"
    journal = Journal(tmp_path / "data" / "journal.sqlite")
    record(journal, empty, points=6, fitted=0)
    record(journal, some, points=6)
    journal.close()
    for arguments, said in (
        (("plot", empty, "--output", "x.pdf"), f"run {empty} has no results to draw"),
        (("plot", empty, "--what", "walltime", "--output", "x.pdf"), f"run {empty} has no results to draw"),
        (("report", empty, "--output", "x.html"), f"run {empty} has no results to report"),
        (
            ("plot", some, "--marks", "numbers", "--values", "limit", "--output", "x.pdf"),
            f"run {some} has no upper limits to show at its points",
        ),
    ):
        done = here("runs", *arguments)
        assert done.returncode == 1, arguments
        assert said in done.stderr
        assert done.stderr.count("\n") == 1
    assert not list(tmp_path.glob("x.*"))
