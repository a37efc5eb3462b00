"""Requests to the web service of Globus Compute: one limiter, few repetitions, and failures in four kinds."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import globus_sdk
from globus_sdk.authorizers import GlobusAuthorizer
from globus_sdk.gare import GlobusAuthorizationParameters, to_gare
from globus_sdk.token_storage import TokenValidationError
from globus_sdk.transport import RequestsTransport, RetryConfig
from globus_sdk.transport.default_retry_checks import check_expired_authorization

from fitgui_backends.couriers.globus_limiter import Limiter

RESPONSE_SECONDS = 60.0
"""For connecting, and between two pieces of an answer."""
LONGEST_HOLD_SECONDS = 300.0
"""The service may ask for a pause; not for one of a day."""
LONGEST_TEXT = 600

T = TypeVar("T")


class WebError(Exception):
    """A request failed; the text is one sentence without any secret."""


class UnreachableError(WebError):
    """No answer, or none that says anything: the same request may work later."""


class LoginNeededError(WebError):
    """There is no login, or it is refused.

    Args:
        text: One sentence.
        parameters: What the service wants of the next login.
    """

    def __init__(self, text: str, parameters: GlobusAuthorizationParameters | None = None) -> None:
        super().__init__(text)
        self.parameters = parameters


class TooLargeError(WebError):
    """The request has more bytes than the service takes."""


class DeniedError(WebError):
    """The service says no, and will again.

    Args:
        text: One sentence with the words of the service.
        status: Of HTTP.
        words: What the service said.
    """

    def __init__(self, text: str, status: int, words: str) -> None:
        super().__init__(text)
        self.status = status
        self.words = words


class _OnlyExpiry:
    """Of the SDK's repetitions only the one after a token was renewed: all others are ours, and counted."""

    def _register_standard_retry_checks(self, retry_config: RetryConfig) -> None:
        retry_config.checks.register_check(check_expired_authorization)


class _V2(_OnlyExpiry, globus_sdk.ComputeClientV2):
    pass


class _V3(_OnlyExpiry, globus_sdk.ComputeClientV3):
    pass


@dataclass(frozen=True)
class Clients:
    """Of one thread: sessions of HTTP are not made for several."""

    v2: globus_sdk.ComputeClientV2
    v3: globus_sdk.ComputeClientV3


class Web:
    """Asks the service; safe to use from any thread.

    Args:
        address: Of the service.
        authorizer: Gives the header; may raise what globus_sdk raises.
        limiter: Of this process.
        heard: Told of the outcome of every request: ``None``, or how it failed.
        clean: Takes secrets out of texts.
    """

    def __init__(
        self,
        address: str,
        authorizer: GlobusAuthorizer,
        limiter: Limiter,
        heard: Callable[[WebError | None], None],
        clean: Callable[[str], str],
    ) -> None:
        self._address = address
        self._authorizer = authorizer
        self._limiter = limiter
        self._heard = heard
        self._clean = clean
        self._of_thread = threading.local()

    def ask(self, request: Callable[[Clients], T], *, patient: bool = False) -> T:
        """Make one request.

        Args:
            request: Makes it with the given clients.
            patient: Whether it can wait until others have gone.

        Raises:
            UnreachableError, LoginNeededError, TooLargeError, DeniedError: as they say.
        """
        self._limiter.wait(patient=patient)
        try:
            answer = request(self._clients())
        except Exception as error:
            failure = kind_of(error, self._clean)
            if failure is None:
                raise
            if isinstance(error, globus_sdk.GlobusAPIError) and (pause := asked_pause(error)):
                self._limiter.hold(pause)
            self._heard(failure)
            raise failure from None
        self._heard(None)
        return answer

    def _clients(self) -> Clients:
        clients: Clients | None = getattr(self._of_thread, "clients", None)
        if clients is None:
            arguments: dict[str, Any] = {"base_url": self._address, "authorizer": self._authorizer}
            clients = Clients(
                v2=_V2(**arguments, retry_config=_retries(), transport=_transport(), app_name="fitgui"),
                v3=_V3(**arguments, retry_config=_retries(), transport=_transport(), app_name="fitgui"),
            )
            self._of_thread.clients = clients
        return clients


def _retries() -> RetryConfig:
    return RetryConfig(max_retries=1, max_sleep=0.0)


def _transport() -> RequestsTransport:
    return RequestsTransport(http_timeout=RESPONSE_SECONDS)


def kind_of(error: Exception, clean: Callable[[str], str]) -> WebError | None:
    """What an exception of globus_sdk means to us; ``None`` for any other."""
    if isinstance(error, TokenValidationError):
        return LoginNeededError("Nobody is logged in to Globus.")
    if isinstance(error, globus_sdk.AuthAPIError):
        return _refused_renewal(error)
    if isinstance(error, globus_sdk.GlobusAPIError):
        return _answered(error, clean)
    if isinstance(error, globus_sdk.GlobusTimeoutError):
        return UnreachableError("Globus Compute did not answer in time.")
    if isinstance(error, globus_sdk.NetworkError):
        return UnreachableError("Globus Compute cannot be reached.")
    return None


def _refused_renewal(error: globus_sdk.AuthAPIError) -> WebError:
    if error.http_status >= 500 or error.http_status == 429:
        return UnreachableError(f"Globus Auth does not work at the moment (status {error.http_status}).")
    return LoginNeededError("Globus does not accept the login any more.")


def _answered(error: globus_sdk.GlobusAPIError, clean: Callable[[str], str]) -> WebError:
    status = error.http_status
    words = clean(words_of(error))
    if status in (429, 500, 502, 503, 504):
        return UnreachableError(f"Globus Compute does not take requests at the moment (status {status}).")
    if status == 401:
        return LoginNeededError("Globus Compute does not accept the login any more.")
    if status == 403 and (gare := to_gare(error)) is not None:
        return LoginNeededError(f"Globus Compute wants another login: {words}", gare.authorization_parameters)
    if status == 413 or "PAYLOAD_TOO_LARGE" in str(error.code).upper():
        return TooLargeError(f"The request is too large for Globus Compute: {words}")
    return DeniedError(f"Globus Compute refuses it: {words}", status, words)


def words_of(error: globus_sdk.GlobusAPIError) -> str:
    """What the service said, on one line."""
    body = error.raw_json if isinstance(error.raw_json, dict) else {}
    words = body.get("reason") or error.message or error.http_reason or f"status {error.http_status}"
    text = re.sub(r"\s+", " ", str(words)).strip()
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def asked_pause(error: globus_sdk.GlobusAPIError) -> float:
    """Seconds that the service wants to be left alone; 0 if it does not say."""
    if error.http_status not in (429, 503):
        return 0.0
    try:
        seconds = float(error.headers.get("Retry-After", ""))
    except ValueError:
        seconds = 2.0 if error.http_status == 429 else 0.0
    return min(max(seconds, 0.0), LONGEST_HOLD_SECONDS)
