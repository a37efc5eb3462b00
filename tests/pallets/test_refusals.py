"""What is no pallet, what is too much, and what strangers write into names."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from fitgui.pallets import PalletError, open_pallet
from fitgui.pallets.reading.limits import MEBIBYTE
from tests.builders import make_patch_set, make_workspace
from tests.pallets.archives import tar, zipped
from tests.pallets.harm import GOOD, WORKSPACE, refusal, refused

pytestmark = pytest.mark.usefixtures("nothing_left_behind")


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html><body>HEPData</body></html>", "web page"),
        (b"\n\n  <html>", "web page"),
        (b"just some text", "no archive although its name says so"),
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


def test_what_no_fit_can_use_is_told_when_the_pallet_is_opened(write_pallet: Callable[..., Path]) -> None:
    workspace = make_workspace()
    workspace["observations"][0]["data"][0] = -5.0
    bounds = {"name": "mu_SIG", "bounds": [[0.0, 0.5]], "inits": [0.1]}
    workspace["measurements"][0]["config"]["parameters"] = [bounds]
    folder = write_pallet({"BkgOnly.json": workspace, "patchset.json": make_patch_set(workspace)})
    (analysis,) = open_pallet(folder).analyses
    text = " ".join(analysis.problems)
    assert 'the observation of channel "SR" is below zero in bin 1 (-5)' in text
    assert "leaves out 1: the signal strength 1 cannot be tested" in text
