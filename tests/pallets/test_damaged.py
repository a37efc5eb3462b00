"""Archives that came to harm, or that lie: one sentence, never a traceback."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import os
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fitgui.pallets import PalletError, open_pallet
from fitgui.pallets.reading.limits import MEBIBYTE
from tests.builders import make_patch_set
from tests.pallets.archives import tar, zipped
from tests.pallets.harm import GOOD, WORKSPACE, refusal

pytestmark = pytest.mark.usefixtures("nothing_left_behind")


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
