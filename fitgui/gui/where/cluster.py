"""What the window knows of one cluster backend, and what may be asked of it; an object of the GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal

from fitgui.gui.where.asking import Run, health_of_error, lacking, sentence_of
from fitgui.gui.where.standing import PLACE_WORDS, TITLES, Standing, of_cluster
from fitgui.runs.clusters import ClusterSettings, OptionValue
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

WHO, KEPT = "logged in as", "login kept in"
"""Among the details of a backend with a login."""


class Cluster(QObject):
    """One backend with places: its state, its places, the chosen one, and that one's options.

    Nothing is asked of a service before :meth:`visit`.

    Args:
        name: of the backend.
        get: makes the backend, or gives it back; called on a thread.
        settings: what is remembered of places.
        run: for questions, which may take minutes.
        write: for the settings, in turn.
        parent: keeps it.
    """

    changed = Signal()
    """Something that the card shows is another."""
    places_changed = Signal()
    """:attr:`places`, :attr:`favourites` or the chosen place are others."""
    said = Signal(str, str)
    """A level and one sentence for the user."""

    def __init__(
        self,
        name: str,
        *,
        get: Callable[[], Backend],
        settings: ClusterSettings,
        run: Run,
        write: Run,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.name = name
        self.health: Health | None = None
        self.places: tuple[PlaceInfo, ...] = ()
        self.favourites: tuple[str, ...] = ()
        self.place: Place | None = None
        self.place_health: Health | None = None
        self.form: Mapping[str, Any] | None = None
        """Of the chosen place; ``None`` until it is known."""
        self.worker: Health | None = None
        """What a worker of the chosen place reported in this session."""
        self.engines: tuple[str, ...] | None = None
        """Names of those that the backend can use; ``None`` until it is made."""
        self.keeps_running = False
        """Whether its runs go on without this application."""
        self.can_log_in = name == "globus"
        self.visited = False
        self.listing = False
        self.places_known = False
        self.asking = False
        self._get, self._settings, self._run, self._write = get, settings, run, write
        self._asked = 0
        """Numbers the questions about the chosen place: an answer about an earlier one is dropped."""
        self._lacking = ""

    @property
    def title(self) -> str:
        """Of its card."""
        return TITLES.get(self.name, self.name)

    @property
    def word(self) -> str:
        """What it calls a place."""
        return PLACE_WORDS.get(self.name, "place")

    @property
    def standing(self) -> Standing:
        """How it stands, for its card."""
        return of_cluster(
            self.name,
            self.health,
            visited=self.visited,
            place=self.place,
            place_health=self.place_health,
            asking=self.asking or (self.place is None and self.listing and not self.places),
            empty=self.places_known and not self.places and self.can_log_in,
            lacking=self._lacking,
        )

    @property
    def who(self) -> str:
        """Who is logged in, as far as that is known."""
        for health in (self.health, self.place_health):
            if health is not None and health.details.get(WHO):
                return health.details[WHO]
        return "logged in" if self.places_known else ""

    @property
    def is_usable(self) -> bool:
        """Whether it is installed and, as far as that is needed, logged in."""
        return self.health is not None and (self.health.ready or self.health.needs is Need.PLACE)

    @property
    def is_open(self) -> bool:
        """Whether it is usable, and known to be so: a login is known when the service has answered."""
        known = self.place_health is not None and self.place_health.needs is not Need.LOGIN
        return self.is_usable and (not self.can_log_in or bool(self.who) or known)

    @property
    def can_be_tried(self) -> bool:
        """Whether the check task can be sent to the chosen place."""
        ready = self.place_health is not None and self.place_health.ready
        return self.is_usable and ready and not self._lacking

    def look(self, then: Callable[[], None] | None = None) -> None:
        """Find out whether it is installed and logged in; asks no service."""

        def work() -> tuple[Health, tuple[str, ...] | None, bool, bool, Place | None, tuple[str, ...]]:
            try:
                backend = self._get()
            except (ImportError, BackendError) as error:
                needs = Need.PACKAGE if isinstance(error, ImportError) else Need.NOTHING
                health = Health(ready=False, summary=sentence_of(error), needs=needs)
                return health, None, False, self.can_log_in, None, ()
            able = backend.capabilities
            return (
                backend.check(),
                able.engines,
                able.survives_client_exit,
                isinstance(backend, LoginBackend),
                self._settings.last(self.name),
                self._settings.favourites(self.name),
            )

        def done(
            found: tuple[Health, tuple[str, ...] | None, bool, bool, Place | None, tuple[str, ...]],
        ) -> None:
            self.health, self.engines, self.keeps_running, self.can_log_in, last, self.favourites = found
            if self.place is None:
                self.place = last
                self.places_changed.emit()
            if then is not None:
                then()
            self.changed.emit()

        def failed(error: Exception) -> None:
            self.health = Health(ready=False, summary=sentence_of(error))
            self.changed.emit()

        self._run(work, done, failed)

    def visit(self) -> None:
        """The user has chosen the card: from now on its service may be asked; not again if all is well."""
        if self.visited and self.standing.ready:
            return
        self.visited = True
        if self.health is None:
            self.look(self._visit)
        else:
            self._visit()
        self.changed.emit()

    def look_again(self) -> None:
        """Ask for everything anew."""
        self.visited = True
        self.asking = True
        self.changed.emit()
        self.look(self._visit)

    def choose(self, identifier: str, name: str = "") -> None:
        """Choose a place, with the options that are remembered of it."""
        if self.place is not None and self.place.identifier == identifier:
            return
        known = next((info.name for info in self.places if info.identifier == identifier), name)
        options = self._settings.options(self.name, identifier)
        self._take(Place(identifier=identifier, name=known, options=options))

    def set_options(self, options: Mapping[str, OptionValue]) -> None:
        """Fill in the form of the chosen place."""
        if self.place is not None:
            self._take(msgspec.structs.replace(self.place, options=dict(options)))

    def set_favourite(self, identifier: str, *, on: bool) -> None:
        """Make a place a favourite, or no longer."""
        others = tuple(known for known in self.favourites if known != identifier)
        self.favourites = (*others, identifier) if on else others
        self.places_changed.emit()
        self._keep(lambda: self._settings.set_favourite(self.name, identifier, on))

    def list_places(self) -> None:
        """Ask for the places and their status."""
        if self.listing:
            return
        self.listing = True
        self.changed.emit()

        def done(places: tuple[PlaceInfo, ...]) -> None:
            self.listing, self.places, self.places_known = False, places, True
            self._settle()
            self.places_changed.emit()
            self.changed.emit()

        def failed(error: Exception) -> None:
            self.listing = False
            self._troubled(error)
            self.places_changed.emit()

        chosen = (self.place.identifier,) if self.place is not None else ()
        first = tuple(dict.fromkeys((*self.favourites, *chosen)))  # their status matters most
        self._run(lambda: self._cluster().places(first=first), done, failed)

    def ask_place(self) -> None:
        """Ask how the chosen place stands, and for its form."""
        place = self.place
        if place is None:
            self.asking = False
            return
        self._asked += 1
        request = self._asked
        self.asking = True

        def ask() -> tuple[Health, Mapping[str, Any] | None, str]:
            cluster = self._cluster()
            health = cluster.health_of(place)
            try:
                form = cluster.form(place.identifier)
            except BackendError:  # some do not show theirs, and can be used without options all the same
                return health, None, ""
            return health, form, lacking(form, place.options)

        def done(found: tuple[Health, Mapping[str, Any] | None, str]) -> None:
            if request != self._asked:
                return
            self.asking = False
            self.place_health, self.form, self._lacking = found
            if self.place_health.needs is Need.LOGIN:
                self.health = self.place_health
            self.changed.emit()

        def failed(error: Exception) -> None:
            if request == self._asked:
                self.asking = False
                self._troubled(error)

        self._run(ask, done, failed)
        self.changed.emit()

    def try_out(self, done: Callable[[Health], object], failed: Callable[[str], object]) -> None:
        """Run the check task on a worker of the chosen place; may take minutes."""
        place = self.place
        if place is None:
            return

        def tried(health: Health) -> None:
            if self.place is not None and self.place.identifier == place.identifier:
                self.worker = health
                self.changed.emit()
            done(health)

        self._run(lambda: self._cluster().try_out(place), tried, lambda error: failed(sentence_of(error)))

    def give_up_try_out(self, place: Place) -> None:
        """Nobody waits any more for the check of a place."""
        self._run(lambda: self._cluster().give_up_try_out(place), lambda _none: None, lambda _error: None)

    def begin_login(
        self, *, browser: bool, done: Callable[[str], object], failed: Callable[[str], object]
    ) -> None:
        """Begin a login; ``done`` gets the address that the user is to visit."""
        self._run(
            lambda: self._login().begin_login(browser=browser),
            done,
            lambda error: failed(sentence_of(error)),
        )

    def finish_login(
        self, code: str | None, done: Callable[[Health], object], failed: Callable[[str], object]
    ) -> None:
        """Wait for the browser, or take the code; ``done`` gets who is logged in."""

        def logged_in(health: Health) -> None:
            self.health, self.place_health = health, None
            done(health)
            self.changed.emit()
            if self.visited:
                self._visit()

        self._run(
            lambda: self._login().finish_login(code), logged_in, lambda error: failed(sentence_of(error))
        )

    def cancel_login(self, then: Callable[[], object] = lambda: None) -> None:
        """Give up a login that was begun, whatever comes of it."""
        self._run(lambda: self._login().cancel_login(), lambda _none: then(), lambda _error: then())

    def log_out(self) -> None:
        """Revoke and delete what is kept of the login."""

        def done(health: Health) -> None:
            self.health, self.place_health, self.worker, self.places = health, None, None, ()
            self.places_known = False
            self._asked += 1
            self.asking = False
            self.places_changed.emit()
            self.changed.emit()

        self._run(
            lambda: self._login().logout(),
            done,
            lambda error: self.said.emit("error", f"{sentence_of(error)}."),
        )

    def _visit(self) -> None:
        if not self.visited:
            return
        if self.is_usable:
            self.list_places()
            self.ask_place()
        else:
            self.asking = False

    def _settle(self) -> None:
        """Learn the name of the chosen place; choose one where there is nothing to choose."""
        if self.place is not None:
            known = next((i.name for i in self.places if i.identifier == self.place.identifier), "")
            if known and known != self.place.name:
                self.place = msgspec.structs.replace(self.place, name=known)
            return
        online = [info for info in self.places if info.status == "online"]
        if online and (len(self.places) == 1 or not self.can_log_in):
            self.choose(online[0].identifier)

    def _take(self, place: Place) -> None:
        other = self.place is None or self.place.identifier != place.identifier
        self.place, self.place_health = place, None
        self._lacking = ""
        if other:
            self.form = self.worker = None
        self.places_changed.emit()
        self._keep(lambda: self._settings.remember(self.name, place))
        self.ask_place()

    def _keep(self, change: Callable[[], None]) -> None:
        self._write(
            change,
            lambda _none: None,
            lambda error: self.said.emit("warning", f"What was chosen could not be kept: {error}"),
        )

    def _troubled(self, error: Exception) -> None:
        """A question was not answered: that tells of the service, or of the login."""
        health = health_of_error(error)
        if health.needs is Need.LOGIN or self.place is None:
            self.health = health
        if health.needs is Need.LOGIN:
            self.places_known = False
        self.place_health = health
        self.changed.emit()

    def _cluster(self) -> ClusterBackend:
        backend = self._get()
        if not isinstance(backend, ClusterBackend):
            raise BackendError(f"{self.title} has no places to choose from.")
        return backend

    def _login(self) -> LoginBackend:
        backend = self._get()
        if not isinstance(backend, LoginBackend):
            raise BackendError(f"{self.title} needs no login.")
        return backend
