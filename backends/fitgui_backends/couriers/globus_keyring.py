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
        from keyring.backends import fail, null  # noqa: PLC0415

        backend = keyring.get_keyring()
    except Exception as error:  # noqa: BLE001  (whatever a plug-in of the system raises)
        raise KeyringFailedError(f"no keyring can be used here ({type(error).__name__})") from None
    if isinstance(backend, fail.Keyring | null.Keyring):
        raise KeyringFailedError("this system has no keyring")
    _within(ANSWER_SECONDS, lambda: backend.get_password(SERVICE, "is there a keyring?"))
    return backend


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
            if text and (data := _read(text)) is not None:
                self._hide(data.access_token, data.refresh_token)
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
            self._use(partial(_put, entry=self._entry(server), text=text))

    def get_token_data_by_resource_server(self) -> dict[str, TokenStorageData]:
        """All that are kept, by resource server."""
        return dict(self._kept)

    def remove_token_data(self, resource_server: str) -> bool:
        """Delete; returns whether there were any."""
        had = self._kept.pop(resource_server, None) is not None
        if had:
            self._use(partial(_drop, entry=self._entry(resource_server)))
        return had

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


def _tokens(data: Mapping[str, TokenStorageData]) -> set[tuple[str, str, str | None]]:
    return {(server, entry.access_token, entry.refresh_token) for server, entry in data.items()}
