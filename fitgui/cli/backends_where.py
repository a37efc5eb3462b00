"""From what was typed to a place of a backend that is ready to fit: login, endpoint, options."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from fitgui.cli.backends_common import health_line, health_of_backend, settings_of_clusters
from fitgui.cli.backends_login import can_ask, log_in
from fitgui.cli.backends_options import fill_form, split_settings, typed
from fitgui.cli.errors import CommandError, CommandUsageError, unknown
from fitgui.cli.output import say
from fitgui.runs.clusters import ClusterSettings
from fitgui_backends.contract import (
    Backend,
    BackendError,
    ClusterBackend,
    Health,
    LoginBackend,
    Need,
    Place,
    PlaceInfo,
)


def choose_place(name: str, backend: Backend, endpoint: str | None, given: Sequence[str]) -> Place | None:
    """Where a run is to be fitted, looked at as far as that goes without running anything there.

    Args:
        name: of the backend.
        backend: a login is asked for if it needs one and somebody sits at the terminal.
        endpoint: name or identifier, as typed; ``None`` takes the one that was used last, or the only one.
        given: options as typed, ``max_blocks=4``; they are put over those that are saved.

    Returns:
        ``None`` for a backend without places.

    Raises:
        CommandUsageError: if there is no such place, or its form refuses an option.
        CommandError: if it cannot be used now.
    """
    typed_options = split_settings(given)
    if not isinstance(backend, ClusterBackend):
        for option, value in (("--endpoint", endpoint), ("--set", given)):
            if value:
                raise CommandUsageError(
                    f"{option} belongs to a cluster: add --backend globus or --backend parsl, or leave it out"
                )
        return None
    settings = settings_of_clusters()
    make_ready(backend)
    try:
        place = find_place(name, backend, endpoint, settings)
        options = fill_form(backend.form(place.identifier), place.options, typed_options, place_name(place))
        place = msgspec.structs.replace(place, options=options)
        health = backend.health_of(place)
    except BackendError as error:
        raise CommandError(str(error)) from error
    waits = health.needs is Need.ONLINE and backend.capabilities.survives_client_exit
    if not health.ready and not waits:
        raise CommandError(health_line(health))
    say(f"fitting at {place_words(place)}")
    if waits:  # the service keeps tasks until the endpoint is there
        say(f"{health_line(health)}; until then the run waits")
    return place


def make_ready(backend: ClusterBackend) -> Health:
    """Have the backend itself ready: installed, logged in, its service within reach.

    Raises:
        CommandError: if it is not, and nobody can be asked to log in.
    """
    health = health_of_backend(backend)
    if health.needs is Need.LOGIN and isinstance(backend, LoginBackend):
        if not can_ask():
            raise CommandError(
                f"{health_line(health)} (in a terminal this command asks for it; batch jobs set "
                "GLOBUS_COMPUTE_CLIENT_ID and GLOBUS_COMPUTE_CLIENT_SECRET)"
            )
        say(f"{health.summary}")
        health = log_in(backend)
        say(health.summary)
    if not health.ready and health.needs in (Need.PACKAGE, Need.LOGIN, Need.SERVICE):
        raise CommandError(health_line(health))
    return health


def find_place(name: str, backend: ClusterBackend, wanted: str | None, settings: ClusterSettings) -> Place:
    """A place by what was typed, with the options that are saved for it.

    Args:
        name: of the backend.
        backend: asked for its places only where that is needed.
        wanted: identifier or name; ``None`` for the one that was used last, else for the one that offers
            itself.
        settings: what is remembered.

    Raises:
        BackendError: if the backend cannot tell its places.
        CommandUsageError: if there is no such place, or more than one.
    """
    if wanted is None:
        return settings.last(name) or _only(name, backend, settings)
    known = [place for place in settings.places(name) if place.identifier == wanted]
    if known and known[0].name:
        return known[0]
    asked = (wanted.casefold(),) if _is_identifier(wanted) else ()
    infos = backend.places(first=(*asked, *matter_most(name, settings)))
    exact = [info for info in infos if info.identifier == wanted.casefold()]
    found = (
        exact
        or [info for info in infos if info.name == wanted]
        or [info for info in infos if info.name.casefold() == wanted.casefold()]
    )
    if len(found) > 1:
        listed = ", ".join(f"{info.identifier} ({info.description or info.status})" for info in found)
        raise CommandUsageError(f"several endpoints are called {wanted}: choose one of {listed}")
    if found:
        return _with_options(name, found[0], settings)
    if _is_identifier(wanted):  # one that the user may use need not be listed
        return settings.place(name, wanted.casefold())
    # Those of a service are long and meaningless; those of Parsl are words that can be typed.
    long = isinstance(backend, LoginBackend)
    names = [(long and info.name) or info.identifier for info in infos]
    raise unknown("endpoint", wanted, names, where=f" of {name}")


def matter_most(name: str, settings: ClusterSettings) -> tuple[str, ...]:
    """Identifiers of favourites, and of the place that was used last: their status is to be known."""
    last = settings.last(name)
    favourites = settings.favourites(name)
    return favourites if last is None or last.identifier in favourites else (*favourites, last.identifier)


def place_name(place: Place) -> str:
    """What to call a place."""
    return place.name or place.identifier


def place_words(place: Place) -> str:
    """A place with its options, in one line."""
    options = ", ".join(f"{name}={typed(value)}" for name, value in place.options.items())
    return place_name(place) + (f" with {options}" if options else "")


def _only(name: str, backend: ClusterBackend, settings: ClusterSettings) -> Place:
    """The place that offers itself: the only one or favourite; to who sits at the cluster, the first."""
    infos = backend.places(first=matter_most(name, settings))
    favourites = [info for info in infos if info.identifier in settings.favourites(name)]
    if not infos:
        raise CommandUsageError(
            f"{name} knows no endpoint that you may use: add --endpoint ID if you were given one; "
            "docs/endpoints.md says how to set one up"
        )
    if not isinstance(backend, LoginBackend) or len(infos) == 1:
        online = [info for info in infos if info.status != "offline"]
        return _with_options(name, (online or list(infos))[0], settings)
    if len(favourites) == 1:
        return _with_options(name, favourites[0], settings)
    listed = ", ".join(info.name or info.identifier for info in (favourites or infos)[:5])
    raise CommandUsageError(
        f"which endpoint? add --endpoint NAME, such as {listed}; `fitgui backends endpoints` lists them"
    )


def _with_options(name: str, info: PlaceInfo, settings: ClusterSettings) -> Place:
    options = settings.options(name, info.identifier)
    return Place(identifier=info.identifier, name=info.name, options=options)


def _is_identifier(text: str) -> bool:
    """Whether it is a UUID, as endpoints have."""
    digits = text.replace("-", "")
    return len(text) == 36 and len(digits) == 32 and all(c in "0123456789abcdef" for c in digits.casefold())
