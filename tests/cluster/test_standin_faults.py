"""Limits, and what can go wrong on the way."""

from __future__ import annotations

import threading

import pytest
import requests

from tests.cluster.client import StandInClient
from tests.cluster.conftest import Ask
from tests.cluster.standin.errors import ServiceError
from tests.cluster.standin.limits import RateLimit
from tests.cluster.standin.standin import StandIn
from tests.processes import until


def test_the_rate_of_requests(ask: Ask, control: StandInClient) -> None:
    answers = [ask("GET", "/v2/endpoints") for _ in range(21)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 10
    assert ask("GET", "/v2/endpoints", who="bob").status_code == 200
    control.set(rate_limit=False)
    assert ask("GET", "/v2/endpoints").status_code == 200


def test_the_rate_is_of_ten_seconds() -> None:
    limit = RateLimit(number=2, seconds=10)
    limit.count("alice", now=0)
    limit.count("alice", now=4)
    with pytest.raises(ServiceError) as refused:
        limit.count("alice", now=7.5)
    assert refused.value.headers == {"Retry-After": "3"}
    limit.count("alice", now=10)


def test_the_size_of_a_request(ask: Ask, control: StandInClient) -> None:
    document = {"function_name": "f", "function_code": "x" * 5000}
    control.set(payload_limit=4000)
    refused = ask("POST", "/v3/functions", document)
    assert (refused.status_code, refused.json()["code"]) == (413, "TASK_PAYLOAD_TOO_LARGE")
    control.reset()
    assert ask("POST", "/v3/functions", document).status_code == 200


@pytest.mark.parametrize("status", [401, 403, 413, 429, 500, 503])
def test_a_status(ask: Ask, control: StandInClient, status: int) -> None:
    control.fault("status", "endpoints", times=2, status=status, retry_after=3)
    answers = [ask("GET", "/v2/endpoints") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert answers[0].json()["http_status_code"] == status
    assert answers[0].headers["Retry-After"] == "3"
    assert [entry["fault"] for entry in control.log(route="endpoints")] == ["status", "status", ""]


def test_a_fault_of_one_grant(standin: StandIn, control: StandInClient, session: requests.Session) -> None:
    control.fault("status", "token:refresh_token", status=400, reason="The refresh token is gone.")
    address = f"{standin.url}/v2/oauth2/token"
    other = session.post(address, data={"grant_type": "authorization_code"}, timeout=20).json()
    assert other["error_description"].startswith("The authorization code")
    struck = session.post(address, data={"grant_type": "refresh_token"}, timeout=20)
    assert (struck.status_code, struck.json()["error"]) == (400, "invalid_grant")
    assert struck.json()["error_description"] == "The refresh token is gone."


@pytest.mark.parametrize(("kind", "happened"), [("broken", False), ("lost", True), ("cut", True)])
def test_an_answer_that_does_not_arrive(
    standin: StandIn, ask: Ask, control: StandInClient, kind: str, happened: bool
) -> None:
    control.fault(kind, "register_function")
    with pytest.raises(requests.RequestException):
        ask("POST", "/v3/functions", {"function_name": "f", "function_code": "x" * 500})
    assert len(standin.registry.functions) == happened
    [entry] = control.log(route="register_function")
    assert entry["status"] == (200 if kind == "cut" else None)
    assert ask("GET", "/v2/endpoints").status_code == 200


def test_late_answers_and_skipped_requests(ask: Ask, control: StandInClient) -> None:
    control.fault("slow", "endpoints", skip=1, seconds=0.2)
    answers = [ask("GET", "/v2/endpoints") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert [entry["fault"] for entry in control.log(route="endpoints")] == ["", "slow", ""]


@pytest.mark.parametrize(
    "wishes",
    [
        {"kind": "unheard"},
        {"kind": "slow", "times": 0},
        {"kind": "slow", "seconds": 1e6},
        {"kind": "cut", "x": 1},
    ],
)
def test_faults_have_bounds(control: StandInClient, wishes: dict[str, object]) -> None:
    with pytest.raises(requests.HTTPError, match="400"):
        control._ask("POST", "faults", wishes)


def test_settings_are_what_they_are(control: StandInClient) -> None:
    assert control.set(payload_limit=5)["payload_limit"] == 5
    for wrong in ({"payload_limit": "5"}, {"colour": 1}, {"consent": "eve"}):
        with pytest.raises(requests.HTTPError, match="400"):
            control.set(**wrong)


def test_an_outage_forgets_nothing(standin: StandIn, ask: Ask, control: StandInClient) -> None:
    function = ask("POST", "/v3/functions", {"function_name": "f", "function_code": "x"}).json()
    control.outage(0.5)
    until(lambda: not control.alive())
    until(control.alive)
    assert ask("GET", f"/v2/functions/{function['function_uuid']}").status_code == 200


def test_an_outage_ends_with_the_stand_in(standin: StandIn, control: StandInClient) -> None:
    control.outage(100)
    until(lambda: not control.alive())
    standin.close()
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("stand-in")]


def test_a_port_that_is_taken(standin: StandIn) -> None:
    with pytest.raises(OSError, match="in use"):
        StandIn(port=standin.port)
