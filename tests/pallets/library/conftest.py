"""A library in a folder of the test's own, and what can be kept in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fitgui.pallets.library.item import LibraryItem, Origin
from fitgui.pallets.library.library import Library, now
from tests.builders import make_patch_set, make_workspace
from tests.pallets.archives import tar


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Empty; not even its folder exists."""
    return Library(tmp_path / "library")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive that opens."""
    workspace = make_workspace()
    path = tmp_path / "1Lbb-likelihoods-hepdata.tar.gz"
    path.write_bytes(tar({"a/BkgOnly.json": workspace, "a/patchset.json": make_patch_set(workspace)}))
    return path


@pytest.fixture
def keep(library: Library) -> Callable[..., LibraryItem]:
    """Adds a file or folder as if it had been opened there."""

    def add(path: Path, **more: object) -> LibraryItem:
        origin = more.pop("origin", None) or Origin(source=str(path), when=now())
        return library.add(path, origin=origin, **more)  # type: ignore[arg-type]

    return add


def leftovers(library: Library) -> list[str]:
    """What lies in its folder besides what is kept and the lock."""
    known = {".lock", *(item.digest for item in library.items())}
    return sorted(path.name for path in library.folder.iterdir() if path.name not in known)
