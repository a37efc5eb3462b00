"""A single wrong bit: what opens is what was published, and what does not is said to be damaged."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fitgui.pallets import Pallet, PalletError, open_pallet
from tests.builders import as_bytes
from tests.pallets.archives import tar, zipped
from tests.pallets.harm import GOOD, WORKSPACE

FILES = {
    "README": b"read me " * 30,
    "o/BkgOnly.json": GOOD["BkgOnly.json"],
    "o/n_set.json": GOOD["patchset.json"],
}
"""With names that a wrong bit makes a folder, or what an operating system left: "o" and "/", "n" and "."."""
LARGE = {"plots.bin": bytes(1_200_000), **FILES}
"""More than is unpacked at once: who reads to the end of the tar has not come to the checksum yet."""
PACKED = {
    "tar.gz": tar(FILES),
    "large.tar.gz": tar(LARGE),
    "large.tar.xz": tar(LARGE, "xz"),
    "large.tar.bz2": tar(LARGE, "bz2"),
    "tar.xz": tar(FILES, "xz"),
    "tar.bz2": tar(FILES, "bz2"),
    "zip": zipped(FILES),
    "stored.zip": zipped(FILES, zipfile.ZIP_STORED),
    "bzip2.zip": zipped(FILES, zipfile.ZIP_BZIP2),
    "json.gz": gzip.compress(as_bytes(WORKSPACE)),
    "json.bz2": bz2.compress(as_bytes(WORKSPACE)),
    "json.xz": lzma.compress(as_bytes(WORKSPACE)),
    "tar.gz in tar.gz": tar({"inner.tar.gz": tar(FILES)}),
    "large.tar.gz in tar.gz": tar({"inner.tar.gz": tar(LARGE)}),
    "tar.bz2 in tar.xz": tar({"inner.tar.bz2": tar(FILES, "bz2")}, "xz"),
    "zip in tar.gz": tar({"inner.zip": zipped(FILES)}),
    "tar.gz in zip": zipped({"inner.tar.gz": tar(FILES)}, zipfile.ZIP_STORED),
    "tar.gz in gzip": gzip.compress(tar(FILES)),
    "json.gz in zip in tar.xz": tar(
        {"inner.zip": zipped({"BkgOnly.json.gz": gzip.compress(as_bytes(WORKSPACE))})}, "xz"
    ),
}
INNER = {
    "inner.tar.gz": tar(FILES),
    "large.tar.gz": tar(LARGE),
    "inner.tar.xz": tar(FILES, "xz"),
    "inner.tar.bz2": tar(FILES, "bz2"),
    "inner.zip": zipped(FILES, zipfile.ZIP_STORED),
    "BkgOnly.json.gz": gzip.compress(as_bytes(WORKSPACE)),
}
"""To lie in a tar, which has no checksum of what is in it."""


def contents(pallet: Pallet) -> list[object]:
    """All of a pallet that a fit depends on; not the names of its files."""
    return [
        (
            analysis.workspace_json,
            [(point.name, point.values, point.operations) for point in analysis.points],
        )
        for analysis in pallet.analyses
    ]


def opened(path: Path, data: bytes) -> list[object] | str:
    """What is in it, or why it is refused."""
    path.write_bytes(data)
    try:
        return contents(open_pallet(path))
    except PalletError as error:
        return str(error)


def flipped(data: bytes, bit: int, start: int = 0) -> bytes:
    changed = bytearray(data)
    changed[start + bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def is_told(result: list[object] | str, published: list[object] | str) -> bool:
    """Whether what is there is the published content, or is said to be damaged."""
    return result == published or (isinstance(result, str) and "damaged" in result)


def ending(name: str) -> str:
    return name.rpartition(" in ")[2].replace("gzip", "gz")


@pytest.mark.parametrize("name", PACKED)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_wrong_bit_changes_nothing_or_is_told(tmp_path: Path, name: str, data: st.DataObject) -> None:
    content, path = PACKED[name], tmp_path / f"x.{ending(name)}"
    published = opened(path, content)
    assert isinstance(published, list), published
    bit = data.draw(st.integers(0, 8 * len(content) - 1))
    assert is_told(opened(path, flipped(content, bit)), published), bit


@pytest.mark.parametrize("name", INNER)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_archive_in_a_tar_is_checked_by_itself(tmp_path: Path, name: str, data: st.DataObject) -> None:
    content, path = tar({name: INNER[name]}, ""), tmp_path / "x.tar"
    published = opened(path, content)
    assert isinstance(published, list), published
    bit = data.draw(st.integers(0, 8 * len(INNER[name]) - 1))
    assert is_told(opened(path, flipped(content, bit, start=512)), published), bit


@pytest.mark.parametrize("inside", [False, True], ids=["alone", "in a tar"])
@pytest.mark.parametrize("position", range(-8, 0))
def test_a_wrong_checksum_is_told_though_all_can_be_read(tmp_path: Path, position: int, inside: bool) -> None:
    content = bytearray(PACKED["large.tar.gz"])
    content[position] ^= 1
    data = tar({"x.tar.gz": bytes(content)}, "") if inside else bytes(content)
    told = opened(tmp_path / ("y.tar" if inside else "x.tar.gz"), data)
    assert "x.tar.gz is damaged and cannot be unpacked; download or copy it again" in told


def test_what_is_damaged_inside_is_left_out_and_what_is_whole_is_used(tmp_path: Path) -> None:
    good, bad = tar({"good/BkgOnly.json": WORKSPACE}), bytearray(tar(LARGE))
    bad[-6] ^= 1  # of the checksum: all that is in it can be read
    path = tmp_path / "x.tar"
    path.write_bytes(tar({"good.tgz": good, "bad.tgz": bytes(bad)}, ""))
    pallet = open_pallet(path)
    assert [analysis.path for analysis in pallet.analyses] == ["good.tgz!/good/BkgOnly.json"]
    assert pallet.problems == ("bad.tgz is damaged and cannot be unpacked; download or copy it again.",)


@pytest.mark.parametrize("inside", [False, True], ids=["alone", "in a folder"])
def test_an_archive_without_its_first_bytes_is_not_just_passed_over(tmp_path: Path, inside: bool) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "BkgOnly.json").write_bytes(as_bytes(WORKSPACE))
    path = tmp_path / "x" / "more.tar.gz"
    path.write_bytes(b"\x1e" + PACKED["tar.gz"][1:])
    if inside:
        [told] = open_pallet(path.parent).problems
    else:
        with pytest.raises(PalletError) as caught:
            open_pallet(path)
        told = str(caught.value)
    assert told.startswith("more.tar.gz is damaged, or no archive although its name says so")


def test_a_table_of_contents_that_leaves_a_file_out_is_not_believed(tmp_path: Path) -> None:
    content = bytearray(zipped(FILES))
    first = content.index(b"PK\x01\x02")
    second = content.index(b"PK\x01\x02", first + 1)
    content[first + 32 : first + 34] = (content.index(b"PK\x01\x02", second + 1) - second).to_bytes(
        2, "little"
    )
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["README", "o/n_set.json"], "the second is a comment of the first"
    told = opened(tmp_path / "x.zip", bytes(content))
    assert told == "x.zip is damaged: its table of contents is wrong; download or copy it again."


def test_a_wrong_bit_in_a_real_pallet_is_told_before_it_is_fitted(tmp_path: Path, real_pallets: Path) -> None:
    """Bit 7 of byte 91224 makes another number of a published one: 0.994994 becomes 0.990990."""
    [published] = real_pallets.glob("*eRJR*.tar.gz")
    content = bytearray(published.read_bytes())
    content[91224] ^= 0x80
    told = opened(tmp_path / "x.tar.gz", bytes(content))
    assert told == "x.tar.gz is damaged and cannot be unpacked; download or copy it again."
