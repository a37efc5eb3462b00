"""One login on its way: the address, the code, the tokens."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Callable
from typing import Any

import globus_sdk
from globus_sdk.gare import GlobusAuthorizationParameters
from globus_sdk.login_flows import LoginFlowManager

from fitgui_backends.contract import Need
from fitgui_backends.couriers.globus_redirect import Redirect
from fitgui_backends.remote.courier_process import ServiceError

LOGIN_SECONDS = 600.0
"""For the user to come back from the browser."""


class Flow(LoginFlowManager):
    """Hands tokens over that an :class:`Attempt` got: the rest of globus_sdk checks and stores them.

    Args:
        login_client: Of the application.
        tokens: What a login brought; ``None`` if no login is to happen.
    """

    def __init__(
        self, login_client: globus_sdk.AuthLoginClient, tokens: globus_sdk.OAuthTokenResponse | None
    ) -> None:
        super().__init__(login_client, request_refresh_tokens=True)
        self._tokens = tokens

    def run_login_flow(
        self,
        auth_parameters: GlobusAuthorizationParameters,  # noqa: ARG002
    ) -> globus_sdk.OAuthTokenResponse:
        """The tokens.

        Raises:
            ServiceError: if a library tries to log in by itself.
        """
        if self._tokens is None:
            raise ServiceError("Log in to Globus first.", Need.LOGIN)
        return self._tokens


class Attempt:
    """A login that has begun.

    Args:
        client: Of the native application.
        scopes: What is asked for.
        wanted: What the service asks of this login.
        browser: Whether a browser of this machine comes back to a page of ours; else the user copies a code.
        hide: Learns codes.

    Raises:
        ServiceError: if no port is free.
    """

    def __init__(
        self,
        client: globus_sdk.NativeAppAuthClient,
        scopes: list[str],
        wanted: GlobusAuthorizationParameters | None,
        *,
        browser: bool,
        hide: Callable[..., None],
    ) -> None:
        self._client = client
        self._hide = hide
        self._answer: tuple[str | None, str] | None = None
        self._arrived = threading.Event()
        self._closing = threading.Lock()
        self.over = False
        """Whether it can bring nothing more."""
        state = secrets.token_urlsafe(24)
        self._redirect: Redirect | None = None
        arguments: dict[str, Any] = {}
        if browser:
            try:
                self._redirect = Redirect(state, self._take)
            except OSError:
                raise ServiceError(
                    "No port of this machine is free for the login: use the code instead."
                ) from None
            arguments["redirect_uri"] = self._redirect.address
        wishes = wanted or GlobusAuthorizationParameters()
        client.oauth2_start_flow(
            sorted({*scopes, *(wishes.required_scopes or [])}),
            state=state,
            refresh_tokens=True,
            prefill_named_grant=f"fitgui on {socket.gethostname()}"[:100],
            **arguments,
        )
        self.address = client.oauth2_get_authorize_url(**_of_session(wishes))

    def tokens(self, code: str | None) -> globus_sdk.OAuthTokenResponse:
        """Exchange the code, or that of the browser, for which is waited.

        Raises:
            ServiceError: in words.
        """
        if code is None:
            code = self._wait()
        code = code.strip()
        self._hide(code)
        try:
            return self._client.oauth2_exchange_code_for_tokens(code)
        except globus_sdk.AuthAPIError as error:
            if error.http_status >= 500:
                raise ServiceError(
                    "Globus Auth does not work at the moment: try again.", Need.SERVICE
                ) from None
            raise ServiceError(
                "Globus does not accept the code: copy all of it, or begin again.", Need.LOGIN
            ) from None
        except globus_sdk.NetworkError:
            raise ServiceError(
                "Globus Auth cannot be reached: look at the network, and try again.", Need.SERVICE
            ) from None

    def _wait(self) -> str:
        if self._redirect is None:
            raise ServiceError("Paste the code that the page shows.", Need.LOGIN)
        came = self._arrived.wait(LOGIN_SECONDS)
        self._close()
        if not came:
            raise ServiceError(
                "Nobody came back from the page of Globus within 10 minutes: begin again.", Need.LOGIN
            )
        code, reason = self._answer or (None, "")
        if code is None:
            raise ServiceError(
                f"Globus did not log you in ({reason}): try again." if reason else "The login was given up.",
                Need.LOGIN,
            )
        return code

    def cancel(self) -> None:
        """Let whoever waits end with an error."""
        self._take(None, "")
        self._close()

    def _take(self, code: str | None, reason: str) -> None:
        if self._answer is None:
            self._hide(code)
            self._answer = code, reason
            self._arrived.set()

    def _close(self) -> None:
        with self._closing:
            self.over = True
            redirect, self._redirect = self._redirect, None
        if redirect is not None:
            redirect.close()


def _of_session(wishes: GlobusAuthorizationParameters) -> dict[str, Any]:
    names = (
        "session_required_identities",
        "session_required_single_domain",
        "session_required_policies",
        "session_required_mfa",
        "session_message",
        "prompt",
    )
    return {name: value for name in names if (value := getattr(wishes, name, None)) is not None}
