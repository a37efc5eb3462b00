"""Words for every state of a place, and backends that are made when somebody asks for them."""

from __future__ import annotations

import threading

import pytest

from fitgui.gui.where.lazy import LazyBackends
from fitgui.gui.where.standing import ALL_LOOKS, Action, Standing, of_cluster, of_local
from fitgui_backends.contract import Backend, Health, Need, Place
from tests.gui.clusters import HandCluster

INSTALLED = Health(ready=True, summary="installed", needs=Need.PLACE)
ONLINE = Health(ready=True, summary="ready as alice, river is online")
RIVER = Place(identifier="1", name="river")


def standing(
    health: Health | None = INSTALLED,
    place: Place | None = RIVER,
    of_place: Health | None = ONLINE,
    **more: object,
) -> Standing:
    wishes: dict[str, object] = {"visited": True, "asking": False, **more}
    return of_cluster("globus", health, place=place, place_health=of_place, **wishes)  # type: ignore[arg-type]


def lacks(needs: Need, summary: str = "it is so", remedy: str = "") -> Health:
    return Health(ready=False, summary=summary, remedy=remedy, needs=needs)


@pytest.mark.parametrize(
    ("found", "word", "action"),
    [
        (standing(None), "checking", None),
        (standing(lacks(Need.PACKAGE)), "not installed", Action.COPY_INSTALL),
        (standing(lacks(Need.LOGIN)), "needs login", Action.LOGIN),
        (standing(lacks(Need.SERVICE)), "no answer", Action.LOOK_AGAIN),
        (standing(lacks(Need.NOTHING)), "not ready", Action.LOOK_AGAIN),
        (standing(place=None), "none chosen", Action.CHOOSE),
        (standing(place=None, asking=True), "checking", None),
        (standing(place=None, empty=True), "none chosen", Action.SET_UP),
        (standing(of_place=None), "checking", None),
        (standing(of_place=lacks(Need.ONLINE)), "offline", Action.LOOK_AGAIN),
        (standing(of_place=lacks(Need.LOGIN)), "needs login", Action.LOGIN),
        (standing(of_place=lacks(Need.PLACE)), "refused", Action.CHOOSE),
        (standing(lacking="Account: this is needed."), "incomplete", Action.OPTIONS),
    ],
)
def test_what_is_lacking_is_said_and_one_way_out_offered(
    found: Standing, word: str, action: Action | None
) -> None:
    assert found.look.word == word
    assert found.look in ALL_LOOKS, "there is room for it"
    assert found.action is action
    assert found.ready is (word == "offline"), "tasks wait for an endpoint, and for nothing else"
    assert found.obstacle.endswith((".", '"')), "a sentence, or a command"


def test_the_words_of_a_backend_are_passed_on_once() -> None:
    offline = lacks(Need.ONLINE, "the endpoint river is offline", "Ask its owner.")
    assert standing(of_place=offline).obstacle == "The endpoint river is offline. Ask its owner."
    assert standing(lacks(Need.LOGIN, "not logged in to Globus")).obstacle == (
        "Globus Compute: not logged in to Globus."
    )


@pytest.mark.parametrize(
    ("place", "health", "line"),
    [
        (RIVER, ONLINE, "river"),
        (Place(identifier="1"), ONLINE, "1"),
        (Place(identifier="1", name="river", options={"max_blocks": 1}), ONLINE, "river · 1 block"),
        (
            Place(identifier="1", name="river", options={"max_blocks": 4, "nodes_per_block": 2}),
            ONLINE,
            "river · 4 blocks × 2 nodes",
        ),
        (
            Place(identifier="slurm", name="Slurm"),
            Health(ready=True, summary="ready, 3 nodes"),
            "Slurm · 3 nodes",
        ),
        (
            Place(identifier="local", name="This machine"),
            Health(ready=True, summary="ready, 2 workers on this machine"),
            "2 workers on this machine",
        ),
    ],
)
def test_a_ready_place_says_what_it_is(place: Place, health: Health, line: str) -> None:
    found = standing(place=place, of_place=health)
    assert found.ready
    assert str(found.look) == "✓ ready"
    assert found.line == line


def test_before_its_card_is_chosen_a_cluster_says_only_what_is_known() -> None:
    found = standing(visited=False, of_place=None)
    assert str(found.look) == "✓ installed"
    assert found.line == "river", "the one of the last session"
    assert standing(lacks(Need.PACKAGE), visited=False).line == "needs fitgui[globus]"


def test_this_machine_can_be_used_before_it_has_been_looked_at() -> None:
    assert of_local(None).ready
    assert of_local(Health(ready=True, summary="ready, 8 workers")).line == "8 workers"
    broken = of_local(Health(ready=False, summary="numpy not installed", remedy="Install it again."))
    assert broken.obstacle == "This machine is not ready: numpy not installed. Install it again."


def test_backends_are_made_once_and_only_on_demand() -> None:
    made: list[str] = []

    def maker(name: str) -> Backend:
        made.append(name)
        return HandCluster(name=name)

    backends = LazyBackends({name: lambda name=name: maker(name) for name in ("globus", "parsl")})  # type: ignore[misc]
    assert "globus" in backends
    assert "nothing" not in backends
    assert list(backends.values()) == []
    assert made == []
    found: list[Backend] = []
    threads = [threading.Thread(target=lambda: found.append(backends["globus"])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == ["globus"]
    assert len({id(backend) for backend in found}) == 1
    assert list(backends.values()) == [found[0]], "only these are closed at the end"
    assert backends.get("nothing") is None
