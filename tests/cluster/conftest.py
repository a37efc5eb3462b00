"""Fixtures of the tests of the stand-in itself: plain clients, none of fitgui's own code."""

from __future__ import annotations

import base64
import hashlib
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from tests.cluster.client import StandInClient
from tests.cluster.standin.standin import StandIn

VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CLIENT = "4cf29807-cf21-49ec-9443-ff9a3fb9f81c"
"""The SDK's own."""
Ask = Callable[..., requests.Response]


@pytest.fixture
def standin() -> Iterator[StandIn]:
    """Without a broker, on a free port."""
    with StandIn() as started:
        yield started


@pytest.fixture
def control(standin: StandIn) -> StandInClient:
    return StandInClient(standin.url)


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        opened.trust_env = False
        yield opened


@pytest.fixture
def ask(standin: StandIn, control: StandInClient, session: requests.Session) -> Ask:
    """Asks the web service as Alice, or as ``who``; nobody where that is empty."""

    def asking(method: str, path: str, document: Any = None, *, who: str = "alice", **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {control.token(who)}"} if who else {}
        more = {"timeout": 20, "allow_redirects": False, **more}
        return session.request(method, standin.url + path, json=document, headers=headers, **more)

    return asking


def login_address(url: str, redirect: str, **changed: str) -> str:
    """Of the page on which a user logs in."""
    asked = {
        "client_id": CLIENT,
        "redirect_uri": redirect,
        "scope": "openid https://auth.globus.org/scopes/facd7ccc-c5f4-42aa-916b-a0e270e2c2a9/all",
        "state": "xyz",
        "response_type": "code",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "access_type": "offline",
        **changed,
    }
    return f"{url}/v2/oauth2/authorize?{urllib.parse.urlencode(asked)}"
