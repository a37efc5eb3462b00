"""The backend ``globus``: endpoints of Globus Compute, wherever they are."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from fitgui_backends.contract import Health, Need
from fitgui_backends.remote.backend import RemoteBackend

TEST_SERVICE = "FITGUI_GLOBUS_TEST_SERVICE"
"""Environment variable: the address of a stand-in for Globus on this machine, for tests."""
LOGIN_SECONDS = 600.0


class GlobusBackend(RemoteBackend):
    """Sends points to an endpoint through the Globus Compute service; runs go on when the application ends.

    Args:
        folder: For the identifiers of registered functions.
        client_id: Of the native application by which users log in; ``None`` takes the SDK's own.
    """

    name = "globus"
    title = "Globus Compute"
    factory = "fitgui_backends.couriers.globus:make_service"
    survives = True
    most_payload = 10 * 10**6

    def __init__(self, *, folder: Path, client_id: str | None = None) -> None:
        super().__init__(
            folder,
            {"client_id": client_id, "test_service": os.environ.get(TEST_SERVICE), "keyring": True},
        )

    def missing(self) -> Health | None:
        """Whether the SDK is installed."""
        if find_spec("globus_compute_sdk") is not None:
            return None
        return Health(
            ready=False,
            summary="not installed",
            remedy='Install it with: pip install "fitgui[globus]"',
            needs=Need.PACKAGE,
        )

    def begin_login(self, *, browser: bool) -> str:
        """Begin a login; returns the address that the user is to visit.

        Raises:
            BackendError: in words.
        """
        return str(self._ask("begin_login", browser=browser))

    def finish_login(self, code: str | None = None) -> Health:
        """Wait for the browser to come back, or take the code.

        Raises:
            BackendError: in words.
        """
        return self._health("finish_login", LOGIN_SECONDS + 10.0, code=code)

    def cancel_login(self) -> None:
        """Give up a login that was begun.

        Raises:
            BackendError: in words.
        """
        self._ask("cancel_login")

    def logout(self) -> Health:
        """Revoke and delete what is kept of the login.

        Raises:
            BackendError: in words.
        """
        return self._health("logout")
