"""What is known to make trouble, and what nobody checked, is told with what is got and kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fitgui.pallets.catalogue.bundled import load_catalogue
from tests.builders import make_patch_set, make_workspace
from tests.cli.conftest import Finished
from tests.hepdata.standin import StandIn
from tests.pallets.archives import tar

Call = Callable[..., Finished]
DOI = "10.17182/hepdata.91127.v2/r1"
PROBLEM = "pyhf's default fit is wrong here without saying so"


@pytest.fixture
def erjr(hepdata: StandIn) -> StandIn:
    """A file in the record of which the catalogue knows problems."""
    workspace = make_workspace()
    content = tar({"BkgOnly.json": workspace, "patchset.json": make_patch_set(workspace)})
    file = hepdata.file("likelihoods.tar.gz", content)
    hepdata.add_record(91127, inspire=1771533, arxiv="1912.08479", versions={1: [], 2: [file]})
    return hepdata


def test_download_tells_people(erjr: StandIn, here: Call) -> None:
    for _ in ("got", "here already"):
        done = here("download", DOI)
        assert done.returncode == 0, done.stderr
        assert PROBLEM not in done.stdout
        [line] = [line for line in done.stderr.splitlines() if PROBLEM in line]
        assert line.startswith("fitgui: known problem: ")


def test_download_tells_machines(erjr: StandIn, here: Call) -> None:
    done = here("download", DOI, "--json")
    assert PROBLEM not in done.stderr
    told = json.loads(done.stdout)
    known = next(entry for entry in load_catalogue().entries if entry.inspire == 1771533)
    assert told["known_problems"] == list(known.known_problems)
    assert told["unchecked"] == [], "HEPData has told the version"


def test_library_show_tells_both(erjr: StandIn, here: Call) -> None:
    name = json.loads(here("download", DOI, "--json").stdout)["name"]
    lines = here("library", "show", name).stdout.splitlines()
    assert next(line for line in lines if line.startswith("problem ")).startswith(f"problem {PROBLEM}")
    told = json.loads(here("library", "show", name, "--json").stdout)
    assert told["known_problems"][0].startswith(PROBLEM)


def test_what_nobody_checked_is_named(here: Call, tmp_path: Path) -> None:
    """The file names its record itself; of that the catalogue knows some things from memory only."""
    workspace = make_workspace()
    patch_set = make_patch_set(workspace)
    patch_set["metadata"]["references"] = {"hepdata": "ins1831992"}
    (tmp_path / "mine.tar.gz").write_bytes(tar({"BkgOnly.json": workspace, "patchset.json": patch_set}))
    added = here("library", "add", "mine.tar.gz")
    assert added.returncode == 0, added.stderr
    name = added.stdout.strip()
    [line] = [line for line in here("library", "show", name).stdout.splitlines() if "unchecked" in line]
    assert line == "unchecked analysis, journal, luminosity, model, newest version, year"
    told = json.loads(here("library", "show", name, "--json").stdout)
    assert told["unchecked"] == ["analysis", "journal", "luminosity_fb", "model", "version", "year"]


def test_of_a_file_of_nobody_nothing_is_told(here: Call, tmp_path: Path) -> None:
    workspace = make_workspace()
    (tmp_path / "mine.json").write_text(json.dumps(workspace), encoding="utf-8")
    name = here("library", "add", "mine.json").stdout.strip()
    told = json.loads(here("library", "show", name, "--json").stdout)
    assert (told["known_problems"], told["unchecked"]) == ([], [])
    assert "unchecked" not in here("library", "show", name).stdout
