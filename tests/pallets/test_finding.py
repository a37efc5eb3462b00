"""From a name to a pallet: what counts before what, what is kept, by what it is found again."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pytest

from fitgui.pallets import PalletError, open_pallet
from fitgui.pallets.finding import Found, UnknownPalletError, find, open_item, open_kept, source_of
from fitgui.pallets.hepdata.references import Reference
from fitgui.pallets.library.item import LibraryItem, Origin
from fitgui.pallets.library.library import Library, now
from fitgui.pallets.published import Entry, PublishedFile
from fitgui.resources import resource_path

DOI = "10.17182/hepdata.90607.v3/r3"
PUBLISHED = Origin(
    source="https://www.hepdata.net/record/resource/1408476?view=true",
    when=now(),
    entry=Entry(key="ins1755298", record=90607, inspire=1755298, arxiv="1909.09226"),
    file=PublishedFile(doi=DOI, version=3, resource=1408476),
)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """Empty; and the working folder is another one."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return Library(tmp_path / "library")


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def archive(small_pallet: Path) -> Path:
    return Path(shutil.make_archive(str(small_pallet.with_name("stau_likelihoods")), "gztar", small_pallet))


@pytest.mark.usefixtures("no_network")
def test_what_is_here_counts_before_what_is_kept_and_that_before_what_could_be_fetched(
    library: Library, archive: Path
) -> None:
    reference = Reference(record=90607, version=3, file_number=3, text=DOI)
    assert find(DOI, library) == Found(None, DOI, reference=reference)
    item = library.add(archive, origin=PUBLISHED)
    assert find(DOI, library) == Found(item.path, DOI, item=item)
    assert find("stau_likelihoods", library) == Found(item.path, DOI, item=item)
    assert find("1909.09226", library) == Found(item.path, DOI, item=item)
    Path("stau_likelihoods").mkdir()
    assert find("stau_likelihoods", library) == Found(
        Path.cwd() / "stau_likelihoods", str(Path("stau_likelihoods").absolute())
    )
    Path("1909.09226").write_text("{}", encoding="utf-8")
    assert find("1909.09226", library).item is None


def test_the_example_is_a_word_and_never_kept(library: Library) -> None:
    Path("example").mkdir()
    assert find("example", library) == Found(resource_path("example"), "example")
    assert open_kept("example", library).source == "example"
    open_kept(resource_path("example"), library)
    open_kept(resource_path("example") / "BkgOnly.json", library)
    assert not library.folder.exists()


@pytest.mark.parametrize(
    "text",
    [
        "nowhere.tar.gz",
        "no/where",
        "sbottom",
        "",
        "~nobody-of-this-name/x.zip",
        "a\0b",
        "n" * 5000,
        "ü" * 200,
    ],
)
def test_nothing_of_that_name_is_one_sentence(text: str, library: Library) -> None:
    with pytest.raises(UnknownPalletError) as caught:
        find(text, library)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 700


def test_a_slip_of_the_pen_is_answered_with_the_nearest_name(library: Library, archive: Path) -> None:
    library.add(archive, origin=PUBLISHED)
    with pytest.raises(UnknownPalletError, match="the nearest is stau_likelihoods"):
        find("stau_likelihood", library)


def test_what_is_opened_is_kept_once_with_what_was_found_in_it(library: Library, archive: Path) -> None:
    pallet = open_kept(archive, library)
    assert pallet.problems == ()
    assert pallet.source == str(archive)
    [item] = library.items()
    assert item.digest == pallet.digest
    assert item.contents is not None
    assert item.contents[0].references == ("ins1234567",)
    assert [origin.source for origin in item.origins] == [str(archive)]
    open_kept(str(archive), library)
    os.chdir(archive.parent)
    assert open_kept(archive.name, library).source == str(archive)
    assert [origin.source for origin in library.items()[0].origins] == [str(archive)]
    assert open_kept(archive, library, keep=False).digest == pallet.digest


def test_what_is_only_looked_at_is_not_kept(library: Library, archive: Path) -> None:
    open_kept(archive, library, keep=False)
    assert not library.folder.exists()


def test_what_does_not_open_is_not_kept(library: Library, tmp_path: Path) -> None:
    page = tmp_path / "page.json"
    page.write_text("<html>", encoding="utf-8")
    with pytest.raises(PalletError):
        open_kept(page, library)
    assert not library.folder.exists()


def test_a_kept_pallet_has_the_digest_and_the_name_of_the_original(
    library: Library, archive: Path, small_pallet: Path
) -> None:
    for path in (archive, small_pallet):
        original = open_kept(path, library)
        [item] = [item for item in library.items() if item.digest == original.digest]
        again = open_kept(item.name, library)
        assert (again.digest, again.name, again.source) == (original.digest, original.name, str(path))
        assert again.analyses == original.analyses


def test_the_source_is_what_finds_it_again(library: Library, archive: Path, tmp_path: Path) -> None:
    opened = open_kept(archive, library)
    [item] = library.items()
    assert source_of(item) == str(archive)
    elsewhere = archive.rename(tmp_path / "elsewhere.tar.gz")
    assert source_of(item) == item.name == "stau_likelihoods"  # it is no longer there
    archive.write_bytes(elsewhere.read_bytes() + b"more")
    assert source_of(item) == item.name  # or no longer the same
    addressed = library.add(
        elsewhere, origin=Origin(source="https://x", when=now(), file=PublishedFile(resource=14))
    )
    assert source_of(addressed) == "https://www.hepdata.net/record/resource/14"
    published = library.add(elsewhere, origin=PUBLISHED)
    assert source_of(published) == DOI
    newer = PublishedFile(doi="10.17182/hepdata.90607.v4/r3", version=4)
    library.add(elsewhere, origin=Origin(source="https://y", when=now(), file=newer))
    assert find(DOI, library).source == DOI  # as it was asked for
    assert find(item.name, library).source == newer.doi
    for source in (DOI, newer.doi, source_of(addressed)):
        assert open_kept(source, library).digest == opened.digest


def test_a_path_inside_the_library_is_what_is_kept_there(library: Library, archive: Path) -> None:
    item = library.add(archive, origin=PUBLISHED)
    found = find(item.path, library)
    assert (found.item, found.source) == (item, DOI)
    open_kept(item.path, library)
    assert len(library.items()) == 1


def test_opening_what_is_kept_notes_what_was_found(library: Library, archive: Path) -> None:
    item = library.add(archive, origin=PUBLISHED)
    assert item.contents is None
    open_item(item, library)
    [noted] = library.items()
    assert noted.contents is not None
    assert noted.origins == item.origins


def test_what_is_kept_and_does_not_open_says_so_in_the_library(library: Library, tmp_path: Path) -> None:
    page = tmp_path / "page.json"
    page.write_text("[1]", encoding="utf-8")
    library.add(page, origin=PUBLISHED)
    with pytest.raises(PalletError) as caught:
        open_kept("page", library)
    assert library.items()[0].refused == str(caught.value)


@pytest.mark.parametrize("place", [4, -1])
def test_what_was_changed_in_the_library_is_never_used(library: Library, archive: Path, place: int) -> None:
    item = library.add(archive, origin=PUBLISHED)
    data = bytearray(archive.read_bytes())
    data[place] ^= (
        1  # the time in the head of gzip, with which it still opens; its end, with which it does not
    )
    item.path.write_bytes(data)
    with pytest.raises(PalletError, match="is not what was kept") as caught:
        open_kept(item.name, library)
    assert "it was changed or damaged on the disk; remove it" in str(caught.value)
    assert library.items() == (item,), "nothing is noted of what is not it"
    open_kept(archive, library)  # the same file once more repairs it
    assert open_kept(item.name, library).digest == item.digest
    assert library.items()[0].files == item.files


def test_what_lies_nowhere_is_fetched_where_that_is_possible(library: Library, archive: Path) -> None:
    asked: list[Reference] = []

    def fetch(reference: Reference) -> LibraryItem:
        asked.append(reference)
        return library.add(archive, origin=PUBLISHED)

    with pytest.raises(UnknownPalletError, match="`fitgui download ins1755298` gets it"):
        open_kept("ins1755298", library)
    first = open_kept("ins1755298", library, fetch=fetch)
    again = open_kept("ins1755298", library, fetch=fetch)
    assert [reference.inspire for reference in asked] == [1755298]
    assert first == again == open_pallet(archive, source=DOI)


def test_what_comes_from_the_library_has_its_name_there(library: Library, small_pallet: Path) -> None:
    for folder in ("one", "two"):
        copy = shutil.copytree(small_pallet, small_pallet.parent / folder / "statistical_models")
        (copy / "more.json").write_text(f'{{"{folder}": 1}}', encoding="utf-8")
        open_kept(copy, library)
    names = {item.name for item in library.items()}
    assert names == {"statistical_models", "statistical_models_2"}
    assert {open_kept(name, library).name for name in names} == names


@pytest.mark.usefixtures("no_network")
def test_a_pallet_from_elsewhere_is_found_by_the_record_that_it_names(
    library: Library, real_pallets: Path
) -> None:
    [stau] = real_pallets.glob("*-stau.tar.gz")
    pallet = open_kept(stau, library)
    [item] = library.items()
    for text in ("92006", "ins1765529", "1911.06660", "10.17182/hepdata.92006"):
        assert find(text, library) == Found(item.path, pallet.source, item=item)
    for text in ("10.17182/hepdata.92006.v2/r2", "10.17182/hepdata.92006.v2", "90607"):
        assert find(text, library).path is None, "nobody knows which file or version it is"
    published = library.add(Path(__file__), origin=of_record(92006))
    assert find("92006", library).item == published, "what was published comes first"


def of_record(record: int) -> Origin:
    entry = Entry(key=f"hepdata.{record}", record=record)
    doi = f"10.17182/hepdata.{record}.v1/r1"
    return Origin(source="https://x", when=now(), entry=entry, file=PublishedFile(doi=doi, version=1))


def test_several_that_name_one_record_are_listed(library: Library, small_pallet: Path) -> None:
    for folder in ("one", "two"):
        copy = shutil.copytree(small_pallet, small_pallet.parent / folder)
        (copy / "more.json").write_text(f'{{"{folder}": 1}}', encoding="utf-8")
        open_kept(copy, library)
    with pytest.raises(PalletError, match="ins1234567 means several that are kept: name one of two, one"):
        find("ins1234567", library)


def test_a_path_is_kept_and_shown_without_detours(library: Library, archive: Path, tmp_path: Path) -> None:
    detour = f"../here/../{archive.relative_to(tmp_path)}"
    assert open_kept(detour, library).source == str(archive)
    assert library.items()[0].origins[0].source == str(archive)
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "deep" / "er")
    (tmp_path / "deep" / archive.name).write_bytes(archive.read_bytes())
    behind = tmp_path / "link" / ".." / archive.name  # what lies there is in "deep"
    archive.unlink()
    assert open_kept(behind, library).source == str(behind)


def test_a_pallet_that_may_not_be_read_says_so(library: Library, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    with pytest.raises(PalletError, match="may not be read"):
        open_kept(closed, library)
    with pytest.raises(PalletError, match="may not be read"):
        open_kept(closed / "x.json", library)
