"""What is kept: each file once, found again, opened again with the same digest."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fitgui.pallets import open_pallet
from fitgui.pallets.library.errors import LibraryError
from fitgui.pallets.library.item import FILE, LibraryItem, Origin
from fitgui.pallets.library.library import Library, now
from fitgui.pallets.published import AnalysisSummary, Entry, Licence, PublishedFile, summarised
from tests.builders import make_workspace
from tests.pallets.library.conftest import leftovers

Keep = Callable[..., LibraryItem]


def test_nothing_is_created_before_something_is_added(library: Library) -> None:
    assert library.items() == ()
    assert library.problems == ()
    assert library.total_size == 0
    assert library.find("anything") is None
    assert library.get("0" * 64) is None
    assert not library.folder.exists()


def test_a_file_is_kept_byte_by_byte_under_its_digest(library: Library, archive: Path, keep: Keep) -> None:
    pallet = open_pallet(archive)
    item = keep(archive, contents=summarised(pallet))
    assert item.digest == pallet.digest
    assert item.path.read_bytes() == archive.read_bytes()
    assert (item.name, item.file_name) == ("1Lbb-likelihoods-hepdata", archive.name)
    assert item.size == archive.stat().st_size == library.total_size
    again = open_pallet(item.path)
    assert (again.digest, again.name) == (pallet.digest, pallet.name)
    [listed] = Library(library.folder).items()
    assert listed == item
    assert listed.contents is not None
    assert listed.contents[0].points == ((300.0, 100.0), (400.0, 100.0), (400.0, 200.0))
    assert leftovers(library) == []


def test_the_same_file_is_never_kept_twice_but_its_origins_are(
    library: Library, archive: Path, keep: Keep, tmp_path: Path
) -> None:
    first = keep(archive)
    other = tmp_path / "renamed.tgz"
    other.write_bytes(archive.read_bytes())
    entry = Entry(key="ins1755298", record=90607, inspire=1755298)
    file = PublishedFile(doi="10.17182/hepdata.90607.v3/r3", version=3, licence=Licence("CC0"))
    second = keep(other, origin=Origin(source="https://x/1", when=now(), entry=entry, file=file))
    assert library.items() == (second,)
    assert (second.name, second.added) == (first.name, first.added)
    assert [origin.source for origin in second.origins] == ["https://x/1", str(archive)]
    assert (second.entry, second.file) == (entry, file)
    third = keep(archive)
    assert [origin.source for origin in third.origins] == [str(archive), "https://x/1"]
    assert (third.entry, third.file) == (entry, file)


def test_versions_that_hold_the_same_file_are_both_known(archive: Path, keep: Keep, library: Library) -> None:
    for version in (3, 4):
        file = PublishedFile(doi=f"10.17182/hepdata.90607.v{version}/r3", version=version)
        keep(archive, origin=Origin(source="https://same/address", when=now(), file=file))
    [item] = library.items()
    assert [file.version for file in item.files] == [4, 3]
    assert (
        library.find("10.17182/hepdata.90607.v3/r3") == library.find("10.17182/hepdata.90607.v4/r3") == item
    )


def test_what_is_known_of_an_origin_is_not_lost_when_it_is_seen_again(archive: Path, keep: Keep) -> None:
    entry = Entry(key="hepdata.1", record=1)
    keep(archive, origin=Origin(source="https://x/1", when="2026-01-01T00:00:00Z", entry=entry))
    item = keep(archive, origin=Origin(source="https://x/1", when="2026-02-01T00:00:00Z"))
    assert [(origin.when[:7], origin.entry) for origin in item.origins] == [("2026-02", entry)]


@pytest.mark.parametrize(
    ("file_name", "analysis", "name"),
    [
        ("statistical_models.tar.gz", "SUSY-2019-09", "SUSY-2019-09_statistical_models"),
        ("likelihoods (2).zip", "SUSY 2018/33", "SUSY-2018-33_likelihoods (2)"),
        ("Likelihoods.zip", "", "Likelihoods"),
        ("1Lbb-likelihoods-hepdata.tar.gz", "SUSY-2019-08", "1Lbb-likelihoods-hepdata"),
        ("workspace_tugamma_RH.json", "TOPQ-2019-19", "workspace_tugamma_RH"),
        ("SUSY-2018-04_likelihoods.tar.gz", "SUSY-2018-04", "SUSY-2018-04_likelihoods"),
    ],
)
def test_a_file_that_is_called_like_any_is_named_by_its_analysis(
    tmp_path: Path, keep: Keep, file_name: str, analysis: str, name: str
) -> None:
    path = tmp_path / file_name
    path.write_text("1", encoding="utf-8")
    assert keep(path, analysis=analysis).name == name


def test_of_several_versions_that_are_the_same_the_newest_is_told(
    tmp_path: Path, keep: Keep, library: Library
) -> None:
    path = tmp_path / "a.tar.gz"
    path.write_text("1", encoding="utf-8")
    for version in (3, 4, 2):
        doi = f"10.17182/hepdata.1.v{version}/r{version}"
        entry = Entry(key="hepdata.1", record=1, title=f"got as {version}")
        file = PublishedFile(doi=doi, version=version)
        keep(path, origin=Origin(source=doi, when=now(), entry=entry, file=file))
    [item] = library.items()
    assert [file.version for file in item.files] == [4, 3, 2]
    assert item.file == item.files[0]
    assert item.entry is not None
    assert item.entry.title == "got as 2", "the facts of the record are those that were told last"


def test_what_somebody_said_counts_less_than_what_hepdata_gave(
    tmp_path: Path, keep: Keep, library: Library
) -> None:
    path, file = tmp_path / "a.json", PublishedFile(doi="10.17182/hepdata.1.v1/r1", version=1)
    path.write_text("1", encoding="utf-8")
    said = Origin(source=str(path), when=now(), file=file, by_hand=True)
    assert keep(path, origin=said).origins[0].by_hand
    assert keep(path).origins[0].by_hand, "opening it once more compares nothing"
    real = tmp_path / "b.json"
    real.write_text("2", encoding="utf-8")
    given = keep(real, origin=Origin(source="https://x", when=now(), file=file))
    path.write_text("3", encoding="utf-8")
    keep(path, origin=said)
    assert library.find_file(file) == library.find("10.17182/hepdata.1.v1/r1") == library.find("1") == given
    assert not keep(real, origin=said).published[0].by_hand, "it was compared before"
    path.write_text("1", encoding="utf-8")
    assert not keep(path, origin=Origin(source="https://x", when=now(), file=file)).published[0].by_hand


def test_names_are_unique_whatever_the_files_are_called(tmp_path: Path, keep: Keep) -> None:
    names = []
    for number, name in enumerate(
        ["a.tar.gz", "a.zip", "A.json", "example.json", "-x.json", "new\nline.json", "ü.json"]
    ):
        path = tmp_path / str(number) / name
        path.parent.mkdir()
        path.write_text(str(number), encoding="utf-8")
        names.append(keep(path).name)
    assert names == ["a", "a_2", "A_3", "example_2", "x", names[5], "ü"]
    assert names[5].isprintable()


def test_a_long_or_broken_name_is_kept_short_and_readable(
    tmp_path: Path, library: Library, keep: Keep
) -> None:
    long = tmp_path / ("n" * 240 + ".tar.gz")
    long.write_bytes(b"1")
    broken = tmp_path / os.fsdecode(b"\xff\xfe.json")
    broken.write_bytes(b"2")
    kept = keep(long)
    assert kept.file_name.endswith(".tar.gz")
    assert len(kept.file_name.encode()) < 200
    assert keep(broken).path.read_bytes() == b"2"
    assert len(Library(library.folder).items()) == 2


def test_a_folder_is_kept_as_a_folder_with_what_opening_reads(
    small_pallet: Path, library: Library, keep: Keep, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps(make_workspace()), encoding="utf-8")
    (small_pallet / "deep" / "er").mkdir(parents=True)
    (small_pallet / "deep" / "er" / "more.json").write_text("{}", encoding="utf-8")
    (small_pallet / "notes.txt").write_text("not read", encoding="utf-8")
    (small_pallet / ".hidden.json").write_text("{}", encoding="utf-8")
    (small_pallet / "out.json").symlink_to(secret)
    (small_pallet / "up").symlink_to(tmp_path)
    (small_pallet / "big.root").write_bytes(b"root\x00" + bytes(10_000))
    pallet = open_pallet(small_pallet)
    item = keep(small_pallet, digest=pallet.digest)
    assert item.path.is_dir()
    assert item.name == "small"
    kept = {str(path.relative_to(item.path)) for path in item.path.rglob("*") if not path.is_dir()}
    assert kept == {"BkgOnly.json", "patchset.json", "deep/er/more.json", "big.root"}
    assert not any(path.is_symlink() for path in item.path.rglob("*"))
    assert item.size == sum(path.stat().st_size for path in item.path.rglob("*") if path.is_file())
    again = open_pallet(item.path)
    assert again.digest == pallet.digest
    assert [analysis.digest for analysis in again.analyses] == [a.digest for a in pallet.analyses]
    assert library.verify(item.digest).ok


def test_real_pallets_open_from_the_library_as_they_did(
    real_pallets: Path, library: Library, keep: Keep
) -> None:
    for path in sorted(real_pallets.glob("atlas-*.tar.gz")):
        original = open_pallet(path)
        kept = open_pallet(keep(path, digest=original.digest).path)
        assert (kept.digest, kept.name) == (original.digest, original.name)
        assert [a.points for a in kept.analyses] == [a.points for a in original.analyses]
    assert len(library.items()) == 3
    assert all(library.verify(item.digest).ok for item in library.items())


def test_moving_takes_the_file_away_also_if_it_is_kept_already(
    archive: Path, keep: Keep, tmp_path: Path
) -> None:
    twin = tmp_path / "twin.tar.gz"
    twin.write_bytes(archive.read_bytes())
    first = keep(archive, move=True)
    assert keep(twin, move=True).path == first.path
    assert not archive.exists()
    assert not twin.exists()
    assert first.path.is_file()


def test_what_cannot_be_kept_is_told_in_one_sentence(
    library: Library, archive: Path, keep: Keep, tmp_path: Path
) -> None:
    item = keep(archive)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, words in (
        (tmp_path / "nowhere.zip", "There is no file or folder"),
        (item.path, "lies in the library already"),
        (tmp_path, "holds the library itself"),
        (pipe, "neither a file nor a folder"),
    ):
        with pytest.raises(LibraryError, match=words) as caught:
            keep(path)
        assert "\n" not in str(caught.value)
    assert library.items() == (item,)
    assert leftovers(library) == []


def test_a_file_that_changes_while_it_is_read_is_not_kept(
    library: Library, archive: Path, keep: Keep
) -> None:
    digest = open_pallet(archive).digest
    archive.write_bytes(archive.read_bytes() + b"more")
    with pytest.raises(LibraryError, match="was changed while it was read"):
        keep(archive, digest=digest)
    assert library.items() == ()
    assert leftovers(library) == []


def test_notes_stay_until_it_opens_again(library: Library, archive: Path, keep: Keep) -> None:
    item = keep(archive)
    assert item.contents is None
    refused = library.note(item.digest, refused="holds nothing that can be fitted")
    assert refused.refused
    summary = AnalysisSummary(
        name="A", channels=1, bins=2, parameters=3, labels=("m",), points=((1.0,), ("x",))
    )
    noted = library.note(item.digest, contents=(summary,))
    assert (noted.refused, noted.contents) == ("", (summary,))
    assert library.items() == (noted,)


def test_what_json_cannot_say_can_be_noted(library: Library, archive: Path, keep: Keep) -> None:
    item = keep(archive, origin=Origin(source=os.fsdecode(b"/data/\xff.zip"), when=now()))
    points = ((float("inf"), "a\ud800"), (float("nan"), 1.0))
    library.note(
        item.digest,
        contents=(AnalysisSummary(name="A", channels=1, bins=1, parameters=1, points=points),),
    )
    [again] = library.items()
    assert again.contents is not None
    assert again.contents[0].points == (("inf", "a\\ud800"), ("nan", 1.0))
    assert again.origins[0].source == "/data/\\udcff.zip"


def test_what_was_removed_is_gone_and_may_come_back(library: Library, archive: Path, keep: Keep) -> None:
    item = keep(archive)
    library.remove(item.digest)
    assert library.items() == ()
    assert list(library.folder.rglob(archive.name)) == []
    with pytest.raises(LibraryError, match="holds nothing with the digest"):
        library.remove(item.digest)
    with pytest.raises(LibraryError, match="does not hold"):
        library.note(item.digest, refused="x")
    with pytest.raises(LibraryError, match="holds nothing with the digest"):
        library.verify(item.digest)
    with pytest.raises(LibraryError, match="holds nothing with the digest"):
        library.remove("../elsewhere")
    assert keep(archive).name == item.name


def test_the_newest_comes_first(library: Library, tmp_path: Path, keep: Keep) -> None:
    for number in range(4):
        path = tmp_path / f"{number}.json"
        path.write_text(str(number), encoding="utf-8")
        item = keep(path)
        document = json.loads((item.folder / FILE).read_text(encoding="utf-8"))
        document["added"] = f"2026-01-0{4 - number}T00:00:00.000Z"
        (item.folder / FILE).write_text(json.dumps(document), encoding="utf-8")
    assert [item.name for item in library.items()] == ["0", "1", "2", "3"]


def test_what_a_newer_fitgui_adds_is_no_damage(library: Library, archive: Path, keep: Keep) -> None:
    item = keep(archive)
    document = json.loads((item.folder / FILE).read_text(encoding="utf-8"))
    document["colour"] = "blue"
    (item.folder / FILE).write_text(json.dumps(document), encoding="utf-8")
    assert library.items() == (item,)
