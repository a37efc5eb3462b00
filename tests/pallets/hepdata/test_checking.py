"""What was cut off or changed on its way is noticed, wherever it was cut or changed."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fitgui.pallets.hepdata.cancelling import Cancel
from fitgui.pallets.hepdata.checking import Damaged, WrongContent, check_content
from fitgui.pallets.hepdata.errors import HepDataError
from tests.pallets.archives import tar, zipped

FILES = {"BkgOnly.json": {"channels": [], "n": list(range(2000))}, "noise": random.Random(0).randbytes(3000)}
ARCHIVES = {
    "x.tar.gz": tar(FILES),
    "x.tar.xz": tar(FILES, "xz"),
    "x.tar.bz2": tar(FILES, "bz2"),
    "x.zip": zipped(FILES),
    "y.zip": zipped(FILES, zipfile.ZIP_STORED),
    "x.tar": tar(FILES, ""),
    "x.json": b'{"channels": [' + b"1," * 9000 + b"1]}",
}


def check(folder: Path, name: str, content: bytes) -> None:
    path = folder / name
    path.write_bytes(content)
    check_content(path, name, lambda: None)


@pytest.mark.parametrize("name", ARCHIVES)
def test_what_is_whole_passes_and_only_that(tmp_path: Path, name: str) -> None:
    content = ARCHIVES[name]
    check(tmp_path, name, content)
    assert (tmp_path / name).read_bytes() == content, "it is only looked at"
    with pytest.raises(Damaged):
        check(tmp_path, name, content[: len(content) // 3])


@pytest.mark.parametrize("name", [name for name in ARCHIVES if name != "x.tar"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(share=st.floats(0.1, 0.9))
def test_a_cut_is_noticed_wherever_it_is(tmp_path: Path, name: str, share: float) -> None:
    content = ARCHIVES[name]
    with pytest.raises(Damaged, match=r"cut off|damaged"):
        check(tmp_path, name, content[: int(share * len(content))])


@pytest.mark.parametrize("size", [600, 5000, 11_900, 13_000])
def test_a_cut_inside_a_file_of_a_tar_is_noticed(tmp_path: Path, size: int) -> None:
    # A cut between two of its files could only be told by the mark at the end, which some honest tars lack.
    with pytest.raises(Damaged):
        check(tmp_path, "x.tar", ARCHIVES["x.tar"][:size])


@pytest.mark.parametrize("name", ["x.tar.gz", "x.tar.xz", "x.tar.bz2"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(share=st.floats(0.1, 0.9), bit=st.integers(0, 7))
def test_a_single_wrong_bit_is_noticed(tmp_path: Path, name: str, share: float, bit: int) -> None:
    content = bytearray(ARCHIVES[name])
    content[int(share * len(content))] ^= 1 << bit
    with pytest.raises(Damaged):
        check(tmp_path, name, bytes(content))


def test_wrong_bytes_in_a_zip_are_noticed(tmp_path: Path) -> None:
    content = bytearray(ARCHIVES["y.zip"])
    content[5000] ^= 1
    with pytest.raises(Damaged):
        check(tmp_path, "y.zip", bytes(content))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"<!doctype html><p>", "a web page"),
        (b"\n <HTML>", "a web page"),
        (b"root\x00\x00\xf4\x9a" * 300, "a ROOT file"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
        (b"Bad gateway", "neither an archive nor JSON"),
        (b'{"message": "Internal  Server Error"}', 'says "Internal Server Error"'),
        (b'{"msg": "Accept header", "file_mimetype": "application/x-tar"}', 'says "Accept header"'),
    ],
)
def test_what_is_no_file_of_likelihoods_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(WrongContent, match=words):
        check(tmp_path, "file", content)


def test_a_bomb_is_not_unpacked_to_its_end(tmp_path: Path) -> None:
    checks: list[None] = []
    path = tmp_path / "bomb.tar.gz"
    path.write_bytes(tar({"x.json": bytes(400 << 20)}))
    check_content(path, path.name, lambda: checks.append(None))
    assert 0 < len(checks) < 200 + 1, "opening refuses it"


def test_checking_can_be_cancelled(tmp_path: Path) -> None:
    cancel = Cancel()
    cancel.cancel()
    path = tmp_path / "x.tar.gz"
    path.write_bytes(ARCHIVES["x.tar.gz"])
    with pytest.raises(HepDataError):
        check_content(path, path.name, cancel.check)
