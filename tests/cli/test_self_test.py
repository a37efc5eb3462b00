"""``fitgui self-test``: the pool and the window, as a package would be tried out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Finished


def test_all_is_in_place(fitgui: Callable[..., Finished], tmp_path: Path) -> None:
    finished = fitgui("self-test", "--json")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    document = json.loads(finished.stdout)
    assert document["ok"] is True
    assert [test["name"] for test in document["tests"]] == ["fit", "window"]
    assert "CLs observed 0." in document["tests"][0]["text"]
    assert document["tests"][0]["text"].endswith(", and pyhf agrees")
    assert not (tmp_path / "data").exists(), "nothing is left behind"


def test_what_is_missing_is_named(fitgui: Callable[..., Finished], tmp_path: Path) -> None:
    (tmp_path / "PySide6.py").write_text("raise ImportError('libEGL.so.1: cannot open shared object file')")
    finished = fitgui("self-test", PYTHONPATH=str(tmp_path))
    assert finished.returncode == 1
    fit, window = finished.stdout.splitlines()
    assert fit.startswith("fit     ok ")
    assert window.startswith(
        "window  FAILED  the window cannot be opened because Qt cannot be loaded (libEGL.so.1"
    )
    assert finished.stderr == ""
