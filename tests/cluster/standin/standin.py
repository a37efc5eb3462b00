"""The stand-in as a whole."""

from __future__ import annotations

import urllib.parse
from typing import Self

from werkzeug.wrappers import Request

from tests.cluster.standin.administration import Administration
from tests.cluster.standin.auth import Auth
from tests.cluster.standin.books import Books
from tests.cluster.standin.compute import Compute
from tests.cluster.standin.faults import Fault, Faults
from tests.cluster.standin.grants import Grants
from tests.cluster.standin.inbox import Inbox
from tests.cluster.standin.log import Asked, Log
from tests.cluster.standin.queues import BrokerQueues, NoQueues, Queues
from tests.cluster.standin.registry import Registry
from tests.cluster.standin.relay import Relay
from tests.cluster.standin.reply import Reply
from tests.cluster.standin.server import Server
from tests.cluster.standin.settings import Settings
from tests.cluster.standin.site import Site


class StandIn:
    """Globus Compute and Globus Auth at ``url``, until :meth:`close`."""

    def __init__(self, *, port: int = 0, broker: str | None = None) -> None:
        """Start.

        Args:
            port: Where to listen; 0 takes a free one. The SDK always goes to 5000.
            broker: AMQP address of a RabbitMQ on this machine; without it, tasks are taken and go nowhere.

        Raises:
            OSError: if the port is taken, or no broker answers.
        """
        self.settings = Settings()
        self.registry = Registry()
        self.books = Books(self.registry)
        self.grants = Grants()
        self.faults = Faults()
        self.log = Log()
        self._relay = Relay(urllib.parse.urlsplit(broker).port or 5672) if broker else None
        clients = _with_port(broker, self._relay.port) if broker and self._relay else ""
        self.compute = Compute(self.registry, self.books, lambda: self.queues, broker or "", clients)
        self.inbox = Inbox(self.registry, self.books, self.compute, self.settings, lambda: self.queues)
        self.queues: Queues = NoQueues()
        # The port first: whoever cannot have it must not disturb the queues of who has it.
        self._server: Server | None = Server(self._respond, self.log, port)
        self.port: int = self._server.server_address[1]
        self.url = f"http://localhost:{self.port}"
        administration = Administration(
            self.registry,
            self.books,
            self.grants,
            self.settings,
            self.faults,
            self.log,
            self._relay,
            self._server.go_away,
        )
        auth = Auth(self.grants, self.settings, self.url)
        self._site = Site(self.compute, auth, administration, self.grants, self.settings, self.faults)
        try:
            self._server.start()
            if broker:
                self.queues = BrokerQueues(broker, self.inbox.result, self.inbox.heartbeat)
        except OSError:
            self.close()
            raise

    def _respond(self, request: Request, asked: Asked) -> tuple[Reply | None, Fault | None]:
        return self._site.respond(request, asked)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End; twice does no harm."""
        server, self._server = self._server, None
        if server is not None:
            server.stop()
            self.queues.close()
            if self._relay is not None:
                self._relay.close()


def _with_port(address: str, port: int) -> str:
    parts = urllib.parse.urlsplit(address)
    login = parts.netloc.rpartition("@")[0]
    return parts._replace(netloc=f"{login}@127.0.0.1:{port}" if login else f"127.0.0.1:{port}").geturl()
