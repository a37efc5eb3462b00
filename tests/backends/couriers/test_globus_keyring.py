"""Where tokens are kept: in a keyring where there is one, and nowhere where there is none."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import keyring
import keyring.backend
import keyring.errors
import pytest
from globus_sdk.token_storage import TokenStorageData
from keyring.backends import chainer, fail, null

from fitgui_backends.couriers import globus_keyring
from fitgui_backends.couriers.globus_keyring import KeyringFailedError, Secrets, system_keyring

COMPUTE, AUTH = globus_keyring.RESOURCE_SERVERS


class Drawer(keyring.backend.KeyringBackend):
    """A keyring in memory, that can fail in every way."""

    priority = 1.0

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.trouble: Callable[[], None] = lambda: None

    def get_password(self, service: str, username: str) -> str | None:
        self.trouble()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.trouble()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self.trouble()
        if (service, username) not in self.kept:
            raise keyring.errors.PasswordDeleteError("not there")
        del self.kept[service, username]


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    """The keyring of this process, until the end of the test."""
    before = keyring.get_keyring()
    made = Drawer()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def tokens(server: str, name: str = "first") -> TokenStorageData:
    """Of a resource server."""
    return TokenStorageData(
        resource_server=server,
        identity_id="11111111-1111-4111-8111-111111111111",
        scope="all",
        access_token=f"access-{name}-{server}",
        refresh_token=f"refresh-{name}-{server}",
        expires_at_seconds=2_000_000_000,
        token_type="Bearer",
    )


def secrets(found: Any, hidden: list[str] | None = None, lost: list[str] | None = None) -> Secrets:
    """As a courier makes it."""
    hide = [] if hidden is None else hidden
    return Secrets(found, "globus/test/client", lambda *given: hide.extend(given), (lost or []).append)


def store(kept: Secrets, *names: str) -> None:
    kept.store_token_data_by_resource_server({name: tokens(name) for name in names})


def test_tokens_outlive_the_process_in_entries_of_their_own(drawer: Drawer) -> None:
    hidden: list[str] = []
    store(secrets(system_keyring(), hidden), COMPUTE, AUTH)
    assert all(service == "fitgui" for service, _ in drawer.kept)
    assert len(drawer.kept) == 2
    assert f"access-first-{COMPUTE}" in hidden
    later = secrets(system_keyring())
    assert later.lasting
    data = later.get_token_data(COMPUTE)
    assert data is not None
    assert data.to_dict() == tokens(COMPUTE).to_dict()


def test_clients_and_environments_do_not_meet(drawer: Drawer) -> None:
    store(secrets(system_keyring()), COMPUTE)
    other = Secrets(system_keyring(), "globus/production/client", lambda *_: None, lambda _: None)
    assert other.get_token_data_by_resource_server() == {}


def test_what_is_removed_is_gone_everywhere(drawer: Drawer) -> None:
    kept = secrets(system_keyring())
    store(kept, COMPUTE, AUTH)
    assert kept.remove_token_data(COMPUTE)
    assert not kept.remove_token_data(COMPUTE)
    assert list(kept.get_token_data_by_resource_server()) == [AUTH]
    assert [entry for _, entry in drawer.kept] == [f"globus/test/client/{AUTH}"]


def test_what_another_program_has_removed_is_no_trouble(drawer: Drawer) -> None:
    lost: list[str] = []
    kept = Secrets(system_keyring(), "globus/test/client", lambda *_: None, lost.append)
    store(kept, COMPUTE)
    drawer.kept.clear()
    assert kept.remove_token_data(COMPUTE)
    assert not lost


def test_a_login_of_another_program_is_found(drawer: Drawer) -> None:
    kept = secrets(system_keyring())
    assert not kept.reload()
    store(secrets(system_keyring()), COMPUTE)
    assert kept.reload()
    assert kept.get_token_data(COMPUTE) is not None
    assert not kept.reload()


@pytest.mark.parametrize("text", ["", "no json", "[]", "{}", '{"access_token": 7}'])
def test_an_entry_that_cannot_be_read_counts_as_none(drawer: Drawer, text: str) -> None:
    drawer.kept["fitgui", f"globus/test/client/{COMPUTE}"] = text
    assert secrets(system_keyring()).get_token_data_by_resource_server() == {}


@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring])
def test_a_system_without_a_keyring(drawer: Drawer, backend: type[keyring.backend.KeyringBackend]) -> None:
    keyring.set_keyring(backend())
    with pytest.raises(KeyringFailedError, match="has no keyring"):
        system_keyring()


class Paper(Drawer):
    """One that is a file."""


Paper.__module__ = "keyrings.alt.file"


class PaperOfAnother(Paper):
    """What is made of it is no better."""


def chain(*backends: keyring.backend.KeyringBackend) -> keyring.backend.KeyringBackend:
    """A chain of these."""
    kind = type("Chain", (chainer.ChainerBackend,), {"backends": list(backends)})
    chained: keyring.backend.KeyringBackend = kind()
    return chained


def test_a_keyring_that_is_a_file_is_none(drawer: Drawer) -> None:
    paper = Paper()
    for found in (paper, PaperOfAnother(), chain(paper), chain(paper, PaperOfAnother())):
        keyring.set_keyring(found)
        with pytest.raises(KeyringFailedError, match=r"is a file \(keyrings\.alt\)"):
            system_keyring()


def test_of_a_chain_the_first_that_is_no_file_keeps_the_tokens(drawer: Drawer) -> None:
    paper = Paper()
    keyring.set_keyring(chain(paper, drawer))
    store(secrets(system_keyring()), COMPUTE)
    assert drawer.kept
    assert not paper.kept
    keyring.set_keyring(chain())
    with pytest.raises(KeyringFailedError, match="has no keyring"):
        system_keyring()


def failing(error: Exception) -> Callable[[], None]:
    def fail_now() -> None:
        raise error

    return fail_now


@pytest.mark.parametrize(
    "error",
    [
        keyring.errors.KeyringLocked("locked"),
        keyring.errors.InitError("no collection"),
        keyring.errors.NoKeyringError("none"),
        RuntimeError("org.freedesktop.DBus.Error.ServiceUnknown"),
        FileNotFoundError("/run/user/0/bus"),
    ],
)
def test_a_keyring_that_fails_at_once_is_none(drawer: Drawer, error: Exception) -> None:
    drawer.trouble = failing(error)
    with pytest.raises(KeyringFailedError, match=type(error).__name__):
        system_keyring()


def test_a_keyring_that_hangs_is_none(drawer: Drawer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(globus_keyring, "ANSWER_SECONDS", 0.2)
    released = threading.Event()
    drawer.trouble = lambda: released.wait(60) and None
    with pytest.raises(KeyringFailedError, match="does not answer"):
        system_keyring()
    released.set()


def test_a_keyring_that_fails_later_is_told_of_once_and_costs_nothing(drawer: Drawer) -> None:
    lost: list[str] = []
    kept = Secrets(system_keyring(), "globus/test/client", lambda *_: None, lost.append)
    drawer.trouble = failing(keyring.errors.KeyringLocked("locked"))
    store(kept, COMPUTE, AUTH)
    assert lost == ["the keyring of this system failed (KeyringLocked)"]
    assert not kept.lasting
    assert set(kept.get_token_data_by_resource_server()) == {COMPUTE, AUTH}
    assert kept.remove_token_data(COMPUTE)
    assert not kept.reload()
    assert len(lost) == 1


def test_without_a_keyring_nothing_is_written_anywhere(drawer: Drawer) -> None:
    kept = secrets(None)
    store(kept, COMPUTE)
    assert kept.get_token_data(COMPUTE) is not None
    assert not kept.lasting
    assert not drawer.kept


def test_what_could_not_be_removed_is_told_and_not_used_again(drawer: Drawer) -> None:
    kept = secrets(system_keyring())
    store(kept, COMPUTE, AUTH)
    drawer.trouble = failing(keyring.errors.KeyringLocked("locked"))
    assert not kept.remove_token_data(COMPUTE)
    assert kept.left_over
    assert kept.get_token_data(COMPUTE) is None
    drawer.trouble = lambda: None
    assert not kept.reload()
    assert list(kept.get_token_data_by_resource_server()) == [AUTH], "the user has logged out of it"
    # Another program's login is another matter.
    secrets(system_keyring()).store_token_data_by_resource_server({COMPUTE: tokens(COMPUTE, "second")})
    assert kept.reload()
    assert kept.get_token_data(COMPUTE) is not None
    assert kept.remove_token_data(COMPUTE)
    assert not kept.left_over


def test_an_entry_of_an_earlier_login_is_left_over_if_the_keyring_has_failed_since(drawer: Drawer) -> None:
    store(secrets(system_keyring()), COMPUTE)
    kept = secrets(system_keyring())
    drawer.trouble = failing(keyring.errors.KeyringLocked("locked"))
    store(kept, COMPUTE)
    assert not kept.lasting
    assert not kept.remove_token_data(COMPUTE)
    assert kept.left_over
    drawer.trouble = lambda: None
    kept.remove_token_data(COMPUTE)
    assert not kept.left_over
    assert not drawer.kept
