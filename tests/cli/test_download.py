"""``fitgui download``, as a process of its own: got, kept, interrupted, killed, gone on with."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builders import make_patch_set, make_workspace
from tests.cli.conftest import Finished
from tests.cli.test_terminal import CONTROL, in_terminal
from tests.hepdata.faults import Challenge, Slow, Stalled, WrongContent, busy, truncated
from tests.hepdata.records import Resource
from tests.hepdata.standin import StandIn
from tests.pallets.archives import tar
from tests.processes import until
from tests.runs.disks import fill, small_disk

Call = Callable[..., Finished]
Start = Callable[..., subprocess.Popen[str]]

NAME = "likelihoods.tar.gz"
DOI = "10.17182/hepdata.90607.v1/r1"
unix = pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")


def pallet(noise: int = 600_000, seed: int = 1) -> bytes:
    """A pallet of three points that takes a while on its way: with a file in it that opening leaves out."""
    workspace = make_workspace()
    patch_set = make_patch_set(workspace)
    patch_set["metadata"]["references"] = {"hepdata": "ins1755298"}
    return tar(
        {
            "BkgOnly.json": workspace,
            "patchset.json": patch_set,
            "plots.bin": random.Random(seed).randbytes(noise),
        }
    )


CONTENT = pallet()


@pytest.fixture
def published(hepdata: StandIn) -> Resource:
    """The file of the record 90607."""
    return hepdata.publish(NAME, CONTENT, record=90607, inspire=1755298, arxiv="1909.09226")


def kept_files(folder: Path) -> list[Path]:
    return sorted((folder / "data" / "library").glob("*/content/*"))


def bytes_here(folder: Path) -> int:
    return sum(part.stat().st_size for part in (folder / "data").rglob("part"))


def ranges(hepdata: StandIn, file: Resource) -> list[str | None]:
    return [asked.range for asked in hepdata.asked(file)]


def start_until(
    hepdata: StandIn, start: Start, file: Resource, folder: Path, share: float
) -> tuple[subprocess.Popen[str], int, Callable[[], None]]:
    """A download that has come so far and stalls there; the bytes that are here, and what ends the stall."""
    stall = Stalled(share)
    laid = hepdata.fault(file, stall)
    process = start("download", DOI)
    size = int(share * len(CONTENT))
    until(lambda: bytes_here(folder) == size or process.poll() is not None)
    assert process.poll() is None
    return process, size, laid.end


def test_it_is_got_kept_and_never_got_again(
    hepdata: StandIn, published: Resource, fitgui: Call, tmp_path: Path
) -> None:
    first = fitgui("download", DOI)
    assert first.returncode == 0, first.stderr
    [kept] = kept_files(tmp_path)
    assert kept.read_bytes() == CONTENT
    lines = dict(line.split(" ", 1) for line in first.stdout.splitlines())
    assert lines == {
        "pallet": "SUSY-2019-08_likelihoods",
        "doi": DOI,
        "digest": kept.parent.parent.name,
        "path": str(kept),
        "analysis": "BkgOnly: 3 signal points, 2 channels, 3 bins",
        "run": "with fitgui run SUSY-2019-08_likelihoods",
    }
    assert "downloading 60" in first.stderr
    hepdata.forget_requests()
    again = fitgui("download", DOI)
    assert (again.returncode, again.stdout) == (0, first.stdout)
    assert hepdata.requests == ()
    run = fitgui(*lines["run"].removeprefix("with fitgui ").split(), "--points", "sig_300*", "--json")
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["pallet"]["source"] == DOI
    assert hepdata.requests == ()


@pytest.mark.parametrize(
    "name", ["90607", "ins1755298", "arXiv:1909.09226", f"https://doi.org/{DOI}", "SUSY-2019-08", "1Lbb"]
)
def test_every_name_of_it_will_do(
    hepdata: StandIn, published: Resource, here: Call, tmp_path: Path, name: str
) -> None:
    done = here("download", name, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    [kept] = kept_files(tmp_path)
    assert told["path"] == str(kept)
    assert told["file_doi"] == DOI
    assert told["downloaded"] is True
    assert told["analyses"][0]["points"] == 3
    assert told["run"] == "fitgui run SUSY-2019-08_likelihoods"


@pytest.mark.parametrize("folder", [False, True])
def test_a_copy_goes_where_it_is_wanted(
    hepdata: StandIn, published: Resource, here: Call, tmp_path: Path, folder: bool
) -> None:
    target = tmp_path / "out"
    if folder:
        target.mkdir()
    else:
        target.write_text("an older file")
    done = here("download", DOI, "--output", target, "--json")
    assert done.returncode == 0, done.stderr
    copy = target / NAME if folder else target
    assert json.loads(done.stdout)["output"] == str(copy)
    assert copy.read_bytes() == CONTENT
    assert [path.name for path in copy.parent.iterdir() if path.name.startswith(".")] == []


def test_a_place_that_cannot_be_written_is_told_before_anything_is_asked(
    hepdata: StandIn, published: Resource, here: Call, tmp_path: Path
) -> None:
    for target in (tmp_path / "nowhere" / "x.tar.gz", "-"):
        done = here("download", DOI, "--output", target)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
    assert hepdata.requests == ()


def test_versions_and_files_are_chosen(hepdata: StandIn, here: Call) -> None:
    old, one, two = pallet(10, 1), pallet(10, 2), pallet(10, 3)
    record = hepdata.add_record(
        90607,
        inspire=1755298,
        versions={
            1: [hepdata.file("old.tar.gz", old)],
            2: [hepdata.file("one.tar.gz", one), hepdata.file("two.tar.gz", two)],
        },
    )
    doi = record.hepdata_doi
    several = here("download", doi)
    assert several.returncode == 2
    assert "choose one: r1 one.tar.gz, r2 two.tar.gz (--file rN chooses it" in several.stderr
    for arguments, name in (
        (("--file", "r2"), "two"),
        (("--file", "one.tar.gz"), "one"),
        (("--version", "1"), "old"),
    ):
        done = here("download", doi, *arguments, "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["name"] == name
    for arguments, words in (
        (("--file", "r9"), "no file r9: choose one of r1 one.tar.gz, r2 two.tar.gz"),
        (("--version", "7"), "versions 1 to 2, not version 7"),
    ):
        refused = here("download", doi, *arguments)
        assert refused.returncode in (1, 2)
        assert words in refused.stderr
    for arguments in (("--version", "1"), ("--file", "r1")):
        assert here("download", f"{doi}.v2/r1", *arguments).returncode == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("",), "nothing was named: give a DOI or a number of HEPData's"),
        (("  ",), "nothing was named"),
        ((DOI.partition(".v")[0], "--file", ""), "--file is empty: give the name of a file of the record"),
        (("x" * 3000,), f"{'x' * 80}… is no DOI"),
    ],
)
def test_what_names_nothing_is_told_as_that(
    hepdata: StandIn, here: Call, arguments: tuple[str, ...], words: str
) -> None:
    done = here("download", *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(f"fitgui: {words}")
    assert len(done.stderr.splitlines()) == 1
    assert hepdata.requests == ()


@pytest.mark.parametrize("kept", [False, True])
def test_a_table_stands_for_its_record_and_that_is_said(published: Resource, here: Call, kept: bool) -> None:
    if kept:
        assert here("download", DOI).returncode == 0
    table = f"{DOI.partition('/r')[0]}/t1"
    said = f"fitgui: {table} is a table: taking the likelihood of its record, {DOI.partition('/r')[0]}"
    for command in ("download", "inspect"):
        done = here(command, table)
        assert done.returncode == 0, done.stderr
        assert done.stderr.count("is a table") == 1
        assert done.stderr.splitlines()[0] == said


def test_a_name_that_nobody_knows(hepdata: StandIn, here: Call) -> None:
    done = here("download", "nonsense")
    assert done.returncode == 2
    assert "`fitgui search` finds what is published" in done.stderr
    assert hepdata.requests == ()


def test_what_fails_is_one_sentence(
    hepdata: StandIn, published: Resource, here: Call, tmp_path: Path
) -> None:
    for fault, words in (
        (truncated(), "is cut off"),
        (busy(429, "3600"), "60 minutes"),
        (WrongContent(lambda _: tar({"x.json": {"distributions": [], "likelihoods": []}})), "HS3"),
        (WrongContent(lambda _: tar({"readme.txt": b"nothing"})), "holds no HistFactory JSON"),
    ):
        laid = hepdata.fault(published, fault)
        done = here("download", DOI)
        laid.end()
        assert done.returncode == 1
        assert words in done.stderr.splitlines()[-1]
        assert kept_files(tmp_path) == []
    assert here("download", DOI).returncode == 0


def test_offline_names_what_is_kept(
    hepdata: StandIn, published: Resource, here: Call, tmp_path: Path
) -> None:
    assert here("download", DOI).returncode == 0
    with hepdata.offline():
        kept = here("download", DOI)
        assert kept.returncode == 0
        newest = here("download", "ins1755298", "--version", "2")
        assert newest.returncode == 1
        assert "version 1 of it is in the library as SUSY-2019-08_likelihoods" in newest.stderr


@pytest.mark.parametrize("where", ["file", "/record/*"])
def test_where_only_browsers_are_let_in_the_page_is_named_and_the_way_on(
    hepdata: StandIn, published: Resource, here: Call, tmp_path: Path, where: str
) -> None:
    hepdata.fault(where, Challenge())
    done = here("download", DOI)
    assert done.returncode == 1
    page = (
        f"https://www.hepdata.net/record/resource/{published.id}?landing_page=true"
        if where == "file"
        else f"https://doi.org/{DOI}"
    )
    assert done.stderr.splitlines()[-1] == (
        f"fitgui: HEPData lets only web browsers in at the moment: open {page} in a browser and save the "
        f"file; `fitgui library add FILE --as {DOI}` keeps it as that"
    )
    saved = tmp_path / "likelihoods (1).tar.gz"
    saved.write_bytes(CONTENT)
    added = here("library", "add", saved, "--as", DOI)
    assert added.stderr.splitlines()[-1] == f"fitgui: kept as {DOI}, not compared with HEPData's file"
    hepdata.forget_requests()
    assert here("download", DOI).returncode == 0  # it is here
    assert not hepdata.requests
    assert "10.17182/hepdata.90607.v1/r1" in here("library", "cite", added.stdout.strip()).stdout


@unix
@pytest.mark.parametrize("share", [0.4, 0.99])
def test_kill_9_is_gone_on_with(
    hepdata: StandIn,
    published: Resource,
    fitgui: Call,
    start_fitgui: Start,
    tmp_path: Path,
    share: float,
) -> None:
    process, size, end = start_until(hepdata, start_fitgui, published, tmp_path, share)
    process.kill()
    process.communicate(timeout=30)
    assert kept_files(tmp_path) == [], "nothing that is not whole is ever opened"
    end()
    again = fitgui("download", DOI)
    assert again.returncode == 0, again.stderr
    [kept] = kept_files(tmp_path)
    assert kept.read_bytes() == CONTENT
    assert ranges(hepdata, published) == [None, f"bytes={size}-"]
    assert f"going on from {round(size / 1000)} kB" in again.stderr
    assert bytes_here(tmp_path) == 0


@unix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_keeps_what_came(
    hepdata: StandIn,
    published: Resource,
    fitgui: Call,
    start_fitgui: Start,
    tmp_path: Path,
    number: signal.Signals,
) -> None:
    process, size, end = start_until(hepdata, start_fitgui, published, tmp_path, 0.4)
    os.kill(process.pid, number)
    _, errors = process.communicate(timeout=20)  # the server is silent, and would be for longer
    assert process.returncode == 130
    [last] = [line for line in errors.splitlines() if "interrupted" in line]
    assert f"{round(size / 1000)} kB of {round(len(CONTENT) / 1000)} kB are kept" in last
    assert "the same command goes on from there" in last
    end()
    assert fitgui("download", DOI).returncode == 0
    assert ranges(hepdata, published) == [None, f"bytes={size}-"]
    assert kept_files(tmp_path)[0].read_bytes() == CONTENT


@unix
def test_a_run_that_has_to_fetch_first_can_be_interrupted_too(
    hepdata: StandIn, published: Resource, fitgui: Call, start_fitgui: Start, tmp_path: Path
) -> None:
    arguments = ("run", DOI, "--points", "sig_300*", "--workers", "1")
    stall = Stalled(0.4)
    laid = hepdata.fault(published, stall)
    process = start_fitgui(*arguments)
    size = int(0.4 * len(CONTENT))
    until(lambda: bytes_here(tmp_path) == size or process.poll() is not None)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "the same command goes on from there" in errors.splitlines()[-1]
    laid.end()
    done = fitgui(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["points"][0]["status"] == "done"
    assert ranges(hepdata, published) == [None, f"bytes={size}-"]


@unix
@pytest.mark.parametrize("route", ["record", "file"])
def test_ctrl_c_while_there_is_no_answer(
    hepdata: StandIn, published: Resource, start_fitgui: Start, route: str
) -> None:
    stall = Stalled(None)
    hepdata.fault(route, stall)
    process = start_fitgui("download", DOI)
    assert stall.reached.wait(60)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert errors.splitlines()[-1] == "fitgui: interrupted"


@unix
def test_two_at_once_download_once(
    hepdata: StandIn, published: Resource, start_fitgui: Start, tmp_path: Path
) -> None:
    stall = Stalled(0.5)
    hepdata.fault(published, stall, times=1)
    first = start_fitgui("download", DOI)
    assert stall.reached.wait(60)
    second = start_fitgui("download", DOI)
    assert second.stderr is not None
    while "another window or command is downloading it" not in (line := second.stderr.readline()):
        assert line, "it ended"
    stall.released.set()
    for process in (first, second):
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    assert ranges(hepdata, published) == [None]
    [kept] = kept_files(tmp_path)
    assert kept.read_bytes() == CONTENT


@unix
def test_one_that_waits_can_be_interrupted(
    hepdata: StandIn, published: Resource, start_fitgui: Start
) -> None:
    stall = Stalled(0.5)
    hepdata.fault(published, stall, times=1)
    first = start_fitgui("download", DOI)
    assert stall.reached.wait(60)
    second = start_fitgui("download", DOI)
    assert second.stderr is not None
    while "another window or command" not in (line := second.stderr.readline()):
        assert line, "it ended"
    second.send_signal(signal.SIGINT)
    second.communicate(timeout=20)
    assert second.returncode == 130
    stall.released.set()
    first.communicate(timeout=60)
    assert first.returncode == 0


def test_a_full_disk_is_one_sentence_and_a_way_on(
    hepdata: StandIn, published: Resource, fitgui: Call, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        filler = fill(disk)
        full = fitgui("download", DOI, FITGUI_DATA=str(disk))
        assert full.returncode == 1
        assert "free" in full.stderr.splitlines()[-1]
        assert "Traceback" not in full.stderr
        filler.unlink()
        done = fitgui("download", DOI, FITGUI_DATA=str(disk))
        assert done.returncode == 0, done.stderr


def test_a_terminal_shows_bytes_speed_and_time(
    hepdata: StandIn, published: Resource, environment: dict[str, str], tmp_path: Path
) -> None:
    hepdata.fault(published, Slow(piece=20_000, pause=0.03))
    status, written = in_terminal(["download", DOI], environment, tmp_path)
    assert status == 0
    plain = CONTROL.sub("", written)
    assert "asking HEPData" in plain
    assert f"kB of {round(len(CONTENT) / 1000)} kB" in plain
    assert "kB/s, about " in plain
    assert written.count("\x1b[?25l") == written.count("\x1b[?25h") == 1, "the cursor is given back"
    assert "is in the library" in plain
    assert plain.rstrip().endswith("run with  fitgui run SUSY-2019-08_likelihoods")
    status, written = in_terminal(["download", DOI], environment, tmp_path)
    assert status == 0
    assert "was in the library already" in written
    assert "\x1b[?25l" not in written
