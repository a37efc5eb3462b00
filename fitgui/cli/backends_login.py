"""Logging in and out of a service, in a terminal."""

from __future__ import annotations

import os
import sys
import webbrowser
from contextlib import suppress

import click

from fitgui.cli.backends_common import (
    document,
    health_line,
    health_of_backend,
    made,
    print_health,
    settings_of_clusters,
)
from fitgui.cli.errors import CommandError, CommandUsageError
from fitgui.cli.output import print_json, print_line, say
from fitgui.cli.plain import printable
from fitgui.runs.plan import RunError
from fitgui_backends.contract import Backend, BackendError, Health, LoginBackend, Need

_DEFAULT_CLIENT = "default"
_KEPT_IN = "login kept in"
"""The detail of health that says where."""


@click.command("login", short_help="Log in at Globus.")
@click.argument("name", metavar="[BACKEND]", default="globus")
@click.option(
    "--no-browser",
    is_flag=True,
    help="Print the address to visit, on any machine, and ask for the code that it shows. Where no browser "
    "can be opened (in ssh, without a display) this is done anyway.",
)
@click.option(
    "--client-id",
    metavar="UUID",
    help="From now on log in as this native application, registered at app.globus.org; `default` goes back.",
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def login(name: str, no_browser: bool, client_id: str | None, as_json: bool) -> None:
    """Log in at the service of BACKEND [default: globus], and keep that in the keyring of the system.

    For batch jobs set GLOBUS_COMPUTE_CLIENT_ID and GLOBUS_COMPUTE_CLIENT_SECRET instead.
    """
    if client_id is not None:
        _keep_client(client_id)
    with made(name) as backend:
        service = with_login(name, backend)
        health = health_of_backend(service)
        if health.needs is Need.LOGIN or client_id is not None:
            health = log_in(service, browser=False if no_browser else None)
            _tell_if_it_ends(health)
        elif not health.ready and health.needs in (Need.PACKAGE, Need.SERVICE):
            raise CommandError(health_line(health))
    if as_json:
        print_json({"name": name, **document(health)})
    else:
        print_health(name, health)


@click.command("logout", short_help="Revoke the login and delete it.")
@click.argument("name", metavar="[BACKEND]", default="globus")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def logout(name: str, as_json: bool) -> None:
    """Revoke and delete what is kept of the login at BACKEND [default: globus]."""
    with made(name) as backend:
        health = with_login(name, backend).logout()
    if as_json:
        print_json({"name": name, **document(health)})
    else:
        print_line(f"{name}  {'logged out' if health.needs is Need.LOGIN else health_line(health)}")


def with_login(name: str, backend: Backend) -> LoginBackend:
    """The backend as one that asks who the user is.

    Raises:
        CommandUsageError: if it does not.
    """
    if isinstance(backend, LoginBackend):
        return backend
    raise CommandUsageError(f"{name} needs no login: only the service behind globus asks who you are")


def log_in(backend: LoginBackend, *, browser: bool | None = None) -> Health:
    """Let the user log in: in a browser of this machine, or with a code that is typed here.

    Args:
        backend: that needs a login.
        browser: whether to open a browser; ``None`` where there is one.

    Returns:
        Who is logged in.

    Raises:
        CommandError: if that does not work out.
    """
    opens = has_browser() if browser is None else browser
    try:
        address = backend.begin_login(browser=opens)
        try:
            return _visit(backend, address) if opens else _type_code(backend, address)
        except BaseException:
            backend.cancel_login()
            raise
    except BackendError as error:
        raise CommandError(str(error)) from error


def can_ask() -> bool:
    """Whether somebody sits at the terminal who can be asked to log in."""
    try:
        return sys.stdin.isatty() and sys.stderr.isatty()
    except (ValueError, AttributeError):  # closed
        return False


def has_browser() -> bool:
    """Whether a browser of this machine can be opened for the user, and come back to it."""
    if os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"):
        return False  # it would open where nobody sits
    displays = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    if sys.platform not in ("win32", "darwin") and not any(os.environ.get(name) for name in displays):
        return False  # what is found then is one for text, which would take the terminal
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def _visit(backend: LoginBackend, address: str) -> Health:
    say("log in in the browser that opens now; if none does, open this address on this machine:")
    click.echo(printable(address), err=True)
    opened = False
    with suppress(webbrowser.Error, OSError):
        opened = webbrowser.open(address)
    if not opened:
        say("no browser could be opened; `fitgui backends login --no-browser` asks for a code instead")
    return backend.finish_login()


def _type_code(backend: LoginBackend, address: str) -> Health:
    say("open this address in a browser on any machine, log in there, and copy the code that it shows:")
    click.echo(printable(address), err=True)
    code = _read_code()
    if not code:
        raise CommandError("no code was given, so nobody is logged in: try again")
    return backend.finish_login(code)


def _read_code() -> str:
    """What is typed; or, where a program writes, its next line."""
    if can_ask():
        typed: str = click.prompt("code", err=True, prompt_suffix=": ", default="", show_default=False)
        return typed.strip()
    try:
        return sys.stdin.readline().strip()
    except (OSError, ValueError, AttributeError):  # closed
        return ""


def _tell_if_it_ends(health: Health) -> None:
    """Where there is no keyring, a login of one command is of no use to the next."""
    if health.details.get(_KEPT_IN, "").startswith("memory"):
        say(
            "no keyring of this system can be used, so this login ends with this command: let `fitgui run` "
            "ask for it, or set GLOBUS_COMPUTE_CLIENT_ID and GLOBUS_COMPUTE_CLIENT_SECRET"
        )


def _keep_client(typed: str) -> None:
    settings = settings_of_clusters()
    try:
        settings.client_id = None if typed.strip().casefold() == _DEFAULT_CLIENT else typed
    except RunError as error:
        raise CommandUsageError(str(error)) from error
