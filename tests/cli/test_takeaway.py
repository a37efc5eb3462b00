"""``runs export`` as contours and for HEPData, ``runs script``, ``point --python``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Finished
from tests.takeaway.hands import complaints, run_script, tables

Call = Callable[..., Finished]


@pytest.fixture
def run(here: Call) -> str:
    """A run of some points of the example."""
    done = here("run", "example", "--points", "XX_[345]?0_*", "--limits", "--json")
    assert done.returncode == 0, done.stderr
    listed = here("runs", "list", "--json")
    return str(json.loads(listed.stdout)[0]["run"])


def test_a_run_of_the_example_is_taken_away(here: Call, run: str, tmp_path: Path) -> None:
    folder = tmp_path / "submission"
    done = here("runs", "export", run, "--format", "hepdata", "--output", folder)
    assert done.returncode == 0, done.stderr
    assert f"is in {folder}" in done.stderr
    assert complaints(folder) == []
    assert "Upper limits on the signal strength" in tables(folder)
    again = here("runs", "export", run, "--format", "hepdata", "--output", folder)
    assert again.returncode == 2
    assert "is not empty" in again.stderr
    assert again.stderr.count("\n") == 1

    contours = here("runs", "export", run, "--format", "contours")
    document = json.loads(contours.stdout)
    assert document["run"] == run
    assert document["x"] == {"label": "m_X", "unit": "GeV"}
    assert len(document["contours"]) == 6
    here("runs", "export", run, "--format", "contours", "--output", tmp_path / "lines.csv")
    assert (tmp_path / "lines.csv").read_text("utf-8").startswith("contour,piece,closed,m_X,m_Y\n")

    point = json.loads(here("runs", "show", run, "--json").stdout)["points"][0]
    script = here("runs", "script", run, point["name"])
    assert script.returncode == 0, script.stderr
    ours, theirs, _ = run_script(script.stdout, tmp_path)
    assert theirs == pytest.approx([point["cls_obs"], *point["cls_exp"]], rel=1e-5)
    assert ours == pytest.approx(theirs, abs=1e-4)

    alone = here("point", "example", point["name"], "--python")
    assert alone.returncode == 0, alone.stderr
    assert f"PATCH_NAME = '{point['name']}'" in alone.stdout
    assert "OBSERVED = " in alone.stdout


def test_mistakes_are_one_sentence(here: Call, run: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for words, arguments in {
        "name a new one with --output": ("export", run, "--format", "hepdata"),
        "contradict each other": ("export", run, "--format", "contours", "--json"),
        "not a folder": ("export", run, "--format", "hepdata", "--output", tmp_path / "file"),
        "there is no folder": ("export", run, "--format", "contours", "--output", tmp_path / "no" / "c.csv"),
        "XX_": ("script", run, "XX_1_1"),
    }.items():
        done = here("runs", *arguments)
        assert done.returncode == 2
        assert words in done.stderr
        assert done.stderr.count("\n") == 1
        assert done.stdout == ""
    both = here("point", "example", "XX_300_100", "--json", "--python")
    assert both.returncode == 2
    assert "contradict" in both.stderr
