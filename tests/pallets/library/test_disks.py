"""Disks that are full, or may not be written."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from fitgui.pallets import open_pallet
from fitgui.pallets.finding import open_kept
from fitgui.pallets.library.errors import LibraryError
from fitgui.pallets.library.item import Origin
from fitgui.pallets.library.library import Library, now
from tests.pallets.library.conftest import leftovers
from tests.runs.disks import fill, small_disk


def test_a_full_disk_is_one_sentence_and_leaves_nothing(tmp_path: Path, archive: Path) -> None:
    origin = Origin(source="here", when=now())
    large = tmp_path / "large.json"
    large.write_bytes(bytes(4_000_000))
    with small_disk(tmp_path / "disk") as disk:
        library = Library(disk / "library")
        kept = library.add(archive, origin=origin)
        with pytest.raises(
            LibraryError, match=r"the disk that holds the library .* is full; free some space"
        ):
            library.add(large, origin=origin)
        assert leftovers(library) == []
        filler = fill(disk)
        with pytest.raises(LibraryError, match="is full"):
            library.note(kept.digest, refused="no room for this")
        assert library.items() == (kept,)
        library.remove(kept.digest)  # removing is what helps
        assert library.items() == ()
        filler.unlink()
        assert library.add(archive, origin=origin).digest == kept.digest


def test_what_cannot_be_kept_is_opened_all_the_same(tmp_path: Path, archive: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        library = Library(disk / "library")
        fill(disk)
        pallet = open_kept(archive, library)
        assert pallet.digest == open_pallet(archive).digest
        [problem] = pallet.problems
        assert problem.startswith(f"{archive.name} was not kept in the library: the disk")
        assert library.items() == ()


def test_a_library_that_may_not_be_changed_can_be_used(
    tmp_path: Path, archive: Path, small_pallet: Path
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        library = Library(disk / "library")
        item = library.add(archive, origin=Origin(source="elsewhere", when=now()))
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        assert library.items() == (item,)
        assert library.verify(item.digest).ok
        pallet = open_kept(item.name, library)
        assert (pallet.digest, pallet.problems) == (item.digest, ())
        for change in (
            lambda: library.remove(item.digest),
            lambda: library.note(item.digest, refused="x"),
            lambda: library.add(small_pallet, origin=Origin(source="x", when=now())),
        ):
            with pytest.raises(LibraryError, match="may not be changed; change the permissions"):
                change()
        [problem] = open_kept(small_pallet, library).problems
        assert problem.startswith("small was not kept in the library")
        never = Library(disk / "another")
        assert (never.items(), never.problems) == ((), ())
        assert open_kept(small_pallet, never).problems
