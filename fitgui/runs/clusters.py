"""What is remembered of clusters between sessions: favourite places, the options of each, what was used last.

One small JSON file in the data folder, shared by the window and every command. It holds no secret: tokens of
a login are in the keyring of the system.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from fitgui.folders import default_data_folder
from fitgui.runs.files import write_whole
from fitgui.runs.plan import RunError
from fitgui_backends.contract import Place

NAME = "clusters.json"
_WAITING_SECONDS = 10.0
"""Changes take milliseconds; who waits longer waits for a process that hangs."""

_DAMAGED = (msgspec.DecodeError, UnicodeDecodeError)

OptionValue = str | int | float | bool


class _KnownPlace(msgspec.Struct, kw_only=True):
    """What is remembered of one place."""

    name: str = ""
    options: dict[str, OptionValue] = {}


class _KnownBackend(msgspec.Struct, kw_only=True):
    """What is remembered of one backend."""

    favourites: list[str] = []
    places: dict[str, _KnownPlace] = {}
    last: str | None = None


class _Document(msgspec.Struct, kw_only=True):
    """The file."""

    schema: int = 1
    client_id: str | None = None
    backends: dict[str, _KnownBackend] = {}


class ClusterSettings:
    """The settings of clusters, by the name of their backend and the identifier of a place.

    Every question reads the file, so that what another process has changed is seen; every change is made
    under a lock, and the file is written whole.

    Args:
        folder: the data folder; ``None`` for the one of the platform. It is made when something is kept.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._path = (folder or default_data_folder()) / NAME
        self._notices: list[str] = []

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences for the user about a file that could not be read; each is told once by its caller."""
        return tuple(self._notices)

    @property
    def client_id(self) -> str | None:
        """Of the native application by which users log in at Globus; ``None`` for the default.

        Setting it to an empty text or ``None`` goes back to the default.

        Raises:
            RunError: when it is set to something that is no UUID, or the file cannot be written.
        """
        return self._read().client_id

    @client_id.setter
    def client_id(self, value: str | None) -> None:
        chosen: str | None = None
        if value is not None and value.strip():
            try:
                chosen = str(uuid.UUID(value.strip()))
            except ValueError as error:
                raise RunError(
                    f"{value.strip()} is no client id: it is a UUID, as app.globus.org/settings/developers "
                    "shows it"
                ) from error

        def change(document: _Document) -> None:
            document.client_id = chosen

        self._change(change)

    def favourites(self, backend: str) -> tuple[str, ...]:
        """Identifiers of the favourite places of a backend, in the order in which they were chosen."""
        return tuple(self._backend(backend).favourites)

    def set_favourite(self, backend: str, place_id: str, on: bool) -> None:  # noqa: FBT001 -- as of a check box
        """Make a place a favourite, or no longer.

        Args:
            backend: ``globus`` or ``parsl``.
            place_id: the identifier of the place.
            on: whether it is to be one.

        Raises:
            RunError: if the file cannot be written.
        """

        def change(document: _Document) -> None:
            known = document.backends.setdefault(backend, _KnownBackend())
            others = [identifier for identifier in known.favourites if identifier != place_id]
            if not on:
                known.favourites = others
            elif place_id not in known.favourites:
                known.favourites = [*others, place_id]

        self._change(change)

    def options(self, backend: str, place_id: str) -> dict[str, OptionValue]:
        """What the form of a place was filled in with last; empty for a place that is not known."""
        known = self._backend(backend).places.get(place_id)
        return dict(known.options) if known is not None else {}

    def remember(self, backend: str, place: Place, *, used: bool = True) -> None:
        """Keep name and options of a place.

        Args:
            backend: ``globus`` or ``parsl``.
            place: its options replace the earlier ones; an empty name keeps the earlier one.
            used: whether it is also the one that was used last.

        Raises:
            RunError: if the file cannot be written.
        """

        def change(document: _Document) -> None:
            known = document.backends.setdefault(backend, _KnownBackend())
            before = known.places.get(place.identifier)
            name = place.name or (before.name if before is not None else "")
            known.places[place.identifier] = _KnownPlace(name=name, options=dict(place.options))
            if used:
                known.last = place.identifier

        self._change(change)

    def last(self, backend: str) -> Place | None:
        """The place that was used last, with its options; ``None`` if none was."""
        known = self._backend(backend)
        return None if known.last is None else self.place(backend, known.last)

    def place(self, backend: str, place_id: str) -> Place:
        """A place as it is remembered; without name and options if it is not."""
        known = self._backend(backend).places.get(place_id) or _KnownPlace()
        return Place(identifier=place_id, name=known.name, options=dict(known.options))

    def places(self, backend: str) -> tuple[Place, ...]:
        """All places of a backend that are remembered."""
        return tuple(
            Place(identifier=identifier, name=known.name, options=dict(known.options))
            for identifier, known in self._backend(backend).places.items()
        )

    def _backend(self, name: str) -> _KnownBackend:
        return self._read().backends.get(name) or _KnownBackend()

    def _read(self) -> _Document:
        """What is in the file; a damaged one is set aside, and nothing is known any more."""
        try:
            try:
                return self._load()
            except _DAMAGED:
                with self._alone():
                    return self._load_or_set_aside()
        except RunError as error:
            self._notice(f"the settings of clusters are not known: {error}")
            return _Document()

    def _load_or_set_aside(self) -> _Document:
        """While nobody else writes: another process may have set it aside, and written a new one."""
        try:
            return self._load()
        except _DAMAGED:
            self._set_aside()
            return _Document()

    def _load(self) -> _Document:
        try:
            raw = self._path.read_bytes()
        except FileNotFoundError:
            return _Document()
        except OSError as error:  # never overwritten: it may hold what is only out of reach now
            raise RunError(
                f"cannot read {self._path}: {error.strerror or error}; change its permissions"
            ) from error
        return msgspec.json.decode(raw, type=_Document)

    def _set_aside(self) -> None:
        aside = self._path.with_name(f"{NAME}.damaged-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}")
        try:
            self._path.replace(aside)
        except OSError as error:
            raise RunError(f"{self._path} is damaged: {error.strerror or error}; remove it") from error
        self._notice(
            f"{self._path} was damaged, so favourites and options of clusters are forgotten; what is left of "
            f"it is in {aside.name}"
        )

    def _notice(self, text: str) -> None:
        if text not in self._notices:
            self._notices.append(text)

    def _change(self, change: Callable[[_Document], None]) -> None:
        """Read, change and write while nobody else does.

        Raises:
            RunError: if another process does not let go, or the file cannot be written.
        """
        with self._alone():
            document = self._load_or_set_aside()
            change(document)
            write_whole(self._path, msgspec.json.format(msgspec.json.encode(document)).decode() + "\n")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        folder = self._path.parent
        lock = FileLock(folder / f".{NAME}.lock", timeout=_WAITING_SECONDS)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout as error:
            raise RunError(
                f"another fitgui has been writing {self._path} for {_WAITING_SECONDS:.0f} s: end it, and try "
                "again"
            ) from error
        except (OSError, NotImplementedError) as error:
            reason = getattr(error, "strerror", None) or error
            raise RunError(f"cannot write {self._path}: {reason}; choose another place") from error
        try:
            yield
        finally:
            lock.release()
