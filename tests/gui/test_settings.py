"""What the window remembers of pallets."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from fitgui.gui.settings import RECENT_KEPT, Recent, WindowSettings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "window.ini"


def settings(file: Path) -> WindowSettings:
    return WindowSettings(QSettings(str(file), QSettings.Format.IniFormat))


DOI = "10.17182/hepdata.90607.v3/r3"


def test_a_doi_stays_a_doi(file: Path) -> None:
    first = settings(file)
    first.remember(DOI, "1Lbb", "ab" * 32)
    first._settings.sync()
    assert settings(file).recent == [Recent(DOI, "1Lbb", "ab" * 32)]
    assert settings(file).opened_before(DOI) == Recent(DOI, "1Lbb", "ab" * 32)
    assert settings(file).last_folder is None


def test_a_path_keeps_its_name_and_its_folder(file: Path, tmp_path: Path) -> None:
    known = settings(file)
    known.remember(str(tmp_path / "stau.tar.gz"), "stau", "cd" * 32)
    known.remember(DOI, "1Lbb", "ab" * 32)
    assert [recent.name for recent in known.recent] == ["1Lbb", "stau"]
    assert known.last_folder == str(tmp_path)


def test_the_same_content_is_listed_once(file: Path, tmp_path: Path) -> None:
    known = settings(file)
    known.remember(str(tmp_path / "here"), "here", "ab" * 32)
    known.remember("there", "there", "ab" * 32)
    assert known.recent == [Recent("there", "there", "ab" * 32)]


def test_the_example_is_not_remembered_and_old_ones_go(file: Path) -> None:
    known = settings(file)
    for number in range(RECENT_KEPT + 3):
        known.remember(f"/data/{number}.zip")
    known.remember("example")
    assert len(known.recent) == RECENT_KEPT
    assert known.recent[0] == Recent(f"/data/{RECENT_KEPT + 2}.zip", f"{RECENT_KEPT + 2}.zip")


@pytest.mark.parametrize("old", ["/data/one.zip", ["/data/one.zip", "/data/two.zip"]])
def test_what_an_older_window_remembered_is_read(file: Path, old: str | list[str]) -> None:
    before = QSettings(str(file), QSettings.Format.IniFormat)
    before.setValue("recent", old)
    before.sync()
    assert settings(file).recent[0] == Recent("/data/one.zip", "one.zip")
