"""HEPData lets only web browsers in: the window sends the user to one, and knows what comes of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QObject, QPointF, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from fitgui.gui.store_adopting import Sought, recognise
from fitgui.gui.window import MainWindow
from fitgui.pallets.finding import open_kept
from fitgui.pallets.library.library import Library
from fitgui.pallets.published import Entry, PublishedFile
from tests.builders import make_patch_set, make_workspace
from tests.gui.browsing import (
    LEFT,
    browser_list,
    button,
    card_button,
    click_line,
    filter_line,
    press_card,
    spoken,
    type_text,
    wait_for_line,
    wait_for_shelf,
)
from tests.gui.hands import MINUTE, open_and_wait, shown_texts
from tests.hepdata.faults import Challenge
from tests.hepdata.standin import StandIn
from tests.pallets.archives import tar

TITLE = "Search for winos that decay to a test"
NAME = "Likelihoods.tar.gz"
DOI = "10.17182/hepdata.300001.v1/r1"
RESOURCE = 4_000_001
PAGE = f"https://www.hepdata.net/record/resource/{RESOURCE}?landing_page=true"


def archive(inspire: int, *, extra: bytes = b"") -> bytes:
    workspace = make_workspace()
    patch_set = make_patch_set(workspace)
    patch_set["metadata"]["references"] = {"hepdata": f"ins{inspire}"}
    return tar({"BkgOnly.json": workspace, "patchset.json": patch_set, "notes.bin": extra})


CONTENT = archive(3_000_001)


class Browser(QObject):
    """Stands in for the system's web browser."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def show(self, url: QUrl) -> None:
        self.opened.append(url.toString())


@pytest.fixture
def browser() -> Iterator[Browser]:
    made = Browser()
    QDesktopServices.setUrlHandler("https", made, "show")
    yield made
    QDesktopServices.unsetUrlHandler("https")


@pytest.fixture
def winos(hepdata: StandIn) -> StandIn:
    """A record that no catalogue knows, and whose file only browsers get."""
    file = hepdata.file(NAME, CONTENT, id=RESOURCE)
    hepdata.add_record(
        300_001, inspire=3_000_001, title=TITLE, arxiv="2601.00001", versions={1: [file]}, journal="J. Test 1"
    )
    hepdata.fault("file", Challenge())
    return hepdata


def search_and_get(qtbot: QtBot, window: MainWindow) -> None:
    wait_for_shelf(qtbot, window)
    type_text(qtbot, filter_line(window), "winos decay test")
    click_line(qtbot, window, "Search HEPData")
    click_line(qtbot, window, TITLE)
    press_card(qtbot, window, "Get and open")
    qtbot.waitUntil(lambda: card_button(window).text() == "Open in browser", timeout=MINUTE)


def drop(window: MainWindow, path: Path) -> None:
    """As if a file were dragged out of the browser's list of downloads."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(100, 100),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)


def drop_and_wait(qtbot: QtBot, window: MainWindow, path: Path) -> None:
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        drop(window, path)


def log(window: MainWindow) -> str:
    return str(window.results_panel.log.toPlainText())


def test_the_browser_saves_what_is_then_dropped_by_mouse(
    qtbot: QtBot, winos: StandIn, window: MainWindow, browser: Browser, tmp_path: Path
) -> None:
    search_and_get(qtbot, window)
    wait_for_line(qtbot, window, "○ get it with a browser")
    assert "save the file, then drop it here" in shown_texts(window)
    assert "✗" not in card_button(window).text()
    assert len(winos.asked("file")) == 1, "asked once, and not got around"
    press_card(qtbot, window, "Open in browser")
    assert browser.opened == [PAGE]

    saved = tmp_path / "Likelihoods (1).tar.gz"
    saved.write_bytes(CONTENT)
    drop_and_wait(qtbot, window, saved)
    wait_for_line(qtbot, window, "✓ library")
    qtbot.waitUntil(lambda: f"Likelihoods (1).tar.gz is kept as {DOI}" in log(window), timeout=MINUTE)
    qtbot.waitUntil(lambda: card_button(window).text() == "✓ Open", timeout=MINUTE)
    assert not any("get it with a browser" in line for line in spoken(window))
    item = Library(tmp_path / "data" / "library").find(DOI)
    assert item is not None
    assert item.entry is not None
    assert (item.entry.title, len(item.origins)) == (TITLE, 1)
    qtbot.mouseClick(button(window, "Copy BibTeX"), LEFT)
    assert DOI in QGuiApplication.clipboard().text()


def test_another_file_is_not_taken_for_it(
    qtbot: QtBot, winos: StandIn, window: MainWindow, tmp_path: Path
) -> None:
    search_and_get(qtbot, window)
    library = Library(tmp_path / "data" / "library")
    other_name = tmp_path / "something.tar.gz"
    other_name.write_bytes(archive(3_000_001, extra=b"1"))
    drop_and_wait(qtbot, window, other_name)
    other_record = tmp_path / NAME
    other_record.write_bytes(archive(1_999_999))
    drop_and_wait(qtbot, window, other_record)
    qtbot.waitUntil(lambda: "names ins1999999 as its record" in log(window), timeout=MINUTE)
    assert library.find(DOI) is None
    assert len(library.items()) == 2


def test_without_an_errand_a_name_means_nothing(
    qtbot: QtBot, winos: StandIn, window: MainWindow, tmp_path: Path
) -> None:
    wait_for_shelf(qtbot, window)
    saved = tmp_path / NAME
    saved.write_bytes(CONTENT)
    open_and_wait(qtbot, window, saved)
    assert Library(tmp_path / "data" / "library").find(DOI) is None
    assert "is kept as" not in log(window)


def test_it_can_be_tried_again_without_a_browser(qtbot: QtBot, hepdata: StandIn, window: MainWindow) -> None:
    file = hepdata.file(NAME, CONTENT, id=RESOURCE)
    hepdata.add_record(300_001, inspire=3_000_001, title=TITLE, versions={1: [file]})
    check = hepdata.fault("file", Challenge())
    search_and_get(qtbot, window)
    check.end()
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        qtbot.mouseClick(button(window, "Try again here"), LEFT)
    assert window.workbench.pallet is not None
    assert window.workbench.pallet.source == DOI


def test_a_search_goes_on_in_the_browser_and_is_not_offline(
    qtbot: QtBot, hepdata: StandIn, window: MainWindow, browser: Browser
) -> None:
    hepdata.fault("*", Challenge())
    wait_for_shelf(qtbot, window)
    type_text(qtbot, filter_line(window), "winos decay test")
    click_line(qtbot, window, "Search HEPData")
    qtbot.waitUntil(lambda: "lets only web browsers in" in shown_texts(window), timeout=MINUTE)
    assert "offline" not in shown_texts(window)
    qtbot.mouseClick(button(window, "Search in a browser"), LEFT)
    (page,) = browser.opened
    assert page.startswith("https://www.hepdata.net/search/?q=")


def test_where_hepdata_tells_nothing_datacite_does(
    qtbot: QtBot, winos: StandIn, window: MainWindow, browser: Browser, tmp_path: Path
) -> None:
    winos.site.registry = True
    winos.fault("/record/*", Challenge())
    wait_for_shelf(qtbot, window)
    type_text(qtbot, filter_line(window), DOI)
    click_line(qtbot, window, "at HEPData")
    click_line(qtbot, window, TITLE)
    assert window.store.hepdata.sentence == (
        "HEPData lets only web browsers in at the moment. Versions and files are as DataCite knows them."
    )
    press_card(qtbot, window, "Get and open")
    press_card(qtbot, window, "Open in browser")
    assert browser.opened == [PAGE]
    saved = tmp_path / NAME
    saved.write_bytes(CONTENT)
    drop_and_wait(qtbot, window, saved)
    wait_for_line(qtbot, window, "✓ library")
    assert Library(tmp_path / "data" / "library").find(DOI) is not None


def test_the_catalogue_alone_is_enough(
    qtbot: QtBot, hepdata: StandIn, window: MainWindow, browser: Browser, tmp_path: Path
) -> None:
    """Where nothing of HEPData's can be had at all."""
    hepdata.fault("*", Challenge())
    wait_for_shelf(qtbot, window)
    type_text(qtbot, filter_line(window), "SUSY-2019-08")
    click_line(qtbot, window, "SUSY-2019-08")
    press_card(qtbot, window, "Get and open")
    press_card(qtbot, window, "Open in browser")
    assert browser.opened == ["https://doi.org/10.17182/hepdata.90607.v4/r3"]
    saved = tmp_path / "1Lbb-likelihoods-hepdata.tar.gz"
    saved.write_bytes(archive(1_755_298))
    drop_and_wait(qtbot, window, saved)
    qtbot.waitUntil(lambda: "is kept as 10.17182/hepdata.90607.v4/r3" in log(window), timeout=MINUTE)


def test_a_version_that_the_catalogue_does_not_know_is_recognised_by_its_record(
    qtbot: QtBot, hepdata: StandIn, window: MainWindow, browser: Browser, tmp_path: Path
) -> None:
    hepdata.fault("*", Challenge())
    doi = "10.17182/hepdata.90607.v2/r3"
    wait_for_shelf(qtbot, window)
    type_text(qtbot, filter_line(window), doi)
    click_line(qtbot, window, "at HEPData")
    qtbot.waitUntil(lambda: bool(window.store.hepdata.page), timeout=MINUTE)
    qtbot.mouseClick(button(window, "Open the record in a browser"), LEFT)
    assert browser.opened == ["https://www.hepdata.net/record/90607?version=2"]
    saved = tmp_path / "whatever it was called.tar.gz"
    saved.write_bytes(archive(1_755_298))
    drop_and_wait(qtbot, window, saved)
    qtbot.waitUntil(lambda: f"is kept as {doi}" in log(window), timeout=MINUTE)


def test_by_keyboard_too(qtbot: QtBot, winos: StandIn, window: MainWindow, browser: Browser) -> None:
    wait_for_shelf(qtbot, window)
    line = filter_line(window)
    line.setFocus()
    qtbot.keyClicks(line, "winos decay test")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    wait_for_line(qtbot, window, TITLE)
    qtbot.keyClick(line, Qt.Key.Key_Down)
    qtbot.keyClick(browser_list(window), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: card_button(window).text() == "Open in browser", timeout=MINUTE)
    assert browser.opened == []
    qtbot.keyClick(browser_list(window), Qt.Key.Key_Return)
    assert browser.opened == [PAGE]


def test_only_https_is_opened(
    qtbot: QtBot, winos: StandIn, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    search_and_get(qtbot, window)
    (key,) = window.store.downloads
    state = window.store.downloads[key]
    told: list[str] = []
    window.store.failed.connect(told.append)
    shown: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: bool(shown.append(url)))
    for page in ("http://www.hepdata.net/record/1", "file:///etc/passwd", "javascript:alert(1)"):
        window.store.downloads[key] = dataclasses.replace(state, page=page)
        window.store.browse(key)
    assert shown == []
    assert len(told) == 3


def test_a_machine_without_a_browser_is_told_the_page(
    qtbot: QtBot, winos: StandIn, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    search_and_get(qtbot, window)
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: False)
    press_card(qtbot, window, "Open in browser")
    assert window.results_panel.notice.text == f"No browser could be opened here; the page is {PAGE}"


def test_what_was_named_at_the_start_is_opened_in_the_browser(
    qtbot: QtBot, winos: StandIn, window: MainWindow, browser: Browser
) -> None:
    wait_for_shelf(qtbot, window)
    window.open(DOI)
    qtbot.waitUntil(lambda: "lets only web browsers in" in window.results_panel.notice.text, timeout=MINUTE)
    notice = window.results_panel.notice
    (action,) = [one for one in notice.findChildren(QPushButton) if one.text() == "Open in browser"]
    qtbot.mouseClick(action, LEFT)
    assert browser.opened == [PAGE]


@pytest.mark.parametrize(
    ("name", "inspire", "sentence", "key"),
    [
        ("whatever.tar.gz", 3_000_001, f"whatever.tar.gz is kept as {DOI}, of Winos.", "a"),
        ("whatever.tar.gz", 3_000_002, "", ""),
        ("twice.tar.gz", 3_000_003, "", ""),
        ("twice(2).tar.gz", 3_000_004, "", ""),
    ],
)
def test_which_of_several_files_it_is(
    tmp_path: Path, name: str, inspire: int, sentence: str, key: str
) -> None:
    """By its published name; where that is unknown, by the record that the pallet names."""
    saved = tmp_path / name
    saved.write_bytes(archive(inspire))
    library = Library(tmp_path / "library")
    pallet = open_kept(saved, library)
    twice = Entry(key="b", record=2)
    sought = (
        Sought("a", "Winos", Entry(key="a", inspire=3_000_001), PublishedFile(doi=DOI)),
        Sought("b", "Twice", twice, PublishedFile(name="twice.tar.gz", doi="10.17182/hepdata.2.v1/r1")),
        Sought("c", "Other", twice, PublishedFile(name="Twice.tar.gz", doi="10.17182/hepdata.3.v1/r1")),
    )
    adopted = recognise(library, pallet, sought)
    if name.startswith("twice"):
        assert "may be 10.17182/hepdata.2.v1/r1 or 10.17182/hepdata.3.v1/r1" in adopted.sentence
        assert "fitgui library add" in adopted.sentence
        assert (adopted.key, library.find("10.17182/hepdata.2.v1/r1")) == ("", None)
    else:
        assert (adopted.sentence, adopted.key) == (sentence, key)
