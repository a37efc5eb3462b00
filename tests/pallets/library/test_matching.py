"""What a text means: a name, a digest, a reference to HEPData."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fitgui.pallets.library.errors import LibraryError
from fitgui.pallets.library.item import LibraryItem, Origin
from fitgui.pallets.library.library import Library, now
from fitgui.pallets.published import Entry, PublishedFile

ENTRY = Entry(
    key="ins1755298",
    record=90607,
    inspire=1755298,
    arxiv="1909.09226",
    journal_doi="10.1140/EPJC/s10052-020-8050-3",
)

Publish = Callable[..., LibraryItem]


@pytest.fixture
def publish(library: Library, tmp_path: Path) -> Publish:
    """Keeps a file of a record."""

    def add(
        name: str,
        version: int | None = None,
        number: int = 3,
        *,
        entry: Entry | None = ENTRY,
        resource: int | None = None,
    ) -> LibraryItem:
        path = tmp_path / name
        path.write_text(f"{name} {version} {number} {resource}", encoding="utf-8")
        doi = "" if version is None or entry is None else f"{entry.record_doi}.v{version}/r{number}"
        file = PublishedFile(name=name, doi=doi, version=version, resource=resource)
        return library.add(
            path, origin=Origin(source=f"https://x/{name}", when=now(), entry=entry, file=file)
        )

    return add


@pytest.mark.parametrize(
    "text",
    [
        "1Lbb",
        "1lbb",
        " 1Lbb ",
        "1Lbb.tar.gz",
        "10.17182/hepdata.90607.v3/r3",
        "doi:10.17182/HEPDATA.90607.v3/r3",
        "https://doi.org/10.17182/hepdata.90607.v3/r3",
        "10.17182/hepdata.90607.v3",
        "10.17182/hepdata.90607",
        "https://www.hepdata.net/record/ins1755298?version=3",
        "https://www.hepdata.net/record/ins1755298",
        "https://www.hepdata.net/record/resource/1408476?landing_page=true",
        "/record/90607",
        "ins1755298",
        "90607",
        "1909.09226",
        "arXiv:1909.09226v2",
        "https://arxiv.org/abs/1909.09226",
        "10.1140/epjc/s10052-020-8050-3",
    ],
)
def test_every_name_of_it_finds_it(text: str, publish: Publish, library: Library) -> None:
    publish("other.zip", 1, entry=Entry(key="ins2", record=2, inspire=2, arxiv="1909.09227"), resource=14084)
    item = publish("1Lbb.tar.gz", 3, resource=1408476)
    publish("unknown.zip", entry=None)
    assert library.find(text) == item


@pytest.mark.parametrize("length", [8, 12, 40, 64])
def test_a_digest_or_its_beginning_finds_it(length: int, publish: Publish, library: Library) -> None:
    publish("other.zip", 1)
    item = publish("1Lbb.tar.gz", 3)
    assert library.find(item.digest[:length]) == item
    assert library.find(item.digest[:length].upper()) == item
    assert library.find(item.digest[:7]) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1L",
        "10.17182/hepdata.90607.v3/r4",
        "10.17182/hepdata.90607.v2/r3",
        "10.17182/hepdata.90607.v4",
        "10.17182/hepdata.9060",
        "https://www.hepdata.net/record/ins1755298?version=2",
        "https://www.hepdata.net/record/resource/140847",
        "906077",
        "ins90607",
        "1909.0922",
        "1909.09227",
        "sbottom",
    ],
)
def test_nothing_else_finds_it(text: str, publish: Publish, library: Library) -> None:
    publish("1Lbb.tar.gz", 3, resource=1408476)
    assert library.find(text) is None


def test_of_a_record_the_newest_version_is_meant(publish: Publish, library: Library) -> None:
    newest = publish("a.tar.gz", 4)
    older = publish("b.tar.gz", 3)
    oldest = publish("c.tar.gz", 2)
    for text in ("ins1755298", "90607", "1909.09226", "10.17182/hepdata.90607"):
        assert library.find(text) == newest
    assert library.find("10.17182/hepdata.90607.v3") == older
    assert library.find("10.17182/hepdata.90607.v2/r3") == oldest


def test_several_files_of_one_version_are_listed(publish: Publish, library: Library) -> None:
    publish("a.tar.gz", 4, 3)
    second = publish("b.tar.gz", 4, 5)
    with pytest.raises(LibraryError, match=r"90607 means several that are kept: name one of b, a"):
        library.find("90607")
    assert library.find("10.17182/hepdata.90607.v4/r5") == second


def test_a_name_counts_before_a_number_of_hepdata(publish: Publish, library: Library, tmp_path: Path) -> None:
    publish("1Lbb.tar.gz", 3)
    named = publish("90607.json", entry=None)
    assert library.find("90607") == named


def test_a_published_file_is_found_by_doi_or_by_number(publish: Publish, library: Library) -> None:
    first = publish("a.tar.gz", 3, resource=7)
    second = publish("b.tar.gz", resource=8)
    assert library.find_file(PublishedFile(doi="10.17182/hepdata.90607.v3/r3")) == first
    assert library.find_file(PublishedFile(resource=8)) == second
    assert library.find_file(PublishedFile(doi="10.17182/hepdata.90607.v3/r4", resource=9)) is None
    assert library.find_file(PublishedFile(name="a.tar.gz")) is None
