"""Globus Auth: logins of native apps with PKCE, clients with a secret, refresh, revocation."""

from __future__ import annotations

import base64
import binascii
import urllib.parse
from typing import Any

from werkzeug.wrappers import Request

from tests.cluster.standin.errors import AuthError
from tests.cluster.standin.grants import AUTH, Code, Grants
from tests.cluster.standin.keys import Keys
from tests.cluster.standin.people import ALICE, PEOPLE, SECRETS, Person
from tests.cluster.standin.reply import Reply, json_reply, page, redirect
from tests.cluster.standin.settings import Settings

CODE_PAGE = "/v2/web/auth-code"
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class Auth:
    """What its routes answer."""

    def __init__(self, grants: Grants, settings: Settings, url: str) -> None:
        self._grants = grants
        self._settings = settings
        self._url = url
        self._keys = Keys()

    def configuration(self, request: Request) -> Reply:
        return json_reply(
            {
                "issuer": self._url,
                "authorization_endpoint": f"{self._url}/v2/oauth2/authorize",
                "token_endpoint": f"{self._url}/v2/oauth2/token",
                "userinfo_endpoint": f"{self._url}/v2/oauth2/userinfo",
                "revocation_endpoint": f"{self._url}/v2/oauth2/token/revoke",
                "jwks_uri": f"{self._url}/jwk.json",
                "id_token_signing_alg_values_supported": ["RS512"],
            }
        )

    def keys(self, request: Request) -> Reply:
        return json_reply(self._keys.public())

    def authorize(self, request: Request) -> Reply:
        """The page of the login: whoever ``consent`` names agrees at once, or refuses."""
        asked = request.args
        target = asked.get("redirect_uri", "")
        if not self._may_return_to(target):
            return page(400, "Error", "The redirect URI is not one of this application.")
        if asked.get("response_type") != "code" or asked.get("code_challenge_method") != "S256":
            return page(400, "Error", "A native app asks for a code, with a challenge of method S256.")
        state = asked.get("state", "")
        if self._settings.consent == "denied":
            told = {"error": "access_denied", "error_description": "The user denied the request."}
            return redirect(_with_query(target, {**told, "state": state}))
        code = Code(
            person=PEOPLE[self._settings.consent],
            client=asked.get("client_id", ""),
            redirect=target,
            challenge=asked.get("code_challenge", ""),
            scopes=tuple(asked.get("scope", "").split()),
            lasting=asked.get("access_type") == "offline",
            state=state,
        )
        return redirect(_with_query(target, {"code": self._grants.keep(code), "state": state}))

    def code_page(self, request: Request) -> Reply:
        """Where an application cannot be returned to: the code, for a person to copy."""
        if error := request.args.get("error_description"):
            return page(403, "Access denied", error)
        code = request.args.get("code", "")
        return page(200, "Native App Authorization Code", "Copy this code into the application.", code)

    def token(self, request: Request) -> Reply:
        form = request.form
        client, secret = _client_of(request)
        grant = form.get("grant_type", "")
        if secret is not None and SECRETS.get(client) != secret:
            raise AuthError(401, "invalid_client", "The client is unknown, or its secret is wrong.")
        self._grants.seconds = self._settings.token_seconds
        if grant == "client_credentials":
            if secret is None:
                raise AuthError(401, "invalid_client", "A client proves itself by its secret.")
            return json_reply(self._issue(ALICE, client, tuple(form.get("scope", "").split()), lasting=False))
        if grant == "refresh_token":
            return json_reply(self._grants.refresh(form.get("refresh_token", ""), client))
        if grant == "authorization_code":
            given = [form.get(name, "") for name in ("code", "redirect_uri", "code_verifier")]
            code = self._grants.exchange(given[0], client, *given[1:])
            return json_reply(self._issue(code.person, client, code.scopes, lasting=code.lasting))
        raise AuthError(400, "unsupported_grant_type", f"There is no grant of the type {grant}.")

    def revoke(self, request: Request) -> Reply:
        self._grants.revoke(request.form.get("token", ""))
        return json_reply({"active": False})

    def userinfo(self, request: Request) -> Reply:
        person = self._grants.check(bearer(request), AUTH)
        told = {"sub": person.identifier, "preferred_username": person.username, "name": person.name}
        linked = {"sub": person.identifier, "username": person.username, "name": person.name}
        return json_reply({**told, "email": person.username, "identity_set": [linked]})

    def _issue(
        self, person: Person, client: str, scopes: tuple[str, ...], *, lasting: bool
    ) -> dict[str, Any]:
        issued = self._grants.issue(person, client, scopes, lasting=lasting)
        if "openid" in scopes:
            issued["id_token"] = self._keys.id_token(person, client, self._url)
        return issued

    def _may_return_to(self, target: str) -> bool:
        if target == self._url + CODE_PAGE:
            return True
        parts = urllib.parse.urlsplit(target)
        return parts.scheme == "http" and parts.netloc.rpartition(":")[0] in LOOPBACK


def bearer(request: Request) -> str:
    """The token of a request, or nothing."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if kind.lower() == "bearer" else ""


def _client_of(request: Request) -> tuple[str, str | None]:
    """Who asks, and the secret that was given, if one was."""
    kind, _, packed = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return request.form.get("client_id", ""), request.form.get("client_secret")
    try:
        name, _, secret = base64.b64decode(packed, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise AuthError(401, "invalid_client", "The header Authorization cannot be read.") from None
    return urllib.parse.unquote(name), urllib.parse.unquote(secret)


def _with_query(target: str, added: dict[str, str]) -> str:
    joined = "&" if urllib.parse.urlsplit(target).query else "?"
    return target + joined + urllib.parse.urlencode(added)
