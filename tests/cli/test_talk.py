"""``fitgui talk``: which runs it shows, and what it says where there is nothing to show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fitgui.cli.main import TalkWish, run_cli
from fitgui.runs.journal import Journal
from tests.cli.conftest import Finished
from tests.runs.recordings import STARTED, record

FIRST, SECOND = "20261129-110000-aaaa", "20261129-120000-bbbb"
OTHER, EMPTY = "20261128-110000-cccc", "20251129-120000-dddd"
Talk = Callable[..., tuple[int, str, list[TalkWish]]]


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two runs of one analysis, one of another, and one that has come to nothing, in a journal."""
    data = tmp_path / "data"
    monkeypatch.setenv("FITGUI_DATA", str(data))
    journal = Journal(data / "journal.sqlite")
    record(journal, FIRST, points=6, workers=1, started=STARTED - 3600)
    record(journal, SECOND, points=6)
    record(journal, OTHER, "3L", points=6, started=STARTED - 90_000)
    record(journal, EMPTY, points=6, fitted=0, started=STARTED - 1e7)
    journal.close()
    return data


@pytest.fixture
def talk(runs: Path, capsys: pytest.CaptureFixture[str]) -> Talk:
    """Calls the command; returns the status, what it complained about, and what was to be shown."""

    def call(*arguments: str) -> tuple[int, str, list[TalkWish]]:
        shown: list[TalkWish] = []

        def show(wish: TalkWish) -> int:
            shown.append(wish)
            return 0

        status = run_cli(["talk", *arguments], lambda *_: 1, show)
        return status, capsys.readouterr().err, shown

    return call


def test_the_last_run_unless_told_otherwise(talk: Talk) -> None:
    assert talk() == (0, "", [TalkWish(runs=(SECOND,))])
    assert talk("last") == talk()


def test_runs_by_their_beginnings_and_how_they_are_shown(
    talk: Talk,
) -> None:
    wish = TalkWish(runs=(SECOND, FIRST), speed=5.0, look="dark", windowed=True)
    assert talk("last", "20261129-11", "--speed", "5", "--dark", "--windowed") == (0, "", [wish])
    assert talk("--seconds", "8", "--light")[2] == [TalkWish(runs=(SECOND,), seconds=8.0, look="light")]
    assert talk("last", SECOND)[2] == [TalkWish(runs=(SECOND,))]  # nobody races against himself


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("2024",), ("no run 2024", SECOND)),
        (("20261129",), ("20261129", FIRST, SECOND)),
        ((EMPTY,), (EMPTY, "no results to show")),
        ((SECOND, OTHER), ("different analyses", "1Lbb", "3L")),
        (("--speed", "2", "--seconds", "9"), ("contradict",)),
        (("--speed", "0"), ("--speed", "0")),
        (("--seconds", "soon"), ("--seconds", "soon")),
    ],
)
def test_one_sentence_where_it_cannot_be_shown(
    talk: Talk, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    status, complaint, shown = talk(*arguments)
    assert (status, shown) == (2, [])
    [line] = complaint.splitlines()
    for word in words:
        assert word in line


def test_without_any_run_it_says_how_to_make_one(here: Callable[..., Finished]) -> None:
    finished = here("talk")
    assert finished.returncode == 2
    assert "`fitgui run example` makes the first" in finished.stderr


def test_without_a_display_it_says_so(runs: Path, fitgui: Callable[..., Finished]) -> None:
    finished = fitgui("talk", QT_QPA_PLATFORM="")
    assert finished.returncode == 1
    [line] = finished.stderr.splitlines()
    assert "there is no display to show a talk on" in line


def test_the_help_names_the_keys(here: Callable[..., Finished]) -> None:
    finished = here("talk", "--help")
    for word in ("--speed", "--seconds", "--dark", "--windowed", "Space", "Esc"):
        assert word in finished.stdout
