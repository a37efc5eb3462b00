"""Archives made to do harm: refused with one sentence, within bounds, and nothing left behind."""

from __future__ import annotations

import gzip
import io
import json
import os
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from fitgui.pallets import PalletError, open_pallet
from fitgui.pallets.reading import read_source
from fitgui.pallets.reading.limits import MEBIBYTE, Limits
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.patching import apply_patch, decode_operations
from tests.builders import make_patch_set, make_workspace
from tests.pallets.archives import tar, zipped
from tests.pallets.harm import GOOD, WORKSPACE, refusal, refused, special

pytestmark = pytest.mark.usefixtures("nothing_left_behind")


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../evil.json",
        "a/../../evil.json",
        "a/..",
        "..\\evil.json",
        "C:\\evil.json",
        "c:evil",
        "//x/y",
        "\\x",
    ],
)
def test_paths_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    assert "leads out" in refusal(tmp_path, special(name))
    assert "leads out" in refusal(tmp_path, zipped({**GOOD, name: "x"}), "x.zip")
    assert "leads out" in refusal(tmp_path, tar({"inner.tgz": special(name)}), "y.tar")


@pytest.mark.parametrize(
    ("kind", "target", "word"),
    [
        (tarfile.SYMTYPE, "/etc/passwd", "link"),
        (tarfile.SYMTYPE, "BkgOnly.json", "link"),
        (tarfile.LNKTYPE, "BkgOnly.json", "link"),
        (tarfile.CHRTYPE, "", "device"),
        (tarfile.BLKTYPE, "", "device"),
        (tarfile.FIFOTYPE, "", "device"),
        (tarfile.CONTTYPE, "", None),
    ],
)
def test_links_and_devices_in_a_tar_are_refused(
    tmp_path: Path, kind: bytes, target: str, word: str | None
) -> None:
    data = special("odd.json", kind=kind, target=target)
    if word is None:  # "contiguous file" is an old word for a regular one
        (tmp_path / "x.tgz").write_bytes(data)
        assert len(open_pallet(tmp_path / "x.tgz").analyses) == 1
    else:
        assert word in refusal(tmp_path, data)


@pytest.mark.parametrize(("mode", "word"), [(0o120777, "link"), (0o020666, "device"), (0o010666, "device")])
def test_links_and_devices_in_a_zip_are_refused(tmp_path: Path, mode: int, word: str) -> None:
    buffer = io.BytesIO(zipped(GOOD))
    with zipfile.ZipFile(buffer, "a") as archive:
        info = zipfile.ZipInfo("odd.json")
        info.external_attr = mode << 16
        archive.writestr(info, "/etc/passwd")
    assert word in refusal(tmp_path, buffer.getvalue())


def test_links_in_a_folder_are_not_followed_out_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "pallet"
    folder.mkdir()
    outside = tmp_path / "secret"
    outside.mkdir()
    (outside / "workspace.json").write_text(json.dumps(make_workspace({"SECRET": [1.0]})))
    for name, content in GOOD.items():
        (folder / name).write_text(json.dumps(content))
    (folder / "loop").symlink_to(folder)
    (folder / "again.json").symlink_to(folder / "BkgOnly.json")
    assert open_pallet(folder).problems == ()
    (folder / "out").symlink_to(outside)
    (folder / "file.json").symlink_to(outside / "workspace.json")
    (folder / "nowhere.json").symlink_to(tmp_path / "nowhere")
    os.mkfifo(folder / "pipe.json")
    pallet = open_pallet(folder)
    assert [analysis.channels[0].name for analysis in pallet.analyses] == ["SR"]
    assert sorted(problem.split()[0] for problem in pallet.problems) == ["file.json", "nowhere.json", "out"]


def zeros(size: int) -> bytes:
    return bytes(size)


BOMBS: dict[str, Callable[[], bytes]] = {
    "gzip, JSON of zeros": lambda: gzip.compress(b"[" + zeros(90 * MEBIBYTE), 6),
    "tar.gz, skipped member": lambda: tar({**GOOD, "x.bin": zeros(90 * MEBIBYTE)}),
    "tar.xz, skipped member": lambda: tar({**GOOD, "x.bin": zeros(90 * MEBIBYTE)}, "xz"),
    "tar.bz2, JSON of blanks": lambda: tar({"x.json": b"[" + b" " * (90 * MEBIBYTE)}, "bz2"),
    "zip, JSON of blanks": lambda: zipped({"x.json": b"[" + b" " * (90 * MEBIBYTE)}),
    "zip, many members": lambda: zipped(
        {f"{number}.json": b"[" + b" " * (12 * MEBIBYTE) for number in range(10)}
    ),
    "gzip in gzip": lambda: gzip.compress(gzip.compress(b"[" + zeros(90 * MEBIBYTE))),
    "many gzips in a tar": lambda: tar(
        {f"{number}.json.gz": gzip.compress(b"[" + b" " * (20 * MEBIBYTE)) for number in range(6)}
    ),
    "zips in a zip": lambda: zipped(
        {f"{number}.zip": zipped({"x.json": b"[" + b" " * (20 * MEBIBYTE)}) for number in range(6)}
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_within_bounds(tmp_path: Path, name: str) -> None:
    data = BOMBS[name]()
    path = tmp_path / "bomb"
    path.write_bytes(data)
    del data
    tracemalloc.start()
    try:
        with pytest.raises(PalletError, match="times its size"):
            read_source(path, Limits(harmless_bytes=32 * MEBIBYTE))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 120 * MEBIBYTE


def test_honest_size_has_an_end_too(tmp_path: Path) -> None:
    path = tmp_path / "big.tar"
    path.write_bytes(gzip.compress(b"[" + os.urandom(3 * MEBIBYTE)))
    with pytest.raises(PalletError, match="unpacks to more than 2 MB"):
        read_source(path, Limits(unpacked_bytes=2 * MEBIBYTE))
    with pytest.raises(PalletError, match="larger than 2 MB"):
        read_source(path, Limits(file_bytes=2 * MEBIBYTE))


def test_millions_of_members_are_refused_before_they_are_listed(tmp_path: Path) -> None:
    """Made by repeating one block: tarfile would need minutes to list them."""
    header = tarfile.TarInfo("x" * 80 + ".json").tobuf()
    path = tmp_path / "million.tar.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(100):
            file.write(header * 10_000)
    assert "more than 20000 files" in refused(path)


def test_a_zip_with_hundreds_of_thousands_of_members_is_refused(tmp_path: Path) -> None:
    """A directory of entries that all point to one file, written by hand."""
    name = b"x.json"
    local = (
        struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 0, zlib.crc32(b"[]"), 2, 2, len(name), 0)
        + name
        + b"[]"
    )
    entry = (
        struct.pack(
            "<4s6H3I5H2I",
            b"PK\x01\x02",
            20,
            20,
            0,
            0,
            0,
            0,
            zlib.crc32(b"[]"),
            2,
            2,
            len(name),
            0,
            0,
            0,
            0,
            0,
            0,
        )
        + name
    )
    for count, words in ((60_000, "more than 20000 files"), (400_000, "absurd size")):
        directory = entry * count
        end = struct.pack(
            "<4s4H2IH", b"PK\x05\x06", 0, 0, count & 0xFFFF, count & 0xFFFF, len(directory), len(local), 0
        )
        assert words in refusal(tmp_path, local + directory + end, "many.zip")


def test_a_huge_folder_is_refused_quickly(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    for number in range(130):
        (folder / str(number)).mkdir()
    with pytest.raises(PalletError, match="more than 100 files"):
        read_source(folder, Limits(members=100))
    deep = tmp_path / "deep"
    (deep / "/".join("abcdefghijklmnopqrst")).mkdir(parents=True)
    with pytest.raises(PalletError, match="deep"):
        read_source(deep)


def test_archives_nested_without_end_are_refused(tmp_path: Path) -> None:
    data = zipped(GOOD)
    for _ in range(12):
        data = zipped({"x.zip": data})
    assert "layers" in refusal(tmp_path, data)
    data = json.dumps(WORKSPACE).encode()
    for _ in range(12):
        data = gzip.compress(data)
    assert "layers" in refusal(tmp_path, data)


def test_the_layers_of_honest_archives_are_allowed(tmp_path: Path) -> None:
    data = tar(GOOD)
    for _ in range(3):
        data = tar({"x.tgz": data})
    (tmp_path / "x.tgz").write_bytes(data)
    assert len(open_pallet(tmp_path / "x.tgz").analyses) == 1


LAUGHS = {
    "of its own": [
        {"op": "add", "path": "/x", "value": [[0, 0]]},
        *[{"op": "copy", "from": "/x", "path": "/x/-"}] * 60,
    ],
    "of the workspace": [
        {
            "op": "copy",
            "from": "/channels/0/samples",
            "path": f"/channels/0/samples/0/modifiers/0/data/z{number}",
        }
        for number in range(60)
    ],
}


@pytest.mark.parametrize("position", [0, 1])
@pytest.mark.parametrize("name", LAUGHS)
def test_patches_whose_copies_multiply_are_named(tmp_path: Path, name: str, position: int) -> None:
    """Some kilobytes that stand for 2^60 parts; opening looks at the first point of a patch set only."""
    patch_set = make_patch_set(WORKSPACE)
    patch_set["patches"][position]["patch"] += LAUGHS[name]
    (tmp_path / "laughs.zip").write_bytes(zipped({"BkgOnly.json": WORKSPACE, "patchset.json": patch_set}))
    (analysis,) = open_pallet(tmp_path / "laughs.zip").analyses
    assert len(analysis.points) == 3
    if position == 0:
        (problem,) = analysis.problems
        assert "larger than any likelihood" in problem
        assert analysis.points[0].name in problem
    with pytest.raises(HistFactoryError, match="larger than any likelihood"):
        apply_patch(analysis.workspace, decode_operations(analysis.points[position].operations))


def test_a_patch_set_without_digest_is_not_tried_beyond_bounds(tmp_path: Path) -> None:
    patch_set = make_patch_set(WORKSPACE)
    del patch_set["metadata"]["digests"]
    patch_set["patches"][1]["patch"] += LAUGHS["of its own"]
    (tmp_path / "laughs.zip").write_bytes(zipped({"BkgOnly.json": WORKSPACE, "patchset.json": patch_set}))
    (analysis,) = open_pallet(tmp_path / "laughs.zip").analyses
    assert analysis.points == ()
    assert "larger than any likelihood" in " ".join(open_pallet(tmp_path / "laughs.zip").problems)
