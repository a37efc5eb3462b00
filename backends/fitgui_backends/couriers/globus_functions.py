"""Functions, registered once for each text, user and environment."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import platform
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from globus_compute_sdk.sdk.client import FunctionRegistrationData, FunctionRegistrationMetadata
from globus_compute_sdk.version import __version__ as sdk_version

from fitgui_backends.couriers.globus_web import DeniedError, Web

FILE = "globus-functions.json"
MOST_KEPT = 200
"""Old texts make place for new ones."""

_log = logging.getLogger(__name__)

SourceOf = Callable[[str], tuple[str, str]]
"""The text of a module, and the name of its function, by the name of :data:`.remote.functions.FUNCTIONS`."""


class Functions:
    """Knows under which identifier the service has a function; safe to use from any thread.

    Args:
        folder: Where identifiers are kept; one that cannot be written costs a registration at each start.
        web: To register by.
        whose: Gives environment and identity: what one user registers another may not run.
        source_of: Gives the texts.
    """

    def __init__(self, folder: Path, web: Web, whose: Callable[[], str], source_of: SourceOf) -> None:
        self._path = folder / FILE
        self._web = web
        self._whose = whose
        self._source_of = source_of
        self._lock = threading.Lock()
        self._kept = self._read()

    def identifier(self, name: str) -> str:
        """Of a function; registers it where that has not been done.

        Raises:
            WebError: if it cannot be registered.
        """
        source, entry = self._source_of(name)
        key = self._key(source, entry)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = self._register(source, entry)
                self._write()
            return self._kept[key]

    def forget(self, identifier: str) -> None:
        """The service does not have it any more."""
        with self._lock:
            self._kept = {key: kept for key, kept in self._kept.items() if kept != identifier}
            self._write()

    def _key(self, source: str, entry: str) -> str:
        return hashlib.sha256("\0".join((self._whose(), entry, source)).encode()).hexdigest()

    def _register(self, source: str, entry: str) -> str:
        # Python and SDK belong to the text: the service warns of nothing, for text runs on any Python.
        data = FunctionRegistrationData(
            function_code=source,
            function_name=entry,
            description=f"fitgui: {entry}",
            metadata=FunctionRegistrationMetadata(
                python_version=platform.python_version(), sdk_version=sdk_version
            ),
            serialized=False,
        ).to_dict()  # type: ignore[no-untyped-call]
        answer = self._web.ask(lambda clients: clients.v3.register_function(data))
        identifier = answer.get("function_uuid")
        if not isinstance(identifier, str):
            raise DeniedError("Globus Compute registered a function without giving it an identifier.", 0, "")
        return identifier

    def _read(self) -> dict[str, str]:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(kept, dict):
            return {}
        return {key: value for key, value in kept.items() if isinstance(value, str)}

    def _write(self) -> None:
        while len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        name = ""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                "w", encoding="utf-8", dir=self._path.parent, prefix=FILE, delete=False
            ) as file:
                name = file.name
                json.dump(self._kept, file)
            os.replace(name, self._path)  # noqa: PTH105
        except OSError as error:
            _log.info("identifiers of functions are not kept: %s", error.strerror)
            if name:
                with suppress(OSError):
                    Path(name).unlink()
