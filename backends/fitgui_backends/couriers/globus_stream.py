"""Answers as they come: the result queues of the service, by AMQP.

The SDK's ``Executor`` reads the same queues, but knows tasks only as futures: one that is cancelled breaks
its reader for all others, of tasks that it did not send itself it learns by asking for all results again, and
it acknowledges before anybody has the answer. So the queue is read here, with what the SDK reads it with
(decision 0097); an answer is acknowledged after the application has it.
"""

from __future__ import annotations

import logging
import random
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pika
from globus_compute_common import messagepack
from globus_compute_common.messagepack.message_types import Result
from pika.exceptions import AMQPError, ChannelClosed

from fitgui_backends.couriers.globus_web import UnreachableError, Web, WebError

SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between two tries to connect."""
LOOK_SECONDS = 0.5
"""So often is looked whether other groups are wanted; answers come at once."""
MISSING_QUEUE_SECONDS = 60.0
"""A queue that is not there is tried again after so long; answers come by asking meanwhile."""
HEARTBEAT_SECONDS = 30
PREFETCH = 20
"""Messages at once, each as large as 10 MB."""
OTHER_PORT = 443
"""Where the service's broker listens, too: networks of laboratories let nothing else out."""
IDLE_SECONDS = 120.0
"""A connection that nothing is awaited from is kept for so long."""

_log = logging.getLogger(__name__)


class Stream:
    """One thread with one connection, which is made anew whenever it is lost.

    Args:
        web: Gives the address of the broker.
        wanted: Groups whose answers are awaited, whenever it is asked.
        arrived: Gets every answer; when it returns the answer is acknowledged.
        hide: Learns the broker's password.
    """

    def __init__(
        self,
        web: Web,
        wanted: Callable[[], set[str]],
        arrived: Callable[[Result, bool], None],
        hide: Callable[..., None],
    ) -> None:
        self._web = web
        self._wanted = wanted
        self._arrived = arrived
        self._hide = hide
        self._changed = threading.Condition()
        self._closed = False
        self._missing: dict[str, float] = {}
        self._firewalled = False
        threading.Thread(target=self._work, name="globus results", daemon=True).start()

    def look(self) -> None:
        """Other groups may be wanted."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """Read nothing more; the broker gives what is not acknowledged to the next reader."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _work(self) -> None:
        pause = 0.0
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._wanted())
                if self._closed:
                    return
            began = time.monotonic()
            try:
                self._read()
                pause = 0.0
                continue
            except (AMQPError, WebError, OSError, ssl.SSLError) as error:
                _log.info("the stream of results ended: %r", error)
            except Exception:  # noqa: BLE001  (a thread that dies of a bug tells nobody)
                _log.exception("the stream of results")
            pause = (
                SHORTEST_PAUSE
                if time.monotonic() - began > LONGEST_PAUSE
                else min(max(SHORTEST_PAUSE, 2 * pause), LONGEST_PAUSE)
            )
            with self._changed:
                self._changed.wait_for(lambda: self._closed, pause * random.uniform(0.8, 1.2))  # noqa: S311

    def _read(self) -> None:
        """Read until nothing is wanted, or the connection is lost."""
        answer = self._web.ask(lambda clients: clients.v2.get_result_amqp_url())
        prefix = str(answer["queue_prefix"])
        address = str(answer["connection_url"])
        if not address.startswith(("amqp://", "amqps://")):
            raise UnreachableError("Globus Compute names no broker.")
        parameters = pika.URLParameters(address)
        self._hide(parameters.credentials.password)
        parameters.heartbeat = HEARTBEAT_SECONDS
        parameters.blocked_connection_timeout = 2 * HEARTBEAT_SECONDS
        parameters.socket_timeout = parameters.stack_timeout = HEARTBEAT_SECONDS
        if self._firewalled and address.startswith("amqps://"):
            parameters.port = OTHER_PORT
        try:
            connection = pika.BlockingConnection(parameters)
        except (AMQPError, OSError):
            self._firewalled = not self._firewalled
            raise
        channels: dict[str, Any] = {}
        wanted_at = time.monotonic()
        try:
            while not self._closed:
                wanted = self._wanted()
                if wanted:
                    wanted_at = time.monotonic()
                elif time.monotonic() - wanted_at > IDLE_SECONDS:
                    return
                self._subscribe(connection, channels, wanted, prefix)
                connection.process_data_events(time_limit=LOOK_SECONDS)
        finally:
            with suppress(AMQPError, OSError):
                connection.close()

    def _subscribe(self, connection: Any, channels: dict[str, Any], wanted: set[str], prefix: str) -> None:
        for group in [group for group in channels if group not in wanted]:
            with suppress(AMQPError):
                channels.pop(group).close()
        now = time.monotonic()
        for group, channel in list(channels.items()):
            if not channel.is_open:
                del channels[group]
                self._missing[group] = now + MISSING_QUEUE_SECONDS
        for group in wanted - set(channels):
            if self._missing.get(group, 0.0) <= now:
                try:
                    # One channel each: a queue that is not there closes its channel.
                    channel = connection.channel()
                    channel.basic_qos(prefetch_count=PREFETCH)
                    channel.basic_consume(prefix + group, self._take)
                    channels[group] = channel
                except ChannelClosed as error:
                    _log.info("no queue of results: %r", error)
                    self._missing[group] = now + MISSING_QUEUE_SECONDS
        self._missing = {group: until for group, until in self._missing.items() if group in wanted}

    def _take(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        try:
            message = messagepack.unpack(body)
            if isinstance(message, Result):
                elsewhere = bool((properties.headers or {}).get("high_assurance"))
                self._arrived(message, elsewhere)
        except Exception:  # noqa: BLE001
            # Acknowledged all the same: it would come again and again, and asking finds the answer, too.
            _log.exception("a message of the stream")
        channel.basic_ack(method.delivery_tag)
