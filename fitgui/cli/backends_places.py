"""``fitgui backends endpoints``, ``favourite``, ``options``: places of a backend, what is saved of them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.table import Table

from fitgui.cli.backends_common import made, make_backend, settings_of_clusters, with_places
from fitgui.cli.backends_options import FormLine, fill_form, form_lines, split_settings, typed
from fitgui.cli.backends_where import find_place, make_ready, matter_most, place_name
from fitgui.cli.cells import cell
from fitgui.cli.errors import CommandError
from fitgui.cli.lists import ListCommand
from fitgui.cli.output import is_terminal, print_json, print_line, say
from fitgui.runs.plan import RunError
from fitgui_backends.contract import PlaceInfo

_ICONS = {"online": "●", "offline": "○"}
_backend_option = click.option(
    "--backend", "name", metavar="NAME", default="globus", help="globus or parsl [default: globus]."
)


class SettingsCommand(ListCommand):
    """A command whose ``--set`` goes on until the next option."""

    lists = ("--set",)
    numbers: Mapping[str, str] = {}


@click.command("endpoints", short_help="What you may use, favourites first.")
@_backend_option
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def endpoints(name: str, as_json: bool) -> None:
    """The endpoints that you may use, and whether each is online; favourites first."""
    settings = settings_of_clusters()
    with made(name) as backend:
        cluster = with_places(name, backend)
        make_ready(cluster)
        infos = cluster.places(first=matter_most(name, settings))
    favourites = settings.favourites(name)
    last = settings.last(name)
    rows = [_row(info, favourites, None if last is None else last.identifier) for info in infos]
    listed = {row["identifier"] for row in rows}
    for identifier in favourites:  # one that was given to the user need not be listed by the service
        if identifier not in listed:
            known = settings.place(name, identifier)
            info = PlaceInfo(identifier=identifier, name=known.name, description="not listed by the service")
            rows.append(_row(info, favourites, None if last is None else last.identifier))
    rows.sort(key=lambda row: (not row["favourite"], row["status"] != "online", row["name"].casefold()))
    if as_json:
        print_json(rows)
        return
    _print_endpoints(rows)
    if not rows:
        say(
            f"{name} lists no endpoint that you may use: name one that you were given by --endpoint ID, or "
            "set one up (docs/endpoints.md)"
        )


@click.command("favourite", short_help="Make an endpoint a favourite.")
@click.argument("place")
@click.option("--off", is_flag=True, help="Make it none.")
@_backend_option
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def favourite(place: str, off: bool, name: str, as_json: bool) -> None:
    """Make PLACE, a name or an identifier, a favourite: it stands first in every list."""
    settings = settings_of_clusters()
    known = [p for p in settings.places(name) if place in (p.identifier, p.name)]
    known += [settings.place(name, one) for one in settings.favourites(name) if one == place]
    if known:  # nobody needs to be asked
        chosen = known[0]
        make_backend(name).close()
    else:
        with made(name) as backend:
            cluster = with_places(name, backend)
            make_ready(cluster)
            chosen = find_place(name, cluster, place, settings)
    try:
        settings.remember(name, chosen, used=False)
        settings.set_favourite(name, chosen.identifier, not off)
    except RunError as error:
        raise CommandError(str(error)) from error
    if as_json:
        print_json({"identifier": chosen.identifier, "name": chosen.name, "favourite": not off})
    else:
        print_line(f"{place_name(chosen)} is {'no favourite any more' if off else 'a favourite'}")


@click.command("options", cls=SettingsCommand, short_help="What can be set at an endpoint.")
@click.argument("place", required=False)
@click.option(
    "--set",
    "given",
    metavar="NAME=VALUE...",
    multiple=True,
    help="Save these, several at once; NAME= goes back to the endpoint's own.",
)
@click.option("--reset", is_flag=True, help="Forget everything that is saved; before --set.")
@_backend_option
@click.option("--json", "as_json", is_flag=True, help="Print form and options as JSON.")
def options(place: str | None, given: tuple[str, ...], reset: bool, name: str, as_json: bool) -> None:
    """What can be set at PLACE, and what is saved; without PLACE at the endpoint that was used last."""
    wanted = split_settings(given)
    settings = settings_of_clusters()
    with made(name) as backend:
        cluster = with_places(name, backend)
        make_ready(cluster)
        chosen = find_place(name, cluster, place, settings)
        form = cluster.form(chosen.identifier)
    if wanted or reset:
        before = {} if reset else chosen.options
        filled = fill_form(form, before, wanted, place_name(chosen)) if wanted else {}
        chosen = msgspec.structs.replace(chosen, options=filled)
        try:
            settings.remember(name, chosen, used=False)
        except RunError as error:
            raise CommandError(str(error)) from error
    if as_json:
        identity = {"backend": name, "identifier": chosen.identifier, "name": chosen.name}
        print_json({**identity, "options": chosen.options, "form": dict(form)})
        return
    say(f"options of {place_name(chosen)}; what is not set is left to it")
    _print_form(form_lines(form, chosen.options))


def _row(info: PlaceInfo, favourites: tuple[str, ...], last: str | None) -> dict[str, Any]:
    return {
        "identifier": info.identifier,
        "name": info.name,
        "status": info.status,
        "description": info.description,
        "favourite": info.identifier in favourites,
        "last_used": info.identifier == last,
    }


def _print_endpoints(rows: list[dict[str, Any]]) -> None:
    if not is_terminal(sys.stdout):
        for row in rows:
            start = f"{'*' if row['favourite'] else ' '} {row['status']:<7}  {row['identifier']}"
            print_line(f"{start}  {row['name']}  {row['description']}".rstrip())
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("", "endpoint", "status", "identifier", ""):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("status", "identifier"))
    for row in rows:
        state = f"{_ICONS.get(row['status'], '?')} {row['status']}"
        name = row["name"] + (" (last used)" if row["last_used"] else "")
        cells = ("★" if row["favourite"] else "", name, state, row["identifier"], row["description"])
        table.add_row(*(cell(text) for text in cells))
    if rows:
        Console().print(table)


def _print_form(lines: list[FormLine]) -> None:
    def shown(line: FormLine) -> tuple[str, str]:
        default = "" if line.default is None else typed(line.default)
        return ("" if line.value is None else typed(line.value)), default

    if not is_terminal(sys.stdout):
        for line in lines:
            value, default = shown(line)
            text = f"{line.name}={value}  {line.kind}"
            text += f"  [default: {default}]" if default else ""
            text += "  needed" if line.required else ""
            print_line(f"{text}  {line.description}".rstrip())
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("option", "set to", "default", "kind", ""):
        table.add_column(heading, overflow="fold", no_wrap=heading == "option")
    for line in lines:
        name = line.name + (" (needed)" if line.required else "")
        table.add_row(*(cell(text) for text in (name, *shown(line), line.kind, line.description)))
    Console().print(table)
