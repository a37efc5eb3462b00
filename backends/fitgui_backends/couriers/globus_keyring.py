"""Where tokens are kept: in the keyring of the operating system, else in memory and nowhere else."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

from globus_sdk.token_storage import TokenStorage, TokenStorageData

SERVICE = "fitgui"
RESOURCE_SERVERS = ("funcx_service", "auth.globus.org")
"""Whose tokens there are: Globus Compute's, by its old name, and those of the login itself."""
ANSWER_SECONDS = 30.0
"""A keyring may ask the user for a password first; one that hangs must not hang us."""

_log = logging.getLogger(__name__)


class Keyring(Protocol):
    """What is needed of the module ``keyring``."""

    def get_password(self, service_name: str, username: str) -> str | None:
        """As ``keyring.get_password``."""
        ...

    def set_password(self, service_name: str, username: str, password: str) -> None:
        """As ``keyring.set_password``."""
        ...

    def delete_password(self, service_name: str, username: str) -> None:
        """As ``keyring.delete_password``."""
        ...


class KeyringFailedError(Exception):
    """The keyring does not do what it should; the text says what, for a sentence."""


def system_keyring() -> Keyring:
    """The keyring of this system.

    Raises:
        KeyringFailedError: if there is none that keeps anything, or it does not answer.
    """
    try:
        import keyring  # noqa: PLC0415
        from keyring.backends import chainer, fail, null  # noqa: PLC0415

        found = keyring.get_keyring()
        # Of a chain one would not know where the next token goes: the best that can be used is taken.
        backends: list[Keyring] = (
            list(found.backends) if isinstance(found, chainer.ChainerBackend) else [found]
        )
    except Exception as error:  # noqa: BLE001  (whatever a plug-in of the system raises)
        raise KeyringFailedError(f"no keyring can be used here ({type(error).__name__})") from None
    backends = [each for each in backends if not isinstance(each, fail.Keyring | null.Keyring)]
    if not backends:
        raise KeyringFailedError("this system has no keyring")
    backend = next((each for each in backends if not _is_file(each)), None)
    if backend is None:
        raise KeyringFailedError("the only keyring of this system is a file (keyrings.alt)")
    _within(ANSWER_SECONDS, lambda: backend.get_password(SERVICE, "is there a keyring?"))
    return backend


def _is_file(backend: Keyring) -> bool:
    """Whether it is one of ``keyrings.alt``: files that any program of the user reads, some in plain text."""
    return any(f"{kind.__module__}.".startswith("keyrings.alt.") for kind in type(backend).__mro__)


def _within(seconds: float, act: Callable[[], Any]) -> Any:
    """Do something that may hang or raise anything, on a thread that is left alone when it hangs."""
    outcome: list[Any] = []
    trouble: list[str] = []

    def run() -> None:
        try:
            outcome.append(act())
        except Exception as error:  # noqa: BLE001  (D-Bus, a locked collection, a plug-in's bug ...)
            trouble.append(type(error).__name__)

    thread = threading.Thread(target=run, name="keyring", daemon=True)
    thread.start()
    thread.join(seconds)
    if trouble:
        raise KeyringFailedError(f"the keyring of this system failed ({trouble[0]})")
    if not outcome:
        raise KeyringFailedError("the keyring of this system does not answer")
    return outcome[0]


class Secrets(TokenStorage):
    """Tokens of one client in one environment; for globus_sdk, which reads and writes them.

    All is held in memory, too: the keyring is read once, and again by :meth:`reload`; one that fails while
    it is used costs nothing but that the login ends with the process.

    Args:
        keyring: Where they are kept; ``None`` for memory alone.
        namespace: Tells clients and environments apart.
        hide: Told of every token, before anything else happens with it.
        lost: Told once, with a reason for a sentence, when the keyring has failed.
    """

    def __init__(
        self,
        keyring: Keyring | None,
        namespace: str,
        hide: Callable[..., None],
        lost: Callable[[str], None],
    ) -> None:
        super().__init__(namespace)
        self._keyring = keyring
        self._all = keyring
        """The keyring even after it has failed: there may be tokens in it."""
        self._entries: set[str] = set()
        """Resource servers of which it has an entry."""
        self._left: dict[str, tuple[str, str | None]] = {}
        """Tokens that were to be deleted and could not, by resource server."""
        self._hide = hide
        self._lost = lost
        self._kept: dict[str, TokenStorageData] = {}
        self.reload()

    @property
    def lasting(self) -> bool:
        """Whether the tokens outlive this process."""
        return self._keyring is not None

    def reload(self) -> bool:
        """Read the keyring again: another program may have logged in; returns whether anything is new."""
        if self._keyring is None:
            return False
        read = {}
        for server in RESOURCE_SERVERS:
            text = self._use(partial(_get, entry=self._entry(server)))
            if not self.lasting:
                return False
            (self._entries.add if text is not None else self._entries.discard)(server)
            if text and (data := _read(text)) is not None:
                self._hide(data.access_token, data.refresh_token)
                if _pair(data) != self._left.get(server):
                    read[server] = data
        new = _tokens(read) != _tokens(self._kept)
        self._kept = read
        return new

    def store_token_data_by_resource_server(
        self, token_data_by_resource_server: Mapping[str, TokenStorageData]
    ) -> None:
        """Keep them; those of other servers stay."""
        for server, data in token_data_by_resource_server.items():
            self._hide(data.access_token, data.refresh_token)
            self._kept[server] = data
            text = json.dumps(data.to_dict())
            # One entry each: Windows takes no long ones.
            if self._use(partial(_put, entry=self._entry(server), text=text)):
                self._entries.add(server)
                self._left.pop(server, None)

    def get_token_data_by_resource_server(self) -> dict[str, TokenStorageData]:
        """All that are kept, by resource server."""
        return dict(self._kept)

    def remove_token_data(self, resource_server: str) -> bool:
        """Delete; returns whether there were any, and none is left. What is left is not used any more."""
        data = self._kept.pop(resource_server, None)
        keyring = self._all
        if keyring is not None and resource_server in self._entries:
            entry = self._entry(resource_server)
            try:
                _within(ANSWER_SECONDS, lambda: _drop(keyring, entry))
            except KeyringFailedError as trouble:
                _log.warning("an entry of the keyring could not be removed: %s", trouble)
                if data is not None:
                    self._left[resource_server] = _pair(data)
                return False
            self._entries.discard(resource_server)
            self._left.pop(resource_server, None)
        return data is not None

    @property
    def left_over(self) -> bool:
        """Whether the keyring has entries that could not be removed."""
        return bool(self._entries - set(self._kept))

    def _entry(self, server: str) -> str:
        return f"{self.namespace}/{server}"

    def _use(self, act: Callable[[Keyring], Any]) -> Any:
        keyring = self._keyring
        if keyring is None:
            return None
        try:
            return _within(ANSWER_SECONDS, lambda: act(keyring))
        except KeyringFailedError as trouble:
            self._keyring = None
            self._lost(str(trouble))
            return None


def _get(keyring: Keyring, entry: str) -> str | None:
    return keyring.get_password(SERVICE, entry)


def _put(keyring: Keyring, entry: str, text: str) -> bool:
    keyring.set_password(SERVICE, entry, text)
    return True


def _drop(keyring: Keyring, entry: str) -> bool:
    from keyring.errors import PasswordDeleteError  # noqa: PLC0415

    try:
        keyring.delete_password(SERVICE, entry)
    except (
        PasswordDeleteError
    ):  # another program was faster, or it cannot be done: then it would still be there
        if keyring.get_password(SERVICE, entry) is not None:
            raise
    return True


def _read(text: str) -> TokenStorageData | None:
    try:
        return TokenStorageData.from_dict(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError):
        _log.warning("an entry of the keyring could not be read")
        return None


def _pair(data: TokenStorageData) -> tuple[str, str | None]:
    return data.access_token, data.refresh_token


def _tokens(data: Mapping[str, TokenStorageData]) -> set[tuple[str, str, str | None]]:
    return {(server, *_pair(entry)) for server, entry in data.items()}
