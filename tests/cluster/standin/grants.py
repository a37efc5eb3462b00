"""Tokens and codes: who holds which, for what, and until when."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from tests.cluster.standin.errors import AuthError, unauthenticated
from tests.cluster.standin.people import Person

COMPUTE = "funcx_service"
AUTH = "auth.globus.org"
COMPUTE_SCOPE = "https://auth.globus.org/scopes/facd7ccc-c5f4-42aa-916b-a0e270e2c2a9/all"
CODE_SECONDS = 600.0


@dataclass
class Grant:
    """What a user has allowed a client at one service; lasts until it is revoked."""

    person: Person
    client: str
    server: str
    """``funcx_service`` or ``auth.globus.org``."""
    scopes: tuple[str, ...]
    lasting: bool
    """Whether a refresh token belongs to it."""
    revoked: bool = False


@dataclass
class Code:
    """What a login ends with, for one exchange."""

    person: Person
    client: str
    redirect: str
    challenge: str
    scopes: tuple[str, ...]
    lasting: bool
    state: str
    until: float = field(default_factory=lambda: time.monotonic() + CODE_SECONDS)


class Grants:
    """Everything that Auth has given out."""

    def __init__(self) -> None:
        self.seconds = 172_800
        """For how long new access tokens are good."""
        self._lock = threading.Lock()
        self._codes: dict[str, Code] = {}
        self._access: dict[str, tuple[Grant, float]] = {}
        self._refresh: dict[str, Grant] = {}

    def keep(self, code: Code) -> str:
        name = secrets.token_urlsafe(24)
        with self._lock:
            self._codes[name] = code
        return name

    def exchange(self, name: str, client: str, redirect: str, verifier: str) -> Code:
        """Take a code: once, by who asked for it, with the verifier of its challenge (RFC 7636).

        Raises:
            AuthError: ``invalid_grant`` otherwise.
        """
        with self._lock:
            code = self._codes.pop(name, None)
        hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        if (
            code is None
            or code.until < time.monotonic()
            or (code.client, code.redirect, code.challenge) != (client, redirect, hashed)
        ):
            raise AuthError(400, "invalid_grant", "The authorization code is invalid or has expired.")
        return code

    def issue(self, person: Person, client: str, scopes: tuple[str, ...], *, lasting: bool) -> dict[str, Any]:
        """Tokens, one for each service that the scopes are of; the answer of a token request."""
        by_server: dict[str, list[str]] = {}
        for scope in scopes:
            by_server.setdefault(COMPUTE if scope == COMPUTE_SCOPE else AUTH, []).append(scope)
        tokens = []
        for server, wanted in by_server.items():
            grant = Grant(person, client, server, tuple(wanted), lasting)
            token = self._token(grant)
            if lasting:
                refresh = secrets.token_urlsafe(32)
                with self._lock:
                    self._refresh[refresh] = grant
                token["refresh_token"] = refresh
            tokens.append(token)
        if not tokens:
            raise AuthError(400, "invalid_scope", "No scope was asked for.")
        first, *others = tokens
        return {**first, "other_tokens": others}

    def refresh(self, token: str, client: str) -> dict[str, Any]:
        """Another access token.

        Raises:
            AuthError: ``invalid_grant`` for what is no refresh token of this client.
        """
        with self._lock:
            grant = self._refresh.get(token)
        if grant is None or grant.revoked or grant.client != client:
            raise AuthError(400, "invalid_grant", "The refresh token is invalid, expired or revoked.")
        return {**self._token(grant), "refresh_token": token, "other_tokens": []}

    def check(self, token: str, server: str) -> Person:
        """Whose token it is.

        Raises:
            ServiceError: 401 for what is none, is expired, revoked, or of another service.
        """
        with self._lock:
            grant, until = self._access.get(token, (None, 0.0))
        if grant is None or grant.revoked or until <= time.monotonic():
            raise unauthenticated("The access token is invalid, expired or revoked.")
        if grant.server != server:
            raise unauthenticated("The access token is of another service.")
        return grant.person

    def revoke(self, token: str) -> None:
        """An access token alone; a refresh token with all that came of it."""
        with self._lock:
            if token in self._refresh:
                self._refresh.pop(token).revoked = True
            self._access.pop(token, None)

    def expire(self, *, refresh: bool, except_client: str = "") -> int:
        """From now on no access token is good; with ``refresh`` no refresh token either."""
        with self._lock:
            gone = [name for name, (grant, _) in self._access.items() if grant.client != except_client]
            for name in gone:
                del self._access[name]
            if refresh:
                for name in [name for name, grant in self._refresh.items() if grant.client != except_client]:
                    del self._refresh[name]
            return len(gone)

    def counts(self) -> dict[str, int]:
        with self._lock:
            access = sum(not grant.revoked for grant, _ in self._access.values())
            return {"access": access, "refresh": len(self._refresh), "codes": len(self._codes)}

    def _token(self, grant: Grant) -> dict[str, Any]:
        name = secrets.token_urlsafe(32)
        with self._lock:
            self._access[name] = (grant, time.monotonic() + self.seconds)
        return {
            "access_token": name,
            "scope": " ".join(grant.scopes),
            "expires_in": self.seconds,
            "token_type": "Bearer",
            "resource_server": grant.server,
            "state": "_default",
        }
