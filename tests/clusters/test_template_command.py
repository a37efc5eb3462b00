"""``fitgui backends template``: files in a folder, and what to do with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fitgui.cli.main import run_cli


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def no_window(*_: object) -> int:
    raise AssertionError


def template(*arguments: str) -> int:
    return run_cli(["backends", "template", *arguments], no_window)


def test_it_writes_a_configuration_and_says_what_comes_next(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "setup.sh").write_text("module load python\nmodule load gcc\n")
    given = ("--set", "name=mine", "--set", "partition=debug", "--set", "setup=@setup.sh")
    assert template("slurm", *given) == 0
    said = capsys.readouterr().out
    assert "written to mine:" in said
    assert "1. Copy the folder to the login node: " in said
    written = {path.name for path in (folder / "mine").iterdir()}
    assert all(f"  {name}" in said for name in written)
    text = (folder / "mine" / "user_config_template.yaml.j2").read_text()
    assert "module load python\nmodule load gcc\n" in text
    assert """default('"debug"')""" in text


def test_for_machines_it_prints_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert template("htcondor", "--output", "there", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["folder"] == str(folder / "there")
    assert sorted(path.name for path in (folder / "there").iterdir()) == told["files"]
    assert len(told["next"]) == 4
    assert template("htcondor", "--questions", "--json") == 0
    assert "requirements" in json.loads(capsys.readouterr().out)["properties"]


def test_it_lists_its_questions(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert template("kubernetes", "--questions") == 0
    said = capsys.readouterr().out
    assert "image  Image, needed" in said
    assert "max_blocks  Pods at most [4]" in said
    assert not list(folder.iterdir())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("slum",), "there is no kind of cluster slum: choose one of slurm, htcondor, pbspro, kubernetes"),
        (("slurm", "--set", "walltime=3h"), "Walltime is '3h', which does not fit: write it as 01:00:00."),
        (("slurm", "--set", "setup=@missing"), "the file missing for setup cannot be read: No such file"),
        (("slurm", "--set", "walltime"), "--set walltime says nothing: write it as name=value"),
        (("kubernetes",), "Image is missing"),
    ],
)
def test_mistakes_are_told_in_one_line(
    arguments: tuple[str, ...], sentence: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert template(*arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"fitgui: {sentence}")
    assert said.count("\n") == 1
    assert not list(folder.iterdir())


def test_what_is_there_is_never_written_over(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "fitgui").mkdir()
    (folder / "fitgui" / "config.yaml").write_text("mine")
    assert template("slurm") == 1
    assert "holds files already: name another with --output" in capsys.readouterr().err
    assert (folder / "fitgui" / "config.yaml").read_text() == "mine"
    (folder / "file").touch()
    assert template("slurm", "--output", "file/below") == 1
    assert "cannot be written: Not a directory" in capsys.readouterr().err
