"""Logging in, staying logged in, logging out: a real courier process against a stand-in for Globus Auth."""

from __future__ import annotations

import logging
import re
import stat
import threading
import urllib.parse
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

import keyring
import keyring.backend
import keyring.errors
import pytest
import requests

from fitgui_backends.contract import Need
from fitgui_backends.couriers.globus import make_service
from fitgui_backends.remote.courier import CourierError
from fitgui_backends.remote.courier_process import Service, Tell
from fitgui_backends.remote.messages import Accepted, Surroundings
from tests.backends.couriers.globus_desk import Desk, PlayedAgent, desk
from tests.cluster.client import StandInClient
from tests.cluster.standin.grants import Code
from tests.cluster.standin.people import ALICE, BATCH_CLIENT, BOB, SECRETS
from tests.cluster.standin.standin import StandIn

KEPT = "tests.backends.couriers.test_globus_login:make_keeping_service"
LOGGED = "tests.backends.couriers.globus_logged:make_service"


def loopback_of(address: str) -> str:
    """Where a login comes back to."""
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(address).query)
    return query["redirect_uri"][0]


def test_nobody_is_logged_in_at_first(counter: Desk) -> None:
    health = counter.courier.ask("health")
    assert not health["ready"]
    assert health["needs"] == Need.LOGIN
    assert counter.courier.ask("whoami") is None
    with pytest.raises(CourierError, match=r"(?i)log") as refused:
        counter.courier.ask("places")
    assert refused.value.needs is Need.LOGIN


def test_a_login_by_browser_says_who_it_was(counter: Desk) -> None:
    health = counter.log_in()
    assert ALICE.username in health["summary"]
    assert health["needs"] == Need.PLACE
    assert counter.courier.ask("whoami") == {"identifier": ALICE.identifier, "name": ALICE.username}


def test_the_page_tells_that_it_can_be_closed_and_listens_no_more(counter: Desk) -> None:
    address = counter.courier.ask("begin_login", browser=True)
    page = requests.get(address, timeout=30)
    assert page.ok
    assert "close this page" in page.text
    counter.courier.ask("finish_login")
    with pytest.raises(requests.ConnectionError):
        requests.get(loopback_of(address), timeout=10)


def test_a_login_by_code(globus: StandIn, counter: Desk) -> None:
    address = counter.courier.ask("begin_login", browser=False)
    page = requests.get(address, timeout=30).text
    codes = re.findall(r'value="([^"]+)"', page)
    with pytest.raises(CourierError, match="does not accept the code"):
        counter.courier.ask("finish_login", code="not-the-code-at-all")
    health = counter.courier.ask("finish_login", code=f"  {codes[0]}\n")
    assert ALICE.username in health["summary"]


def test_another_page_cannot_answer_for_the_user(counter: Desk) -> None:
    address = counter.courier.ask("begin_login", browser=True)
    for query in ("code=foreign&state=guess", "code=foreign", "state=", ""):
        answer = requests.get(f"{loopback_of(address)}/?{query}", timeout=30)
        assert answer.status_code == 400
        assert "no login" in answer.text
    assert requests.get(address, timeout=30).ok
    assert ALICE.username in counter.courier.ask("finish_login")["summary"]


def test_a_login_that_is_denied(globus: StandIn, counter: Desk) -> None:
    globus.settings.consent = "denied"
    address = counter.courier.ask("begin_login", browser=True)
    assert "did not log you in" in requests.get(address, timeout=30).text
    with pytest.raises(CourierError, match="denied"):
        counter.courier.ask("finish_login")


def test_a_login_that_is_given_up_ends_whoever_waits(counter: Desk) -> None:
    address = counter.courier.ask("begin_login", browser=True)
    ended: list[str] = []

    def finish() -> None:
        try:
            counter.courier.ask("finish_login")
        except CourierError as error:
            ended.append(str(error))

    waiting = threading.Thread(target=finish)
    waiting.start()
    counter.courier.ask("cancel_login")
    waiting.join(30)
    assert "given up" in ended[0] or "begin again" in ended[0]
    with pytest.raises(requests.ConnectionError):
        requests.get(loopback_of(address), timeout=10)


def test_without_having_begun_there_is_nothing_to_finish(counter: Desk) -> None:
    with pytest.raises(CourierError, match="begin again"):
        counter.courier.ask("finish_login")


def test_the_second_of_two_logins_counts(counter: Desk) -> None:
    first = counter.courier.ask("begin_login", browser=True)
    second = counter.courier.ask("begin_login", browser=True)
    with pytest.raises(requests.ConnectionError):
        requests.get(first, timeout=30)
    assert requests.get(second, timeout=30).ok
    assert ALICE.username in counter.courier.ask("finish_login")["summary"]


def test_somebody_else_may_log_in_next(globus: StandIn, open_counter: Desk) -> None:
    globus.settings.consent = "bob"
    assert BOB.username in open_counter.log_in()["summary"]
    assert open_counter.courier.ask("whoami")["identifier"] == BOB.identifier


def test_logging_out_revokes_and_forgets(globus: StandIn, open_counter: Desk) -> None:
    before = globus.grants.counts()
    assert before["refresh"] == 2
    health = open_counter.courier.ask("logout")
    assert health["needs"] == Need.LOGIN
    assert globus.grants.counts()["refresh"] == 0
    assert globus.grants.counts()["access"] == before["access"] - 2
    assert open_counter.courier.ask("whoami") is None
    assert ALICE.username in open_counter.log_in()["summary"]


def test_logging_out_without_a_network_still_forgets(globus: StandIn, open_counter: Desk) -> None:
    StandInClient(globus.url).fault("status", "revoke", times=50, status=503)
    with pytest.raises(CourierError, match=r"logged out here.*could not be revoked"):
        open_counter.courier.ask("logout")
    assert open_counter.courier.ask("whoami") is None


class Folder(keyring.backend.KeyringBackend):
    """A keyring that several processes share; entries that are read-only cannot be removed."""

    priority = 1.0

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _entry(self, username: str) -> Path:
        return self._folder / urllib.parse.quote(username, safe="")

    def get_password(self, service: str, username: str) -> str | None:
        entry = self._entry(username)
        return entry.read_text(encoding="utf-8") if entry.exists() else None

    def set_password(self, service: str, username: str, password: str) -> None:
        self._entry(username).write_text(password, encoding="utf-8")

    def delete_password(self, service: str, username: str) -> None:
        entry = self._entry(username)
        if not entry.exists() or not entry.stat().st_mode & stat.S_IWUSR:
            raise keyring.errors.PasswordDeleteError(username)
        entry.unlink()


def make_keeping_service(settings: Mapping[str, Any], tell: Tell) -> Service:
    """The real one; its keyring is the folder ``kept``."""
    keyring.set_keyring(Folder(Path(settings["kept"])))
    return make_service(settings, tell)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A folder as keyring."""
    folder = tmp_path / "kept"
    folder.mkdir()
    return folder


def a_desk(globus: StandIn, kept: Path) -> AbstractContextManager[Desk]:
    """With that keyring."""
    return desk(globus.url, kept.parent / "courier", factory=KEPT, keyring=True, kept=str(kept))


def test_logging_out_revokes_the_login_of_another_process_too(globus: StandIn, kept: Path) -> None:
    with a_desk(globus, kept) as first, a_desk(globus, kept) as second:
        first.log_in()
        first.courier.ask("whoami")
        second.log_in()
        assert globus.grants.counts()["refresh"] == 4
        first.courier.ask("logout")
        assert globus.grants.counts()["refresh"] == 0
        assert not list(kept.iterdir())


@pytest.mark.parametrize("online", [True, False])
def test_a_login_that_stays_in_the_keyring_is_told(globus: StandIn, kept: Path, *, online: bool) -> None:
    if not online:
        StandInClient(globus.url).fault("status", "revoke", times=50, status=503)
    with a_desk(globus, kept) as counter:
        counter.log_in()
        assert list(kept.iterdir())
        for entry in kept.iterdir():
            entry.chmod(0o400)
        with pytest.raises(CourierError, match="could not be removed from the keyring") as told:
            counter.courier.ask("logout")
        assert ("Globus has revoked the login" in str(told.value)) == online
        assert ("could not be revoked" in str(told.value)) == (not online)
        assert counter.courier.ask("whoami") is None
        assert globus.grants.counts()["refresh"] == (0 if online else 2)


def test_a_token_that_has_expired_is_renewed_without_a_word(globus: StandIn, open_counter: Desk) -> None:
    StandInClient(globus.url).expire()
    assert open_counter.courier.ask("places") == []


def test_a_login_that_is_not_accepted_any_more_is_asked_for(globus: StandIn, open_counter: Desk) -> None:
    StandInClient(globus.url).expire(refresh=True)
    with pytest.raises(CourierError) as refused:
        open_counter.courier.ask("places")
    assert refused.value.needs is Need.LOGIN
    assert "log" in str(refused.value)
    open_counter.log_in()
    assert open_counter.courier.ask("places") == []


def test_a_run_waits_for_the_login_and_goes_on_by_itself(
    globus: StandIn, open_counter: Desk, agent: PlayedAgent
) -> None:
    StandInClient(globus.url).expire(refresh=True)
    open_counter.send(agent.place, "a", "b")
    (waiting,) = open_counter.wait(Surroundings, status="login")
    assert waiting.place == agent.identifier
    assert "log in" in waiting.text
    assert not open_counter.all(Accepted)
    open_counter.log_in()
    (accepted,) = open_counter.wait(Accepted)
    assert set(accepted.tasks) == {"a", "b"}
    open_counter.wait(Surroundings, status="online")


def test_credentials_of_the_environment_need_no_login(
    globus: StandIn, agent: PlayedAgent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLOBUS_COMPUTE_CLIENT_ID", BATCH_CLIENT)
    monkeypatch.setenv("GLOBUS_COMPUTE_CLIENT_SECRET", SECRETS[BATCH_CLIENT])
    with desk(globus.url, tmp_path) as counter:
        health = counter.courier.ask("health", place=agent.identifier)
        assert health["ready"]
        assert BATCH_CLIENT in health["summary"]
        assert [place["identifier"] for place in counter.courier.ask("places")] == [agent.identifier]
        for method in ("begin_login", "logout"):
            with pytest.raises(CourierError, match="GLOBUS_COMPUTE_CLIENT_ID"):
                counter.courier.ask(method)
        assert SECRETS[BATCH_CLIENT] not in counter.said


def test_no_token_is_ever_said(globus: StandIn, agent: PlayedAgent, open_counter: Desk) -> None:
    service = StandInClient(globus.url)
    tokens = [*globus.grants._access, *globus.grants._refresh]
    assert len(tokens) == 4
    for token in tokens:
        # A service that quotes the token it was given must not make us say it.
        service.fault("status", "submit", status=400, reason=f"Bad token {token}, Bearer {token}", times=1)
        open_counter.send(agent.place, token[:6], run=token[:6])
    open_counter.wait_for(lambda heard: sum(type(message).__name__ == "Refused" for message in heard) == 4)
    open_counter.courier.ask("logout")
    said = open_counter.said
    assert "Bad token" in said
    assert not [token for token in tokens if token in said]


def test_nothing_secret_is_logged_by_any_library(
    globus: StandIn, agent: PlayedAgent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets: set[str] = set()
    issue, keep, refresh = globus.grants.issue, globus.grants.keep, globus.grants.refresh

    def noting(tokens: dict[str, Any]) -> dict[str, Any]:
        for each in (tokens, *tokens.get("other_tokens", ())):
            secrets.update(each[name] for name in ("access_token", "refresh_token") if name in each)
        return tokens

    def keeping(code: Code) -> str:
        secrets.add(name := keep(code))
        return name

    monkeypatch.setattr(globus.grants, "issue", lambda *given, **more: noting(issue(*given, **more)))
    monkeypatch.setattr(globus.grants, "refresh", lambda *given: noting(refresh(*given)))
    monkeypatch.setattr(globus.grants, "keep", keeping)
    log = tmp_path / "everything.log"
    service = StandInClient(globus.url)
    with desk(globus.url, tmp_path, factory=LOGGED, log=str(log)) as counter:
        counter.log_in()
        counter.send(agent.place, "a")
        counter.wait(Accepted)
        service.expire()
        service.fault("status", "endpoints", status=400)
        for method in ("places", "places", "health"):
            with suppress(CourierError):
                counter.courier.ask(method)
        service.expire(refresh=True)
        service.fault("broken", "token", times=2)
        for _ in range(2):
            with pytest.raises(CourierError):
                counter.courier.ask("places")
        with pytest.raises(CourierError):
            counter.courier.ask("finish_login", code="not-begun-but-secret")
        counter.log_in()
        with suppress(CourierError):
            counter.courier.ask("logout")
        said = counter.said
    text = log.read_text(encoding="utf-8")
    assert "urllib3" in text or "request" in text, "libraries do log"
    assert len(secrets) >= 11
    assert not [secret for secret in secrets if secret in text]
    assert not [secret for secret in secrets if secret in said]


def test_logging_is_off_the_terminal(counter: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    counter.log_in()
    logging.getLogger().info("the application's own logging is as it was")
    assert capfd.readouterr() == ("", "")
