"""The bundled catalogue: what its source says, what its script refuses, and what the files themselves say."""

from __future__ import annotations

import importlib.util
import itertools
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from fitgui.pallets import open_pallet
from fitgui.pallets.catalogue.bundled import load_catalogue
from fitgui.pallets.catalogue.filter import Facets, Index
from fitgui.pallets.catalogue.shelf import shelf
from fitgui.pallets.published import Entry, Format, summarised
from fitgui.resources import resource_path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "resources" / "catalogue"
LARGEST = 200_000
"""Bytes of the catalogue that everybody downloads."""

LISTED_BY_PYHF = {
    *(2628980, 2182381, 2153660, 2077557, 2072870, 1995886, 1906174, 1869695, 1869040, 1866951, 1853014),
    *(1843001, 1839446, 1831992, 1831504, 1827025, 1809244, 1802524, 1788448, 1771533, 1767649, 1765529),
    *(1755298, 1754675, 1750597, 1748602),
}
"""INSPIRE ids of docs/bib/HEPData_likelihoods.bib in the repository of pyhf."""
FILE_DOI = re.compile(r"10\.17182/hepdata\.\d+\.v\d+/r\d+")
AT_HAND = {
    "atlas-susy-2019-08-1Lbb.tar.gz": "ins1755298",
    "atlas-susy-2018-04-stau.tar.gz": "ins1765529",
    "atlas-susy-2018-06-3L-eRJR.tar.gz": "ins1771533",
}


@pytest.fixture(scope="module")
def script() -> Iterator[ModuleType]:
    """``resources/make_catalogue.py``, which belongs to no package."""
    specification = importlib.util.spec_from_file_location(
        "make_catalogue", FOLDER.parent / "make_catalogue.py"
    )
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules["make_catalogue"] = module  # msgspec looks its types up there
    try:
        specification.loader.exec_module(module)
        yield module
    finally:
        del sys.modules["make_catalogue"]


@pytest.fixture(scope="module")
def source() -> str:
    return (FOLDER / "published.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def opened() -> bytes:
    return (FOLDER / "opened.json").read_bytes()


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Entry]:
    catalogue = load_catalogue(tmp_path_factory.mktemp("data"))
    assert not catalogue.problems
    assert catalogue.made is not None
    assert catalogue.refreshed is None
    return {entry.key: entry for entry in catalogue.entries}


def test_the_committed_catalogue_is_what_its_source_makes(
    script: ModuleType, source: str, opened: bytes
) -> None:
    made = script.make(source.encode(), opened)
    assert made == resource_path("catalogue/catalogue.json").read_bytes()
    assert len(made) < LARGEST


def test_what_pyhf_lists_is_there_and_more(entries: dict[str, Entry]) -> None:
    known = {entry.inspire for entry in entries.values()}
    assert known >= LISTED_BY_PYHF
    assert {"hepdata.103062", "ins1847779", "ins2947386", "ins2845789"} <= entries.keys()
    assert {entry.collaboration for entry in entries.values()} == {"ATLAS", "Belle-II"}


def test_the_newest_come_first(entries: dict[str, Entry]) -> None:
    numbers = [entry.arxiv for entry in entries.values()]
    assert all(numbers)
    assert numbers == sorted(numbers, reverse=True)


def test_every_entry_can_be_shown_and_chosen(script: ModuleType, entries: dict[str, Entry]) -> None:
    for entry in entries.values():
        assert entry.title
        assert entry.nickname
        assert entry.summary.endswith(".")
        assert entry.model
        assert set(entry.final_states) <= script.FINAL_STATES
        assert set(entry.unchecked) <= set(Entry.__struct_fields__)
        assert all(problem.endswith(".") for problem in entry.known_problems)
        assert bool(entry.why_not) == (entry.format is Format.HS3)
        for file in entry.files:
            assert FILE_DOI.fullmatch(file.doi) or file.resource is not None
            assert file.version is not None


def test_what_nobody_looked_up_is_marked(script: ModuleType, source: str, entries: dict[str, Entry]) -> None:
    written = script.msgspec.toml.decode(source.encode(), type=script.Source)
    remembered = {key: set(item.sources.get("memory", ())) for key, item in written.likelihoods.items()}
    assert any(remembered.values())
    for key, names in remembered.items():
        assert names <= set(entries[key].unchecked)
    assert "luminosity_fb" in entries["ins1831992"].unchecked
    assert "luminosity_fb" not in entries["ins1755298"].unchecked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("stau", "ins1765529"),
        ("sbottom", "ins1748602"),
        ("SUSY-2018-06", "ins1771533"),
        ("1909.09226", "ins1755298"),
        ("1Lbb", "ins1755298"),
        ("four tops", "ins1809244"),
        ("leptoquark", "ins1843001"),
        ("10.17182/hepdata.116034.v1/r34", "ins2072870"),
    ],
)
def test_it_is_found_by_what_people_type(entries: dict[str, Entry], text: str, expected: str) -> None:
    rows = shelf(entries.values(), ())
    found = [rows[position].key for position in Index(rows).match(text)]
    assert expected in found
    assert len(found) < 6


def test_final_states_are_shared(entries: dict[str, Entry]) -> None:
    rows = shelf(entries.values(), ())
    index = Index(rows)
    for state in ("b jets", "τ", "missing momentum"):
        found = index.match("", Facets(final_states=frozenset({state})))
        assert {rows[position].key for position in found} == {
            key for key, entry in entries.items() if state in entry.final_states
        }
        assert len(found) > 1


@pytest.mark.parametrize("name", AT_HAND)
def test_the_published_files_say_the_same(real_pallets: Path, entries: dict[str, Entry], name: str) -> None:
    contents = summarised(open_pallet(real_pallets / name))
    entry = entries[AT_HAND[name]]
    assert entry.contents == contents
    assert entry.points == sum(len(analysis.points) for analysis in contents)
    assert entry.workspaces == len(contents)
    assert {entry.labels} == {analysis.labels for analysis in contents}
    assert entry.format is Format.PATCH_SET
    assert not {"points", "workspaces", "labels", "format"} & set(entry.unchecked)
    coordinates = list(itertools.chain.from_iterable(analysis.points for analysis in contents))
    assert all(len(point) == len(entry.labels) for point in coordinates)


def test_opening_the_files_again_changes_nothing(
    script: ModuleType, real_pallets: Path, opened: bytes
) -> None:
    assert script.open_all(real_pallets, script.AT_HAND) == opened


BROKEN = [
    ("arxiv = '1909.09226'", "arxiv = '19090.9226'", "ins1755298: '19090.9226' is not an arXiv number"),
    ("arxiv = '1909.09226'", "arxiv = '1413.09226'", "is not an arXiv number"),
    ("arxiv = '1909.09226'", "arxiv = '2512.09226'", "2020 does not fit 2512.09226"),
    ("arxiv = '1909.09226'", "arxiv = '1908.03122'", "arxiv of two entries: ['1908.03122']"),
    ("inspire = 1755298", "inspire = 1755299", "by its numbers its key is ins1755299"),
    ("record = 90607", "record = 90608", "10.17182/hepdata.90607.v4/r3 is not of record 90608"),
    ("90607.v3/r3'", "90607.v3/t3'", "is not the DOI of a file of HEPData"),
    ("90607.v3/r3'", "90607.v4/r3'", "two files have the same DOI"),
    ("90607.v4/r3'", "90607.v9/r3'", "the newest version is said to be 4"),
    ("journal_doi = '10.1140/epjc/s10052-020-8050-3'", "journal_doi = 'doi'", "'doi' is not a DOI"),
    ("nickname = '1Lbb: Wh → ℓν bb'", "nickname = ' 1Lbb'", "nickname is empty or untidy"),
    (
        "['0 leptons', 'τ', ",
        "['0 leptons', 'tau', ",
        "ins1765529: final states that no one else has: ['tau']",
    ),
    ("points = 125", "points = 124", "opening it found 125 points"),
    ("labels = ['m1', 'm2']", "labels = ['m2', 'm1']", "opening it found the labels"),
    ("points = 125", "pionts = 125", "unknown field `pionts`"),
    ("points = 125", "points = 'many'", "Expected `int | null`, got `str`"),
    ("energy_tev = 8.16\n", "", "ins2784411: a source, but no value for ['energy_tev']"),
    ("title = ['energy_tev', 'model']", "rumour = ['energy_tev', 'model']", "sources that are not explained"),
    ("licence = 'CC0'", "licence = 'MIT'", "'MIT' is not among ['CC0']"),
    ("checked = 2026-11-23", "checked = 2026-13-23", "cannot be read"),
]


@pytest.mark.parametrize(("right", "wrong", "sentence"), BROKEN)
def test_a_slip_is_refused_with_its_place(
    script: ModuleType, source: str, opened: bytes, right: str, wrong: str, sentence: str
) -> None:
    assert right in source
    with pytest.raises(script.CatalogueError) as refusal:
        script.make(source.replace(right, wrong, 1).encode(), opened)
    assert sentence in str(refusal.value)


def test_a_fact_without_a_source_is_refused(script: ModuleType, source: str, opened: bytes) -> None:
    without = source.replace("tried = ['known_problems']\n", "", 1)
    without = without.replace("pyhf-issues = ['known_problems', 'files']\n", "pyhf-issues = ['files']\n")
    with pytest.raises(script.CatalogueError, match=r"ins1771533: no source for \['known_problems'\]"):
        script.make(without.encode(), opened)
