"""A journal and a controller that are put away at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fitgui.runs.backends import create_checker
from fitgui.runs.checker import MakeChecker
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

    def open_one(
        backend: ThreadBackend | None = None,
        *,
        path: Path | None = None,
        make_checker: MakeChecker = create_checker,
    ) -> RunController:
        backend = backend or ThreadBackend()
        journal = Journal(path or journal_path)
        controller = RunController(journal, {backend.name: backend}, make_checker=make_checker)
        opened.append(controller)
        return controller

    yield open_one
    for controller in opened:
        controller.close()
