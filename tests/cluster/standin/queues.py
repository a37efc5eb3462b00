"""The service's end of the queues: one connection to RabbitMQ, kept by one thread; others hand it work."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol

import pika
from pika.exceptions import AMQPError

from tests.cluster.standin.errors import ServiceError

EXCHANGE = "service"
RESULTS = "service.results"
HEARTBEATS = "service.heartbeats"
GROUP_PREFIX = "group."
PATIENCE = 20.0


@dataclass(frozen=True)
class Post:
    """One message, to a queue by its name."""

    queue: str
    body: bytes
    headers: Mapping[str, Any] = field(default_factory=dict)
    kind: str | None = None
    seconds: float | None = None
    """After which it is worth nothing any more."""


class Queues(Protocol):
    """What the service needs of a broker."""

    def send(self, declare: Sequence[str], posts: Sequence[Post]) -> None:
        """Make queues that are not there, then send; to a queue that is not there nothing is sent.

        Raises:
            ServiceError: 503 where the broker cannot be reached.
        """

    def close(self) -> None: ...


class NoQueues:
    """For tests of the web service alone: remembers what was sent."""

    def __init__(self) -> None:
        self.declared: list[str] = []
        self.posts: list[Post] = []

    def send(self, declare: Sequence[str], posts: Sequence[Post]) -> None:
        self.declared += declare
        self.posts += posts

    def close(self) -> None:
        """Nothing to close."""


class BrokerQueues(threading.Thread):
    """RabbitMQ; where it goes away, it is looked for again until :meth:`close`."""

    def __init__(
        self, url: str, on_result: Callable[[bytes], None], on_heartbeat: Callable[[bytes], None]
    ) -> None:
        super().__init__(name="stand-in's broker", daemon=True)
        self._url = url
        self._consumers = {RESULTS: on_result, HEARTBEATS: on_heartbeat}
        self._ready = threading.Event()
        self._closing = threading.Event()
        self._connection: pika.BlockingConnection | None = None
        self._channel: Any = None
        self.start()
        if not self._ready.wait(PATIENCE):
            self.close()
            raise OSError(f"no RabbitMQ answers at {url.rpartition('@')[2]}")

    def run(self) -> None:
        while not self._closing.is_set():
            try:
                self._serve()
            except (AMQPError, OSError):
                self._ready.clear()
                self._closing.wait(0.3)

    def send(self, declare: Sequence[str], posts: Sequence[Post]) -> None:
        done: Future[None] = Future()

        def work() -> None:
            try:
                self._send(declare, posts)
            except BaseException as error:
                done.set_exception(error)
                raise
            done.set_result(None)

        try:
            if threading.current_thread() is self:
                self._send(declare, posts)
                return
            if not self._ready.wait(PATIENCE) or self._connection is None:
                raise TimeoutError
            self._connection.add_callback_threadsafe(work)
            done.result(PATIENCE)
        except (AMQPError, OSError, TimeoutError):
            raise ServiceError(503, "SERVICE_UNAVAILABLE", "The queues cannot be reached.") from None

    def close(self) -> None:
        self._closing.set()
        connection = self._connection
        if connection is not None and connection.is_open:
            with contextlib.suppress(AMQPError):
                connection.add_callback_threadsafe(self._stop)
        self.join(PATIENCE)

    def _stop(self) -> None:
        if self._channel is not None and self._channel.is_open:
            self._channel.stop_consuming()

    def _serve(self) -> None:
        self._connection = pika.BlockingConnection(pika.URLParameters(self._url))
        with self._connection as connection:
            self._channel = channel = connection.channel()
            channel.exchange_declare(EXCHANGE, "direct", durable=True)
            channel.basic_qos(prefetch_count=200)
            for queue, consumer in self._consumers.items():
                channel.queue_declare(queue, durable=True)
                channel.queue_bind(queue, EXCHANGE, queue)
                channel.basic_consume(queue, _acknowledging(consumer))
            self._ready.set()
            if not self._closing.is_set():
                channel.start_consuming()

    def _send(self, declare: Sequence[str], posts: Sequence[Post]) -> None:
        now = int(time.time())
        for queue in declare:
            self._channel.queue_declare(queue, durable=True)
        for post in posts:
            properties = pika.BasicProperties(
                delivery_mode=2,
                timestamp=now,
                headers=dict(post.headers) or None,
                content_type=post.kind,
                expiration=None if post.seconds is None else str(int(post.seconds * 1000)),
            )
            self._channel.basic_publish("", post.queue, post.body, properties)


def _acknowledging(consumer: Callable[[bytes], None]) -> Callable[..., None]:
    def consume(channel: Any, method: Any, _properties: Any, body: bytes) -> None:
        consumer(body)
        channel.basic_ack(method.delivery_tag)

    return consume
