"""``fitgui backends``: where points can be fitted."""

from __future__ import annotations

from typing import Any

import click

from fitgui.cli.errors import FAILED, OK, unknown
from fitgui.cli.output import print_json, print_line
from fitgui.runs.backends import backend_names, create_backend
from fitgui_backends.contract import Health


@click.group(no_args_is_help=True)
def command() -> None:
    """List the backends, and check whether they can be used."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_backends(as_json: bool) -> None:
    """The backends and what each can do."""
    found: list[dict[str, Any]] = []
    for name in backend_names():
        backend = create_backend(name)
        can = backend.capabilities
        backend.close()
        found.append(
            {
                "name": name,
                "engines": list(can.engines),
                "can_cancel_running": can.can_cancel_running,
                "survives_client_exit": can.survives_client_exit,
                "max_payload_bytes": can.max_payload_bytes,
                "max_workers": can.max_workers,
            }
        )
    if as_json:
        print_json(found)
        return
    for entry in found:
        survives = "goes on when fitgui ends" if entry["survives_client_exit"] else "ends with fitgui"
        print_line(f"{entry['name']}  engines {', '.join(entry['engines'])}; {survives}")


@command.command("check")
@click.argument("names", metavar="[BACKEND]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def check_backends(context: click.Context, /, names: tuple[str, ...], as_json: bool) -> None:
    """Whether BACKEND (or each of them) can be used now, and what to do if not."""
    for name in names:
        if name not in backend_names():
            raise unknown("backend", name, backend_names())
    healths = {name: _check(name) for name in names or backend_names()}
    if as_json:
        print_json(
            [
                {
                    "name": name,
                    "ready": h.ready,
                    "summary": h.summary,
                    "remedy": h.remedy,
                    "details": h.details,
                }
                for name, h in healths.items()
            ]
        )
    else:
        for name, health in healths.items():
            print_line(f"{name}  {health.summary}" + (f": {health.remedy}" if health.remedy else ""))
            for what, value in health.details.items():
                print_line(f"  {what}: {value}")
    context.exit(OK if all(health.ready for health in healths.values()) else FAILED)


def _check(name: str) -> Health:
    backend = create_backend(name)
    try:
        return backend.check()
    finally:
        backend.close()
