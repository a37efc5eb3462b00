"""``fitgui backends``: where points can be fitted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import click

from fitgui.cli.backends_common import (
    document,
    health_line,
    health_of_backend,
    made,
    print_health,
    settings_of_clusters,
    with_places,
)
from fitgui.cli.backends_login import login, logout
from fitgui.cli.backends_places import endpoints, favourite, options
from fitgui.cli.backends_template import template
from fitgui.cli.backends_where import find_place, make_ready, place_words
from fitgui.cli.errors import FAILED, OK, CommandUsageError, unknown
from fitgui.cli.output import print_json, print_line, say
from fitgui.runs.backends import backend_names
from fitgui_backends.contract import Health, Need


@click.group(no_args_is_help=True)
def command() -> None:
    """Where points can be fitted: this machine, or a cluster through Globus Compute or Parsl."""


for _command in (login, logout, endpoints, favourite, options, template):
    command.add_command(_command)


@command.command("list", short_help="What each can do now.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_backends(as_json: bool) -> None:
    """The backends, what each can do, and whether it can be used now."""
    with ThreadPoolExecutor() as threads:
        found = list(threads.map(_look_at, backend_names()))
    if as_json:
        print_json(found)
        return
    for entry in found:
        survives = "goes on when fitgui ends" if entry["survives_client_exit"] else "ends with fitgui"
        health = Health(ready=entry["ready"], summary=entry["summary"], remedy=entry["remedy"])
        engines = ", ".join(entry["engines"])
        print_line(f"{entry['name']}  engines {engines}; {survives}; {health_line(health)}")


@command.command("check", short_help="Whether they, or an endpoint, can be used.")
@click.argument("names", metavar="[BACKEND]...", nargs=-1)
@click.option(
    "--endpoint",
    "--place",
    "endpoint",
    metavar="NAME|ID",
    help="Look at this endpoint of BACKEND [default: globus].",
)
@click.option(
    "--try",
    "try_out",
    is_flag=True,
    help="Run a small task on a worker there and show what it reports; may wait for a node. Without "
    "--endpoint at the one that was used last.",
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def check_backends(
    context: click.Context, /, names: tuple[str, ...], endpoint: str | None, try_out: bool, as_json: bool
) -> None:
    """Whether BACKEND (or each of them) can be used now, and what to do if not.

    The exit status is 1 if a named one, or without a name that of this machine, cannot be used.
    """
    for name in names:
        if name not in backend_names():
            raise unknown("backend", name, backend_names())
    if endpoint is not None or try_out:
        if len(names) > 1:
            raise CommandUsageError("--endpoint and --try belong to one backend: name one")
        context.exit(_check_place(names[0] if names else "globus", endpoint, try_out, as_json=as_json))
    looked_at = names or backend_names()
    with ThreadPoolExecutor() as threads:
        healths = dict(zip(looked_at, threads.map(_check, looked_at), strict=True))
    if as_json:
        print_json([{"name": name, **document(health)} for name, health in healths.items()])
    else:
        for name, health in healths.items():
            print_health(name, health)
    needed = [healths[name] for name in names or backend_names()[:1]]
    # An endpoint is chosen by each run: that none is yet is nothing that a backend lacks.
    context.exit(OK if all(h.ready or h.needs is Need.PLACE for h in needed) else FAILED)


def _check_place(name: str, endpoint: str | None, try_out: bool, *, as_json: bool) -> int:
    """Look at one place, and perhaps run something there; return the exit status."""
    settings = settings_of_clusters()
    with made(name) as backend:
        cluster = with_places(name, backend)
        make_ready(cluster)
        place = find_place(name, cluster, endpoint, settings)
        health = cluster.health_of(place)
        if try_out and health.ready:
            say(f"running a small task at {place_words(place)}; that may wait for a node")
            health = cluster.try_out(place)
    if as_json:
        identity = {"identifier": place.identifier, "name": place.name, "options": place.options}
        print_json({"name": name, "place": identity, "tried": try_out, **document(health)})
    else:
        print_health(place.name or place.identifier, health)
    return OK if health.ready else FAILED


def _look_at(name: str) -> dict[str, Any]:
    with made(name) as backend:
        can = backend.capabilities
        return {
            "name": name,
            "engines": list(can.engines),
            "can_cancel_running": can.can_cancel_running,
            "survives_client_exit": can.survives_client_exit,
            "max_payload_bytes": can.max_payload_bytes,
            "max_workers": can.max_workers,
            **document(health_of_backend(backend, settings_of_clusters().last(name))),
        }


def _check(name: str) -> Health:
    with made(name) as backend:
        return health_of_backend(backend, settings_of_clusters().last(name))
