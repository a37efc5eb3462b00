"""The stand-in as tests use it: publish records, break things, see what was asked."""

from __future__ import annotations

import fnmatch
import itertools
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request

from tests.hepdata.answer import Answer
from tests.hepdata.faults import Fault
from tests.hepdata.log import Asked
from tests.hepdata.population import populate
from tests.hepdata.records import Record, Resource, Table, Version
from tests.hepdata.server import LOOPBACK, Server
from tests.hepdata.site import ROUTES, Site

Where = str | int | Resource
"""A route (``file``, ``search``, ...), the number of a file, or a pattern of paths (``/record/*``)."""
PATIENCE = 20.0
"""Seconds that anything waited for may take."""


@dataclass(eq=False)
class Laid:
    """A fault that lies in wait."""

    where: Where
    fault: Fault
    times: int | None
    skip: int
    used: int = 0

    def takes(self, asked: Asked) -> bool:
        """Whether it strikes this request; counts those that it lets pass."""
        if isinstance(self.where, str):
            fits = fnmatch.fnmatch(asked.path if self.where.startswith("/") else asked.route, self.where)
        else:
            number = self.where.id if isinstance(self.where, Resource) else self.where
            fits = asked.resource == number and asked.route in ("file", "resource")
        if not fits or (self.times is not None and self.used >= self.times):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.used += 1
        return True

    def end(self) -> None:
        """From now on it does nothing."""
        self.times = 0


class StandIn:
    """HEPData at ``url``, doi.org at ``url/doi``, DataCite at ``url/datacite``; ends with :meth:`close`.

    ``ranges``, ``etags``, ``dates`` and ``compresses`` of :attr:`site` say what its server can do.
    """

    def __init__(self, *, tls: bool = False, folder: Path | None = None, port: int = 0) -> None:
        self.site = Site()
        self._faults: list[Laid] = []
        self._log: list[Asked] = []
        self._changed = threading.Condition()
        self._numbers = itertools.count(9_000_001)
        self._records = itertools.count(200_001)
        self._context: ssl.SSLContext | None = None
        self.ca_file: Path | None = None
        """With ``tls``: the certificate of who signed the server's, for ``localhost`` and 127.0.0.1."""
        if tls:
            import trustme  # noqa: PLC0415 - slow, and seldom needed

            if folder is None:
                raise ValueError("say in which folder the certificate is to be written")
            authority = trustme.CA()
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert("localhost", "127.0.0.1").configure_cert(self._context)
            self.ca_file = folder / "authority.pem"
            authority.cert_pem.write_to_path(str(self.ca_file))
        self._server: Server | None = Server(self._respond, self._note, self._context, port)
        self.port: int = self._server.server_address[1]
        self.url = f"https://localhost:{self.port}" if tls else f"http://127.0.0.1:{self.port}"
        self.site.url = self.url

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the server and every connection; twice does no harm."""
        server, self._server = self._server, None
        if server is not None:
            server.stop()

    @contextmanager
    def offline(self) -> Iterator[None]:
        """Within it connections are refused; afterwards it listens at the same port again."""
        self.close()
        # Bound but not listening, a socket refuses connections and keeps the port from everybody else.
        with socket.socket() as held:
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.bind((LOOPBACK, self.port))
            try:
                yield
            finally:
                held.close()
                self._server = Server(self._respond, self._note, self._context, self.port)

    # --- what it holds

    def add_record(
        self,
        record: int | None = None,
        *,
        title: str = "Search for something",
        inspire: int | None = None,
        versions: Mapping[int, Sequence[Resource]] | None = None,
        unpublished: Sequence[int] = (),
        tables: Sequence[tuple[str, str]] = (),
        messages: Mapping[int, str] | None = None,
        **fields: Any,
    ) -> Record:
        """Publishes a record.

        Args:
            record: Its number on HEPData.
            title: Of the paper.
            inspire: Its number on INSPIRE.
            versions: Files by version.
            unpublished: Versions that only its authors may see yet.
            tables: Name and description of data tables, the same in every version.
            messages: What was changed, by version.
            fields: Others of :class:`Record`, such as ``arxiv`` or ``collaborations``.
        """
        number = record if record is not None else next(self._records)
        made: dict[int, Version] = {}
        for version, resources in (versions or {1: ()}).items():
            listed = [Table(number * 10 + i, name, text) for i, (name, text) in enumerate(tables, start=1)]
            message = (messages or {}).get(version, "")
            made[version] = Version(version, list(resources), listed, version not in unpublished, message)
        new = Record(number, inspire if inspire is not None else 1_000_000 + number, title, made, **fields)
        new.name_files()
        self.site.records[number] = new
        return new

    def file(self, name: str, content: bytes | Path, **fields: Any) -> Resource:
        """A file for :meth:`add_record`, with a number of its own unless ``id`` gives one."""
        return Resource(fields.pop("id", None) or next(self._numbers), name, content, **fields)

    def publish(self, name: str, content: bytes | Path, **fields: Any) -> Resource:
        """Publishes a record with this file alone; ``fields`` are of :class:`Resource` or :class:`Record`."""
        own = ("id", "type", "description", "licence", "file_doi")
        of_file = {key.removeprefix("file_"): fields.pop(key) for key in own if key in fields}
        resource = self.file(name, content, **of_file)
        self.add_record(fields.pop("record", None), versions={1: [resource]}, **fields)
        return resource

    def populate(self, *, real: bool = True) -> Self:
        """Publishes the records of ``population.toml``; with ``real``, published pallets where they are."""
        populate(self.add_record, real=real)
        return self

    def replace(self, resource: Resource, content: bytes) -> None:
        """The file changes, and with it ETag and Last-Modified."""
        resource.content = content
        resource.modified += timedelta(hours=1)

    def resource(self, number: int) -> Resource:
        """The file of that number."""
        known = self.site.resource(number)
        if known is None:
            raise KeyError(number)
        return known[2]

    def address(self, resource: Resource) -> str:
        """Where the bytes of a file are."""
        return f"{self.url}/record/resource/{resource.id}?view=true"

    # --- what goes wrong

    def fault(self, where: Where, fault: Fault, *, times: int | None = None, skip: int = 0) -> Laid:
        """Lays a fault for the next ``times`` requests there (``None``: all), after ``skip`` that pass."""
        laid = Laid(where, fault, times, skip)
        self._faults.append(laid)
        return laid

    # --- what was asked

    @property
    def requests(self) -> tuple[Asked, ...]:
        """All requests, in the order in which they came."""
        with self._changed:
            return tuple(self._log)

    def asked(self, where: Where) -> list[Asked]:
        """The requests to a route, about a file, or to paths of a pattern."""
        return [asked for asked in self.requests if Laid(where, Fault(), None, 0).takes(asked)]

    def wait_for(self, where: Where, count: int = 1) -> list[Asked]:
        """Waits until that many requests came there.

        Raises:
            TimeoutError: if they do not come.
        """
        return self._wait(lambda: self.asked(where), lambda found: len(found) >= count, f"{count} to {where}")

    def forget_requests(self) -> None:
        """The log starts anew."""
        with self._changed:
            self._log.clear()

    def _wait(
        self, look: Callable[[], list[Asked]], enough: Callable[[list[Asked]], bool], what: str
    ) -> list[Asked]:
        end = time.monotonic() + PATIENCE
        while not enough(found := look()):
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"waited in vain for {what}; asked was {[a.url for a in self.requests]}")
            with self._changed:
                self._changed.wait(min(left, 0.2))
        return found

    def _note(self, asked: Asked) -> None:
        with self._changed:
            self._log.append(asked)
            self._changed.notify_all()

    def _respond(self, request: Request, asked: Asked) -> tuple[Answer, Fault]:
        asked.route, asked.resource = self._route(request)
        answer = self.site.answer(request)
        if answer.is_file:
            asked.route = "file"
        with self._changed:
            laid = next((laid for laid in self._faults if laid.takes(asked)), None)
            self._changed.notify_all()
        if laid is None:
            return answer, Fault()
        asked.fault = laid.fault
        if answer.is_file:
            answer = self.site.answer(request, laid.fault.content)
        return laid.fault.change(answer), laid.fault

    @staticmethod
    def _route(request: Request) -> tuple[str, int | None]:
        try:
            endpoint, values = ROUTES.bind_to_environ(request.environ).match(method="GET")
        except HTTPException:  # there is no such route, or its address lacks a slash
            return "", None
        return ("record" if endpoint == "named" else endpoint), values.get("resource")
