"""What is wrong with yields or with what was typed is said in a line each, and nothing is fitted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Finished
from tests.cli.yields import BINS, table
from tests.reinterpretation.targets import STAU

Call = Callable[..., Finished]


def all_refused(finished: Finished, folder: Path) -> list[str]:
    """The sentences of a command that did nothing."""
    assert finished.returncode == 2
    assert finished.stdout == ""
    lines = finished.stderr.splitlines()
    assert all(line.startswith("fitgui: ") for line in lines)
    assert len(set(lines)) == len(lines)
    assert not (folder / "data" / "signals").exists()
    return [line.removeprefix("fitgui: ") for line in lines]


def refused(finished: Finished, folder: Path) -> str:
    """The only one."""
    [line] = all_refused(finished, folder)
    return line


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({**BINS, "SR[0]": -3.0}, ["SR[0] is below zero", "--accept negative"]),
        ({**BINS, "SR[0]": "nan"}, ["line 2", "'nan' is not a number"]),
        ({**BINS, "SR[0]": "3 pb"}, ["line 2"]),
        ({"SR[0]": 3, "SR[1]": 8}, ["SR[2] has no region", "--missing zero", "--missing drop"]),
        (
            {"CR_W[0]": 3, "CR_W[1]": 8, "CR_W[2]": 1},
            ["no yields for the signal region SR", "--missing zero"],
        ),
        ({name: 1000 * value for name, value in BINS.items()}, ["20000 events in all", "--accept "]),
        ({**BINS, "SR_more": 2}, ["Region SR_more of my.csv has no bin", "--ignore REGION"]),
        ({"SRA": 3, "SRB": 8}, ["is the file for another analysis?", "--map FILE"]),
        (dict.fromkeys(BINS, 0), ["All yields are zero"]),
    ],
    ids=["negative", "nan", "unit", "bin", "region", "thousand", "unknown", "other", "zero"],
)
def test_yields_that_cannot_be_right(
    here: Call, tmp_path: Path, rows: dict[str, object], said: list[str]
) -> None:
    table(tmp_path / "my.csv", rows)
    first, *_ = all_refused(here("reinterpret", "example", "--yields", "my.csv"), tmp_path)
    for part in said:
        assert part in first


def test_all_that_is_wrong_is_told_in_one_go(here: Call, real_pallets: Path, tmp_path: Path) -> None:
    (tmp_path / "my.csv").write_text(
        "# unit: efficiency\nregion,yield\nSR1,-0.003\nSR2,0.003\nmore,0.1\n", encoding="utf-8"
    )
    call = ("reinterpret", real_pallets / STAU, "--analysis", "Region-combined", "--yields", "my.csv")
    unit, unmapped, proposed = all_refused(here(*call), tmp_path)
    assert "--cross-section 'VALUE fb' and --luminosity 'VALUE fb-1'" in unit
    assert "Region more of my.csv has no bin" in unmapped
    assert "--ignore REGION" in unmapped
    assert "--accept proposed" in proposed
    call = (*call, "--ignore", "more", "--cross-section", "20 fb", "--luminosity", "139/fb")
    lines = all_refused(here(*call), tmp_path)
    assert "--accept proposed" in lines[0]
    assert any("below zero" in line and "--accept negative" in line for line in lines)
    shown = here(*call, "--show-map")
    assert shown.returncode == 0
    assert all(shown.stdout.count(line) == 1 for line in lines)
    assert "--show-map" not in shown.stdout


def test_mistakes_are_sentences_for_machines_as_well(here: Call, tmp_path: Path) -> None:
    """As for all commands: the standard output stays empty, and the exit status tells."""
    table(tmp_path / "my.csv", {"SR[0]": -3, "SR[1]": 8, "SR[2]": 9})
    call = ("reinterpret", "example", "--yields", "my.csv")
    assert all_refused(here(*call, "--json"), tmp_path) == all_refused(here(*call), tmp_path)


def test_numbers_need_their_units(here: Call, tmp_path: Path) -> None:
    (tmp_path / "my.csv").write_text(
        "# unit: efficiency\nregion,yield\nSR[0],0.001\nSR[1],0.002\nSR[2],0.003\n", encoding="utf-8"
    )
    call = ("reinterpret", "example", "--yields", "my.csv")
    line = refused(here(*call), tmp_path)
    assert "--cross-section 'VALUE fb' and --luminosity 'VALUE fb-1'" in line
    line = refused(here(*call, "--cross-section", "20 fb"), tmp_path)
    assert "--luminosity 'VALUE fb-1'" in line
    assert "--cross-section" not in line
    shown = here(*call, "--cross-section", "20 fb", "--luminosity", "139/fb", "--show-map")
    assert "efficiencies of my.csv times 20 fb times 139" in shown.stdout
    assert f"{0.002 * 20 * 139:.4g}" in shown.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--cross-section", "12"], "--cross-section: the cross section 12 has no unit"),
        (["--luminosity", "139 fb"], "--luminosity: '139 fb' is a cross section"),
        (["--signal-uncertainty", "22"], "give it in percent, as in 22%"),
        (["--accept", "everything"], "--accept everything: there is no such finding"),
        (["--drop", "SR", "CR"], "there is no channel CR: choose one of CR_W, CR_top, SR"),
        (["--drop", "SR", "--keep", "SR"], "--drop and --keep contradict each other about SR"),
        (["--drop", "SR", "CR_W", "CR_top"], "All channels are left out"),
        (["--ignore", "foo"], "there is no region foo in my.csv"),
        (["--format", "excel"], "there is no format excel: choose one of simpleanalysis"),
        (["--of", "SUSY-1"], "does not say which analysis it is for: leave --of out"),
        (["--analysis", "SR"], "there is no analysis SR in example"),
        (["--measurement", "mine"], "there is no measurement mine"),
        (["--map", "my.csv"], "my.csv is no region map"),
        (["--scan"], "--scan belongs to a template"),
        (["--show-map", "--save-map", "map.json"], "--show-map shows where the regions go, and stops"),
        (["--show-map", "--json"], "leave --json out"),
        (["--show-map", "--write-patch", "p.json", "--output", "r.json"], "--write-patch and --output out"),
        (["--save-map", "-"], "--save-map writes a file: give it a name"),
        (["--write-patch", "-"], "--write-patch writes a file: give it a name"),
        (
            ["--template", "new.csv"],
            "--template writes a table to be filled in, and stops: leave --yields out",
        ),
        (["--engine", "fast"], "there is no engine fast"),
        (["--backend", "batch"], "there is no backend batch"),
        (["--output", "nowhere/results.json"], "there is no folder"),
        (["--scale", "0"], "0 is no number above 0"),
    ],
)
def test_options_that_cannot_be_meant(here: Call, tmp_path: Path, options: list[str], said: str) -> None:
    table(tmp_path / "my.csv", BINS)
    finished = here("reinterpret", "example", "--yields", "my.csv", *options)
    assert finished.returncode == 2
    assert finished.stdout == ""
    [line] = finished.stderr.splitlines()
    assert said in line
    assert [path.name for path in tmp_path.iterdir() if path.name != "data"] == ["my.csv"], (
        "nothing is written"
    )


def test_files_that_are_none_of_yields(here: Call, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("nothing of that kind", encoding="utf-8")
    (tmp_path / "empty.csv").write_text("", encoding="utf-8")
    (tmp_path / "bytes.bin").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "folder").mkdir()
    for name in ("words.txt", "empty.csv", "bytes.bin", "folder", "missing.csv"):
        line = refused(here("reinterpret", "example", "--yields", name), tmp_path)
        assert name in line


def test_what_is_wanted_is_asked_for(here: Call, tmp_path: Path) -> None:
    assert "which pallet?" in refused(here("reinterpret"), tmp_path)
    assert "--template writes a file" in refused(here("reinterpret", "example", "--template", "-"), tmp_path)
    assert "leave --json out" in refused(
        here("reinterpret", "example", "--template", "my.csv", "--json"), tmp_path
    )
    assert "which yields?" in refused(here("reinterpret", "example"), tmp_path)
    assert "there is no folder" in refused(
        here("reinterpret", "example", "--template", "no/my.csv"), tmp_path
    )


def test_a_wrong_order_is_noticed(here: Call, tmp_path: Path) -> None:
    """Yields of a published signal without names, from the last bin to the first."""
    published = [1.2, 12.4, 31.0]
    (tmp_path / "my.txt").write_text("\n".join(map(str, published)), encoding="utf-8")
    line, *_ = all_refused(here("reinterpret", "example", "--yields", "my.txt"), tmp_path)
    assert "a wrong order gives a wrong limit" in line
