"""``fitgui library``, and commands that find pallets in it or fetch them into it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import bibtexparser
import pytest

from fitgui.pallets.library.library import Library
from tests.builders import make_patch_set, make_workspace
from tests.cli.conftest import Finished
from tests.cli.test_terminal import CONTROL, in_terminal
from tests.hepdata.faults import Stalled, busy
from tests.hepdata.records import Resource
from tests.hepdata.standin import StandIn
from tests.pallets.archives import tar
from tests.processes import until

Call = Callable[..., Finished]
DOI = "10.17182/hepdata.90607.v1/r1"
WORKSPACE = make_workspace()
CONTENT = tar({"BkgOnly.json": WORKSPACE, "patchset.json": make_patch_set(WORKSPACE)})


@pytest.fixture
def published(hepdata: StandIn) -> Resource:
    """A file of the record of 1Lbb."""
    return hepdata.publish(
        "1Lbb_likelihoods.tar.gz",
        CONTENT,
        record=90607,
        inspire=1755298,
        arxiv="1909.09226",
        title="Search for a Higgs boson & two $b$-jets",
        journal="Eur.Phys.J.C 80 (2020) 691",
        doi="10.1140/epjc/s10052-020-8050-3",
    )


def digest_of(here: Call, name: str) -> str:
    digest: str = json.loads(here("library", "show", name, "--json").stdout)["digest"]
    return digest


def one_line(finished: Finished, *, status: int = 1) -> str:
    assert finished.returncode == status, finished.stderr
    assert finished.stdout == ""
    [line] = finished.stderr.splitlines()
    assert line.startswith("fitgui: ")
    return line


def test_nothing_is_kept_yet(here: Call, tmp_path: Path) -> None:
    for arguments in (["library"], ["library", "list"], ["library", "verify"]):
        finished = here(*arguments)
        assert (finished.returncode, finished.stdout) == (0, "")
        assert "nothing is kept yet" in finished.stderr
    assert json.loads(here("library", "--json").stdout) == []
    assert json.loads(here("library", "verify", "--json").stdout) == []
    assert not (tmp_path / "data" / "library").exists()


def test_what_is_opened_is_listed_and_opened_by_its_name(here: Call, small_pallet: Path) -> None:
    first = here("inspect", small_pallet, "--json")
    assert first.stderr == ""
    [item] = json.loads(here("library", "--json").stdout)
    inspected = json.loads(first.stdout)
    assert (item["digest"], item["name"], item["points"]) == (inspected["digest"], "small", 3)
    assert item["source"] == inspected["source"] == str(small_pallet)
    assert item["origins"][0]["source"] == str(small_pallet)
    assert Path(item["path"]).is_dir()
    line, total = (here("library").stdout, here("library").stderr)
    assert line.split()[0] == "small"
    assert str(small_pallet) in line
    assert total.startswith("fitgui: 1 pallet, ")
    shutil.rmtree(small_pallet)
    for name in ("small", item["digest"], item["digest"][:8]):
        again = json.loads(here("inspect", name, "--json").stdout)
        assert again["analyses"] == inspected["analyses"]
        assert (again["digest"], again["source"]) == (inspected["digest"], "small")
    assert here("run", "small", "--points", "sig_400_*").returncode == 0
    assert here("point", "small", "sig_300_100", "--no-impacts").returncode == 0


def test_the_example_is_not_kept(here: Call) -> None:
    assert here("inspect", "example").returncode == 0
    assert json.loads(here("library", "--json").stdout) == []
    assert "fitgui has it already" in one_line(here("library", "add", "example"), status=2)


def test_show_says_all_that_is_known(here: Call, published: Resource) -> None:
    assert here("download", DOI).returncode == 0
    lines = here("library", "show", "1909.09226").stdout.splitlines()
    known = {line.partition(" ")[0]: line.partition(" ")[2] for line in lines}
    assert known["pallet"] == "1Lbb_likelihoods"
    assert known["record"] == "10.17182/hepdata.90607"
    assert known["analysis"] == "BkgOnly: 3 points, 2 channels, 3 bins, 5 parameters"
    assert known["licence"].startswith("CC0 https://")
    assert known["from"].startswith(f"{DOI} (http")
    assert known["path"] == here("library", "path", DOI).stdout.strip()
    assert Path(known["path"]).read_bytes() == CONTENT


def test_show_in_a_terminal_cuts_nothing(
    environment: dict[str, str], tmp_path: Path, small_pallet: Path, here: Call
) -> None:
    assert here("library", "add", small_pallet).stdout == "small\n"
    for arguments, needed in (
        (["library"], "small"),
        (["library", "show", "small"], digest_of(here, "small")),
    ):
        status, text = in_terminal(arguments, environment, tmp_path)
        assert status == 0
        assert needed in CONTROL.sub("", text)


def test_cite_gives_bibtex_of_paper_and_file(here: Call, published: Resource) -> None:
    assert here("download", DOI).returncode == 0
    cited = here("library", "cite", "1Lbb_likelihoods")
    assert (cited.returncode, cited.stderr) == (0, "")
    library = bibtexparser.parse_string(cited.stdout)
    assert library.failed_blocks == []
    paper, file = library.entries
    assert (paper.entry_type, paper["eprint"], paper["volume"]) == ("article", "1909.09226", "80")
    assert paper["doi"] == "10.1140/epjc/s10052-020-8050-3"
    assert (file.key, file["year"]) == ("hepdata.90607.v1/r1", "2020")
    assert rf"\url{{https://doi.org/{DOI}}}" in file["note"]
    assert r"1Lbb\_likelihoods.tar.gz" in file["title"]
    assert r"a Higgs boson \& two $b$-jets" in file["title"]


def test_cite_knows_a_published_file_from_elsewhere_by_what_it_names(
    here: Call, real_pallets: Path, small_pallet: Path
) -> None:
    [stau] = real_pallets.glob("*-stau.tar.gz")
    name = here("library", "add", stau).stdout.strip()
    cited = here("library", "cite", name).stdout
    assert 'eprint = "1911.06660"' in cited
    assert "@misc{hepdata.92006," in cited
    here("library", "add", small_pallet)
    assert "it is not known where small was published" in one_line(here("library", "cite", "small"))


def test_remove_and_verify(here: Call, small_pallet: Path, tmp_path: Path) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "packed"), "gztar", small_pallet))
    for path in (archive, small_pallet):
        assert here("library", "add", path).returncode == 0
    all_well = here("library", "verify")
    assert all_well.returncode == 0
    assert [line.split()[:5] for line in all_well.stdout.splitlines()] == [
        ["small", "is", "what", "was", "kept:"],
        ["packed", "is", "what", "was", "kept:"],
    ]
    kept = Path(here("library", "path", "packed").stdout.strip())
    data = bytearray(kept.read_bytes())
    data[-1] ^= 1
    kept.write_bytes(data)
    changed = here("library", "verify", "--json")
    assert changed.returncode == 1
    assert [verdict["ok"] for verdict in json.loads(changed.stdout)] == [True, False]
    assert here("library", "verify", "small").returncode == 0
    removed = here("library", "remove", "packed")
    assert removed.returncode == 0
    assert removed.stderr.startswith("fitgui: removed packed, ")
    assert "there is no pallet packed in the library: choose one of small" in one_line(
        here("library", "remove", "packed"), status=2
    )
    assert small_pallet.exists()


def test_what_is_damaged_is_told_and_can_be_removed(here: Call, small_pallet: Path) -> None:
    here("library", "add", small_pallet)
    digest = digest_of(here, "small")
    (Library().folder / digest / "item.json").write_text("{", encoding="utf-8")
    listed = here("library")
    assert (listed.returncode, listed.stdout) == (0, "")
    [problem] = listed.stderr.splitlines()
    command = f"`fitgui library remove {digest[:12]}` removes it"
    assert command in problem
    assert here("library", "verify").returncode == 1
    assert here("inspect", small_pallet).returncode == 0  # keeping it again repairs it
    assert here("library", "verify").returncode == 0
    (Library().folder / digest / "item.json").unlink()
    assert "which could not be used" in here("library", "remove", digest[:12]).stderr
    assert json.loads(here("library", "--json").stdout) == []


@pytest.mark.parametrize(
    ("arguments", "status", "expected"),
    [
        (["library", "show", "nothing"], 2, "there is no pallet nothing in the library: nothing is kept yet"),
        (["library", "cite", "10.17182/hepdata.1.v1/r1"], 2, "there is no pallet 10.17182/hepdata.1.v1/r1"),
        (["library", "cite", "nothing"], 2, "there is no pallet nothing in the library: nothing is kept yet"),
        (["library", "cite", "10.17182/hepdata.92006.v2/r99"], 2, "10.17182/hepdata.92006.v2/r2 is known"),
        (["library", "add", "nowhere.zip"], 2, "There is no file or folder nowhere.zip"),
        (["library", "add", "."], 1, "holds no HistFactory JSON"),
        (["library", "--json", "verify"], 2, "write --json behind verify"),
        (["inspect", "nothing-of-that-name"], 2, "nothing of that name in the library"),
    ],
)
def test_mistakes_are_one_line(here: Call, arguments: list[str], status: int, expected: str) -> None:
    assert expected in one_line(here(*arguments), status=status)


def test_a_library_that_is_a_file_is_one_line(here: Call, tmp_path: Path, small_pallet: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "library").write_text("", encoding="utf-8")
    assert "is no folder" in here("library").stderr
    assert "is no folder" in one_line(here("library", "verify"))
    assert "is no folder" in one_line(here("library", "add", small_pallet))
    assert here("inspect", small_pallet, "--json").returncode == 0


# --- fetched where it must be


@pytest.mark.parametrize("name", [DOI, "10.17182/hepdata.90607", "ins1755298", "1909.09226", "SUSY-2019-08"])
def test_every_command_fetches_once(name: str, here: Call, hepdata: StandIn, published: Resource) -> None:
    first = here("inspect", name, "--json")
    assert first.returncode == 0, first.stderr
    document = json.loads(first.stdout)
    assert document["source"] == DOI
    assert "is not in the library: getting it from HEPData" in first.stderr
    asked = len(hepdata.requests)
    with hepdata.offline():
        again = here("inspect", name, "--json")
        assert json.loads(again.stdout) == document
        taken = "fitgui: taking version 1, file r1 1Lbb_likelihoods.tar.gz, which is kept; version 4 is"
        assert again.stderr.startswith(taken if name != DOI else "")
        assert len(again.stderr.splitlines()) == (name != DOI)
        fitted = here("run", name, "--points", "sig_300_100", "--json")
        assert json.loads(fitted.stdout)["pallet"] == {
            "name": "1Lbb_likelihoods",
            "source": DOI,
            "digest": document["digest"],
        }
        assert here("run", "--resume", "last", "--json").returncode == 0
        assert here("point", name, "sig_300_100", "--no-impacts", "--json").returncode == 0
    assert len(hepdata.requests) == asked


def test_a_run_of_something_removed_is_fetched_again_to_go_on(
    here: Call, hepdata: StandIn, published: Resource
) -> None:
    assert here("run", DOI, "--points", "sig_300_100").returncode == 0
    assert here("library", "remove", DOI).returncode == 0
    again = here("run", "--resume", "last", "--json")
    assert again.returncode == 0, again.stderr
    assert len(hepdata.asked("file")) == 2
    assert [item["file_doi"] for item in json.loads(here("library", "--json").stdout)] == [DOI]


@pytest.mark.parametrize("verb", ["run", "inspect"])
def test_what_cannot_be_had_is_one_sentence_with_a_way_on(
    verb: str, here: Call, hepdata: StandIn, published: Resource
) -> None:
    with hepdata.offline():
        offline = here(verb, DOI, "--json")
    assert (offline.returncode, offline.stdout) == (1, "")
    assert "Traceback" not in offline.stderr
    missing = here(verb, "10.17182/hepdata.1.v1/r1", "--json")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert json.loads(here("library", "--json").stdout) == []
    hepdata.fault("file", busy(503, retry_after="3600"))
    ill = here(verb, DOI, "--json")
    assert (ill.returncode, ill.stdout) == (1, "")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_ctrl_c_while_fetching_keeps_what_came(
    hepdata: StandIn, published: Resource, fitgui: Call, start_fitgui: Callable[..., subprocess.Popen[str]]
) -> None:
    stall = hepdata.fault("file", Stalled(0.5))
    process = start_fitgui("run", DOI, "--json")
    hepdata.wait_for("file")
    until(lambda: any(part.stat().st_size for part in Path(os.environ["FITGUI_DATA"]).rglob("part")))
    process.send_signal(signal.SIGINT)
    printed, told = process.communicate(timeout=60)
    assert (process.returncode, printed) == (130, "")
    assert told.splitlines()[-1].startswith("fitgui: interrupted: ")
    assert "the same command goes on from there" in told
    stall.end()
    again = fitgui("run", DOI, "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["pallet"]["source"] == DOI
    assert hepdata.asked("file")[-1].range is not None


def test_a_record_with_several_files_lists_them(here: Call, hepdata: StandIn) -> None:
    files = [hepdata.file(f"region{letter}.tar.gz", CONTENT) for letter in "AB"]
    hepdata.add_record(90607, inspire=1755298, versions={1: files})
    several = here("run", "ins1755298")
    assert several.returncode == 2
    last = several.stderr.splitlines()[-1]
    assert "r1 regionA.tar.gz, r2 regionB.tar.gz" in last
    assert "`fitgui download ins1755298 --file rN`" in last


def test_a_file_that_is_kept_from_elsewhere_gains_its_doi(
    here: Call, published: Resource, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.tar.gz"
    mine.write_bytes(CONTENT)
    assert here("library", "add", mine).stdout == "mine\n"
    assert here("download", DOI).returncode == 0
    [item] = json.loads(here("library", "--json").stdout)
    assert (item["name"], item["file_doi"], item["source"]) == ("mine", DOI, DOI)
    assert len(item["origins"]) == 2
    # A path that was typed stays what it is.
    assert json.loads(here("inspect", mine, "--json").stdout)["source"] == str(mine)
