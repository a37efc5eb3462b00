"""Tasks are cut into requests by the bytes that go through the wire."""

from __future__ import annotations

import json
import uuid
from collections import deque
from typing import Any

import globus_sdk
import pytest
from globus_compute_sdk import Client
from globus_compute_sdk.serialize import ComputeSerializer, JSONData, PureSourceTextInspect
from globus_sdk.transport import JSONRequestEncoder
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgui_backends.couriers.globus_batches import Request, cut
from fitgui_backends.remote.messages import Task

FUNCTION = str(uuid.UUID(int=7))
TEXTS = st.text(st.sampled_from('a"\\\n\t\x00é\U0001f600\ud800'), max_size=400)
READING = ComputeSerializer(allowed_deserializer_types=[JSONData, PureSourceTextInspect])


@pytest.fixture(scope="module")
def client() -> Client:
    """The real one; it asks nobody."""
    return Client(
        do_version_check=False,
        authorizer=globus_sdk.NullAuthorizer(),
        data_serialization_strategy=JSONData(),
    )


def body_of(request: Request) -> bytes:
    """The bytes that globus_sdk sends."""
    prepared = JSONRequestEncoder().encode("POST", "http://localhost/", {}, request.data, {}).prepare()
    body = prepared.body
    return body.encode() if isinstance(body, str) else bytes(body or b"")


def all_of(client: Client, texts: list[str], **limits: int) -> list[Request]:
    """Every request that it takes to send these."""
    tasks = deque(Task(key=str(n), request={"n": n, "text": text}, size=0) for n, text in enumerate(texts))
    requests = []
    while tasks:
        requests.append(cut(client, tasks, FUNCTION, group=None, options={}, priority=None, **limits))
        assert requests[-1].tasks, "no request is empty"
    return requests


def arguments_of(request: Request) -> list[Any]:
    """What workers get."""
    payloads = json.loads(body_of(request))["tasks"][FUNCTION]
    return [READING.deserialize(READING.unpack_buffers(payload)[0])[0] for payload in payloads]


@settings(max_examples=40, deadline=None)
@given(texts=st.lists(TEXTS, min_size=1, max_size=40), most=st.integers(3000, 9000))
def test_requests_are_no_larger_than_asked_and_hold_every_task_once(
    client: Client, texts: list[str], most: int
) -> None:
    requests = all_of(client, texts, most_bytes=most, most_tasks=7)
    assert [task.key for request in requests for task in request.tasks] == [str(n) for n in range(len(texts))]
    for request in requests:
        size = len(body_of(request))
        assert size <= request.size
        assert len(request.tasks) <= 7
        assert request.size <= most or len(request.tasks) == 1
        assert [entry["n"] for entry in arguments_of(request)] == [int(task.key) for task in request.tasks]
    sent = [entry["text"] for request in requests for entry in arguments_of(request)]
    assert sent == texts


def test_the_size_is_known_to_a_few_hundred_bytes(client: Client) -> None:
    (request,) = all_of(client, ['"' * 100_000, "b" * 100_000])
    assert 0 <= request.size - len(body_of(request)) < 400


def test_a_task_that_is_too_large_by_itself_goes_alone(client: Client) -> None:
    requests = all_of(client, ["a", "b" * 50_000, "c"], most_bytes=20_000)
    assert [[task.key for task in request.tasks] for request in requests] == [["0"], ["1"], ["2"]]
    assert [request.size > 20_000 for request in requests] == [False, True, False]


def test_what_the_service_is_told_beside_the_tasks(client: Client) -> None:
    tasks = deque([Task(key="a", request={}, size=2)])
    group = str(uuid.UUID(int=9))
    request = cut(client, tasks, FUNCTION, group=group, options={"account": "higgs"}, priority=-1)
    told = json.loads(body_of(request))
    assert told["task_group_id"] == group
    assert told["create_queue"] is True
    assert told["user_endpoint_config"] == {"account": "higgs"}
    assert told["resource_specification"] == {"priority": -1}
    assert told["result_serializers"] == ["globus_compute_sdk.serialize.concretes.JSONData"]
