"""What was downloaded moves into the library without room for a copy, and is never lost on the way."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from fitgui.pallets.library.errors import LibraryError
from fitgui.pallets.library.item import Origin
from fitgui.pallets.library.library import Library, now
from tests.pallets.library.conftest import leftovers
from tests.runs.disks import small_disk

ORIGIN = Origin(source="https://example.org", when=now())


@pytest.fixture(params=["links", "renames"])
def file_system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """One that knows hard links, and one that does not, as FAT and AFS."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    if request.param == "renames":
        monkeypatch.setattr(os, "link", refuse)
    return str(request.param)


@pytest.mark.usefixtures("file_system")
def test_it_is_the_same_file_afterwards(library: Library, archive: Path) -> None:
    content, number = archive.read_bytes(), archive.stat().st_ino
    item = library.add(archive, origin=ORIGIN, move=True)
    assert item.path.stat().st_ino == number
    assert (item.path.read_bytes(), item.size) == (content, len(content))
    assert not archive.exists()
    assert library.verify(item.digest).ok
    assert leftovers(library) == []


@pytest.mark.usefixtures("file_system")
def test_what_is_kept_already_is_put_away(library: Library, archive: Path) -> None:
    content = archive.read_bytes()
    kept = library.add(archive, origin=ORIGIN)
    assert archive.exists(), "it was copied"
    assert library.add(archive, origin=ORIGIN, move=True).digest == kept.digest
    assert not archive.exists()
    assert kept.path.read_bytes() == content


@pytest.mark.usefixtures("file_system")
def test_after_a_failure_it_is_where_it_was(library: Library, archive: Path) -> None:
    content = archive.read_bytes()
    with pytest.raises(LibraryError, match="was changed while it was read"):
        library.add(archive, origin=ORIGIN, digest="0" * 64, move=True)
    assert archive.read_bytes() == content
    assert library.items() == ()
    assert leftovers(library) == []


def test_from_another_disk_it_is_copied(library: Library, archive: Path, tmp_path: Path) -> None:
    content = archive.read_bytes()
    with small_disk(tmp_path / "disk") as disk:
        path = disk / archive.name
        path.write_bytes(content)
        item = library.add(path, origin=ORIGIN, move=True)
        assert not path.exists()
    assert item.path.read_bytes() == content


def test_a_link_is_not_what_is_kept(library: Library, archive: Path, tmp_path: Path) -> None:
    content = archive.read_bytes()
    link = tmp_path / "link.tar.gz"
    link.symlink_to(archive)
    item = library.add(link, origin=ORIGIN, move=True)
    assert not item.path.is_symlink()
    assert (item.path.read_bytes(), archive.read_bytes()) == (content, content)
    assert not link.is_symlink()
