"""Archives made to do harm, and archives that came to harm: one sentence, and nothing left behind."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import struct
import subprocess
import sys
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fitgui.pallets import PalletError, open_pallet
from fitgui.pallets.reading import read_source
from fitgui.pallets.reading.limits import MEBIBYTE, Limits
from tests.builders import make_patch_set, make_workspace
from tests.pallets.archives import tar, zipped

WORKSPACE = make_workspace()
GOOD = {"BkgOnly.json": WORKSPACE, "patchset.json": make_patch_set(WORKSPACE)}


@pytest.fixture(autouse=True)
def nothing_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever is written to the working or the temporary folder is seen."""
    work, scratch = tmp_path / "work", tmp_path / "scratch"
    work.mkdir()
    scratch.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("TMPDIR", str(scratch))
    descriptors = Path("/proc/self/fd")
    before = len(list(descriptors.iterdir())) if descriptors.exists() else 0
    yield
    assert list(work.iterdir()) == []
    assert list(scratch.iterdir()) == []
    assert not before or len(list(descriptors.iterdir())) == before


def refusal(tmp_path: Path, data: bytes, name: str = "pallet.tar.gz") -> str:
    """The sentence with which an archive is refused."""
    path = tmp_path / name
    path.write_bytes(data)
    return refused(path)


def refused(path: Path) -> str:
    with pytest.raises(PalletError) as caught:
        open_pallet(path)
    sentence = str(caught.value)
    assert sentence.startswith(path.name)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 500
    return sentence


def special(name: str = "x", *, kind: bytes = tarfile.REGTYPE, target: str = "") -> bytes:
    """A tar with a good pallet and one odd member."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for good, content in GOOD.items():
            data = json.dumps(content).encode()
            info = tarfile.TarInfo(good)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        odd = tarfile.TarInfo(name)
        odd.type = kind
        odd.linkname = target
        archive.addfile(odd)
    return buffer.getvalue()


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


@pytest.mark.parametrize("compression", ["", "gz", "xz", "bz2"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.8])
def test_a_cut_off_archive_is_refused(tmp_path: Path, compression: str, part: float) -> None:
    files = {**GOOD, "noise.bin": os.urandom(30_000), "more.json": {"a": list(range(5000))}}
    data = tar(files, compression)
    sentence = refusal(tmp_path, data[: int(part * len(data))])
    assert "cut off" in sentence or "damaged" in sentence


def test_an_archive_that_ends_between_two_members_may_have_been_cut_off(tmp_path: Path) -> None:
    data = tar({**GOOD, "more.json": WORKSPACE}, "")
    path = tmp_path / "x.tar"
    path.write_bytes(data[: data.index(b"more.json\0")])
    pallet = open_pallet(path)
    assert len(pallet.analyses) == 1
    assert pallet.problems == ("x.tar ends without the mark that ends an archive; it may have been cut off.",)


def test_a_cut_off_zip_is_refused(tmp_path: Path) -> None:
    data = zipped({**GOOD, "noise.bin": os.urandom(30_000)})
    for part in (0.1, 0.5, 0.99):
        assert "cut off or damaged" in refusal(tmp_path, data[: int(part * len(data))], "x.zip")


def test_a_header_destroyed_in_the_middle_is_not_the_end(tmp_path: Path) -> None:
    """tarfile stops there without a word, and half of the points would be missing."""
    data = bytearray(tar({"a.json": WORKSPACE, "b.json": GOOD["patchset.json"]}, ""))
    second = data.index(b"b.json")
    data[second : second + 6] = b"B.JSON"
    assert "damaged in the middle" in refusal(tmp_path, bytes(data), "x.tar")


@pytest.mark.parametrize("pack", [tar, zipped], ids=["tar.gz", "zip"])
def test_flipped_bits_never_bring_a_traceback(tmp_path: Path, pack: Callable[..., bytes]) -> None:
    data = pack(GOOD)
    path = tmp_path / "flipped"
    for position in range(0, len(data), max(1, len(data) // 150)):
        flipped = bytearray(data)
        flipped[position] ^= 0xFF
        path.write_bytes(bytes(flipped))
        try:
            open_pallet(path)
        except PalletError as error:
            assert "\n" not in str(error)  # noqa: PT017


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_random_bytes_behind_any_magic_never_bring_a_traceback(tmp_path: Path, data: st.DataObject) -> None:
    start = data.draw(
        st.sampled_from(
            [
                b"",
                b"\x1f\x8b\x08\0",
                b"BZh9",
                b"\xfd7zXZ\0",
                b"PK\x03\x04",
                b"PK\x05\x06",
                b"[",
                b"{",
                b'{"patches":',
                b"root\0",
            ]
        )
    )
    path = tmp_path / data.draw(st.sampled_from(["x", "x.json", "x.tar.gz"]))
    path.write_bytes(start + data.draw(st.binary(max_size=600)))
    with pytest.raises(PalletError) as caught:
        open_pallet(path)
    assert "\n" not in str(caught.value)


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    data = bytearray(zipped(GOOD))
    data[6] |= 1
    for position in range(len(data) - 4):
        if data[position : position + 4] == b"PK\x01\x02":
            data[position + 8] |= 1
    assert "encrypted" in refusal(tmp_path, bytes(data), "x.zip")


def test_uncommon_compression_in_a_zip_is_refused(tmp_path: Path) -> None:
    assert "uncommon" in refusal(tmp_path, zipped(GOOD, zipfile.ZIP_LZMA), "x.zip")


def test_an_xz_that_asks_for_gigabytes_of_dictionary_is_refused(tmp_path: Path) -> None:
    filters: list[dict[str, Any]] = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}]
    data = bytearray(lzma.compress(json.dumps(WORKSPACE).encode(), filters=filters))
    position = data.index(b"\x21\x01")  # LZMA2, one byte of properties, which is the size of the dictionary
    data[position + 2] = 40  # 4 GB
    size = (data[12] + 1) * 4
    data[12 + size - 4 : 12 + size] = struct.pack("<I", zlib.crc32(bytes(data[12 : 12 + size - 4])))
    assert "damaged" in refusal(tmp_path, bytes(data), "x.json.xz")


def test_lies_about_sizes_in_a_zip_gain_nothing(tmp_path: Path) -> None:
    data = zipped({"x.json": b"[" + b" " * 1000 + b"]", **GOOD})
    lying = data.replace(struct.pack("<I", 1002), struct.pack("<I", 0x7FFFFFFF))
    assert lying != data
    assert "damaged" in refusal(tmp_path, lying, "x.zip")
    lying = data.replace(struct.pack("<I", 1002), struct.pack("<I", 3))
    assert "damaged" in refusal(tmp_path, lying, "y.zip")


def test_overlapping_members_cost_what_they_unpack_to(tmp_path: Path) -> None:
    """One compressed run of blanks that a hundred entries point to."""
    blanks = b"[" + b" " * (4 * MEBIBYTE)
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = compressor.compress(blanks) + compressor.flush()
    name = b"x.json"
    crc, sizes = zlib.crc32(blanks), (len(packed), len(blanks))
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0, crc, *sizes, len(name), 0) + name + packed
    entry = (
        struct.pack(
            "<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, crc, *sizes, len(name), 0, 0, 0, 0, 0, 0
        )
        + name
    )
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 100, 100, 100 * len(entry), len(local), 0)
    sentence = refusal(tmp_path, local + entry * 100 + end, "overlap.zip")
    assert "times its size" in sentence or "damaged" in sentence


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE])
def test_headers_of_absurd_size_are_refused(tmp_path: Path, kind: bytes) -> None:
    info = tarfile.TarInfo("././@LongLink")
    info.type = kind
    info.size = 1 << 33
    assert "absurd" in refusal(tmp_path, gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + bytes(1 << 20)))


def test_a_chain_of_long_names_is_refused(tmp_path: Path) -> None:
    """tarfile calls itself for each of them."""
    info = tarfile.TarInfo("././@LongLink")
    info.type = tarfile.GNUTYPE_LONGNAME
    info.size = 4
    link = info.tobuf(tarfile.GNU_FORMAT) + b"abc\0".ljust(512, b"\0")
    assert "damaged" in refusal(tmp_path, gzip.compress(link * 5000))


def test_a_negative_size_does_not_go_round_in_circles(tmp_path: Path) -> None:
    """CVE-2025-8194."""
    header = bytearray(tarfile.TarInfo("x.json").tobuf())
    header[124:136] = b"\xff" * 10 + b"\xfc\x00"  # minus 1024, in base 256
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    sentence = refusal(tmp_path, bytes(header) * 2 + bytes(1024), "x.tar")
    assert "backwards" in sentence or "damaged" in sentence


def test_a_sparse_file_of_a_terabyte_is_refused(tmp_path: Path) -> None:
    info = tarfile.TarInfo("x.json")
    info.pax_headers = {
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.name": "x.json",
        "GNU.sparse.realsize": str(1 << 40),
    }
    info.size = 512
    data = info.tobuf(tarfile.PAX_FORMAT) + b"1\n0\n0\n".ljust(512, b"\0") + bytes(1024)
    assert "special" in refusal(tmp_path, gzip.compress(data))


def test_control_characters_in_names_do_not_reach_the_terminal(tmp_path: Path) -> None:
    name = "\x1b[2J\u202eevil\n.json"
    (tmp_path / "x.tgz").write_bytes(tar({**GOOD, name: "{broken"}))
    pallet = open_pallet(tmp_path / "x.tgz")
    assert len(pallet.problems) == 1
    assert pallet.problems[0].isprintable()
    patches = make_patch_set(WORKSPACE, {"a\x1b[31m\nb": [1, 2]}, labels=["m\x07", "n"])
    (tmp_path / "y.tgz").write_bytes(tar({"w.json": WORKSPACE, "p.json": patches}))
    analysis = open_pallet(tmp_path / "y.tgz").analyses[0]
    assert analysis.points[0].name.isprintable()
    assert all(label.isprintable() for label in analysis.labels)


def test_a_name_that_is_not_unicode_can_be_shown(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", encoding="latin-1", format=tarfile.GNU_FORMAT) as archive:
        for name, content in {
            "größe/BkgOnly.json": WORKSPACE,
            "größe/patchset.json": GOOD["patchset.json"],
        }.items():
            data = json.dumps(content).encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    (tmp_path / "x.tar").write_bytes(buffer.getvalue())
    assert open_pallet(tmp_path / "x.tar").analyses[0].path.encode()


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html><body>HEPData</body></html>", "web page"),
        (b"\n\n  <html>", "web page"),
        (b"just some text", "no HistFactory JSON"),
        (tar({}), "no HistFactory JSON"),
        (zipped({}), "no HistFactory JSON"),
        (tar({"readme.txt": "hello"}), "no HistFactory JSON"),
        (gzip.compress(b""), "empty"),
        (bz2.compress(b"text"), "no HistFactory JSON"),
        (b"{broken", "not valid JSON"),
    ],
    ids=[
        "empty",
        "html",
        "html later",
        "text",
        "tar",
        "zip",
        "tar of text",
        "empty gzip",
        "text in bzip2",
        "broken",
    ],
)
def test_files_that_are_no_pallets(tmp_path: Path, content: bytes, word: str) -> None:
    assert word in refusal(tmp_path, content)


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    for source in (tmp_path / "missing.tar.gz", "", "a\0b", "~nobody-of-that-name/x"):
        with pytest.raises(PalletError) as caught:
            open_pallet(source)
        assert "\n" not in str(caught.value)
        assert "\0" not in str(caught.value)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PalletError, match="neither a file nor a folder"):
        open_pallet(tmp_path / "pipe")
    (tmp_path / "empty").mkdir()
    with pytest.raises(PalletError, match="no HistFactory JSON"):
        open_pallet(tmp_path / "empty")


def test_a_broken_archive_beside_good_files_is_a_problem(tmp_path: Path) -> None:
    inner = tar({"x.json": {"a": os.urandom(3000).hex()}})
    (tmp_path / "x.tar").write_bytes(tar({**GOOD, "inner.tgz": inner[: len(inner) // 2]}, ""))
    pallet = open_pallet(tmp_path / "x.tar")
    assert len(pallet.analyses) == 1
    assert len(pallet.problems) == 1
    assert pallet.problems[0].startswith("inner.tgz is cut off")


def test_memory_stays_bounded_in_a_process_that_has_little(tmp_path: Path) -> None:
    """The whole of it: a real process with an address space of 1 GB opens a bomb of 2 GB."""
    blanks = gzip.compress(b" " * (16 * MEBIBYTE))
    (tmp_path / "bomb.json.gz").write_bytes(blanks * 128)
    code = (
        "import resource, sys\n"
        "from fitgui.pallets import PalletError, open_pallet\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))\n"
        "try:\n    open_pallet(sys.argv[1])\n"
        "except PalletError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "bomb.json.gz")],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "times its size" in done.stdout


def test_a_document_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    """A hundred megabytes of empty lists are a hundred kilobytes packed, and gigabytes as Python objects."""
    lists = b"[]," * 6_000_000 + b"[]"
    path = tmp_path / "x.json.gz"
    path.write_bytes(gzip.compress(b'{"observations": [], "channels": [' + lists + b"]}"))
    assert "larger than any likelihood" in refused(path)
    patches = {"patches": [{"metadata": {"name": "a"}, "patch": ["HERE"]}]}
    text = json.dumps(patches).encode().replace(b'"HERE"', lists)
    path = tmp_path / "y.tgz"
    path.write_bytes(tar({"w.json": WORKSPACE, "p.json": text}))
    assert "larger than any likelihood" in open_pallet(path).problems[0]


def test_more_workspaces_than_any_pallet_has_are_refused(tmp_path: Path) -> None:
    files = {f"{number}.json": make_workspace({f"SR{number}": [1.0]}) for number in range(501)}
    assert "501 workspaces" in refusal(tmp_path, tar(files))


def test_trying_what_fits_comes_to_an_end(tmp_path: Path) -> None:
    """Hundreds of workspaces and of patch sets that fit to none of them."""
    files: dict[str, Any] = {
        f"w{number}.json": make_workspace({f"SR{number}": [1.0]}) for number in range(150)
    }
    stray = make_patch_set(make_workspace({"X": [1.0, 2.0, 3.0]}), {"a_1": [1, 1]}, digest="")
    files |= {f"p{number}.json": stray for number in range(40)}
    path = tmp_path / "x.tar"
    path.write_bytes(tar(files, ""))
    pallet = open_pallet(path)
    assert len(pallet.analyses) == 150
    assert "fits to no workspace" in pallet.problems[0]
    assert len(pallet.problems) == 13


def test_a_member_that_occurs_twice_counts_as_its_last_version(tmp_path: Path) -> None:
    """As after ``tar --append``, and as ZIP files can be made."""
    path = tmp_path / "x.tar"
    with tarfile.open(path, "w") as archive:
        for content in (make_workspace({"OLD": [1.0]}), make_workspace({"NEW": [1.0]})):
            data = json.dumps(content).encode()
            info = tarfile.TarInfo("./BkgOnly.json")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    analyses = open_pallet(path).analyses
    assert [channel.name for analysis in analyses for channel in analysis.channels] == ["NEW"]


def test_pallets_can_be_opened_from_several_threads_at_once(tmp_path: Path) -> None:
    path = tmp_path / "x.tgz"
    path.write_bytes(tar(GOOD))
    with ThreadPoolExecutor(8) as threads:
        pallets = list(threads.map(lambda _: open_pallet(path), range(40)))
    assert {pallet.digest for pallet in pallets} == {pallets[0].digest}
    assert {len(pallet.analyses[0].points) for pallet in pallets} == {3}


def test_texts_of_a_workspace_do_not_reach_the_terminal_raw(tmp_path: Path) -> None:
    workspace = make_workspace({"SR\x1b[2J": [1.0]})
    workspace["observations"].append({"name": "\x1b[31mVR\n", "data": [1.0]})
    path = tmp_path / "w.json"
    path.write_text(json.dumps(workspace))
    analysis = open_pallet(path).analyses[0]
    assert analysis.problems
    assert all(problem.isprintable() for problem in analysis.problems)
    assert all(channel.name.isprintable() for channel in analysis.channels)
    workspace["observations"][0]["data"] = ["x"]
    path.write_text(json.dumps(workspace))
    assert refused(path).isprintable()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "pallet"
    (folder / "closed").mkdir(parents=True)
    for name, content in GOOD.items():
        (folder / name).write_text(json.dumps(content))
    (folder / "more.json").write_text("{}")
    (folder / "more.json").chmod(0)
    (folder / "closed").chmod(0)
    try:
        pallet = open_pallet(folder)
        assert sorted(problem.split()[0] for problem in pallet.problems) == ["closed", "more.json"]
        folder.chmod(0)
        with pytest.raises(PalletError, match="permissions"):
            open_pallet(folder)
    finally:
        folder.chmod(0o700)
        (folder / "closed").chmod(0o700)
