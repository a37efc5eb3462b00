"""A published file is had: known, downloaded, opened once, kept; and never twice."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fitgui.pallets import PalletError, open_pallet
from fitgui.pallets.acquire import acquire, default_downloads_folder, find_kept
from fitgui.pallets.choosing import FileChoiceError
from fitgui.pallets.hepdata.cancelling import Cancel
from fitgui.pallets.hepdata.client import HepData
from fitgui.pallets.hepdata.download import Patience
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.progress import Phase, Progress
from fitgui.pallets.hepdata.references import parse_reference
from fitgui.pallets.library.item import LibraryItem
from fitgui.pallets.library.library import Library
from fitgui.pallets.published import Entry, Format, PublishedFile, summarised
from tests.builders import make_patch_set, make_workspace
from tests.hepdata.faults import CutOff, Stalled, truncated
from tests.hepdata.records import Resource
from tests.hepdata.standin import StandIn
from tests.pallets.archives import tar
from tests.runs.disks import fill, small_disk

QUICK = Patience(first_pause=0.001, longest_pause=0.01)
NAME = "likelihoods.tar.gz"
HS3 = tar({"hs3.json": {"distributions": [], "likelihoods": [], "metadata": {"hs3_version": "0.2"}}})


def pallet(description: str = "") -> bytes:
    workspace = make_workspace()
    return tar(
        {"BkgOnly.json": workspace, "patchset.json": make_patch_set(workspace), "note.txt": description}
    )


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "data" / "library")


@pytest.fixture
def client(hepdata: StandIn) -> Iterator[HepData]:
    made = HepData()
    yield made
    made.close()


class Get:
    """Acquires by what is typed, or by a file."""

    def __init__(self, library: Library, client: HepData) -> None:
        self.library, self.client = library, client
        self.seen: list[Progress] = []

    def __call__(self, what: str | PublishedFile, entry: Entry | None = None, **options: Any) -> LibraryItem:
        named = parse_reference(what) if isinstance(what, str) else what
        assert named is not None
        options = {"progress": self.seen.append, "patience": QUICK, **options}
        return acquire(named, entry, library=self.library, client=self.client, **options)

    @property
    def phases(self) -> list[Phase]:
        return list(dict.fromkeys(now.phase for now in self.seen))


@pytest.fixture
def get(library: Library, client: HepData) -> Get:
    return Get(library, client)


@pytest.fixture
def published(hepdata: StandIn) -> Resource:
    return hepdata.publish(NAME, pallet(), record=90607, inspire=1755298, title="Search for Wh")


def test_it_is_kept_with_what_is_known_of_it(hepdata: StandIn, published: Resource, get: Get) -> None:
    item = get("10.17182/hepdata.90607.v1/r1")
    assert item.path.read_bytes() == published.read()
    assert item.digest == hashlib.sha256(published.read()).hexdigest()
    assert item.contents == summarised(open_pallet(item.path))
    assert item.entry is not None
    assert (item.entry.title, item.entry.key) == ("Search for Wh", "ins1755298")
    assert item.file is not None
    assert (item.file.doi, item.file.resource) == ("10.17182/hepdata.90607.v1/r1", published.id)
    assert (item.file.name, item.file.size) == (NAME, len(published.read()))
    assert item.file.licence is not None
    assert item.origins[0].source == hepdata.address(published)
    assert get.phases == [Phase.ASKING, Phase.DOWNLOADING, Phase.CHECKING]
    assert list(default_downloads_folder().rglob("whole/*")) == []


def test_what_is_kept_is_given_without_asking(hepdata: StandIn, published: Resource, get: Get) -> None:
    item = get("90607")
    hepdata.forget_requests()
    get.seen.clear()
    file = item.file
    assert file is not None
    for what in (file.doi, f"/record/resource/{published.id}", file, PublishedFile(doi=file.doi)):
        assert get(what) == item
    assert hepdata.requests == ()
    assert get.seen == []
    reference = parse_reference("90607")
    assert reference is not None
    assert find_kept(reference, get.library) is None, "there may be a newer version"
    assert get("90607") == item
    assert hepdata.asked("file") == []


@pytest.mark.parametrize("harm", ["a bit", "its end", "all"])
def test_what_was_damaged_is_got_anew(hepdata: StandIn, published: Resource, get: Get, harm: str) -> None:
    item = get("90607")
    data = bytearray(item.path.read_bytes())
    data[len(data) // 2] ^= 1
    item.path.write_bytes({"a bit": data, "its end": data[:-9], "all": b""}[harm])
    hepdata.forget_requests()
    again = get("10.17182/hepdata.90607.v1/r1")
    assert again.path.read_bytes() == published.read()
    assert get.library.verify(item.digest).ok
    assert (again.digest, again.name, len(get.library.items())) == (item.digest, item.name, 1)
    assert len(hepdata.asked("file")) == 1
    assert get("10.17182/hepdata.90607.v1/r1") == again
    assert len(hepdata.asked("file")) == 1


def test_a_name_that_tells_nothing_gets_the_analysis(hepdata: StandIn, get: Get) -> None:
    entry = Entry(key="hepdata.1", record=1, analysis="SUSY-2019-09")
    hepdata.publish("statistical_models.tar.gz", pallet("1"), record=1)
    hepdata.publish("statistical_models.tar.gz", pallet("2"), record=2)
    assert get("10.17182/hepdata.1.v1/r1", entry).name == "SUSY-2019-09_statistical_models"
    assert get("10.17182/hepdata.2.v1/r1").name == "statistical_models"


def test_a_file_of_the_catalogue_needs_no_number(hepdata: StandIn, published: Resource, get: Get) -> None:
    entry = Entry(key="ins1755298", inspire=1755298, record=90607)
    assert get(PublishedFile(name=NAME, version=1), entry).file_name == NAME
    with pytest.raises(HepDataError, match="not known where"):
        get(PublishedFile(name="x.tar.gz"))


def test_the_same_content_is_kept_once(hepdata: StandIn, get: Get) -> None:
    files = [hepdata.file(NAME, pallet()) for _ in range(2)]
    hepdata.add_record(90607, versions={1: files[:1], 2: files[1:]})
    first, second = get("10.17182/hepdata.90607.v1/r1"), get("10.17182/hepdata.90607.v2/r1")
    assert first.digest == second.digest
    assert len(get.library.items()) == 1
    assert {origin.file.version for origin in second.origins if origin.file is not None} == {1, 2}


def test_versions_are_chosen(hepdata: StandIn, get: Get) -> None:
    old, new = (hepdata.file(NAME, pallet(text)) for text in ("old", "new"))
    hepdata.add_record(90607, versions={1: [old], 2: [new]})
    assert get("90607").path.read_bytes() == new.read()
    assert get("90607", version=1).path.read_bytes() == old.read()


def test_several_files_are_listed_and_one_is_chosen(hepdata: StandIn, get: Get) -> None:
    files = [hepdata.file(f"{name}.tar.gz", pallet(name)) for name in ("one", "two")]
    others = [hepdata.file("three.json", b"{}", type="HS3"), hepdata.file("x.root", b"root", type="ROOT")]
    hepdata.add_record(90607, versions={1: files + others})
    with pytest.raises(
        FileChoiceError, match=r"2 files with likelihoods; choose one: r1 one\S+, r2 two"
    ) as told:
        get("90607")
    assert [file.name for file in told.value.files] == ["one.tar.gz", "two.tar.gz"]
    assert get("90607", file="R2").name == "two"
    assert get("90607", file="ONE.tar.gz").name == "one"
    with pytest.raises(FileChoiceError, match="no file r7: choose one of r1 one"):
        get("90607", file="r7")


def test_an_old_record_is_understood_by_content(hepdata: StandIn, get: Get) -> None:
    files = [
        hepdata.file("plots.tar.gz", tar({"a.png": b"png"}), type="gz", description="Figures"),
        hepdata.file("lh.tar.gz", pallet(), type="gz", description="Figures, too"),
    ]
    hepdata.add_record(90607, versions={1: files})
    assert get("90607").file_name == "lh.tar.gz"


def test_what_the_catalogue_knows_of_an_old_record_counts(hepdata: StandIn, get: Get) -> None:
    files = [hepdata.file(f"{name}.tar.gz", pallet(name), type="gz", description="Figures") for name in "ab"]
    hepdata.add_record(90607, versions={1: files})
    known = PublishedFile(doi="10.17182/hepdata.90607.v1/r2", version=1, likelihood=True)
    assert get("90607", Entry(key="hepdata.90607", files=(known,))).file_name == "b.tar.gz"
    assert hepdata.asked(files[0]) == []


def test_a_record_without_likelihoods_says_what_it_has(hepdata: StandIn, get: Get) -> None:
    hepdata.add_record(90607, versions={1: [hepdata.file("x.root", b"root\0", type="ROOT")], 2: []})
    with pytest.raises(FileChoiceError, match="has no files but its tables"):
        get("90607")
    with pytest.raises(FileChoiceError, match=r"only r1 x\.root"):
        get("90607", version=1)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (HS3, "is an HS3 document"),
        (tar({"readme.txt": "nothing"}), "holds no HistFactory JSON"),
        (tar({"../x.json": {}}), "leads out of the archive"),
    ],
)
def test_what_does_not_open_is_told_and_not_kept(
    hepdata: StandIn, get: Get, content: bytes, words: str
) -> None:
    hepdata.publish(NAME, content, record=90607)
    with pytest.raises(PalletError, match=words) as refused:
        get("90607")
    assert str(refused.value).endswith("It was downloaded, and is not kept.")
    assert str(refused.value).startswith(NAME)
    assert get.library.items() == ()
    assert [path for path in default_downloads_folder().rglob("*") if path.suffix != ".lock"] == []


def test_hs3_is_refused_before_it_is_downloaded(hepdata: StandIn, get: Get) -> None:
    file = hepdata.publish("hs3.json", HS3, record=90607, type="HS3")
    known = PublishedFile(name="hs3.json", resource=file.id)
    entry = Entry(key="hepdata.90607", format=Format.HS3, why_not="It is HS3.")
    for what, of in (("90607", None), (known, entry)):
        with pytest.raises(PalletError, match="published as HS3 and was not downloaded"):
            get(what, of)
    assert hepdata.asked("file") == []


def test_a_cut_is_gone_on_with_by_the_next_try(hepdata: StandIn, published: Resource, get: Get) -> None:
    laid = hepdata.fault(published, CutOff(0.5))
    with pytest.raises(HepDataError, match="goes on from there"):
        get("90607", patience=Patience(tries=1))
    assert get.library.items() == ()
    laid.end()
    item = get("90607")
    assert item.path.read_bytes() == published.read()
    assert [asked.range for asked in hepdata.asked(published)] == [
        None,
        f"bytes={len(published.read()) // 2}-",
    ]


def test_what_is_damaged_is_never_opened(hepdata: StandIn, published: Resource, get: Get) -> None:
    hepdata.fault(published, truncated(0.9))
    with pytest.raises(HepDataError, match="is cut off") as damaged:
        get("90607")
    assert damaged.value.kind is ErrorKind.WRONG_ANSWER
    assert get.library.items() == ()


def test_a_library_that_cannot_be_written_is_told_before_anybody_is_asked(
    hepdata: StandIn, published: Resource, get: Get
) -> None:
    get.library.folder.parent.mkdir(parents=True)
    get.library.folder.write_text("no folder", encoding="utf-8")
    with pytest.raises(HepDataError, match=r"library cannot be written \(.*is no folder\)") as told:
        get("90607")
    assert told.value.kind is ErrorKind.DISK
    assert get.seen == []
    assert not hepdata.requests


@pytest.mark.parametrize("which", ["library", "downloads"])
def test_a_read_only_disk_is_told_before_anybody_is_asked(
    hepdata: StandIn, published: Resource, client: HepData, tmp_path: Path, which: str
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        folders = {"library": tmp_path / "library", "downloads": tmp_path / "downloads", which: disk / which}
        with pytest.raises(HepDataError) as told:
            Get(Library(folders["library"]), client)("90607", folder=folders["downloads"])
    assert str(told.value).startswith(f"{disk / which} cannot be written (Read-only file system)")
    assert not hepdata.requests


def test_a_full_disk_of_the_library_is_told_before_anything_is_downloaded(
    hepdata: StandIn, client: HepData, tmp_path: Path
) -> None:
    file = hepdata.publish(NAME, tar({"noise": os.urandom(2_500_000)}), record=90607)
    with small_disk(tmp_path / "disk") as disk:
        get = Get(Library(disk / "library"), client)
        with pytest.raises(HepDataError, match=r"needs 3\.\d MB, but on the disk with .*/library only"):
            get("90607", folder=tmp_path / "downloads")
        fill(disk)
        hepdata.forget_requests()
        with pytest.raises(HepDataError, match="only 0 B are free"):
            get("90607", folder=tmp_path / "downloads")
        assert not hepdata.requests
    assert list(tmp_path.rglob("whole/*")) == []
    assert file.read()


def test_room_for_one_copy_is_enough(hepdata: StandIn, client: HepData, tmp_path: Path) -> None:
    """What was downloaded is moved into the library; a copy would never fit, at any try."""
    content = pallet(random.Random(1).randbytes(2_200_000).hex())
    assert 2_200_000 < len(content) < 2_700_000
    hepdata.publish(NAME, content, record=90607)
    with small_disk(tmp_path / "disk", "4m") as disk:
        item = Get(Library(disk / "library"), client)("90607", folder=disk / "downloads")
        assert item.path.read_bytes() == content
        assert [path for path in disk.rglob("*.tar.gz") if path.is_file()] == [item.path]


def test_a_library_that_fails_in_the_end_costs_no_second_download(
    hepdata: StandIn, published: Resource, get: Get
) -> None:
    get.library.folder.parent.mkdir(parents=True)

    def spoil(now: Progress) -> None:
        if now.phase is Phase.DOWNLOADING:
            get.library.folder.write_text("no folder", encoding="utf-8")

    with pytest.raises(PalletError, match="library"):
        get("90607", progress=spoil)
    get.library.folder.unlink()
    assert get("90607").path.read_bytes() == published.read()
    assert len(hepdata.asked(published)) == 1


def test_two_threads_download_once(hepdata: StandIn, published: Resource, library: Library) -> None:
    stall = Stalled(0.5)
    hepdata.fault(published, stall, times=1)
    first, second = (Get(library, HepData()) for _ in range(2))
    items: list[LibraryItem] = []
    waits = threading.Event()

    def wait_for(now: Progress) -> None:
        if now.phase is Phase.WAITING:
            waits.set()

    threads = [
        threading.Thread(target=lambda: items.append(first("90607"))),
        threading.Thread(target=lambda: items.append(second("90607", progress=wait_for))),
    ]
    threads[0].start()
    assert stall.reached.wait(20)
    threads[1].start()
    assert waits.wait(20)
    stall.released.set()
    for thread in threads:
        thread.join(20)
    assert len(items) == 2
    assert items[0].digest == items[1].digest
    assert len(hepdata.asked(published)) == 1
    for one in (first, second):
        one.client.close()


@pytest.mark.parametrize("route", ["record", "resources", "file"])
def test_cancelling_ends_every_question_at_once(
    hepdata: StandIn, published: Resource, get: Get, route: str
) -> None:
    stall = Stalled(None)
    laid = hepdata.fault(route, stall)
    cancel = Cancel()
    ended: list[HepDataError] = []

    def work() -> None:
        with pytest.raises(HepDataError) as caught:
            get("90607", cancel=cancel)
        ended.append(caught.value)

    thread = threading.Thread(target=work)
    thread.start()
    assert stall.reached.wait(20)
    cancel.cancel()
    thread.join(15)  # HEPData would be waited for twice as long
    assert [error.kind for error in ended] == [ErrorKind.CANCELLED]
    laid.end()
    stall.released.set()
    assert get("90607").path.read_bytes() == published.read()


def test_offline_is_one_sentence(hepdata: StandIn, published: Resource, get: Get) -> None:
    with hepdata.offline(), pytest.raises(HepDataError) as offline:
        get("90607")
    assert offline.value.kind is ErrorKind.OFFLINE


def test_a_real_pallet_comes_through(hepdata: StandIn, get: Get, real_pallets: Path) -> None:
    path = next(iter(sorted(real_pallets.glob("*1Lbb*"))))
    hepdata.publish("1Lbb-likelihoods-hepdata.tar.gz", path, record=90607)
    item = get("90607")
    assert item.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert item.contents is not None
    assert [len(analysis.points) for analysis in item.contents] == [125]
