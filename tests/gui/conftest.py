"""Real windows, off-screen, each with its own data folder and its own worker processes."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QCheckBox
from pytestqt.qtbot import QtBot

from fitgui.gui import theme
from fitgui.gui.app import make_application, make_window
from fitgui.gui.garbage import GuiThreadCollector
from fitgui.gui.window import MainWindow
from fitgui_backends.contract import Backend
from tests.gui.hands import GRID, control

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
MakePallet = Callable[..., Path]


@pytest.fixture
def make_window_in(qtbot: QtBot) -> Iterator[Callable[..., MainWindow]]:
    """Windows on a data folder of the test's choice."""
    windows: list[MainWindow] = []

    def make(folder: Path, makers: Mapping[str, Callable[[], Backend]] | None = None) -> MainWindow:
        make_application()
        window = make_window(folder, look=theme.LIGHT, makers=makers)
        windows.append(window)
        # A check of every run would have the tests wait for pyhf; those that are about it switch it on.
        control(window, QCheckBox, "Check with pyhf").setChecked(False)
        window.resize(1360, 840)
        window.show()
        qtbot.waitExposed(window)
        return window

    yield make
    while windows:
        window = windows.pop()
        window._closing = True
        window.close()
        window.deleteLater()
        del window
    # A window that lived on into the next test would be destroyed there, at any moment.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()


@pytest.fixture(autouse=True, scope="session")
def collect_garbage_in_this_thread(qapp: QApplication) -> GuiThreadCollector:
    """As the application does."""
    return GuiThreadCollector(qapp)


@pytest.fixture
def window(make_window_in: Callable[[Path], MainWindow], tmp_path: Path) -> MainWindow:
    """A window with an empty data folder."""
    return make_window_in(tmp_path / "data")


@pytest.fixture
def make_pallet(tmp_path: Path) -> MakePallet:
    """Write a small pallet; its points take some hundredths of a second each."""

    def make(
        values: Sequence[Sequence[float | str]],
        labels: Sequence[str] = ("m1", "m2"),
        *,
        name: str = "small",
        broken: Sequence[int] = (),
    ) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "BkgOnly.json").write_text(json.dumps(background()))
        patches = [
            {
                "metadata": {
                    "name": f"point_{'_'.join(map(str, point)) or 'abcdef'[number]}",
                    "values": list(point),
                },
                "patch": [signal(8.0 / (1 + number % 8), channel=9 if number in broken else 0)],
            }
            for number, point in enumerate(values)
        ]
        patch_set = {
            "metadata": {"description": "a test", "digests": {}, "labels": list(labels), "references": {}},
            "patches": patches,
            "version": "1.0.0",
        }
        (folder / "patchset.json").write_text(json.dumps(patch_set))
        return folder

    return make


@pytest.fixture
def two_regions(make_pallet: MakePallet, tmp_path: Path) -> Path:
    """A pallet of two analyses that differ in their observation: otherwise they would be one."""
    both = tmp_path / "both"
    both.mkdir()
    for name in ("RegionA", "RegionB"):
        make_pallet(GRID, name=name).rename(both / name)
    background = both / "RegionB" / "BkgOnly.json"
    document = json.loads(background.read_text())
    document["observations"][0]["data"] = [40.0, 25.0]
    background.write_text(json.dumps(document))
    return both


def background() -> dict[str, Any]:
    """One channel with two bins and one systematic variation."""
    return {
        "channels": [
            {
                "name": "SR",
                "samples": [
                    {
                        "name": "background",
                        "data": [50.0, 20.0],
                        "modifiers": [
                            {"name": "norm", "type": "normsys", "data": {"hi": 1.1, "lo": 0.9}},
                        ],
                    }
                ],
            }
        ],
        "observations": [{"name": "SR", "data": [52.0, 19.0]}],
        "measurements": [{"name": "Measurement", "config": {"poi": "mu_SIG", "parameters": []}}],
        "version": "1.0.0",
    }


def signal(strength: float, *, channel: int = 0) -> dict[str, Any]:
    """The operation that adds a signal sample."""
    return {
        "op": "add",
        "path": f"/channels/{channel}/samples/0",
        "value": {
            "name": "signal",
            "data": [strength, 2 * strength],
            "modifiers": [{"name": "mu_SIG", "type": "normfactor", "data": None}],
        },
    }
