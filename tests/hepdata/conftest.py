"""Fixtures of the tests of the stand-in itself: plain clients, none of fitgui's own code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from tests.hepdata.standin import StandIn

Get = Callable[..., requests.Response]


@pytest.fixture
def filled(hepdata: StandIn) -> StandIn:
    """The stand-in with its usual records, all files generated."""
    return hepdata.populate(real=False)


@pytest.fixture
def get(hepdata: StandIn) -> Iterator[Get]:
    """Asks the stand-in, without following redirects."""
    with requests.Session() as session:
        session.trust_env = False

        def ask(path: str, **parameters: Any) -> requests.Response:
            parameters.setdefault("allow_redirects", False)
            parameters.setdefault("timeout", 20)
            return session.get(hepdata.url + path, **parameters)

        yield ask
