"""The cluster that tests of the backends elsewhere use: one for all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cluster.processes import marked
from tests.cluster.stack import Stack
from tests.conftest import PROXIES
from tests.processes import all_gone


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Globus Compute agent, RabbitMQ, Slurm and the stand-in for the cloud, until the last test is through.

    What is missing is a failure with a sentence, not a skip: these tests are there to be run.
    """
    with Stack() as started:
        folder = started.folder
        yield started
        family = marked(folder)
    assert all_gone(family)
    assert not marked(folder)
    assert not folder.exists()


@pytest.fixture
def on_stack(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """The same, with its variables set here and in children; afterwards it is whole again, without faults."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
    for name, value in stack.environment.items():
        monkeypatch.setenv(name, value)
    yield stack
    stack.standin.reset()
    stack.slurm.release()
    stack.start_agent()
