"""Which published file something is that came by a browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from fitgui.pallets.adopting import Publication, adopt, choose, contradiction, look_up, mismatch, saved_name
from fitgui.pallets.catalogue.bundled import load_catalogue
from fitgui.pallets.finding import find, open_kept
from fitgui.pallets.hepdata.client import HepData
from fitgui.pallets.hepdata.references import Reference, parse_reference
from fitgui.pallets.library.citation import bibtex
from fitgui.pallets.library.library import Library
from fitgui.pallets.model import PalletError
from fitgui.pallets.published import AnalysisSummary, Entry, PublishedFile
from tests.builders import as_bytes, make_workspace
from tests.hepdata import faults
from tests.hepdata.standin import StandIn

FILE = "10.17182/hepdata.90607.v4/r3"
ENTRY = Entry(key="ins1755298", inspire=1755298, record=90607, title="Search")


def reference(text: str) -> Reference:
    found = parse_reference(text)
    assert found is not None
    return found


@pytest.fixture
def silent(hepdata: StandIn) -> HepData:
    return HepData(silent=True)


@pytest.mark.parametrize(
    "name",
    [
        "likelihoods.tar.gz",
        "likelihoods (1).tar.gz",
        "likelihoods(2).tar.gz",
        "likelihoods.tar (1).gz",
        "likelihoods.tar.gz (12)",
        "LIKELIHOODS.tar.gz",
    ],
)
def test_browsers_number_what_they_save_again(name: str) -> None:
    assert saved_name(name, "likelihoods.tar.gz")


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("likelihoods-1.tar.gz", "likelihoods.tar.gz"),
        ("likelihoods (1) old.tar.gz", "likelihoods.tar.gz"),
        ("my likelihoods.tar.gz", "likelihoods.tar.gz"),
        ("likelihoods.zip", "likelihoods.tar.gz"),
        ("likelihoods (a).tar.gz", "likelihoods.tar.gz"),
        ("", ""),
        ("x.json", ""),
    ],
)
def test_another_name_is_another_file(name: str, published: str) -> None:
    assert not saved_name(name, published)


def test_a_name_that_is_published_with_a_number_is_kept() -> None:
    assert saved_name("fit (1).json", "fit (1).json")
    assert saved_name("fit (1) (2).json", "fit (1) (2).json")


def test_a_pallet_that_names_another_record_is_no_file_of_this_one() -> None:
    def naming(*references: str) -> tuple[AnalysisSummary, ...]:
        return (AnalysisSummary(name="a", channels=1, bins=1, parameters=1, references=references),)

    assert contradiction(naming("ins1748602"), ENTRY) == "ins1748602"
    assert not contradiction(naming("ins1748602", "ins1755298"), ENTRY)
    assert not contradiction(naming(), ENTRY)
    assert not contradiction(None, ENTRY)
    assert not contradiction(naming("ins1748602"), Entry(key="hepdata.1", record=1))


def test_another_record_or_size_speaks_against_a_file() -> None:
    other = (AnalysisSummary(name="a", channels=1, bins=1, parameters=1, references=("ins1748602",)),)
    file = PublishedFile(doi=FILE, size=100)
    assert mismatch(other, 100, ENTRY, file) == "it names ins1748602 as its record, not ins1755298"
    assert mismatch((), 99, ENTRY, file) == "it has 99 bytes, and what is published has 100"
    for size, known in ((100, file), (None, file), (99, PublishedFile(doi=FILE))):
        assert mismatch((), size, ENTRY, known) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("10.17182/hepdata.90607.v4/r5", rf"of that version, {FILE} is known"),
        ("10.17182/hepdata.90607.v5/r3", "the newest version known is 4"),
    ],
)
def test_a_file_that_nobody_has_seen_is_refused(silent: HepData, text: str, said: str) -> None:
    named = reference(text)
    publication = look_up(named, load_catalogue().entries, silent)
    with pytest.raises(PalletError, match=f"No likelihood {text} is known here; {said}: `fitgui search"):
        choose(publication, named, "x.tar.gz")


@pytest.mark.parametrize("version", [1, 2])
def test_of_a_version_whose_files_are_not_known_any_may_be_meant(silent: HepData, version: int) -> None:
    named = reference(f"10.17182/hepdata.90607.v{version}/r1")
    publication = look_up(named, load_catalogue().entries, silent)
    assert choose(publication, named, "x.tar.gz") == PublishedFile(doi=named.doi, version=version)


def test_what_an_answer_says_to_be_no_likelihood_is_refused(hepdata: StandIn) -> None:
    files = [hepdata.file("a.json", b"1", type="HistFactory"), hepdata.file("settings.txt", b"2", type="txt")]
    hepdata.add_record(4711, versions={1: files})
    asking = HepData()
    asking.record(Reference(record=4711))
    asking.close()
    named = reference("10.17182/hepdata.4711.v1/r2")
    publication = look_up(named, (), HepData(silent=True))
    with pytest.raises(PalletError, match=r"of that version, 10\.17182/hepdata\.4711\.v1/r1 is known"):
        choose(publication, named, "settings.txt")


def test_the_catalogue_tells_without_any_network(hepdata: StandIn, silent: HepData) -> None:
    publication = look_up(reference(FILE), load_catalogue().entries, silent)
    file = choose(publication, reference(FILE), "whatever.tar.gz")
    assert (publication.entry.record, publication.entry.arxiv) == (90607, "1909.09226")
    assert (file.doi, file.name) == (FILE, "1Lbb-likelihoods-hepdata.tar.gz")
    for typed in ("90607", "ins1755298", "1909.09226"):
        found = choose(
            look_up(reference(typed), load_catalogue().entries, silent),
            reference(typed),
            "1Lbb-likelihoods-hepdata (1).tar.gz",
        )
        assert found == file
    assert not hepdata.requests


def test_an_answer_that_is_kept_tells_more(hepdata: StandIn, silent: HepData) -> None:
    old = hepdata.file("a.json", b"1")
    new = hepdata.file("a.json", b"2", type="gz", description="likelihood")
    hepdata.add_record(4711, versions={1: [old], 2: [new]})
    asking = HepData()
    asking.record(Reference(record=4711))
    asking.close()
    hepdata.forget_requests()
    publication = look_up(reference("4711"), (), silent)
    assert choose(publication, reference("4711"), "a.json").doi == "10.17182/hepdata.4711.v2/r1"
    with pytest.raises(PalletError, match="has no file r7; it has r1"):
        look_up(reference("10.17182/hepdata.4711.v2/r7"), (), HepData(silent=True))
    assert not hepdata.requests


def test_of_an_unknown_record_its_doi_is_kept(silent: HepData) -> None:
    named = reference("10.17182/hepdata.4712.v1/r2")
    publication = look_up(named, (), silent)
    assert publication == Publication(Entry(key="hepdata.4712", record=4712), ())
    assert choose(publication, named, "x.json") == PublishedFile(doi="10.17182/hepdata.4712.v1/r2", version=1)


def test_of_several_files_the_name_chooses_or_nobody(silent: HepData) -> None:
    files = tuple(PublishedFile(name=f"{one}.json", doi=f"10.17182/hepdata.1.v1/r{one}") for one in (1, 2))
    publication = Publication(Entry(key="hepdata.1", record=1), files)
    assert choose(publication, reference("1"), "2 (1).json") == files[1]
    with pytest.raises(PalletError, match=r"not clear which file.*hepdata\.1\.v1/r1 1\.json"):
        choose(publication, reference("1"), "3.json")
    with pytest.raises(PalletError, match="its files are not known here"):
        choose(Publication(publication.entry, ()), reference("1"), "3.json")
    with pytest.raises(PalletError, match=r"Nothing is known here of arXiv:2001\.00001"):
        look_up(reference("2001.00001"), (), silent)


def test_what_is_adopted_is_found_and_cited_as_published(tmp_path: Path, silent: HepData) -> None:
    saved = tmp_path / "workspace (1).json"
    saved.write_bytes(as_bytes(make_workspace()))
    library = Library(tmp_path / "library")
    pallet = open_kept(saved, library)
    item = library.get(pallet.digest)
    assert item is not None
    file = PublishedFile(name="workspace.json", doi=FILE, version=4)
    kept = adopt(library, item, str(saved), ENTRY, file)
    assert (len(kept.origins), kept.entry, kept.files[0].size) == (1, ENTRY, saved.stat().st_size)
    assert kept.origins[0].by_hand
    assert kept == library.find(FILE) == library.find("ins1755298") == library.find_file(file)
    assert find(FILE, library).source == FILE
    assert FILE in bibtex(kept.entry or ENTRY, kept.file)


def test_a_check_in_front_of_hepdata_is_no_end_of_it(hepdata: StandIn, tmp_path: Path) -> None:
    """What was asked before is enough to know what the browser brought."""
    file = hepdata.publish("likelihoods.json", as_bytes(make_workspace()), record=4713, title="Little")
    asking = HepData()
    asking.record(Reference(record=4713))
    hepdata.fault("*", faults.Challenge())
    publication = look_up(reference("4713"), (), HepData(silent=True))
    asking.close()
    assert publication.entry.title == "Little"
    assert choose(publication, reference("4713"), "likelihoods.json").resource == file.id
