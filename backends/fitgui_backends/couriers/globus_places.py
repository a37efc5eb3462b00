"""Endpoints: which there are, how they are, and whether one can be used now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from globus_compute_sdk.version import __version__ as sdk_version

from fitgui_backends.contract import Need
from fitgui_backends.couriers.globus_form import form_of
from fitgui_backends.couriers.globus_login import Identity, Login
from fitgui_backends.couriers.globus_web import DeniedError, LoginNeededError, UnreachableError, Web, WebError
from fitgui_backends.remote.courier_process import ServiceError

STATUSES_AT_ONCE = 8
"""Of so many endpoints the status is asked for when they are listed: each costs a request."""
LOG_IN = "Log in to Globus first."


def need_of(error: WebError) -> Need:
    """What is lacking when a request fails."""
    if isinstance(error, LoginNeededError):
        return Need.LOGIN
    return Need.SERVICE if isinstance(error, UnreachableError) else Need.NOTHING


class Places:
    """Asks about endpoints; safe to use from any thread.

    Args:
        web: To ask by.
        login: Who asks.
    """

    def __init__(self, web: Web, login: Login) -> None:
        self._web = web
        self._login = login

    def listed(self, first: Sequence[str] = ()) -> list[dict[str, str]]:
        """The endpoints that the user may use; fields as of :class:`fitgui_backends.contract.PlaceInfo`.

        Args:
            first: Identifiers of those that matter most: listed first, and with their status.

        Raises:
            WebError: if they cannot be listed.
        """
        mine = self._endpoints("owner")
        found = dict(mine)
        for identifier, entry in self._endpoints("any").items():
            found.setdefault(identifier, entry)
        for identifier in first:
            if identifier not in found and (metadata := self._metadata(identifier)) is not None:
                found[identifier] = metadata
        order = {identifier: number for number, identifier in enumerate(first)}
        ranked = sorted(
            found,
            key=lambda each: (
                order.get(each, len(order)),
                each not in mine,
                _name_of(found[each], each).lower(),
            ),
        )
        places = []
        for number, identifier in enumerate(ranked):
            status = "unknown"
            if number < STATUSES_AT_ONCE:
                try:
                    status = self.status(identifier)
                except DeniedError:
                    status = "unknown"
            places.append(
                {
                    "identifier": identifier,
                    "name": _name_of(found[identifier], identifier),
                    "status": status,
                    "description": _description(found[identifier], own=identifier in mine),
                }
            )
        return places

    def status(self, identifier: str) -> str:
        """``online``, ``offline`` or ``unknown``.

        Raises:
            WebError: if it cannot be asked.
        """
        answer = self._web.ask(lambda clients: clients.v2.get_endpoint_status(_checked(identifier)))
        status = str(answer.get("status") or "").lower()
        return status if status in ("online", "offline") else "unknown"

    def form(self, identifier: str) -> dict[str, Any]:
        """JSON schema of the options of an endpoint.

        Raises:
            WebError: if the endpoint cannot be asked for.
        """
        return form_of(self._web.ask(lambda clients: clients.v2.get_endpoint(_checked(identifier))).data)

    def health(self, identifier: str, name: str = "") -> dict[str, Any]:
        """Whether an endpoint can be used now; fields as of :class:`fitgui_backends.contract.Health`."""
        details = {"globus-compute-sdk": sdk_version}
        try:
            who = self._login.who()
            if who is None:
                return health("not logged in to Globus", LOG_IN, Need.LOGIN, details)
            details["logged in as"] = who.name
            details["login kept in"] = self._login.kept_in
            if not identifier:
                return health(
                    f"logged in as {who.name}, no endpoint is chosen",
                    "Choose an endpoint.",
                    Need.PLACE,
                    details,
                )
            status = self.status(identifier)
        except LoginNeededError as error:
            return health(_as_summary(str(error)), "Log in to Globus again.", Need.LOGIN, details)
        except UnreachableError as error:
            return health(
                _as_summary(str(error)), "Look at the network, and try again later.", Need.SERVICE, details
            )
        except (WebError, ServiceError) as error:
            return health(
                _as_summary(str(error)), "Choose another endpoint, or ask its owner.", Need.PLACE, details
            )
        return self._health_of(who, identifier, name or identifier, status, details)

    @staticmethod
    def _health_of(
        who: Identity, identifier: str, name: str, status: str, details: dict[str, str]
    ) -> dict[str, Any]:
        details["endpoint"] = identifier
        if status == "offline":
            return health(
                f"the endpoint {name} is offline",
                "Start it on its host (globus-compute-endpoint start NAME), or ask its owner; a run that is "
                "started now waits for it.",
                Need.ONLINE,
                details,
            )
        words = "online" if status == "online" else "of unknown status"
        return {
            "ready": True,
            "summary": f"ready as {who.name}, {name} is {words}",
            "remedy": "",
            "needs": Need.NOTHING.value,
            "details": details,
        }

    def _endpoints(self, role: str) -> dict[str, Mapping[str, Any]]:
        answer = self._web.ask(lambda clients: clients.v2.get_endpoints(role=role)).data
        entries = answer if isinstance(answer, list) else []
        return {
            str(entry["uuid"]): entry for entry in entries if isinstance(entry, Mapping) and entry.get("uuid")
        }

    def _metadata(self, identifier: str) -> Mapping[str, Any] | None:
        """Of an endpoint that is in no list: it may be used by whoever knows its identifier."""
        try:
            data = self._web.ask(lambda clients: clients.v2.get_endpoint(_checked(identifier))).data
        except (DeniedError, ServiceError):
            return None
        return data if isinstance(data, Mapping) else None


def health(summary: str, remedy: str, needs: Need, details: Mapping[str, str]) -> dict[str, Any]:
    """Fields of :class:`fitgui_backends.contract.Health`, of what cannot be used."""
    return {
        "ready": False,
        "summary": summary,
        "remedy": remedy,
        "needs": needs.value,
        "details": dict(details),
    }


def _as_summary(sentence: str) -> str:
    return sentence.rstrip(".")


def _checked(identifier: str) -> str:
    try:
        return str(UUID(identifier))
    except ValueError:
        raise ServiceError(
            f"{identifier!r} is no identifier of an endpoint: it has 36 characters, such as "
            "4b116d3c-1703-4f8f-9f6f-39921e5864df.",
            Need.PLACE,
        ) from None


def _name_of(entry: Mapping[str, Any], identifier: str) -> str:
    return str(entry.get("display_name") or entry.get("name") or identifier)


def _description(entry: Mapping[str, Any], *, own: bool) -> str:
    parts = ["yours" if own else "shared with you"]
    host = entry.get("hostname") or (entry.get("metadata") or {}).get("hostname")
    if host:
        parts.append(f"on {host}")
    if text := entry.get("description"):
        parts.append(" ".join(str(text).split())[:120])
    return ", ".join(parts)
