"""The login of Globus in a real Secret Service (gnome-keyring), and where there is none."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.standin.people import ALICE
from tests.cluster.standin.standin import StandIn
from tests.conftest import PROXIES, REPOSITORY

pytestmark = pytest.mark.integration
SECONDS = 120
UNLOCK = 'printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec "$@"'


class Sessions:
    """Starts of the application by a user whose files are all below one folder."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        self._url = url
        kept = {name: value for name, value in os.environ.items() if name not in PROXIES}
        for name in (
            "DBUS_SESSION_BUS_ADDRESS",
            "PYTHON_KEYRING_BACKEND",
            "DISPLAY",
            "GNOME_KEYRING_CONTROL",
        ):
            kept.pop(name, None)
        runtime = folder / "runtime"
        runtime.mkdir(mode=0o700)
        self._environment = {
            **{name: value for name, value in kept.items() if not name.startswith("GLOBUS_")},
            "HOME": str(folder),
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_RUNTIME_DIR": str(runtime),
            "PYTHONPATH": str(REPOSITORY),
        }

    def start(self, act: str, *, secret_service: bool = True) -> dict[str, Any]:
        """One start; what it said."""
        command = [
            sys.executable,
            "-m",
            "tests.integration.secret_service",
            self._url,
            act,
            str(self._folder),
        ]
        if secret_service:
            command = ["dbus-run-session", "--", "sh", "-c", UNLOCK, "sh", *command]
        answer = subprocess.run(
            command,
            env=self._environment,
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        told: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
        return told

    def files(self) -> bytes:
        """Everything that is below the folder."""
        return b"".join(path.read_bytes() for path in self._folder.rglob("*") if path.is_file())


@pytest.fixture
def globus() -> Any:
    with StandIn() as standin:
        yield standin


@pytest.fixture
def sessions(tmp_path: Path, globus: StandIn) -> Sessions:
    missing = [name for name in ("dbus-run-session", "gnome-keyring-daemon") if not shutil.which(name)]
    assert not missing, f"{', '.join(missing)} missing: `sh packaging/cluster-services.sh` installs them"
    return Sessions(tmp_path, globus.url)


def test_a_login_lasts_from_one_start_to_the_next_until_it_is_ended(
    globus: StandIn, sessions: Sessions
) -> None:
    alice = {"identifier": ALICE.identifier, "name": ALICE.username}
    first = sessions.start("login")
    assert first["keyring"] == "keyring.backends.SecretService"
    assert (first["before"], first["after"]) == (None, alice)
    assert first["notices"] == []
    assert first["kept in"] == "the keyring of this system"
    assert not [token for token in globus.grants._refresh if token.encode() in sessions.files()]
    assert sessions.start("nothing")["before"] == alice
    assert (sessions.start("logout")["before"], globus.grants.counts()["refresh"]) == (alice, 0)
    assert sessions.start("nothing")["before"] is None


def test_without_a_secret_service_the_login_ends_with_the_program_and_that_is_said(
    globus: StandIn, sessions: Sessions
) -> None:
    first = sessions.start("login", secret_service=False)
    assert first["after"]["name"] == ALICE.username
    assert first["kept in"].startswith("memory, until fitgui ends (")
    assert not [token for token in globus.grants._refresh if token.encode() in sessions.files()]
    assert sessions.start("nothing", secret_service=False)["before"] is None


def test_a_keyring_that_is_locked_meanwhile_costs_no_login(sessions: Sessions) -> None:
    told = sessions.start("lock")
    assert told["after"]["name"] == ALICE.username
    (notice,) = told["notices"]
    assert "ends with fitgui" in notice
