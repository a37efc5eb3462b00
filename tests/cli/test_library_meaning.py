"""What a record, a DOI or a name means once it is kept: which version and file, and that it is undamaged."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builders import make_patch_set, make_workspace
from tests.cli.conftest import Finished
from tests.hepdata.standin import StandIn
from tests.pallets.archives import tar

Call = Callable[..., Finished]
NAME = "1Lbb-likelihoods-hepdata.tar.gz"
RECORD = "10.17182/hepdata.90607"
WORKSPACE = make_workspace()


def pallet(inspire: int = 1755298, **files: bytes) -> bytes:
    patch_set = make_patch_set(WORKSPACE)
    patch_set["metadata"]["references"] = {"hepdata": f"ins{inspire}"}
    return tar({"BkgOnly.json": WORKSPACE, "patchset.json": patch_set, **files})


SAME = pallet()


def bend(path: Path) -> bytes:
    """Change one bit that does not keep it from opening: the time in the head of gzip."""
    data = bytearray(path.read_bytes())
    data[4] ^= 1
    path.write_bytes(data)
    return bytes(data)


def kept_at(here: Call, name: str) -> Path:
    return Path(here("library", "path", name).stdout.strip())


@pytest.fixture
def four(hepdata: StandIn) -> StandIn:
    """A record of which version 2, 3 and 4 are the same file, as files of other numbers."""
    notes = [hepdata.file(f"{one}.txt", b"see there", type="txt") for one in "abc"]
    first = hepdata.file(NAME, pallet(more=b"1"))
    same = [hepdata.file(NAME, SAME) for _ in range(3)]
    versions = {1: [first], 2: same[:1], 3: [notes[0], same[1]], 4: [*notes[1:], same[2]]}
    hepdata.add_record(
        90607, inspire=1755298, arxiv="1909.09226", title="Search for winos", versions=versions
    )
    return hepdata


def test_the_version_that_was_named_is_told_and_cited(here: Call, four: StandIn) -> None:
    got = [(RECORD + ".v3/r2",), (RECORD + ".v4/r3",), (RECORD, "--version", "2")]
    dois = [f"{RECORD}.v3/r2", f"{RECORD}.v4/r3", f"{RECORD}.v2/r1"]
    for _ in range(2):  # got, and then kept
        for arguments, doi in zip(got, dois, strict=True):
            done = here("download", *arguments, "--json")
            assert done.returncode == 0, done.stderr
            told = json.loads(done.stdout)
            assert (told["file_doi"], told["version"]) == (doi, int(doi.partition(".v")[2][0]))
            assert f"doi {doi}\n" in here("download", *arguments).stdout
    [item] = json.loads(here("library", "--json").stdout)
    assert (item["file_doi"], item["version"]) == (f"{RECORD}.v4/r3", 4), "the newest, not the last one got"
    for doi in dois:
        cited = here("library", "cite", doi).stdout
        assert f"doi.org/{doi}}}" in cited
        assert json.loads(here("library", "show", doi, "--json").stdout)["file_doi"] == doi
        assert json.loads(here("inspect", doi, "--json").stdout)["source"] == doi
    for name in (item["name"], RECORD, "ins1755298"):
        assert f"doi.org/{RECORD}.v4/r3" in here("library", "cite", name).stdout
        assert json.loads(here("inspect", name, "--json").stdout)["source"] == f"{RECORD}.v4/r3"
    assert json.loads(here("inspect", f"{RECORD}.v2", "--json").stdout)["source"] == f"{RECORD}.v2/r1"


def test_an_older_version_that_is_kept_is_taken_with_a_word(here: Call, four: StandIn) -> None:
    assert here("download", RECORD, "--version", "1").returncode == 0
    taken = (
        f"fitgui: taking version 1, file r1 {NAME}, which is kept; version 4 is the newest known: "
        f"`fitgui download {RECORD}` gets it"
    )
    four.forget_requests()
    for verb, more in (("inspect", ()), ("run", ("--points", "sig_300_100")), ("point", ("sig_300_100",))):
        done = here(verb, RECORD, *more, "--json")
        assert done.returncode == 0, done.stderr
        assert done.stderr.splitlines().count(taken) == 1
    assert taken.partition(": `")[0] in here("inspect", "SUSY-2019-08").stderr
    for exact in (f"{RECORD}.v1/r1", f"{RECORD}.v1", "1Lbb-likelihoods-hepdata"):
        assert "taking version" not in here("inspect", exact).stderr
    assert not four.requests
    assert here("download", RECORD).returncode == 0
    assert "taking version" not in here("inspect", RECORD).stderr


def test_one_of_several_files_is_not_taken_for_the_record(here: Call, hepdata: StandIn) -> None:
    files = [hepdata.file(f"region{letter}.tar.gz", pallet(more=letter.encode())) for letter in "AB"]
    record = hepdata.add_record(300002, inspire=3000002, versions={1: files})
    doi = f"{record.hepdata_doi}.v1"
    got = here("download", f"{doi}/r2", "--json")
    assert got.returncode == 0, got.stderr
    for named in ("300002", "ins3000002", record.hepdata_doi, doi):
        several = here("inspect", named)
        assert (several.returncode, several.stdout) == (2, "")
        assert "has 2 files with likelihoods, and regionB, which is kept, is one of them" in several.stderr
        assert f"{doi}/r1 regionA.tar.gz, {doi}/r2 regionB.tar.gz" in several.stderr
    for named in (f"{doi}/r2", "regionB"):
        assert here("inspect", named).returncode == 0


def test_a_version_of_which_the_catalogue_knows_no_doi_is_one_file(
    here: Call, hepdata: StandIn, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.tar.gz"
    mine.write_bytes(SAME)
    doi = f"{RECORD}.v2/r1"
    assert here("library", "add", mine, "--as", doi).returncode == 0
    done = here("inspect", RECORD, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["source"] == doi
    assert "taking version 2, file r1, which is kept; version 4 is the newest known" in done.stderr
    cited = here("library", "cite", doi).stdout
    assert "mine" not in cited, "HEPData does not call it like that"
    assert f"doi.org/{doi}}}" in cited
    assert not hepdata.requests


def test_the_file_that_was_chosen_is_told(here: Call, hepdata: StandIn) -> None:
    """Although both hold the same."""
    record = hepdata.add_record(300002, versions={1: [hepdata.file(f"{one}.tar.gz", SAME) for one in "AB"]})
    for number in ("r1", "r2", "r1"):
        told = json.loads(here("download", record.hepdata_doi, "--file", number, "--json").stdout)
        assert told["file_doi"] == f"{record.hepdata_doi}.v1/{number}"


# --- damage


def test_what_is_damaged_is_never_used_and_downloading_repairs_it(here: Call, four: StandIn) -> None:
    doi = f"{RECORD}.v4/r3"
    name = json.loads(here("download", doi, "--json").stdout)["name"]
    assert here("run", doi, "--points", "sig_300_100").returncode == 0
    bend(kept_at(here, doi))
    for arguments in (
        ("run", doi),
        ("inspect", name),
        ("point", doi, "sig_300_100"),
        ("run", "--resume", "last"),
    ):
        done = here(*arguments)
        assert (done.returncode, done.stdout) == (1, ""), arguments
        assert f"{name} in the library is not what was kept: it was changed or damaged" in done.stderr
    four.forget_requests()
    again = json.loads(here("download", doi, "--json").stdout)
    assert (again["name"], again["downloaded"]) == (name, True)
    assert kept_at(here, doi).read_bytes() == SAME
    assert here("library", "verify").returncode == 0
    assert here("run", "--resume", "last").returncode == 0, "by its digest, as before"


@pytest.mark.parametrize("by", ["path", "name"])
def test_keeping_the_same_again_repairs_it(here: Call, tmp_path: Path, by: str) -> None:
    mine = tmp_path / "mine.tar.gz"
    mine.write_bytes(SAME)
    assert here("library", "add", mine).returncode == 0
    bend(kept_at(here, "mine"))
    assert here("library", "verify", "mine").returncode == 1
    assert (
        here("library", "add", mine).returncode == 0
        if by == "path"
        else here("inspect", mine).returncode == 0
    )
    assert here("library", "verify", "mine").returncode == 0
    assert here("inspect", "mine").returncode == 0


def test_only_what_is_whole_is_copied_out(here: Call, four: StandIn, tmp_path: Path) -> None:
    doi, target = f"{RECORD}.v4/r3", tmp_path / "out.tar.gz"
    name = json.loads(here("download", doi, "--json").stdout)["name"]
    bend(kept_at(here, doi))
    with four.offline():
        for named in (doi, name):
            assert here("download", named, "--output", target).returncode == 1
            assert not target.exists()
    assert here("download", name, "--output", target).returncode == 0, "it is got anew"
    assert target.read_bytes() == SAME
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_a_folder_of_the_library_is_no_file_to_write(here: Call, small_pallet: Path, tmp_path: Path) -> None:
    here("library", "add", small_pallet)
    done = here("download", "small", "--output", tmp_path / "x")
    assert done.returncode == 1
    assert "small is a folder, so it is no file to write" in done.stderr


# --- names and paths


def test_files_that_are_called_the_same_are_told_apart(here: Call, hepdata: StandIn) -> None:
    for number, (record, inspire) in enumerate(((95751, 1866951), (91374, 1767649))):
        file = hepdata.file("statistical_models.tar.gz", pallet(inspire, more=bytes([number])))
        hepdata.add_record(record, inspire=inspire, versions={1: [file]})
    names = ["SUSY-2019-09_statistical_models", "SUSY-2018-16_statistical_models"]
    for doi, name in zip(("10.17182/hepdata.95751", "10.17182/hepdata.91374"), names, strict=True):
        assert json.loads(here("download", doi, "--json").stdout)["name"] == name
        assert here("inspect", doi).stdout.splitlines()[0] == f"pallet {name}"
        run = json.loads(here("run", name, "--points", "sig_300_100", "--json").stdout)
        assert run["pallet"]["name"] == name
    assert {run["pallet"] for run in json.loads(here("runs", "list", "--json").stdout)} == set(names)


def test_a_file_from_a_browser_is_named_by_its_record_too(here: Call, tmp_path: Path) -> None:
    for number, inspire in enumerate((1866951, 1767649, 1111111)):
        file = tmp_path / str(number) / "statistical_models.tar.gz"
        file.parent.mkdir()
        file.write_bytes(pallet(inspire))
        assert here("library", "add", file).returncode == 0
    assert [line.split()[0] for line in here("library").stdout.splitlines()] == [
        "statistical_models",
        "SUSY-2018-16_statistical_models",
        "SUSY-2019-09_statistical_models",
    ]


def test_a_pallet_that_names_its_record_is_found_by_it(
    here: Call, hepdata: StandIn, real_pallets: Path
) -> None:
    [stau] = real_pallets.glob("*-stau.tar.gz")
    name = here("library", "add", stau).stdout.strip()
    told = f"taking {name}, which names ins1765529 as its record and was kept from {stau.resolve()}; `fitgui"
    path = here("library", "path", name).stdout
    for named in ("92006", "ins1765529", "1911.06660", "SUSY-2018-04"):
        assert told in here("inspect", named).stderr
        if named != "SUSY-2018-04":
            found = here("library", "path", named)
            assert (found.stdout, told in found.stderr) == (path, True)
    assert "@misc{hepdata.92006," in here("library", "cite", "92006").stdout
    assert here("library", "path", "10.17182/hepdata.92006.v2/r2").returncode == 2
    assert here("library", "remove", "92006").returncode == 2, "what is removed is named exactly"
    assert not hepdata.requests


def test_paths_are_shown_without_detours(here: Call, tmp_path: Path) -> None:
    mine = tmp_path / "mine.tar.gz"
    mine.write_bytes(SAME)
    (tmp_path / "there").mkdir()
    assert here("library", "add", "there/../mine.tar.gz", "--as", f"{RECORD}.v1/r1").returncode == 0
    assert json.loads(here("inspect", "there/../mine.tar.gz", "--json").stdout)["source"] == str(mine)
    origins = json.loads(here("library", "show", "mine", "--json").stdout)["origins"]
    assert [origin["source"] for origin in origins] == [str(mine)]
