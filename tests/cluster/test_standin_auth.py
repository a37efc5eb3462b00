"""Logins, tokens and what ends them."""

from __future__ import annotations

import urllib.parse
from typing import Any

import globus_sdk
import pytest
import requests

from tests.cluster.client import StandInClient
from tests.cluster.conftest import CLIENT, VERIFIER, Ask, login_address
from tests.cluster.standin.grants import AUTH, COMPUTE, COMPUTE_SCOPE
from tests.cluster.standin.people import ALICE, BATCH_CLIENT, BOB, SECRETS
from tests.cluster.standin.standin import StandIn

BACK = "http://localhost:8765"


@pytest.fixture
def native(standin: StandIn, monkeypatch: pytest.MonkeyPatch) -> globus_sdk.NativeAppAuthClient:
    """Globus's own client of Auth, pointed here."""
    monkeypatch.setenv("GLOBUS_SDK_SERVICE_URL_AUTH", f"{standin.url}/")
    monkeypatch.setenv("NO_PROXY", "localhost")
    return globus_sdk.NativeAppAuthClient(CLIENT)


def visit(session: requests.Session, address: str) -> dict[str, str]:
    """What the browser brings back to the application."""
    answer = session.get(address, timeout=20, allow_redirects=False)
    assert answer.status_code == 302
    location = urllib.parse.urlsplit(answer.headers["Location"])
    assert f"{location.scheme}://{location.netloc}" == BACK
    return dict(urllib.parse.parse_qsl(location.query))


def log_in(native: globus_sdk.NativeAppAuthClient, session: requests.Session) -> Any:
    native.oauth2_start_flow(
        requested_scopes=["openid", "profile", COMPUTE_SCOPE], redirect_uri=BACK, refresh_tokens=True
    )
    return native.oauth2_exchange_code_for_tokens(visit(session, native.oauth2_get_authorize_url())["code"])


def is_good(standin: StandIn, session: requests.Session, token: str) -> bool:
    headers = {"Authorization": f"Bearer {token}"}
    status = session.get(f"{standin.url}/v2/endpoints", headers=headers, timeout=20).status_code
    assert status in (200, 401)
    return status == 200


def test_the_sdk_logs_in_refreshes_and_logs_out(
    standin: StandIn,
    native: globus_sdk.NativeAppAuthClient,
    session: requests.Session,
    control: StandInClient,
) -> None:
    tokens = log_in(native, session)
    assert tokens.decode_id_token()["sub"] == ALICE.identifier
    assert set(tokens.by_resource_server) == {COMPUTE, AUTH}
    compute = tokens.by_resource_server[COMPUTE]
    assert is_good(standin, session, compute["access_token"])
    assert not is_good(standin, session, tokens.by_resource_server[AUTH]["access_token"])
    control.expire()
    assert not is_good(standin, session, compute["access_token"])
    refreshed = native.oauth2_refresh_token(compute["refresh_token"]).by_resource_server[COMPUTE]
    assert is_good(standin, session, refreshed["access_token"])
    native.oauth2_revoke_token(compute["refresh_token"])
    assert not is_good(standin, session, refreshed["access_token"])
    with pytest.raises(globus_sdk.AuthAPIError, match="invalid_grant"):
        native.oauth2_refresh_token(compute["refresh_token"])


def test_a_refresh_that_is_refused(
    native: globus_sdk.NativeAppAuthClient, session: requests.Session, control: StandInClient
) -> None:
    tokens = log_in(native, session).by_resource_server[COMPUTE]
    control.expire(refresh=True)
    with pytest.raises(globus_sdk.AuthAPIError) as refused:
        native.oauth2_refresh_token(tokens["refresh_token"])
    assert refused.value.http_status == 400


def test_tokens_end_by_themselves(
    standin: StandIn,
    native: globus_sdk.NativeAppAuthClient,
    session: requests.Session,
    control: StandInClient,
) -> None:
    control.set(token_seconds=0)
    tokens = log_in(native, session).by_resource_server[COMPUTE]
    assert not is_good(standin, session, tokens["access_token"])


def test_who_logs_in_and_who_refuses(
    standin: StandIn, session: requests.Session, control: StandInClient
) -> None:
    control.set(consent="denied")
    told = visit(session, login_address(standin.url, BACK))
    assert (told["error"], told["state"]) == ("access_denied", "xyz")
    control.set(consent="bob")
    form = {"code": visit(session, login_address(standin.url, BACK))["code"], "code_verifier": VERIFIER}
    form |= {"grant_type": "authorization_code", "client_id": CLIENT, "redirect_uri": BACK}
    issued = session.post(f"{standin.url}/v2/oauth2/token", data=form, timeout=20).json()
    token = next(
        token["access_token"]
        for token in (issued, *issued["other_tokens"])
        if token["resource_server"] == AUTH
    )
    told = session.get(
        f"{standin.url}/v2/oauth2/userinfo", headers={"Authorization": f"Bearer {token}"}, timeout=20
    ).json()
    assert told["sub"] == BOB.identifier


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "other"},
        {"code_verifier": "w" * 50},
        {"client_id": "other"},
        {"redirect_uri": "http://localhost:1"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_code_is_for_who_asked_for_it(
    standin: StandIn, session: requests.Session, wrong: dict[str, str]
) -> None:
    code = visit(session, login_address(standin.url, BACK))["code"]
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
    form |= {"client_id": CLIENT, "redirect_uri": BACK}
    answer = session.post(f"{standin.url}/v2/oauth2/token", data={**form, **wrong}, timeout=20)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_code_is_good_once(standin: StandIn, session: requests.Session) -> None:
    code = visit(session, login_address(standin.url, BACK))["code"]
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
    form |= {"client_id": CLIENT, "redirect_uri": BACK}
    address = f"{standin.url}/v2/oauth2/token"
    assert [session.post(address, data=form, timeout=20).status_code for _ in range(2)] == [200, 400]


def test_the_page_that_shows_the_code(
    standin: StandIn, native: globus_sdk.NativeAppAuthClient, session: requests.Session
) -> None:
    native.oauth2_start_flow(requested_scopes=[COMPUTE_SCOPE])  # without an address to return to
    shown = session.get(native.oauth2_get_authorize_url(), timeout=20)
    assert shown.headers["Content-Type"].startswith("text/html")
    code = shown.text.partition('id="auth-code" readonly value="')[2].partition('"')[0]
    tokens = native.oauth2_exchange_code_for_tokens(code).by_resource_server[COMPUTE]
    assert tokens["refresh_token"] is None
    assert is_good(standin, session, tokens["access_token"])


@pytest.mark.parametrize("redirect", ["https://evil.example.org", "http://localhost.example.org:80", ""])
def test_nobody_is_sent_elsewhere(standin: StandIn, session: requests.Session, redirect: str) -> None:
    answer = session.get(login_address(standin.url, redirect), timeout=20, allow_redirects=False)
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_a_challenge_is_demanded(standin: StandIn, session: requests.Session) -> None:
    address = login_address(standin.url, BACK, code_challenge_method="plain")
    assert session.get(address, timeout=20, allow_redirects=False).status_code == 400


def test_clients_with_a_secret(
    standin: StandIn, session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLOBUS_SDK_SERVICE_URL_AUTH", f"{standin.url}/")
    client = globus_sdk.ConfidentialAppAuthClient(BATCH_CLIENT, SECRETS[BATCH_CLIENT])
    tokens = client.oauth2_client_credentials_tokens(requested_scopes=COMPUTE_SCOPE)
    assert is_good(standin, session, tokens.by_resource_server[COMPUTE]["access_token"])
    stranger = globus_sdk.ConfidentialAppAuthClient(BATCH_CLIENT, "wrong")
    with pytest.raises(globus_sdk.AuthAPIError, match="invalid_client"):
        stranger.oauth2_client_credentials_tokens(requested_scopes=COMPUTE_SCOPE)


def test_nothing_secret_is_in_the_log(
    standin: StandIn,
    native: globus_sdk.NativeAppAuthClient,
    session: requests.Session,
    control: StandInClient,
    ask: Ask,
) -> None:
    tokens = log_in(native, session)
    assert ask("GET", "/v2/endpoints?role=any").status_code == 200
    said = str(control.log()) + str(control.state())
    secrets = [tokens.data["id_token"]]
    for held in tokens.by_resource_server.values():
        secrets += [held["access_token"], held["refresh_token"]]
    assert all(secrets)
    assert not [secret for secret in secrets if secret in said]
    assert "role=any" not in said
    assert [entry["who"] for entry in control.log(route="endpoints")] == ["alice"]
