"""``fitgui search``: here at once, in HEPData when asked to."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fitgui.cli.search_online import Asking
from fitgui.pallets.catalogue.bundled import load_catalogue
from fitgui.pallets.hepdata.answers import SearchAnswer
from fitgui.pallets.library.item import Origin
from fitgui.pallets.library.library import Library
from fitgui.pallets.published import Entry
from tests.cli.conftest import Finished
from tests.hepdata.faults import Instead
from tests.hepdata.standin import StandIn

Call = Callable[..., Finished]
STYLE = re.compile(r"\x1b\[[0-9;]*m")
KEYS = [
    "title",
    "collaboration",
    "analysis",
    "arxiv",
    "inspire",
    "record_doi",
    "file_doi",
    "points",
    "source",
    "known_problems",
    "unchecked",
    "why_not",
    "files",
]
"""The first nine are promised to scripts: others come after them."""


def found(finished: Finished) -> list[dict[str, Any]]:
    assert "Traceback" not in finished.stderr
    listed: list[dict[str, Any]] = json.loads(finished.stdout)
    return listed


def keep_stau(here: Path) -> None:
    entry = next(each for each in load_catalogue().entries if each.analysis == "SUSY-2018-04")
    pallet = here / "my_stau.json"
    pallet.write_text("{}", encoding="utf-8")
    Library().add(pallet, origin=Origin(source=str(pallet), when="2026-11-23T05:00:00+00:00", entry=entry))


def test_a_fresh_start_without_a_network(fitgui: Call) -> None:
    finished = fitgui("search", "stau", PYTHONPROFILEIMPORTTIME="1")
    assert finished.returncode == 0
    first, *_ = finished.stdout.splitlines()
    assert "10.17182/hepdata.92006.v2/r2" in first
    assert first.split("  ")[1:4] == ["SUSY-2018-04", "1911.06660", "171"]
    loaded = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in finished.stderr.splitlines()}
    assert "msgspec" in loaded
    assert loaded.isdisjoint({"requests", "urllib3", "pyhf", "scipy", "PySide6"})


def test_for_machines(here: Call) -> None:
    [lbb] = found(here("search", "1Lbb", "--json"))
    assert list(lbb) == KEYS
    assert lbb["analysis"] == "SUSY-2019-08"
    assert lbb["arxiv"] == "1909.09226"
    assert lbb["inspire"] == 1755298
    assert lbb["record_doi"] == "10.17182/hepdata.90607"
    assert lbb["file_doi"] == "10.17182/hepdata.90607.v4/r3"
    assert lbb["points"] == 125
    assert lbb["source"] == "catalogue"
    assert any("minutes per point" in problem for problem in lbb["known_problems"])
    assert (lbb["unchecked"], lbb["why_not"]) == ([], None)
    assert [(file["doi"], file["version"], file["likelihood"]) for file in lbb["files"][:2]] == [
        ("10.17182/hepdata.90607.v4/r3", 4, True),
        ("10.17182/hepdata.90607.v3/r3", 3, True),
    ]
    assert list(lbb["files"][0]) == ["name", "doi", "version", "likelihood", "type", "description", "size"]


def test_what_nobody_checked_is_no_fact_for_machines(here: Call) -> None:
    [collisions] = found(here("search", "2405.05078", "--json"))
    assert collisions["unchecked"] == ["arxiv", "journal", "year"]
    assert "HS3" in collisions["why_not"]


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("10.17182/hepdata.129959", 4),  # a file for each coupling
        ("10.17182/hepdata.102093", 1),  # its one file is no likelihood
    ],
)
def test_a_file_is_named_only_where_it_is_the_one_likelihood(here: Call, text: str, files: int) -> None:
    [record] = found(here("search", text, "--json"))
    assert (record["record_doi"], record["file_doi"]) == (text, None)
    assert len(record["files"]) == files
    [line] = here("search", text).stdout.splitlines()
    assert line.startswith(f"{text}  ")


def test_a_file_that_may_be_no_likelihood_is_not_offered(here: Call, hepdata: StandIn) -> None:
    hepdata.populate(real=False)
    [record] = found(here("search", "10.17182/hepdata.102093", "--online", "--json"))
    assert record["file_doi"] is None
    assert [(file["name"], file["likelihood"]) for file in record["files"]] == [
        ("bOnlyFit_postFit.root", False),
        ("fit_settings.json", None),
    ]
    [line] = here("search", "10.17182/hepdata.102093", "--online").stdout.splitlines()
    assert line.startswith("10.17182/hepdata.102093  ")


def test_without_a_text_all_of_them(here: Call) -> None:
    listed = found(here("search", "--json"))
    assert len(listed) == len(load_catalogue().entries)
    assert all(list(each) == KEYS for each in listed)
    assert "" not in [value for each in listed for value in each.values()], "unknown is null"
    assert len(here("search").stdout.splitlines()) == len(listed)


def test_choices(here: Call) -> None:
    taus = found(here("search", "--final-state", "TAU", "--json"))
    assert "SUSY-2018-04" in [each["analysis"] for each in taus]
    assert found(here("search", "--final-state", "taus", "--json")) == taus
    narrower = found(
        here("search", "--final-state", "τ", "--collaboration", "atlas", "--with-points", "--json")
    )
    assert {each["record_doi"] for each in narrower} <= {each["record_doi"] for each in taus}
    assert narrower
    assert all(each["collaboration"] == "ATLAS" for each in narrower)
    measured = found(here("search", "--collaboration", "belle ii", "--json"))
    assert measured
    assert found(here("search", "--collaboration", "Belle", "--with-points", "--json")) == []
    both = found(here("search", "--final-state", "b jets", "--final-state", "1 lepton", "--json"))
    assert "SUSY-2019-08" in [each["analysis"] for each in both]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--collaboration", "LHCf"], "there is no collaboration LHCf: choose one of ATLAS, Belle"),
        (["--final-state", "lepton"], "there is no final state lepton: choose one of"),
        (["--final-state", ""], "there is no final state without a name: choose one of"),
        (["--final-state", "stau"], "missing momentum, photons, same-sign leptons, soft leptons, top, τ"),
        (["--final-state", "leptons"], "0 leptons, 2 leptons, 3+ leptons, same-sign leptons, soft leptons"),
        (["--final-state", "x" * 3000], f"there is no final state {'x' * 79}…: choose"),
        (["--frobnicate"], "no such option"),
        (["--online"], "--online asks HEPData for a TEXT"),
    ],
)
def test_mistakes_are_usage_errors(here: Call, arguments: list[str], expected: str) -> None:
    finished = here("search", *arguments)
    assert finished.returncode == 2
    assert expected in finished.stderr
    assert finished.stdout == ""


def test_nothing_found_says_what_to_try(here: Call) -> None:
    finished = here("search", "flux", "capacitor")
    assert finished.returncode == 0
    assert finished.stdout == ""
    assert "nothing in the catalogue and the library matches flux capacitor" in finished.stderr
    assert "--online" in finished.stderr
    assert found(here("search", "flux capacitor", "--json")) == []
    finished = here("search", "flux capacitor " * 200)
    assert "matches flux capacitor flux" in finished.stderr
    assert len(finished.stderr) < 300
    finished = here("search", "stau", "--collaboration", "Belle II")
    assert finished.returncode == 0
    assert "leave out an option" in finished.stderr


def test_what_is_kept_says_so(here: Call, tmp_path: Path) -> None:
    keep_stau(tmp_path)
    here_first, *_ = here("search", "stau").stdout.splitlines()
    assert "  my_stau  " in here_first
    first, *_ = found(here("search", "stau", "--json"))
    assert (first["analysis"], first["source"]) == ("SUSY-2018-04", "library")
    assert found(here("search", "my_stau", "--json")) == [first]


def test_a_damaged_refresh_is_told_once(here: Call, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "catalogue.json").write_text("{", encoding="utf-8")
    finished = here("search", "1Lbb")
    assert finished.returncode == 0
    assert len(finished.stdout.splitlines()) == 1
    [line] = finished.stderr.splitlines()
    assert "refresh it again" in line


def terminal(environment: dict[str, str], *arguments: str, columns: int) -> str:
    """What a terminal of that width shows."""
    control, end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "fitgui", *arguments],
        env={**environment, "COLUMNS": str(columns)},
        stdout=end,
        stderr=subprocess.STDOUT,
    )
    os.close(end)
    written = b""
    with suppress(OSError):  # the end of a terminal is an error on Linux
        while block := os.read(control, 65536):
            written += block
    os.close(control)
    assert process.wait(timeout=60) == 0
    return written.decode()


def plain(shown: str) -> str:
    """Without colours and without regard to where lines end."""
    return " ".join(STYLE.sub("", shown).split())


@pytest.mark.parametrize("columns", [40, 80, 100, 140, 200])
def test_on_a_terminal_nothing_is_cut_that_is_needed_to_go_on(
    environment: dict[str, str], columns: int
) -> None:
    shown = terminal(environment, "search", "higgs", columns=columns)
    listed = [each for each in load_catalogue().entries if each.analysis in ("SUSY-2019-08", "SUSY-2018-31")]
    assert len(listed) == 2
    for entry in listed:
        for needed in (entry.file_doi, entry.analysis, entry.arxiv):
            assert needed in shown
    assert "…" not in shown
    assert "fitgui download 10.17182/" in shown


@pytest.mark.parametrize("columns", [60, 160])
def test_known_problems_are_told_to_people(environment: dict[str, str], columns: int) -> None:
    shown = terminal(environment, "search", "3ℓ eRJR", columns=columns)
    assert "pyhf's default fit is wrong here without saying so" in plain(shown)
    warning = shown[shown.index("! ") :]
    assert max(len(line) for line in STYLE.sub("", warning).splitlines()[:2]) <= columns
    shown = terminal(environment, "search", "direct stau", columns=columns)
    assert "The same 57 points are there three times" in plain(shown)
    assert "could not be checked" not in shown


@pytest.mark.parametrize("columns", [60, 160])
def test_what_nobody_checked_is_marked_for_people(environment: dict[str, str], columns: int) -> None:
    shown = terminal(environment, "search", "2405.05078", columns=columns)
    assert "2405.05078 ?" in shown
    assert "? could not be checked" in shown


def test_words_in_the_column_of_points_are_explained(environment: dict[str, str]) -> None:
    legend = "points: yes or none where their number is not known, – where nothing is"
    assert legend in terminal(environment, "search", "displaced", columns=140)
    assert legend not in terminal(environment, "search", "direct stau", columns=140)


def test_a_reason_that_several_share_is_told_once(environment: dict[str, str]) -> None:
    shown = terminal(environment, "search", columns=140)
    assert shown.count("It is written as HS3") == 1
    for entry in load_catalogue().entries:
        assert not entry.why_not or (entry.nickname or entry.title) in plain(shown)


def test_a_long_list_only_counts_what_has_problems(environment: dict[str, str]) -> None:
    shown = terminal(environment, "search", columns=140)
    assert "57 points" not in shown
    assert "have known problems: search for one to read them" in shown


def test_what_cannot_be_fitted_says_why(environment: dict[str, str]) -> None:
    shown = terminal(environment, "search", "HIGP-2024-32", columns=140)
    assert "HS3" in shown
    assert "fitgui download" not in shown


def test_online_adds_what_hepdata_finds(here: Call, hepdata: StandIn) -> None:
    hepdata.add_record(
        300_001,
        title="Search for magnetic monopoles",
        arxiv="2601.00001",
        versions={1: [hepdata.file("likelihoods.tar.gz", b"x")]},
    )
    assert found(here("search", "monopoles", "--json")) == []
    assert hepdata.requests == ()
    finished = here("search", "monopoles", "--online", "--json")
    assert finished.returncode == 0
    [record] = found(finished)
    assert (record["record_doi"], record["source"]) == ("10.17182/hepdata.300001", "hepdata")
    assert record["points"] is None
    asked = len(hepdata.requests)
    again = here("search", "monopoles", "--online", "--json")
    assert found(again) == [record]
    assert "HEPData's answer is" in again.stderr
    assert len(hepdata.requests) == asked, "an answer of just now is not asked for again"
    assert here("search", "monopoles", "--collaboration", "Belle II", "--online").stdout == ""


def test_online_by_a_number(here: Call, hepdata: StandIn) -> None:
    hepdata.populate(real=False)
    hepdata.add_record(300_001, title="Search for magnetic monopoles", inspire=3_100_001)
    [record] = found(here("search", "ins3100001", "--online", "--json"))
    assert record["title"] == "Search for magnetic monopoles"
    first, *_ = found(here("search", "https://www.hepdata.net/record/90607?version=3", "--online", "--json"))
    assert first["analysis"] == "SUSY-2019-08"
    finished = here("search", "ins9999999", "--online")
    assert finished.returncode == 0
    assert "nothing in the catalogue, the library and HEPData matches ins9999999" in finished.stderr


def test_offline_says_so_and_shows_what_is_here(here: Call, hepdata: StandIn) -> None:
    with hepdata.offline():
        finished = here("search", "1Lbb", "--online", "--refresh")
    assert finished.returncode == 1
    assert len(finished.stdout.splitlines()) == 1
    [line] = finished.stderr.splitlines()
    assert "offline" in line.lower()


def test_an_ill_hepdata_costs_one_sentence(here: Call, hepdata: StandIn) -> None:
    hepdata.fault("search", Instead())
    finished = here("search", "1Lbb", "--online", "--json")
    assert finished.returncode == 1
    assert [each["analysis"] for each in found(finished)] == ["SUSY-2019-08"]
    [line] = finished.stderr.splitlines()
    assert "Here is what is known without HEPData" in line


@dataclass
class Answering:
    """HEPData, or what is left of it when it cannot be reached."""

    answer: SearchAnswer

    def search(self, text: str, *, size: int, fresh: bool) -> SearchAnswer:
        return self.answer

    def close(self) -> None:
        """Nothing to end."""


@pytest.mark.parametrize(
    ("offline", "total", "said", "failed"),
    [
        (
            "Offline: it is not found.",
            1,
            "it is not found. This is HEPData's answer of 2 h 00 min ago.",
            True,
        ),
        ("", 500, "HEPData finds 500; these are the first 1: add a word", False),
    ],
)
def test_old_and_incomplete_answers_say_so(
    offline: str, total: int, said: str, failed: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = datetime.now(UTC) - timedelta(hours=2)
    entry = Entry(key="ins1", inspire=1, source="hepdata")
    asking = Asking(fresh=False)
    asking._client = Answering(  # type: ignore[assignment]
        SearchAnswer(entries=(entry,), total=total, retrieved=asked, offline=offline)
    )
    assert asking.search("monopoles") == (entry,)
    asking.close()
    assert asking.failed is failed
    assert said in capsys.readouterr().err


def test_bytes_that_are_no_text_are_not_looked_for(fitgui: Call, hepdata: StandIn) -> None:
    finished = fitgui("search", "stau\udcff", "--online", "--json", FITGUI_HEPDATA_TEST_SERVICE=hepdata.url)
    assert finished.returncode == 0, finished.stderr
    assert found(finished)[0]["analysis"] == "SUSY-2018-04"


def test_refresh_brings_the_catalogue_up_to_date(here: Call, hepdata: StandIn) -> None:
    hepdata.populate(real=False)
    hepdata.publish("likelihoods.tar.gz", b"x", record=300_001, title="Search for magnetic monopoles")
    finished = here("search", "monopoles", "--refresh", "--json")
    assert finished.returncode == 0
    [record] = found(finished)
    assert record["source"] == "hepdata"
    assert "HEPData lists" in finished.stderr
    assert " new in the catalogue" in finished.stderr
    asked = len(hepdata.requests)
    assert found(here("search", "monopoles", "--json")) == [record]
    assert len(hepdata.requests) == asked
