"""``fitgui run`` with its journal on a disk that fills up."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import SLOW, Finished, read_lines
from tests.runs.disks import fill, small_disk

Start = Callable[..., subprocess.Popen[str]]

QUICK_TO_GIVE_UP = """
import fitgui.cli.follow as follow
follow.UNWRITTEN_SECONDS = 1.0
from fitgui.__main__ import main
main()
"""


@pytest.mark.parametrize("asked_for", [True, False], ids=["--output", "no --output"])
def test_results_reach_the_user_although_the_journal_is_full(
    fitgui: Callable[..., Finished], start_fitgui: Start, long_pallet: Path, tmp_path: Path, asked_for: bool
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        arguments = ["run", long_pallet, *SLOW, "--workers", "2"]
        if asked_for:
            arguments += ["--output", tmp_path / "results.json"]
        process = start_fitgui(*arguments, code=QUICK_TO_GIVE_UP, FITGUI_DATA=str(disk))
        read_lines(process, 2)
        filler = fill(disk)
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 1
        assert "Traceback" not in errors
        told = errors.splitlines()
        assert (
            sum("is full; free some space there" in line and "the run goes on" in line for line in told) == 1
        )
        assert any(
            "all points are final, but the journal cannot be written; waiting 1 s" in line for line in told
        )
        [output] = tmp_path.glob("results.json" if asked_for else "fitgui-2*.json")
        assert f"the results are in {output}" in told[-1]
        document = json.loads(output.read_text(encoding="utf-8"))
        assert {point["status"] for point in document["points"]} == {"done"}
        filler.unlink()
        [run] = json.loads(fitgui("runs", "list", "--json", FITGUI_DATA=str(disk)).stdout)
        assert run["state"] == "interrupted"
        assert 2 <= run["done"] < 24


def test_a_disk_that_is_full_before_the_run_is_one_line(
    fitgui: Callable[..., Finished], small_pallet: Path, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        fill(disk)
        finished = fitgui("run", small_pallet, FITGUI_DATA=str(disk))
        assert finished.returncode == 1
        note, line = finished.stderr.splitlines()
        assert note.startswith("fitgui: note: small was not kept in the library: the disk")
        assert "FITGUI_DATA" in line
