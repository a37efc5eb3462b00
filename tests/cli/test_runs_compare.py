"""``fitgui runs compare``: what several runs took, and whether they found the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from fitgui.runs.journal import Journal
from tests.cli.conftest import Finished
from tests.runs.recorded_runs import plan_of, record, whole_run

Here = Callable[..., Finished]


@pytest.fixture
def runs(here: Here, tmp_path: Path) -> None:
    """In the journal: all points, the same with limits, half of them, something else."""
    journal = Journal(tmp_path / "data" / "journal.sqlite")
    whole, limits, half = plan_of(), plan_of(limits=True), plan_of(("a", "b"), engine="pyhf")
    other = plan_of()
    other = msgspec.structs.replace(other, analysis=msgspec.structs.replace(other.analysis, digest="1" * 64))
    record(journal, "whole", whole, whole_run(whole, workers=2, wall=2.5, fit=0.9))
    record(journal, "limits", limits, whole_run(limits, workers=1, wall=4.2, fit=0.9))
    record(journal, "half", half, whole_run(half, workers=2, wall=30.0, fit=25.0, cls=0.21))
    record(journal, "other", other, whole_run(other, workers=2, wall=3.0, fit=0.9), started=1.8e9)
    assert journal.close()


@pytest.mark.usefixtures("runs")
def test_a_line_for_each_run(here: Here) -> None:
    finished = here("runs", "compare", "whole", "limits", "half", "last")
    assert finished.returncode == 0, finished.stderr
    first, second, third, fourth = finished.stdout.splitlines()
    assert first == (
        "whole  This machine, 2 workers, newton  4 points  wall 2.50 s  one core 4.00 s  speed-up 1.6 ×  "
        "efficiency 80 %  CLs reference"
    )
    assert "  with limits  wall 4.20 s  " in second
    assert second.endswith("efficiency 95 %  CLs agree to the last digit (4 points)")
    assert third.startswith("half  This machine, 2 workers, pyhf  2 of 4 points  ")
    assert third.endswith("CLs differ up to 1.0e-02 at a (2 points)")
    assert fourth.endswith("CLs another analysis")


@pytest.mark.usefixtures("runs")
def test_the_same_for_machines(here: Here) -> None:
    document = json.loads(here("runs", "compare", "half", "whole", "--json").stdout)
    one, other = document["runs"]
    assert (one["run"], other["run"]) == ("half", "whole")
    assert one["agreement"] is None
    assert other["agreement"]["agrees"] is False
    assert other["agreement"]["points"] == 2
    assert other["agreement"]["largest_cls_difference"] == pytest.approx(0.01)
    for run in (one, other):
        assert run["speed_up"] == pytest.approx(run["sum_core_seconds"] / run["wall_seconds"])
        assert run["efficiency"] == pytest.approx(run["speed_up"] / run["workers"])
    assert document["published"] is None


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((), "missing argument 'RUN RUN ...'"),
        (("other", "last"), "run other stands twice: name each run once"),
        (("whole", "nothing"), "there is no run nothing"),
    ],
)
def test_mistakes_are_told_in_one_line(here: Here, arguments: tuple[str, ...], text: str) -> None:
    finished = here("runs", "compare", *arguments)
    assert finished.returncode == 2
    assert finished.stdout == ""
    [line] = finished.stderr.splitlines()
    assert text in line
