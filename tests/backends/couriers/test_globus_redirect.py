"""The page that a browser comes back to after a login."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from fitgui_backends.couriers.globus_redirect import Redirect


@pytest.fixture
def came() -> list[tuple[str | None, str]]:
    return []


@pytest.fixture
def redirect(came: list[tuple[str | None, str]]) -> Iterator[Redirect]:
    opened = Redirect("the-state", lambda code, reason: came.append((code, reason)))
    yield opened
    opened.close()


def get(redirect: Redirect, query: str) -> requests.Response:
    return requests.get(f"{redirect.address}/{query}", timeout=30, proxies={"http": ""})


def test_a_code_with_the_right_state_arrives(redirect: Redirect, came: list[tuple[str | None, str]]) -> None:
    page = get(redirect, "?code=abc&state=the-state")
    assert page.status_code == 200
    assert came == [("abc", "")]
    assert "abc" not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    "query",
    ["", "?code=abc", "?code=abc&state=", "?code=abc&state=the-stat%C3%A9", "favicon.ico", "?state=x"],
)
def test_anything_else_is_turned_away(
    redirect: Redirect, came: list[tuple[str | None, str]], query: str
) -> None:
    assert get(redirect, query).status_code == 400
    assert came == []


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("&error=access_denied&error_description=No+thanks", "No thanks"),
        ("&error=access_denied", "access_denied"),
        ("", "it gave no reason"),
    ],
)
def test_a_refusal_comes_with_its_reason(
    redirect: Redirect, came: list[tuple[str | None, str]], query: str, reason: str
) -> None:
    page = get(redirect, f"?state=the-state{query}")
    assert "did not log you in" in page.text
    assert came == [(None, reason)]


def test_only_this_machine_can_ask(redirect: Redirect) -> None:
    assert redirect.address.startswith("http://127.0.0.1:")


def test_closing_frees_the_port_at_once() -> None:
    opened = Redirect("s", lambda code, reason: None)
    opened.close()
    with pytest.raises(requests.ConnectionError):
        get(opened, "")
