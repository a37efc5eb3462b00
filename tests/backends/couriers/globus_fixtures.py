"""Fixtures of the tests of the Globus courier: a stand-in without a broker, and an endpoint in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backends.couriers.globus_desk import Desk, PlayedAgent, desk
from tests.cluster.standin.standin import StandIn
from tests.conftest import PROXIES


@pytest.fixture
def globus(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """Globus Compute and Auth at a free port; tasks are taken, and wait for a test to answer them."""
    for name in (
        *PROXIES,
        "GLOBUS_COMPUTE_CLIENT_ID",
        "GLOBUS_COMPUTE_CLIENT_SECRET",
        "GLOBUS_SDK_ENVIRONMENT",
    ):
        monkeypatch.delenv(name, raising=False)
    with StandIn() as standin:
        yield standin


@pytest.fixture
def agent(globus: StandIn) -> PlayedAgent:
    """An endpoint of Alice's that is online."""
    played = PlayedAgent(globus)
    played.beat()
    return played


@pytest.fixture
def counter(globus: StandIn, tmp_path: Path) -> Iterator[Desk]:
    """A courier for that stand-in; nobody is logged in yet."""
    with desk(globus.url, tmp_path / "courier") as opened:
        yield opened


@pytest.fixture
def open_counter(counter: Desk) -> Desk:
    """The same; Alice is logged in."""
    counter.log_in()
    return counter
