"""What the commands say, and with which status they end."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fitgui import __version__
from fitgui.cli.main import run_cli
from tests.builders import make_patch_set, make_workspace
from tests.cli.conftest import Finished

Call = Callable[..., Finished]


def one_line(finished: Finished, status: int) -> str:
    """The only line on the standard error; nothing on the standard output."""
    assert finished.returncode == status, finished.stderr
    assert finished.stdout == ""
    assert "Traceback" not in finished.stderr
    [line] = finished.stderr.splitlines()
    assert line.startswith("fitgui: ")
    return line.removeprefix("fitgui: ")


def test_version_and_help(fitgui: Call) -> None:
    assert fitgui("--version").stdout == f"fitgui {__version__}\n"
    text = fitgui("--help").stdout
    for command in ("run", "inspect", "runs", "backends", "self-test", "gui"):
        assert f"\n  {command} " in text
        assert fitgui(command, "--help").returncode == 0


def test_help_and_version_load_neither_qt_nor_numerical_libraries(
    environment: dict[str, str], fitgui: Call
) -> None:
    finished = fitgui("--help", PYTHONPROFILEIMPORTTIME="1")
    loaded = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in finished.stderr.splitlines()}
    assert "click" in loaded
    assert loaded.isdisjoint({"PySide6", "numpy", "scipy", "pyhf", "rich", "sqlite3", "msgspec"})


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["rum"], "there is no command rum: the nearest are run"),
        (["run"], "which pallet? give a path, a DOI, a name from the library, or the word example"),
        (["run", "example", "--frobnicate"], "no such option"),
        (["run", "example", "--workers", "0"], "0 is no whole number of 1 or more (see `fitgui run --help`)"),
        (["run", "example", "--toys", "1e3"], "'--toys': 1e3 is no whole number of 1 or more"),
        (["run", "example", "--timeout", "nan"], "'--timeout': nan is no number of 0 or more"),
        (["run", "example", "--engine", "newtn"], "there is no engine newtn: choose one of"),
        (["run", "example", "--backend", "slurm"], "there is no backend slurm: choose one of local"),
        (
            ["run", "example", "--analysis", "nothing"],
            "there is no analysis nothing in example: choose one of",
        ),
        (["run", "example", "--patch-set", "nothing"], "there is no patch set nothing"),
        (["run", "example", "--output", "nowhere/file.json"], "there is no folder"),
        (["run", "nowhere.tar.gz"], "nowhere.tar.gz"),
        (
            ["run", "example", "--resume", "20200101-000000-abcd", "--engine", "pyhf"],
            "--engine belongs to a run",
        ),
        (["point", "example", "XX_150_20", "--mu", "nan"], "nan is no number above 0"),
        (["point", "example", "XX_150_20", "--mu", "0"], "0 is no number above 0"),
        (
            ["point", "example", "XX_150_20", "--mu", "1e6"],
            "--mu 1e+06 is outside the bounds of mu_SIG, 0 to 10",
        ),
        (["point", "example", "XX_150_20", "--top", "few"], "few is no whole number of 0 or more"),
        (["inspect"], "missing argument 'PALLET' (see `fitgui inspect --help`)"),
        (["inspect", "nowhere.tar.gz"], "nowhere.tar.gz"),
        (["backends", "check", "slurm"], "there is no backend slurm"),
        (["runs", "show", "20200101-000000-abcd"], "there is no run 20200101-000000-abcd"),
        (["runs", "export", "last", "--json", "--format", "csv"], "contradict each other"),
    ],
)
def test_mistakes_in_the_command(here: Call, arguments: list[str], expected: str) -> None:
    assert expected in one_line(here(*arguments), status=2)


@pytest.mark.parametrize("poi", ["", "mu_OTHER"])
def test_a_pallet_without_a_signal_strength_is_refused(here: Call, tmp_path: Path, poi: str) -> None:
    folder = tmp_path / "without"
    folder.mkdir()
    workspace = make_workspace()
    patches = make_patch_set(workspace, digest="")
    workspace["measurements"][0]["config"]["poi"] = poi
    (folder / "BkgOnly.json").write_text(json.dumps(workspace), encoding="utf-8")
    (folder / "patchset.json").write_text(json.dumps(patches), encoding="utf-8")
    line = one_line(here("run", folder), status=2)
    assert "parameter of interest" in line
    assert "there is no signal strength to test" in line
    looked = here("inspect", folder)
    problems = [said for said in looked.stdout.splitlines() if "parameter of interest" in said]
    assert (looked.returncode, len(problems)) == (0, 1)
    assert json.loads(here("runs", "list", "--json").stdout) == []


def test_unknown_points_are_answered_with_the_nearest(here: Call) -> None:
    line = one_line(here("run", "example", "--points", "XX_150_21"), status=2)
    assert "there is no point XX_150_21" in line
    assert "XX_150_20" in line


def test_several_analyses_must_be_chosen_from(fitgui: Call, real_pallets: Path) -> None:
    stau = real_pallets / "atlas-susy-2018-04-stau.tar.gz"
    line = one_line(fitgui("run", stau), status=2)
    assert "choose one with --analysis: " in line
    for name in ("Region-combined", "Region-highMass", "Region-lowMass"):
        assert f"{name} (57 points)" in line


def test_a_pallet_that_cannot_be_used_fails_in_one_line(fitgui: Call, tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text('{"channels": [')
    assert "broken.json" in one_line(fitgui("run", tmp_path / "broken.json"), status=1)
    assert "broken.json" in one_line(fitgui("inspect", tmp_path / "broken.json"), status=1)


def test_a_data_folder_that_cannot_be_written_fails_in_one_line(fitgui: Call, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    line = one_line(fitgui("runs", "list", FITGUI_DATA=str(tmp_path / "file")), status=1)
    assert "FITGUI_DATA" in line


@pytest.mark.parametrize("arguments", [["gui", "example"], ["run", "example"], ["runs", "list"]])
def test_a_data_folder_that_cannot_be_made_says_what_to_do(
    fitgui: Call, tmp_path: Path, arguments: list[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    folder = tmp_path / "file" / "data"
    line = one_line(fitgui(*arguments, FITGUI_DATA=str(folder), QT_QPA_PLATFORM="offscreen"), status=1)
    assert f"there is no folder {folder} for the journal, and it cannot be created" in line
    assert line.endswith("set FITGUI_DATA to a folder that can be written")
    assert "Errno" not in line
    assert "report" not in line


def test_no_display_is_one_line(fitgui: Call, environment: dict[str, str]) -> None:
    environment.pop("QT_QPA_PLATFORM", None)
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux has sessions without a display")
    for arguments in ([], ["gui"], ["gui", "example"]):
        assert "fitgui run example" in one_line(fitgui(*arguments), status=1)


def test_inspect_for_machines(fitgui: Call, small_pallet: Path) -> None:
    document = json.loads(fitgui("inspect", small_pallet, "--json").stdout)
    assert document["schema"] == 1
    [analysis] = document["analyses"]
    expected = {
        "channels": 2,
        "bins": 3,
        "poi": "mu_SIG",
        "digest_verified": True,
        "labels": ["m1", "m2"],
    }
    assert {key: analysis[key] for key in expected} == expected
    assert {"name": "sig_300_100", "values": {"m1": 300, "m2": 100}}.items() <= analysis["points"][0].items()
    assert [channel["name"] for channel in analysis["channel_list"]] == ["SR", "CR"]
    assert analysis["channel_list"][0]["samples"] == ["bkg"]


def test_inspect_in_a_pipe_is_plain(fitgui: Call, small_pallet: Path) -> None:
    lines = fitgui("inspect", small_pallet).stdout.splitlines()
    assert all(line.isprintable() for line in lines)
    assert "point sig_400_200: m1 = 400, m2 = 200" in lines
    assert any(line.startswith("analysis BkgOnly: 3 points, 2 channels, 3 bins") for line in lines)


@pytest.mark.parametrize(
    ("name", "analyses", "points"),
    [
        ("atlas-susy-2019-08-1Lbb", 1, 125),
        ("atlas-susy-2018-04-stau", 3, 57),
        ("atlas-susy-2018-06-3L-eRJR", 1, 64),
    ],
)
def test_inspect_real_pallets(
    fitgui: Call, real_pallets: Path, name: str, analyses: int, points: int
) -> None:
    document = json.loads(fitgui("inspect", real_pallets / f"{name}.tar.gz", "--json").stdout)
    assert len(document["analyses"]) == analyses
    for analysis in document["analyses"]:
        assert analysis["digest_verified"] is True
        assert len(analysis["points"]) == points
        assert all(list(point["values"]) == analysis["labels"] for point in analysis["points"])


def test_no_runs_yet(fitgui: Call) -> None:
    finished = fitgui("runs", "list")
    assert (finished.returncode, finished.stdout) == (0, "")
    assert "fitgui run example" in finished.stderr
    assert json.loads(fitgui("runs", "list", "--json").stdout) == []


def test_what_nobody_foresaw_goes_into_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FITGUI_DATA", str(tmp_path))

    def broken(_pallet: str | None, _run: bool, _self_test: bool) -> int:
        raise RuntimeError("a fault\nover two lines")

    assert run_cli(["gui"], broken) == 1
    [line] = capsys.readouterr().err.splitlines()
    [log] = (tmp_path / "logs").iterdir()
    assert str(log) in line
    assert "Traceback" in log.read_text(encoding="utf-8")
    assert "RuntimeError: a fault" in log.read_text(encoding="utf-8")


def test_the_window_gets_what_was_asked_for() -> None:
    asked: list[tuple[str | None, bool, bool]] = []

    def window(pallet: str | None, run: bool, self_test: bool) -> int:
        asked.append((pallet, run, self_test))
        return 7

    assert run_cli([], window) == 7
    assert run_cli(["gui", "a.tar", "--run"], window) == 7
    assert run_cli(["gui", "--self-test"], window) == 7
    assert asked == [(None, False, False), ("a.tar", True, False), (None, False, True)]


def test_a_broken_pipe_is_quiet(environment: dict[str, str]) -> None:
    shell = f"{sys.executable} -m fitgui inspect example --json | head -c 10"
    finished = subprocess.run(
        ["sh", "-c", shell], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert finished.stdout == '{\n "schema'
    assert finished.stderr == ""
