"""What a file is, by its first bytes: every published layout, cut anywhere."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgui.pallets.hepdata.sniffing import FIRST_BYTES, Sniffed, sniff
from tests.hepdata import layouts

LIKELIHOODS: dict[str, Callable[[], bytes]] = {
    "a.tar.gz": layouts.lbb,
    "b.tar.gz": layouts.sbottom,
    "one-per-point.tar.gz": layouts.erjr_first,
    "7-D.tar.gz": layouts.branching,
    "words.tar.gz": layouts.words_as_values,
    "no-digest.tar.gz": layouts.empty_digest,
    "complete.zip": layouts.complete_workspaces,
    "two.zip": layouts.two_top_folders,
    "nested.tar": layouts.nested,
    "bare.json": layouts.bare,
}
WORKSPACE = layouts.bare()


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(files: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_published_layouts_are_likelihoods(name: str) -> None:
    assert sniff(LIKELIHOODS[name](), name, whole=True) is Sniffed.HISTFACTORY


def test_real_pallets_are_likelihoods(real_pallets: Path) -> None:
    for path in real_pallets.glob("atlas-*.tar.gz"):
        with path.open("rb") as file:
            head = file.read(FIRST_BYTES)
        assert sniff(head, path.name, whole=False) is Sniffed.HISTFACTORY


def test_hs3_is_told() -> None:
    assert sniff(layouts.hs3(), "x.tar.gz", whole=True) is Sniffed.HS3


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"root\x00\x00\xf6\x18" + b"x" * 1000,
        b"\x89PNG\r\n\x1a\n",
        b"<!DOCTYPE html><html></html>",
        b'{"cutflow": {"channels": 3}}',
        b"[1, 2, 3]",
        b"plain text",
        layouts.slha(),
        zipped({"README.txt": b"nothing", "maps.root": b"root\x00\x00\xf6\x18"}),
        zipped({}),
        tarred({"a.onnx": b"\x08\x07" * 600}),
    ],
    ids=range(11),
)
def test_others_are_none(data: bytes) -> None:
    assert sniff(data, "x", whole=True) is Sniffed.OTHER


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(WORKSPACE),
        bz2.compress(WORKSPACE),
        lzma.compress(WORKSPACE),
        b"\xef\xbb\xbf" + WORKSPACE,
        zipped({"w.json": WORKSPACE}, zipfile.ZIP_STORED),
        zipped({"README": b"x" * 5000, "deep/inside.zip": zipped({"w.json": WORKSPACE})}),
        tarred({"a/" + "long" * 40 + "/w.json": WORKSPACE}, tarfile.GNU_FORMAT),
        tarred({"a/" + "long" * 40 + "/w.json": WORKSPACE}, tarfile.PAX_FORMAT),
        tarred({"w.json": WORKSPACE}, tarfile.USTAR_FORMAT),
        json.dumps([{"op": "add", "path": "/channels/0/samples/5", "value": {}}]).encode(),
    ],
    ids=range(10),
)
def test_every_packing_is_unpacked(data: bytes) -> None:
    assert sniff(data, "x", whole=True) is Sniffed.HISTFACTORY


def test_a_zip_that_was_streamed() -> None:
    """Such a one tells the sizes only after each member."""

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            self.data += bytes(data)  # type: ignore[call-overload]
            return len(bytes(data))  # type: ignore[call-overload]

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README", b"x" * 5000)
        archive.writestr("w.json", WORKSPACE)
    assert sniff(bytes(pipe.data), "x.zip", whole=True) is Sniffed.HISTFACTORY


def test_a_bomb_is_unpacked_to_a_limit() -> None:
    bomb = gzip.compress(b"\0" * 200_000_000, 1)
    assert sniff(bomb[:FIRST_BYTES], "x.gz", whole=False) in (Sniffed.OTHER, Sniffed.UNKNOWN)


def test_packing_without_end_is_not_unpacked_without_end() -> None:
    data = WORKSPACE
    for _ in range(2000):
        data = gzip.compress(data, 1)
    assert sniff(data, "x.gz", whole=True) is Sniffed.UNKNOWN


@pytest.mark.parametrize("name", [*LIKELIHOODS, "SLHA.tar.gz"])
def test_what_is_cut_is_never_taken_for_seen_whole(name: str) -> None:
    whole = LIKELIHOODS[name]() if name in LIKELIHOODS else layouts.slha()
    for end in range(HEAD, len(whole), max(1, len(whole) // 60)):
        found = sniff(whole[:end], name, whole=False)
        assert found in (Sniffed.HISTFACTORY, Sniffed.UNKNOWN), end


HEAD = 4
"""Bytes of a file that tell its kind; of fewer nothing can be said, and no server sends fewer."""


@settings(deadline=None)
@given(st.sampled_from(list(LIKELIHOODS)), st.data())
def test_damage_is_survived(name: str, data: st.DataObject) -> None:
    whole = bytearray(LIKELIHOODS[name]())
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    assert isinstance(sniff(bytes(whole), name, whole=True), Sniffed)


@given(
    st.sampled_from([b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\x00", b"{", b"["]),
    st.binary(max_size=600),
)
def test_so_is_rubbish(magic: bytes, rest: bytes) -> None:
    assert isinstance(sniff(magic + rest, "x", whole=True), Sniffed)
