"""A journal and a controller that are put away at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fitgui.runs.controller import RunController
from fitgui.runs.journal import Journal
from tests.runs.support import ThreadBackend


@pytest.fixture
def journal_path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "journal.sqlite"


@pytest.fixture
def open_controller(journal_path: Path) -> Iterator[Callable[..., RunController]]:
    """Opens controllers on one journal, each as an application of its own would."""
    opened: list[RunController] = []

    def open_one(backend: ThreadBackend | None = None, *, path: Path | None = None) -> RunController:
        backend = backend or ThreadBackend()
        controller = RunController(Journal(path or journal_path), {backend.name: backend})
        opened.append(controller)
        return controller

    yield open_one
    for controller in opened:
        controller.close()
