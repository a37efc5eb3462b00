"""The web service alone: what it takes, what it refuses, and how tasks stand; no broker."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from globus_compute_common import messagepack
from globus_compute_common.messagepack.message_types import EPStatusReport, Result, ResultErrorDetails, Task

from tests.cluster.client import StandInClient
from tests.cluster.conftest import Ask
from tests.cluster.standin.people import ALICE
from tests.cluster.standin.queues import NoQueues
from tests.cluster.standin.standin import StandIn

FUNCTION = {"function_name": "f", "function_code": "12\n04\nsomething", "serialized": True}


@pytest.fixture
def endpoint(ask: Ask) -> str:
    """Alice's, public."""
    schema = {"type": "object", "properties": {"partition": {"type": "string"}}}
    document = {"endpoint_name": "e", "display_name": "Alice's", "public": True}
    document["metadata"] = {"user_config_schema": schema, "hostname": "login"}
    return str(ask("POST", "/v3/endpoints", document).json()["endpoint_id"])


@pytest.fixture
def function(ask: Ask) -> str:
    return str(ask("POST", "/v3/functions", FUNCTION).json()["function_uuid"])


def submit(ask: Ask, endpoint: str, function: str, number: int = 1, **more: Any) -> dict[str, Any]:
    tasks = {function: [f"payload {i}" for i in range(number)]}
    answer = ask("POST", f"/v3/endpoints/{endpoint}/submit", {"tasks": tasks, "create_queue": True, **more})
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def states(ask: Ask, tasks: list[str], who: str = "alice") -> list[str]:
    found = ask("POST", "/v2/batch_status", {"task_ids": tasks}, who=who).json()["results"]
    return [found[task]["status"] for task in tasks]


def beat(standin: StandIn, identifier: str, **report: Any) -> None:
    message = EPStatusReport(
        endpoint_id=identifier, global_state={"heartbeat_period": 30, **report}, task_statuses={}
    )
    standin.inbox.heartbeat(messagepack.pack(message))


def answer(standin: StandIn, task: str, data: str = "result", error: str | None = None) -> None:
    details = ResultErrorDetails(code="RemoteExecutionError", user_message=error) if error else None
    message = Result(task_id=task, data=error or data, error_details=details, details={"endpoint_id": "x"})
    standin.inbox.result(messagepack.pack(message))


def sent(standin: StandIn) -> NoQueues:
    assert isinstance(standin.queues, NoQueues)
    return standin.queues


def test_tokens_are_demanded(ask: Ask) -> None:
    refused = ask("GET", "/v2/endpoints", who="")
    assert (refused.status_code, refused.json()["code"]) == (401, "USER_UNAUTHENTICATED")
    assert ask("GET", "/v2/version?service=all", who="").status_code == 200


def test_endpoints_of_owner_and_public(ask: Ask, endpoint: str) -> None:
    hidden = ask("POST", "/v3/endpoints", {"endpoint_name": "hidden"}).json()["endpoint_id"]

    def listed(who: str, role: str) -> set[str]:
        return {found["uuid"] for found in ask("GET", f"/v2/endpoints?role={role}", who=who).json()}

    assert listed("alice", "owner") == listed("alice", "any") == {endpoint, hidden}
    assert listed("bob", "owner") == set()
    assert listed("bob", "any") == {endpoint}
    assert ask("GET", f"/v2/endpoints/{hidden}", who="bob").status_code == 403
    assert ask("DELETE", f"/v2/endpoints/{endpoint}", who="bob").status_code == 403
    told = ask("GET", f"/v2/endpoints/{endpoint}", who="bob").json()
    assert told["user_config_schema"]["properties"] == {"partition": {"type": "string"}}
    assert told["owner_id"] == ALICE.identifier
    assert ask("GET", f"/v2/endpoints/{uuid.uuid4()}").status_code == 404
    assert ask("GET", "/v2/endpoints/none").status_code == 404


def test_a_task_reaches_the_queue_of_its_user_endpoint(
    standin: StandIn, ask: Ask, endpoint: str, function: str
) -> None:
    group = str(uuid.uuid4())
    options = {"partition": "debug"}
    more = {
        "task_group_id": group,
        "user_endpoint_config": options,
        "resource_specification": {"priority": 1},
    }
    told = submit(ask, endpoint, function, 2, **more)
    tasks = told["tasks"][function]
    assert told["task_group_id"] == group
    *posts, command = sent(standin).posts
    [user] = standin.registry.users.values()
    assert [post.queue for post in posts] == [f"{user.identifier}.tasks"] * 2
    packed = messagepack.unpack(posts[0].body)
    assert isinstance(packed, Task)
    assert (str(packed.task_id), packed.task_buffer) == (tasks[0], "12\n04\nsomethingpayload 0")
    assert json.loads(posts[0].headers["resource_specification"]) == {"priority": 1}
    start = json.loads(command.body)
    assert command.queue == f"{endpoint}.commands"
    assert start["kwargs"]["user_opts"] == options
    assert start["globus_identity_set"][0]["sub"] == ALICE.identifier
    assert f"group.{group}" in sent(standin).declared
    listed = ask("GET", f"/v2/taskgroup/{group}").json()
    assert [task["id"] for task in listed["tasks"]] == tasks
    assert ask("GET", f"/v2/taskgroup/{group}", who="bob").status_code == 403
    assert ask("GET", f"/v2/taskgroup/{uuid.uuid4()}").status_code == 404


def test_the_same_options_have_the_same_user_endpoint(
    standin: StandIn, ask: Ask, endpoint: str, function: str
) -> None:
    for options in ({"partition": "a"}, {"partition": "b"}, {"partition": "a"}):
        submit(ask, endpoint, function, user_endpoint_config=options)
    assert len(standin.registry.users) == 2


def test_states_follow_the_reports_of_the_agent(
    standin: StandIn, ask: Ask, endpoint: str, function: str
) -> None:
    tasks = submit(ask, endpoint, function, 3)["tasks"][function]
    [user] = standin.registry.users
    assert states(ask, tasks) == ["waiting-for-ep"] * 3
    beat(standin, endpoint)
    assert states(ask, tasks) == ["waiting-for-ep"] * 3
    beat(standin, user, managers=0, total_workers=0, idle_workers=0)
    assert states(ask, tasks) == ["waiting-for-nodes"] * 3
    beat(standin, user, managers=1, total_workers=2, idle_workers=0)
    assert states(ask, tasks) == ["running", "running", "waiting-for-nodes"]
    answer(standin, tasks[0])
    answer(standin, tasks[1], error="ValueError: no")
    assert states(ask, tasks) == ["success", "failed", "running"]
    assert states(ask, tasks, who="bob") == ["failed"] * 3
    beat(standin, user, active=False)
    assert states(ask, tasks)[2] == "waiting-for-ep"


def test_results_are_kept_passed_on_and_forgotten(
    standin: StandIn, ask: Ask, endpoint: str, function: str, control: StandInClient
) -> None:
    told = submit(ask, endpoint, function, 2)
    good, bad = told["tasks"][function]
    answer(standin, good, "data")
    answer(standin, good, "twice")
    answer(standin, bad, error="ValueError: no")
    passed = [post for post in sent(standin).posts if post.queue == f"group.{told['task_group_id']}"]
    assert len(passed) == 2
    for _ in range(2):
        found = ask("POST", "/v2/batch_status", {"task_ids": [good, bad]}).json()["results"]
        assert found[good]["result"] == "data"
        assert found[bad]["exception"] == "ValueError: no"
        assert all("completion_t" in found[task] for task in (good, bad))
    assert control.forget(good) == 1
    gone = ask("GET", f"/v2/tasks/{good}").json()
    assert gone == {"task_id": good, "status": "failed", "reason": "Unknown task"}


def test_a_user_endpoint_that_does_not_start_fails_its_tasks(
    standin: StandIn, ask: Ask, endpoint: str, function: str
) -> None:
    [task] = submit(ask, endpoint, function)["tasks"][function]
    [user] = standin.registry.users
    beat(standin, endpoint)
    beat(standin, user, error="no such partition")
    found = ask("GET", f"/v2/tasks/{task}").json()
    assert (found["status"], found["exception"]) == ("failed", "no such partition")
    assert ask("GET", f"/v2/endpoints/{user}/status").json()["status"] == "offline"


def test_the_status_of_endpoints_and_user_endpoints(
    standin: StandIn, ask: Ask, endpoint: str, function: str
) -> None:
    submit(ask, endpoint, function)
    [user] = standin.registry.users
    for identifier in (endpoint, user):
        assert ask("GET", f"/v2/endpoints/{identifier}/status").json()["status"] == "offline"
        beat(standin, identifier, managers=1)
        told = ask("GET", f"/v2/endpoints/{identifier}/status").json()
        assert (told["status"], told["details"]["managers"]) == ("online", 1)
        beat(standin, identifier, heartbeat_period=0)
        assert ask("GET", f"/v2/endpoints/{identifier}/status").json()["status"] == "offline"
    assert ask("GET", f"/v2/endpoints/{user}/status", who="bob").status_code == 404
    assert ask("GET", f"/v2/endpoints/{user}").json()["parent"] == endpoint


@pytest.mark.parametrize("asks_again", [True, False])
def test_an_agent_that_comes_back_is_asked_again(
    standin: StandIn, ask: Ask, endpoint: str, function: str, control: StandInClient, asks_again: bool
) -> None:
    control.set(asks_again=asks_again)
    submit(ask, endpoint, function)
    before = len(sent(standin).posts)
    beat(standin, endpoint)
    asked = [post.queue for post in sent(standin).posts[before:]]
    assert asked == ([f"{endpoint}.commands"] if asks_again else [])
    beat(standin, endpoint)
    assert len(sent(standin).posts) == before + len(asked)


def test_only_allowed_functions_run(ask: Ask, function: str) -> None:
    document = {"endpoint_name": "strict", "allowed_functions": [str(uuid.uuid4())]}
    endpoint = ask("POST", "/v3/endpoints", document).json()["endpoint_id"]
    refused = ask("POST", f"/v3/endpoints/{endpoint}/submit", {"tasks": {function: ["x"]}})
    assert (refused.status_code, refused.json()["code"]) == (403, "FUNCTION_NOT_PERMITTED")
    allowed = ask("GET", f"/v3/endpoints/{endpoint}/allowed_functions").json()
    assert allowed == {"restricted": True, "functions": document["allowed_functions"]}


def test_what_is_refused(ask: Ask, endpoint: str, function: str) -> None:
    assert ask("POST", "/v3/functions", {"function_name": "f"}).status_code == 400
    nothing = {"tasks": {str(uuid.uuid4()): ["x"]}}
    assert ask("POST", f"/v3/endpoints/{endpoint}/submit", nothing).status_code == 404
    assert ask("GET", "/v3/nothing").status_code == 404
    assert ask("POST", "/v2/version").status_code == 405
    assert ask("DELETE", f"/v2/functions/{function}").status_code == 200
    assert ask("GET", f"/v2/functions/{function}").status_code == 404
