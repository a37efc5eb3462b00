"""A small HTTP server whose answers can be late, cut or lost, and that ends in bounded time."""

from __future__ import annotations

import contextlib
import io
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from werkzeug.wrappers import Request

from tests.cluster.standin.faults import Fault
from tests.cluster.standin.log import Asked, Log
from tests.cluster.standin.reply import Reply

LOOPBACK = "127.0.0.1"
LARGEST = 256 * 1024 * 1024
Respond = Callable[[Request, Asked], tuple[Reply | None, Fault | None]]


class Handler(BaseHTTPRequestHandler):
    """One connection; it stays open from request to request, as HTTP/1.1 has it."""

    protocol_version = "HTTP/1.1"
    server: Server
    timeout = 120
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        began = time.monotonic()
        asked = self.server.log.begin(self.command, self.path.partition("?")[0], time.time())
        size = int(self.headers.get("Content-Length") or 0)
        if size > LARGEST:
            self.close_connection = True
            self.server.log.end(asked)
            return
        body = self.rfile.read(size)
        asked.received = len(body)
        try:
            reply, fault = self.server.respond(Request(self._environ(body), populate_request=False), asked)
            asked.fault = fault.kind if fault else ""
            if fault is not None and fault.kind == "slow" and self.server.stopping.wait(fault.seconds):
                reply = None
            if reply is None or (fault is not None and fault.kind == "lost"):
                self.close_connection = True
            else:
                self._send(reply, asked, cut=fault is not None and fault.kind == "cut")
        except OSError:
            self.close_connection = True  # the client has gone
        finally:
            asked.seconds = time.monotonic() - began
            self.server.log.end(asked)

    def do_POST(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        self.do_GET()

    def log_message(self, *_: Any) -> None:
        """Nothing is printed."""

    def _send(self, reply: Reply, asked: Asked, *, cut: bool) -> None:
        asked.status = reply.status
        self.send_response(reply.status)
        for name, value in {"Content-Type": reply.kind, **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        body = reply.body[: len(reply.body) // 2] if cut else reply.body
        self.wfile.write(body)
        asked.sent = len(body)
        self.close_connection = self.close_connection or cut

    def _environ(self, body: bytes) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(path, "latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": LOOPBACK,
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": self.request_version,
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
        return environ


class Server(ThreadingHTTPServer):
    """Listens on the loopback interface."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, respond: Respond, log: Log, port: int) -> None:
        self.respond = respond
        self.log = log
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        super().__init__((LOOPBACK, port), Handler)
        self._listener = self._new_listener()
        self._away: threading.Thread | None = None

    def start(self) -> None:
        """Answer from now on; who came before has waited."""
        self._listener.start()

    def go_away(self, seconds: float) -> None:
        """End every connection and refuse new ones for some seconds; what is being answered still is."""
        if self._away is None or not self._away.is_alive():
            self._away = threading.Thread(target=self._be_away, args=(seconds,), name="stand-in's outage")
            self._away.start()

    def finish_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        try:
            super().finish_request(request, client_address)
        except OSError:
            pass  # the client has gone
        finally:
            with self._lock:
                self._open.discard(request)

    def stop(self) -> None:
        """End the listener and every connection."""
        self.stopping.set()
        if self._away is not None:
            self._away.join()
        self._end_listening()

    def _be_away(self, seconds: float) -> None:
        self.stopping.wait(0.2)  # for the answer to who asked for this
        self._end_listening()
        # Bound but not listening, a socket refuses connections, and nobody gets its port as a free one.
        self.socket = socket.socket(self.address_family, self.socket_type)
        self.server_bind()
        if not self.stopping.wait(seconds):
            self.server_activate()
            self._listener = self._new_listener()
            self._listener.start()

    def _new_listener(self) -> threading.Thread:
        return threading.Thread(target=self.serve_forever, args=(0.05,), name="stand-in")

    def _end_listening(self) -> None:
        if self._listener.is_alive():
            self.shutdown()
            self._listener.join()
        self.server_close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
