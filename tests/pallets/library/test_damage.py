"""A library that somebody or something has changed behind fitgui's back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fitgui.pallets.library.item import FILE, LibraryItem, Origin
from fitgui.pallets.library.library import Library, now
from fitgui.pallets.published import PublishedFile
from tests.pallets.library.conftest import leftovers

Keep = Callable[..., LibraryItem]
Harm = Callable[[LibraryItem], object]


def _rewrite(item: LibraryItem, **changes: object) -> None:
    path = item.folder / FILE
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**document, **changes}), encoding="utf-8")


def _link_out(item: LibraryItem) -> None:
    elsewhere = item.folder.parent.parent / "elsewhere"
    item.folder.rename(elsewhere)
    item.folder.symlink_to(elsewhere)


def _link_content_out(item: LibraryItem) -> None:
    elsewhere = item.folder.parent.parent / "elsewhere"
    item.path.parent.rename(elsewhere)
    item.path.parent.symlink_to(elsewhere)


def _link_file_out(item: LibraryItem) -> None:
    elsewhere = item.folder.parent.parent / "elsewhere"
    item.path.rename(elsewhere)
    item.path.symlink_to(elsewhere)


HARM: dict[str, Harm] = {
    "description missing": lambda item: (item.folder / FILE).unlink(),
    "description empty": lambda item: (item.folder / FILE).write_bytes(b""),
    "description cut off": lambda item: (item.folder / FILE).write_bytes(
        (item.folder / FILE).read_bytes()[:90]
    ),
    "description no text": lambda item: (item.folder / FILE).write_bytes(bytes(range(256))),
    "description a list": lambda item: (item.folder / FILE).write_text("[]", encoding="utf-8"),
    "description nested": lambda item: (item.folder / FILE).write_text("[" * 10**5, encoding="utf-8"),
    "description a folder": lambda item: ((item.folder / FILE).unlink(), (item.folder / FILE).mkdir()),
    "wrong type": lambda item: _rewrite(item, size="much"),
    "another digest": lambda item: _rewrite(item, digest="0" * 64),
    "a newer fitgui": lambda item: _rewrite(item, schema=2),
    "file elsewhere": lambda item: _rewrite(item, file_name="../../../secret"),
    "no name": lambda item: _rewrite(item, name=""),
    "a name above": lambda item: _rewrite(item, file_name=".."),
    "content missing": lambda item: item.path.unlink(),
    "all content missing": lambda item: shutil.rmtree(item.path.parent),
    "content cut off": lambda item: item.path.write_bytes(item.path.read_bytes()[:-1]),
    "a link": _link_out,
    "a link to the content": _link_content_out,
    "a link to the file": _link_file_out,
}


@pytest.mark.parametrize("harm", HARM.values(), ids=HARM)
def test_damage_is_one_sentence_and_everything_else_goes_on(
    harm: Harm, library: Library, archive: Path, keep: Keep, tmp_path: Path
) -> None:
    good = tmp_path / "good.json"
    good.write_text("{}", encoding="utf-8")
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    kept = keep(good)
    item = keep(archive)
    harm(item)
    assert library.items() == (kept,)
    [problem] = library.problems
    assert problem.startswith(f"{item.digest[:12]} in the library cannot be used: it")
    assert "\n" not in problem
    assert library.damaged() == (item.digest,)
    assert library.get(item.digest) is None
    assert not library.verify(item.digest).ok
    # Keeping it again repairs it.
    again = keep(archive)
    assert library.verify(again.digest).ok
    assert library.problems == ()
    assert set(library.items()) == {kept, again}
    assert leftovers(library) == []


@pytest.mark.parametrize("harm", HARM.values(), ids=HARM)
def test_what_is_damaged_can_be_removed(
    harm: Harm, library: Library, archive: Path, keep: Keep, tmp_path: Path
) -> None:
    item = keep(archive)
    harm(item)
    library.remove(item.digest)
    assert (library.items(), library.problems, leftovers(library)) == ((), (), [])
    assert archive.exists()


def test_removing_a_link_leaves_what_it_leads_to(library: Library, archive: Path, keep: Keep) -> None:
    item = keep(archive)
    _link_out(item)
    library.remove(item.digest)
    assert (library.folder.parent / "elsewhere" / "content" / archive.name).is_file()


def test_verifying_finds_one_changed_bit(library: Library, archive: Path, keep: Keep) -> None:
    item = keep(archive)
    assert library.verify(item.digest).ok
    data = bytearray(item.path.read_bytes())
    data[len(data) // 2] ^= 1
    item.path.write_bytes(data)
    assert library.problems == ()  # looking at the list does not read a gigabyte
    verdict = library.verify(item.digest)
    assert not verdict.ok
    assert f"{item.name} is not what was kept any more" in verdict.sentence


@pytest.mark.parametrize(
    "harm",
    [
        lambda folder: (folder / "patchset.json").unlink(),
        lambda folder: (folder / "another.json").write_text("{}", encoding="utf-8"),
        lambda folder: (folder / "patchset.json").rename(folder / "renamed.json"),
        lambda folder: (folder / "patchset.json").write_text("{}", encoding="utf-8"),
    ],
    ids=["one less", "one more", "renamed", "changed"],
)
def test_verifying_finds_a_changed_folder(
    harm: Callable[[Path], object], library: Library, small_pallet: Path, keep: Keep
) -> None:
    item = keep(small_pallet)
    assert library.verify(item.digest).ok
    harm(item.path)
    assert not library.verify(item.digest).ok


def test_what_is_no_business_of_the_library_is_left_alone(
    library: Library, archive: Path, keep: Keep
) -> None:
    item = keep(archive)
    (library.folder / "README").write_text("mine", encoding="utf-8")
    (library.folder / "ABC").mkdir()
    (library.folder / ".incoming").mkdir()
    library.note(item.digest, refused="x")
    assert library.problems == ()
    assert (library.folder / "README").read_text(encoding="utf-8") == "mine"
    assert (library.folder / "ABC").is_dir()
    assert (library.folder / ".incoming").is_dir()


def test_a_file_where_the_library_should_be_is_one_sentence(tmp_path: Path, archive: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    library = Library(tmp_path / "file")
    assert library.items() == ()
    [problem] = library.problems
    assert "is no folder" in problem


def test_keeping_the_same_again_repairs_what_has_the_same_size(
    library: Library, archive: Path, small_pallet: Path, keep: Keep
) -> None:
    for path in (archive, small_pallet):
        origin = Origin(source="https://x", when=now(), file=PublishedFile(doi=f"10.17182/{path.name}"))
        item = keep(path, origin=origin, contents=())
        file = item.path if item.path.is_file() else item.path / "patchset.json"
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
        assert not library.verify(item.digest).ok
        again = keep(path)
        assert library.verify(item.digest).ok
        # What was known of it stays.
        assert (again.name, again.added, again.files) == (item.name, item.added, item.files)
        assert (again.contents, len(again.origins)) == ((), 2)
        assert library.get(item.digest) == again
    assert leftovers(library) == []
