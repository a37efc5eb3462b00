"""The way of applications to the broker: a relay that can drop their connections, or let nobody through.

Agents do not pass here, so that what happens to one side leaves the other alone.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from dataclasses import dataclass

LOOPBACK = "127.0.0.1"
BLOCK = 64 * 1024


@dataclass(eq=False)
class _Pair:
    client: socket.socket
    broker: socket.socket

    def close(self) -> None:
        for side in (self.client, self.broker):
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)
            side.close()


class Relay:
    """Listens on a free port of the loopback interface, and passes bytes on."""

    def __init__(self, port: int) -> None:
        """Begin.

        Args:
            port: Of the broker.
        """
        self._target = port
        self._closing = False
        self._lock = threading.Lock()
        self._pairs: set[_Pair] = set()
        self._refusing_until = 0.0
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name="stand-in's relay", daemon=True).start()

    def drop(self, *, refuse_seconds: float = 0.0) -> int:
        """End all connections; for some seconds, new ones end at once. How many there were."""
        with self._lock:
            self._refusing_until = time.monotonic() + min(refuse_seconds, 120.0)
            pairs = list(self._pairs)
            self._pairs.clear()
        for pair in pairs:
            pair.close()
        return len(pairs)

    def connections(self) -> int:
        with self._lock:
            return len(self._pairs)

    def close(self) -> None:
        self._closing = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop()

    def _accept(self) -> None:
        while not self._closing:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if time.monotonic() < self._refusing_until:
                client.close()
                continue
            try:
                broker = socket.create_connection((LOOPBACK, self._target), timeout=5)
            except OSError:
                client.close()
                continue
            broker.settimeout(None)
            pair = _Pair(client, broker)
            with self._lock:
                self._pairs.add(pair)
            for source, sink in ((client, broker), (broker, client)):
                sink.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._pass_on, args=(pair, source, sink), daemon=True).start()

    def _pass_on(self, pair: _Pair, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while block := source.recv(BLOCK):
                sink.sendall(block)
        with self._lock:
            self._pairs.discard(pair)
        pair.close()
