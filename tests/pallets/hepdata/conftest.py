"""Clients for the stand-in that do not wait long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fitgui.pallets.hepdata.cache import AnswerCache
from fitgui.pallets.hepdata.client import HepData
from fitgui.pallets.hepdata.service import service_from_environment
from fitgui.pallets.hepdata.session import Patience, Session
from tests.hepdata.standin import StandIn
from tests.pallets.hepdata.downloading import Downloader, session_for

BRIEF = Patience(
    connect_seconds=5.0,
    read_seconds=1.0,
    answer_seconds=15.0,
    first_pause=0.01,
    longest_pause=3.0,
    between_pages=0.01,
)


@pytest.fixture
def session(hepdata: StandIn) -> Iterator[Session]:
    """Asks the stand-in."""
    made = Session(service_from_environment(), BRIEF)
    yield made
    made.close()


@pytest.fixture
def make_client(hepdata: StandIn, tmp_path: Path) -> Iterator[Callable[..., HepData]]:
    """Makes clients of the stand-in; keyword arguments are those of :class:`AnswerCache`."""
    made: list[HepData] = []

    def make(**options: object) -> HepData:
        cache = AnswerCache(tmp_path / "answers", **options)  # type: ignore[arg-type]
        made.append(HepData(cache=cache, patience=BRIEF))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(make_client: Callable[..., HepData]) -> HepData:
    """Asks the stand-in."""
    return make_client()


@pytest.fixture
def get(hepdata: StandIn, tmp_path: Path) -> Iterator[Downloader]:
    """Downloads from the stand-in."""
    with closing(session_for(Patience(connect_seconds=5.0, read_seconds=20.0))) as session:
        yield Downloader(hepdata, session, tmp_path / "downloads")


@pytest.fixture
def impatient(hepdata: StandIn, tmp_path: Path) -> Iterator[Downloader]:
    """Does not wait long for a byte."""
    with closing(session_for(Patience(connect_seconds=5.0, read_seconds=0.5))) as session:
        yield Downloader(hepdata, session, tmp_path / "downloads")
