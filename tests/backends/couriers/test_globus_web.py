"""What answers of the service mean, whatever they look like."""

from __future__ import annotations

import json
from collections.abc import Callable

import globus_sdk
import pytest
import requests
from globus_sdk.token_storage import TokenValidationError

from fitgui_backends.couriers.globus_web import (
    LONGEST_HOLD_SECONDS,
    LONGEST_TEXT,
    DeniedError,
    LoginNeededError,
    TooLargeError,
    UnreachableError,
    WebError,
    asked_pause,
    kind_of,
)

GARE = {
    "code": "ConsentRequired",
    "authorization_parameters": {
        "session_message": "Use your laboratory's identity.",
        "session_required_single_domain": ["example.org"],
    },
}


def answered(
    status: int,
    body: object = None,
    headers: dict[str, str] | None = None,
    kind: Callable[[requests.Response], globus_sdk.GlobusAPIError] = globus_sdk.ComputeAPIError,
) -> globus_sdk.GlobusAPIError:
    """The exception of globus_sdk for an answer."""
    response = requests.Response()
    response.status_code = status
    response.reason = "Reason Phrase"
    response._content = body if isinstance(body, bytes) else json.dumps(body).encode()
    response.headers.update({"Content-Type": "application/json", **(headers or {})})
    response.request = requests.Request("POST", "https://compute.example.org/v3/x").prepare()
    return kind(response)


def meaning(error: Exception) -> WebError:
    found = kind_of(error, str)
    assert found is not None
    assert "\n" not in str(found)
    return found


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_waited_for(status: int) -> None:
    assert isinstance(meaning(answered(status, {"reason": "busy"})), UnreachableError)
    assert isinstance(meaning(answered(status, b"<html>Bad gateway</html>")), UnreachableError)


@pytest.mark.parametrize(
    "error",
    [
        globus_sdk.GlobusConnectionError("ConnectionError on request", OSError("no route")),
        globus_sdk.GlobusTimeoutError("TimeoutError on request", OSError("late")),
        globus_sdk.NetworkError("NetworkError on request", OSError("cut")),
        answered(503, {"error": "server_error"}, kind=globus_sdk.AuthAPIError),
    ],
)
def test_a_network_that_fails_is_waited_for(error: Exception) -> None:
    assert isinstance(meaning(error), UnreachableError)


@pytest.mark.parametrize(
    "error",
    [
        answered(401, {"reason": "Token expired"}),
        answered(400, {"error": "invalid_grant"}, kind=globus_sdk.AuthAPIError),
        TokenValidationError("nothing kept"),
    ],
)
def test_a_login_that_is_not_accepted_is_asked_for(error: Exception) -> None:
    found = meaning(error)
    assert isinstance(found, LoginNeededError)
    assert found.parameters is None


def test_what_the_service_wants_of_the_next_login_is_kept() -> None:
    found = meaning(answered(403, GARE))
    assert isinstance(found, LoginNeededError)
    assert found.parameters is not None
    assert found.parameters.session_required_single_domain == ["example.org"]


@pytest.mark.parametrize(
    "error",
    [
        answered(413, {"reason": "Payload too large"}),
        answered(400, {"code": "TASK_PAYLOAD_TOO_LARGE", "reason": "11 MB"}),
    ],
)
def test_what_is_too_large_is_known_by_status_or_code(error: Exception) -> None:
    assert isinstance(meaning(error), TooLargeError)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (403, {"code": "X", "reason": "Not for\n  you"}, "Not for you"),
        (404, {"message": "No such endpoint"}, "No such endpoint"),
        (422, [{"loc": ["body"]}], "Reason Phrase"),
        (400, b"<html>nothing to read</html>", "Reason Phrase"),
        (400, b"", "Reason Phrase"),
    ],
)
def test_a_refusal_is_told_in_the_words_of_the_service(status: int, body: object, said: str) -> None:
    found = meaning(answered(status, body))
    assert isinstance(found, DeniedError)
    assert found.status == status
    assert said in str(found)


def test_words_are_cleaned_and_not_too_long() -> None:
    found = kind_of(answered(400, {"reason": "hush " * 1000}), lambda text: text.replace("hush", "[hidden]"))
    assert "hush" not in str(found)
    assert len(str(found)) < 2 * LONGEST_TEXT + 100


def test_other_exceptions_are_bugs() -> None:
    assert kind_of(ValueError("ours"), str) is None


@pytest.mark.parametrize(
    ("status", "header", "seconds"),
    [
        (429, "7", 7.0),
        (503, "1.5", 1.5),
        (429, None, 2.0),
        (503, None, 0.0),
        (429, "soon", 2.0),
        (429, "86400", LONGEST_HOLD_SECONDS),
        (429, "-3", 0.0),
        (400, "7", 0.0),
    ],
)
def test_a_pause_is_kept_as_asked_within_reason(status: int, header: str | None, seconds: float) -> None:
    headers = {} if header is None else {"Retry-After": header}
    assert asked_pause(answered(status, {"reason": "wait"}, headers)) == seconds
