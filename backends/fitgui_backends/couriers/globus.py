"""The courier of Globus Compute: the service that holds the SDK, in a process of its own."""

from __future__ import annotations

import itertools
import os
import threading
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import globus_sdk
import msgspec
from globus_compute_common.messagepack.message_types import Result
from globus_compute_sdk import Client
from globus_compute_sdk.serialize import ComputeSerializer, JSONData, PureSourceTextInspect
from globus_compute_sdk.version import __version__ as sdk_version

from fitgui_backends.contract import Need, Place
from fitgui_backends.couriers.globus_book import Book, OpenTask, Outcome
from fitgui_backends.couriers.globus_functions import Functions
from fitgui_backends.couriers.globus_limiter import Limiter
from fitgui_backends.couriers.globus_login import Login
from fitgui_backends.couriers.globus_places import Places, need_of
from fitgui_backends.couriers.globus_poll import Poll
from fitgui_backends.couriers.globus_redaction import Redactor
from fitgui_backends.couriers.globus_sender import Job, Sender
from fitgui_backends.couriers.globus_sites import Sites, site_of
from fitgui_backends.couriers.globus_standing import Standing
from fitgui_backends.couriers.globus_stream import Stream
from fitgui_backends.couriers.globus_web import Web, WebError
from fitgui_backends.remote.courier_process import Service, ServiceError, Tell
from fitgui_backends.remote.functions import source_of
from fitgui_backends.remote.messages import FromCourier, Said, Send, Task, Watch

TRY_OUT_SECONDS = 1740.0
"""For a worker to come up and answer: nobody looks on for longer."""
CLOSING_SECONDS = 0.6
"""For the receipt of a request under way; the application waits a little longer."""


def make_service(settings: Mapping[str, Any], tell: Tell) -> Service:
    """For :func:`fitgui_backends.remote.courier_process.serve`.

    Args:
        settings: ``folder`` for identifiers of functions; ``client_id`` of the native application, or
            ``None`` for the SDK's own; ``test_service``, the address of a stand-in for Compute and Auth, or
            ``None`` for the real ones; ``keyring``, whether the login outlives the process.
        tell: To the application.
    """
    return GlobusService(settings, tell)


class GlobusService:
    """What a courier does for Globus Compute; see :class:`fitgui_backends.remote.courier_process.Service`."""

    def __init__(self, settings: Mapping[str, Any], tell: Tell) -> None:
        self._redactor = Redactor()
        self._redactor.guard_logging()
        self._say = tell
        test_service = settings.get("test_service")
        if test_service:
            os.environ["GLOBUS_SDK_SERVICE_URL_AUTH"] = str(test_service)
        environment = (
            os.environ.get("GLOBUS_SDK_ENVIRONMENT", "production") if not test_service else str(test_service)
        )
        self._login = Login(
            settings.get("client_id") or None,
            environment,
            self._redactor,
            lambda text: self._tell(Said(level="warning", text=text)),
            use_keyring=bool(settings.get("keyring", True)),
        )
        client = Client(
            local_compute_services=bool(test_service),
            do_version_check=False,
            authorizer=self._login,
            code_serialization_strategy=PureSourceTextInspect(),
            data_serialization_strategy=JSONData(),  # type: ignore[no-untyped-call]
        )
        self._standing = Standing(self._tell)
        # A stand-in may be at any port, but the SDK knows one only.
        self._web = Web(
            str(test_service).rstrip("/") if test_service else client.web_service_address,
            self._login,
            Limiter(),
            self._standing.heard,
            self._redactor.clean,
        )
        # Only JSON: reading anything else that a worker sends could run code here.
        serializer = ComputeSerializer(
            strategy_data=JSONData,
            allowed_deserializer_types=[JSONData, PureSourceTextInspect],
        )
        functions = Functions(
            Path(settings["folder"]),
            self._web,
            lambda: f"{environment}\0{self._login.identity_id}",
            source_of,
        )
        self._book = Book(self._tell, self._changed)
        self._sites = Sites(self._web, self._standing)
        self._poll = Poll(self._web, self._book, self._sites, serializer.deserialize, self._redactor.clean)
        self._sender = Sender(
            client,
            self._web,
            functions,
            self._login,
            book=self._book,
            standing=self._standing,
            tell=self._tell,
        )
        self._stream = Stream(self._web, self._book.groups, self._arrived, self._redactor.hide)
        self._places = Places(self._web, self._login)
        self._trials = itertools.count(1)
        self._waiting: dict[str, tuple[str, Callable[[Outcome], bool]]] = {}
        """Place of every check that waits for a worker, and what ends it, by its run."""

    def _tell(self, message: FromCourier) -> None:
        """Texts that come from elsewhere may hold anything: none leaves uncleaned."""
        texts = {
            name: self._redactor.clean(text)
            for name in ("text", "error")
            if isinstance(text := getattr(message, name, None), str) and text
        }
        self._say(msgspec.structs.replace(message, **texts) if texts else message)

    def _changed(self) -> None:
        if hasattr(self, "_stream"):
            self._stream.look()
            self._poll.wake()

    def _arrived(self, result: Result, elsewhere: bool) -> None:  # noqa: FBT001
        """An answer from the stream; ``elsewhere`` if only its announcement came."""
        identifier = str(result.task_id)
        if elsewhere:
            self._poll.hurry()
            return
        self._sites.learn(self._book.site_of(identifier), result.details)
        place = self._book.place_of(identifier)
        if place and not result.is_error:  # known sooner than by asking
            self._standing.endpoint(place, "online")
        outcome = (
            self._poll.failure_of(result.data) if result.is_error else self._poll.outcome_of(result.data)
        )
        self._book.answer(identifier, outcome)

    # Service.

    def versions(self) -> dict[str, str]:
        """Of the SDK, by distribution."""
        # Not from the metadata of distributions, which a program in one folder may lack.
        return {"globus-compute-sdk": sdk_version, "globus-sdk": globus_sdk.__version__}

    def call(self, method: str, arguments: Mapping[str, Any]) -> Any:
        """Answer a question; the methods are those of :class:`fitgui_backends.contract.LoginBackend`.

        Raises:
            ServiceError: in words.
        """
        try:
            return self._call(method, arguments)
        except WebError as error:
            raise ServiceError(self._redactor.clean(str(error)), need_of(error)) from None
        except ServiceError as error:
            raise ServiceError(self._redactor.clean(str(error)), error.needs) from None

    def _call(self, method: str, arguments: Mapping[str, Any]) -> Any:  # noqa: PLR0911
        match method:
            case "places":
                return self._places.listed(arguments.get("first") or ())
            case "form":
                return self._places.form(_place(arguments).identifier)
            case "health":
                place = _place(arguments, required=False)
                return self._places.health(place.identifier, place.name)
            case "try_out":
                return self._try_out(_place(arguments), float(arguments.get("seconds") or TRY_OUT_SECONDS))
            case "cancel_try_out":
                return self._cancel_try_out(_place(arguments).identifier)
            case "begin_login":
                return self._login.begin(browser=bool(arguments.get("browser", True)))
            case "finish_login":
                self._login.finish(arguments.get("code"))
                return self._places.health("")
            case "cancel_login":
                self._login.cancel()
                return None
            case "logout":
                self._login.log_out()
                return self._places.health("")
            case "whoami":
                who = self._login.who()
                return None if who is None else {"identifier": who.identifier, "name": who.name}
        raise ServiceError(f"The courier of Globus Compute has no method {method!r}.")

    def send(self, message: Send) -> None:
        """Hand tasks over; returns at once."""
        self._standing.use(message.place.identifier)
        self._sender.send(message)

    def watch(self, message: Watch) -> None:
        """Follow tasks of an earlier courier; returns at once."""
        place = message.place.identifier
        site = site_of(message.place)
        self._standing.use(place)
        for group, identifiers in message.groups.items():
            self._sender.join_group(message.run, group)
            self._book.add(OpenTask(each, message.run, each, group, place, site) for each in identifiers)
            self._poll.go_back(site, group)

    def forget(self, run: str) -> None:
        """Drop what belongs to a run; returns at once."""
        self._sender.forget(run)
        self._book.forget(run)

    def close(self) -> None:
        """End the threads; the service keeps the tasks, and the application hears of all it has taken."""
        self._login.cancel()
        self._poll.close()
        self._stream.close()
        self._sender.close(CLOSING_SECONDS)

    def _try_out(self, place: Place, seconds: float) -> Any:
        """Run the check on a worker and return what it says."""
        if self._login.required():
            raise ServiceError("Log in to Globus first.", Need.LOGIN)
        run = f"try_out {next(self._trials)}"
        done = threading.Event()
        ended: list[Outcome] = []
        phase = ["being handed over"]

        def answered(outcome: Outcome) -> bool:
            ended.append(outcome)
            done.set()
            return True

        def phased(text: str) -> None:
            phase[0] = text
            self._tell(Said(level="info", text=f"The check is {text}." if text else "", run=run))

        def refused(error: str) -> None:
            answered(Outcome(trouble="refused", error=error))

        request = {"run": run}
        task = Task(key=run, request=request, size=len(msgspec.json.encode(request)))
        job = Job(run, place, "check", deque([task]), answered=answered, phased=phased, refused=refused)
        self._standing.use(place.identifier)
        self._waiting[run] = place.identifier, answered
        self._sender.put(job)
        try:
            if not done.wait(seconds):
                raise ServiceError(
                    f"No worker answered within {seconds / 60:.0f} minutes; the check is still {phase[0]}.",
                    Need.ONLINE if "endpoint" in phase[0] else Need.NOTHING,
                )
        finally:
            del self._waiting[run]
            self._sender.drop(job)
            self._book.forget(run)
        outcome = ended[0]
        if outcome.trouble:
            raise ServiceError(outcome.error)
        return outcome.answer

    def _cancel_try_out(self, place: str) -> None:
        """Nobody waits for the checks of a place any more."""
        for where, answered in list(self._waiting.values()):
            if where == place:
                answered(Outcome(trouble="error", error="The check was given up."))


def _place(arguments: Mapping[str, Any], *, required: bool = True) -> Place:
    """The place that a call is about: a ``Place`` as JSON, or its identifier alone."""
    given = arguments.get("place") or {}
    place = Place(identifier=given) if isinstance(given, str) else msgspec.convert(given, Place)
    if required and not place.identifier:
        raise ServiceError("No endpoint is chosen: choose one.", Need.PLACE)
    return place
