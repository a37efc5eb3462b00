"""Endpoints as a user sees them: a real courier process against a stand-in."""

from __future__ import annotations

import json
import uuid

import jsonschema
import msgspec
import pytest

from fitgui_backends.contract import Health, Need, PlaceInfo
from fitgui_backends.couriers.globus_form import COMMON, form_of
from fitgui_backends.remote.courier import CourierError
from tests.backends.couriers.globus_desk import Desk, PlayedAgent
from tests.cluster.client import StandInClient
from tests.cluster.standin.people import BOB
from tests.cluster.standin.standin import StandIn

SCHEMA = {"type": "object", "properties": {"account": {"type": "string"}}}


def test_ones_own_endpoints_come_first_and_those_of_others_may_be_used(
    globus: StandIn, open_counter: Desk, agent: PlayedAgent
) -> None:
    shared, private = (str(uuid.uuid4()) for _ in range(2))
    globus.registry.register_endpoint(BOB.identifier, shared, {"endpoint_name": "all", "public": True})
    globus.registry.register_endpoint(BOB.identifier, private, {"endpoint_name": "mine"})
    places = msgspec.convert(open_counter.courier.ask("places"), tuple[PlaceInfo, ...])
    assert [(place.name, place.status) for place in places] == [("Played", "online"), ("all", "offline")]
    assert [place.identifier for place in places] == [agent.identifier, shared]
    assert places[0].description.startswith("yours")


def test_favourites_are_listed_first_even_if_they_are_in_no_list(
    globus: StandIn, open_counter: Desk, agent: PlayedAgent
) -> None:
    other = str(uuid.uuid4())
    globus.registry.register_endpoint(BOB.identifier, other, {"endpoint_name": "all", "public": True})
    listed = open_counter.courier.ask("places", first=[other, str(uuid.uuid4()), "no identifier"])
    assert [place["identifier"] for place in listed] == [other, agent.identifier]


def test_many_endpoints_take_a_bounded_number_of_requests(
    globus: StandIn, open_counter: Desk, agent: PlayedAgent
) -> None:
    for number in range(40):
        document = {"endpoint_name": f"e{number:02}"}
        globus.registry.register_endpoint(BOB.identifier, str(uuid.uuid4()), {**document, "public": True})
    service = StandInClient(globus.url)
    mark = service.mark()
    places = open_counter.courier.ask("places")
    assert len(places) == 41
    asked = [entry for entry in service.log(since=mark) if entry["route"].startswith("endpoint")]
    assert len(asked) <= 10
    assert {place["status"] for place in places} == {"online", "offline", "unknown"}


def test_the_form_is_the_endpoints_own_schema(globus: StandIn, open_counter: Desk) -> None:
    for schema in (SCHEMA, json.dumps(SCHEMA)):
        agent = PlayedAgent(globus, schema)
        assert open_counter.courier.ask("form", place=agent.identifier) == SCHEMA


@pytest.mark.parametrize("schema", [None, "", "no json", "[]", [], {"type": "object"}])
def test_an_endpoint_that_shows_no_schema_gets_the_common_form(schema: object) -> None:
    form = form_of({"user_config_schema": schema})
    assert form == COMMON
    assert form is not COMMON
    jsonschema.Draft202012Validator.check_schema(form)
    assert {"account", "partition", "walltime", "max_blocks", "nodes_per_block"} <= set(form["properties"])


def test_the_health_of_an_endpoint(open_counter: Desk, agent: PlayedAgent) -> None:
    place = {"identifier": agent.identifier, "name": "Played", "options": {}}
    online = msgspec.convert(open_counter.courier.ask("health", place=place), Health)
    assert online.ready
    assert "Played is online" in online.summary
    assert online.details["logged in as"] == "alice@example.org"
    agent.beat(active=False)
    offline = msgspec.convert(open_counter.courier.ask("health", place=place), Health)
    assert (offline.ready, offline.needs) == (False, Need.ONLINE)
    assert "globus-compute-endpoint start" in offline.remedy


@pytest.mark.parametrize(
    ("place", "needs", "said"),
    [
        ("", Need.PLACE, "no endpoint is chosen"),
        ("stau", Need.PLACE, "is no identifier of an endpoint"),
        ("00000000-0000-4000-8000-000000000000", Need.PLACE, "could not be resolved"),
    ],
)
def test_a_place_that_is_none(open_counter: Desk, place: str, needs: Need, said: str) -> None:
    health = msgspec.convert(open_counter.courier.ask("health", place=place), Health)
    assert (health.ready, health.needs) == (False, needs)
    assert said in health.summary
    assert health.remedy


def test_the_health_without_a_network(globus: StandIn, open_counter: Desk, agent: PlayedAgent) -> None:
    StandInClient(globus.url).fault("broken", "endpoint_status", times=5)
    health = msgspec.convert(open_counter.courier.ask("health", place=agent.identifier), Health)
    assert (health.ready, health.needs) == (False, Need.SERVICE)
    with pytest.raises(CourierError, match="no method"):
        open_counter.courier.ask("nonsense")
    with pytest.raises(CourierError, match="choose one"):
        open_counter.courier.ask("form")
