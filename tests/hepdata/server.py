"""A small HTTP server whose connections can misbehave, and that ends with all its threads in bounded time."""

from __future__ import annotations

import contextlib
import http
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from werkzeug.http import http_date
from werkzeug.wrappers import Request

from tests.hepdata.answer import Answer
from tests.hepdata.faults import Fault
from tests.hepdata.log import Asked

Respond = Callable[[Request, Asked], tuple[Answer, Fault]]
LOOPBACK = "127.0.0.1"
GRACE = 10.0
"""Seconds within which every thread must have ended."""


class GoneError(Exception):
    """The connection is over; nothing more is sent on it."""


class Handler(BaseHTTPRequestHandler):
    """One connection; it stays open from request to request, as HTTP/1.1 has it."""

    protocol_version = "HTTP/1.1"
    server: Server
    asked: Asked
    chunked = False
    timeout = 60
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        request = Request(self._environ(), populate_request=False)
        self.asked = Asked.of(request, self.path)
        self.server.log(self.asked)
        self.chunked = False
        try:
            answer, fault = self.server.respond(request, self.asked)
            fault.send(answer, self)
            self.asked.ended = "whole"
        except GoneError as error:
            self.asked.ended = str(error)
            self.close_connection = True
        except OSError as error:
            self.asked.ended = str(error) or type(error).__name__
            self.asked.hung_up.set()
            self.close_connection = True
        finally:
            self.asked.done.set()

    def do_HEAD(self) -> None:
        self.do_GET()

    def head(self, answer: Answer, *, length: int | None) -> None:
        self.asked.status = answer.status
        self.chunked = length is None
        lines = [f"HTTP/1.1 {answer.status} {http.HTTPStatus(answer.status).phrase}"]
        if not any(name.lower() == "server" for name, _ in answer.headers):
            lines.append("Server: nginx")
        lines += [f"Date: {http_date()}", *(f"{name}: {value}" for name, value in answer.headers)]
        if answer.status != 304:
            lines.append("Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}")
        if self.close_connection:
            lines.append("Connection: close")
        self.connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))

    def body(self, data: bytes) -> None:
        if self.command == "HEAD" or not data:
            return
        if self.chunked:
            self.connection.sendall(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        else:
            self.connection.sendall(data)
        self.asked.sent += len(data)

    def raw(self, data: bytes) -> None:
        self.connection.sendall(data)
        self.asked.sent += len(data)

    def finish_chunks(self) -> None:
        if self.chunked and self.command != "HEAD":
            self.connection.sendall(b"0\r\n\r\n")

    def wait(self, until: threading.Event | None = None, seconds: float | None = None) -> None:
        end = None if seconds is None else time.monotonic() + seconds
        never = threading.Event()
        while not (until or never).is_set():
            if self.server.stopping.wait(0.01):
                raise GoneError("stopped")
            if self._client_has_gone():
                self.asked.hung_up.set()
                raise GoneError("the client hung up")
            if end is not None and time.monotonic() >= end:
                return

    def hang_up(self) -> None:
        raise GoneError("cut off")

    def reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.server.forget(self.connection)
        self.connection.close()
        raise GoneError("reset")

    def log_message(self, *_: Any) -> None:
        """Nothing is printed."""

    def _client_has_gone(self) -> bool:
        readable, _, _ = select.select([self.connection], [], [], 0)
        if not readable:
            return False
        try:  # nobody can look into an encrypted stream, but the whole request has been read
            secured = isinstance(self.connection, ssl.SSLSocket)
            return secured or self.connection.recv(1, socket.MSG_PEEK) == b""
        except OSError:
            return True

    def _environ(self) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        host, port = self.server.server_address[:2]
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(path, "latin-1"),
            "QUERY_STRING": query,
            "REQUEST_URI": self.path,
            "SERVER_NAME": host,
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": self.request_version,
            "wsgi.url_scheme": "https" if self.server.tls else "http",
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
        return environ


class Server(ThreadingHTTPServer):
    """Listens on a free port of the loopback interface."""

    daemon_threads = False
    request_queue_size = 64

    def __init__(
        self, respond: Respond, log: Callable[[Asked], None], tls: ssl.SSLContext | None, port: int = 0
    ) -> None:
        self.respond = respond
        self.log = log
        self.tls = tls
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._serving: set[threading.Thread] = set()
        self._lock = threading.Lock()
        super().__init__((LOOPBACK, port), Handler)
        self._listener = threading.Thread(
            target=self.serve_forever, args=(0.02,), name="stand-in for HEPData"
        )
        self._listener.start()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
            thread = threading.Thread(
                target=self.process_request_thread,
                args=(request, client_address),
                name="stand-in's connection",
            )
            self._serving.add(thread)
        thread.start()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            if self.tls is not None:
                plain, request = (
                    request,
                    self.tls.wrap_socket(request, server_side=True, do_handshake_on_connect=False),
                )
                with self._lock:
                    self._open.discard(plain)
                    self._open.add(request)
                if self.stopping.is_set():  # while it was wrapped, nobody could end it
                    raise OSError("stopped")
                request.do_handshake()
            self.finish_request(request, client_address)
        except OSError:
            pass  # the other side has gone, or does not trust the certificate
        finally:
            self.forget(request)
            self.shutdown_request(request)
            with self._lock:
                self._serving.discard(threading.current_thread())

    def forget(self, connection: socket.socket) -> None:
        """The connection needs no closing any more."""
        with self._lock:
            self._open.discard(connection)

    def stop(self) -> None:
        """Ends every connection and every thread."""
        self.stopping.set()
        self.shutdown()
        self._listener.join(GRACE)
        self.socket.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            threads = list(self._serving)
        end = time.monotonic() + GRACE
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))
        left = [thread.name for thread in (self._listener, *threads) if thread.is_alive()]
        if left:
            raise RuntimeError(f"the stand-in did not end: {left}")
