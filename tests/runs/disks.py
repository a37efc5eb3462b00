"""A small disk of its own for a test, and filling it to the last byte."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, size: str = "2m") -> Iterator[Path]:
    """Mount a file system in memory; where that is not allowed, the test is skipped and says so."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("NO SMALL DISK: there is no mount command, so a full disk is not tested here")
    if mounted.returncode != 0:
        pytest.skip(
            f"NO SMALL DISK: mounting needs root, so a full disk is not tested here ({mounted.stderr})"
        )
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Write a file until nothing more fits; removing it frees the disk."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as stream:
        for size in (65536, 4096, 1):
            with pytest.raises(OSError, match="No space left on device"):
                _write_for_ever(stream, size)
    assert os.statvfs(folder).f_bavail == 0
    return filler


def _write_for_ever(stream: FileIO, size: int) -> None:
    while True:
        stream.write(bytes(size))
