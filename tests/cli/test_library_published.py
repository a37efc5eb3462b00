"""``fitgui library add FILE --as DOI``: what a browser has saved is kept as the published file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builders import make_patch_set, make_workspace
from tests.cli.conftest import Finished
from tests.hepdata.faults import Challenge
from tests.hepdata.standin import StandIn
from tests.pallets.archives import tar

Call = Callable[..., Finished]
FILE = "10.17182/hepdata.90607.v4/r3"
NAME = "1Lbb-likelihoods-hepdata.tar.gz"


def archive(references: dict[str, str] | None = None) -> bytes:
    workspace = make_workspace()
    patch_set = make_patch_set(workspace)
    patch_set["metadata"]["references"] = references or {"hepdata": "ins1755298"}
    return tar({"BkgOnly.json": workspace, "patchset.json": patch_set})


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    file = tmp_path / "1Lbb-likelihoods-hepdata (1).tar.gz"
    file.write_bytes(archive())
    return file


@pytest.mark.parametrize("typed", [FILE, f"https://doi.org/{FILE}", "90607", "ins1755298", "1909.09226"])
def test_it_is_kept_as_what_was_named(here: Call, hepdata: StandIn, saved: Path, typed: str) -> None:
    hepdata.fault("*", Challenge())
    added = here("library", "add", saved, "--as", typed)
    assert (added.returncode, added.stderr) == (
        0,
        f"fitgui: kept as {FILE}, not compared with HEPData's file\n",
    )
    [kept] = json.loads(here("library", "--json").stdout)
    assert kept["name"] == added.stdout.strip()
    shown = here("library", "show", FILE, "--json")
    assert shown.returncode == 0, shown.stderr
    assert json.loads(shown.stdout)["digest"] == kept["digest"]
    assert FILE in here("library", "cite", FILE).stdout
    assert here("download", FILE).returncode == 0
    assert not hepdata.requests


def test_another_name_is_told(here: Call, hepdata: StandIn, saved: Path) -> None:
    other = saved.rename(saved.with_name("mine.tar.gz"))
    added = here("library", "add", other, "--as", FILE)
    assert (
        added.stderr
        == f"fitgui: kept as {FILE}, which is published as {NAME}, not compared with HEPData's file\n"
    )


def test_what_is_kept_already_gets_its_doi(here: Call, hepdata: StandIn, saved: Path) -> None:
    first = here("library", "add", saved).stdout
    assert here("library", "show", FILE).returncode == 2
    assert here("library", "add", saved, "--as", FILE).stdout == first
    assert here("library", "show", FILE).returncode == 0
    assert len(json.loads(here("library", "--json").stdout)) == 1


def refused(added: Finished, said: str, status: int = 1) -> None:
    assert added.returncode == status
    assert added.stdout == ""
    assert said in added.stderr.splitlines()[-1]


def test_what_names_another_record_is_refused(here: Call, hepdata: StandIn, saved: Path) -> None:
    saved.write_bytes(archive({"hepdata": "ins1748602"}))
    refused(
        here("library", "add", saved, "--as", FILE),
        f"is not {FILE}: it names ins1748602 as its record, not ins1755298; leave out --as",
    )
    assert json.loads(here("library", "--json").stdout) == []
    assert here("library", "add", saved).returncode == 0


def test_a_real_pallet_of_another_record_is_refused(here: Call, hepdata: StandIn, real_pallets: Path) -> None:
    [stau] = real_pallets.glob("*-stau.tar.gz")
    refused(
        here("library", "add", stau, "--as", "10.17182/hepdata.90607.v3/r3"), "as its record, not ins1755298"
    )
    assert here("library", "add", stau, "--as", "10.17182/hepdata.92006.v2/r2").returncode == 0


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("10.17182/hepdata.92006.v9/r77", "the newest version known is 2"),
        ("10.17182/hepdata.92006.v2/r77", "of that version, 10.17182/hepdata.92006.v2/r2 is known"),
    ],
)
def test_a_file_that_nobody_knows_is_refused(
    here: Call, hepdata: StandIn, saved: Path, typed: str, known: str
) -> None:
    added = here("library", "add", saved, "--as", typed)
    refused(added, f"No likelihood {typed} is known here; {known}: `fitgui search 10.17182/", 2)
    assert json.loads(here("library", "--json").stdout) == []


def test_what_hepdata_gave_is_not_replaced_by_what_somebody_says(
    here: Call, hepdata: StandIn, saved: Path
) -> None:
    hepdata.publish(
        NAME, archive({"hepdata": "ins1755298", "arxiv": "1909.09226"}), record=90607, inspire=1755298
    )
    doi = "10.17182/hepdata.90607.v1/r1"
    given = json.loads(here("download", doi, "--json").stdout)
    bent = bytearray(archive({"hepdata": "ins1755298", "arxiv": "1909.09226"}))
    bent[4] ^= 1  # the time in its head
    saved.write_bytes(bent)
    refused(
        here("library", "add", saved, "--as", doi),
        "is in the library as 1Lbb-likelihoods-hepdata, as HEPData",
    )
    assert json.loads(here("library", "show", doi, "--json").stdout)["digest"] == given["digest"]


def test_that_nobody_compared_it_is_known_until_somebody_does(
    here: Call, hepdata: StandIn, saved: Path
) -> None:
    doi = "10.17182/hepdata.90607.v1/r1"
    assert here("library", "add", saved, "--as", doi).returncode == 0, "of that version nothing is known"
    [origin] = json.loads(here("library", "show", doi, "--json").stdout)["origins"]
    assert (origin["source"], origin["file_doi"], origin["compared"]) == (str(saved), doi, False)
    assert f"from {doi} ({saved}), not compared with HEPData's file" in here("library", "show", doi).stdout
    assert "not compared with HEPData's file" in here("download", doi).stderr
    hepdata.publish(NAME, saved.read_bytes(), record=90607, inspire=1755298)
    here("library", "remove", doi)
    assert here("library", "add", saved).returncode == 0
    assert here("download", doi).returncode == 0
    assert "not compared" not in here("library", "add", saved, "--as", doi).stderr
    assert "not compared" not in here("library", "show", doi).stdout


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("nonsense", "nonsense is no DOI, number or address of HEPData's"),
        ("2001.00001", "Nothing is known here of arXiv:2001.00001"),
        ("123456", "It is not clear which file of 10.17182/hepdata.123456"),
    ],
)
def test_what_names_no_file_keeps_nothing(
    here: Call, hepdata: StandIn, saved: Path, typed: str, said: str
) -> None:
    added = here("library", "add", saved, "--as", typed)
    assert added.returncode == 2
    assert said in added.stderr
    assert "Traceback" not in added.stderr
    assert json.loads(here("library", "--json").stdout) == []


def test_a_search_names_the_page_and_goes_on(here: Call, hepdata: StandIn) -> None:
    hepdata.fault("*", Challenge())
    done = here("search", "1Lbb", "--refresh")
    assert "lets only web browsers in" in done.stderr
    assert "https://www.hepdata.net/search/" in done.stderr
    assert "SUSY-2019-08" in done.stdout


def test_what_is_registered_is_told_as_such(here: Call, hepdata: StandIn) -> None:
    hepdata.populate(real=False)
    hepdata.site.registry = True
    hepdata.fault("/record/*", Challenge())
    hepdata.fault("/search/*", Challenge())
    done = here("search", "10.17182/hepdata.90607", "--online")
    assert "This is what HEPData registered at DataCite." in done.stderr
    assert "(https://www.hepdata.net/record/90607)" in done.stderr
