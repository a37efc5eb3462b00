"""The page of this machine to which a browser comes back after a login."""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>fitgui</title>
<body style="font-family: sans-serif; margin: 4em auto; max-width: 30em; line-height: 1.5">
<h1 style="font-size: 1.4em">{heading}</h1><p>{text}</p></body></html>
"""
LOGGED_IN = _PAGE.format(heading="That was the login", text="You can close this page, and go on in fitgui.")
NOT_LOGGED_IN = _PAGE.format(heading="No login", text="Globus did not log you in. Try again in fitgui.")
NOT_OURS = _PAGE.format(heading="Not expected", text="This page belongs to no login of fitgui that waits.")


class Redirect:
    """Listens on a free port of the loopback interface for one answer that carries the right state.

    Args:
        state: Sent with the login and expected back: no other page shall log us in as somebody else.
        arrived: Called once with the code, or with ``None`` and the reason why there is none.
    """

    def __init__(self, state: str, arrived: Callable[[str | None, str], None]) -> None:
        self._state = state
        self._arrived = arrived
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="login redirect", daemon=True
        )
        self._thread.start()

    @property
    def address(self) -> str:
        """Where the browser is sent back to."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path: str) -> tuple[int, str]:
        """What a browser gets that asks for a path: status and page."""
        fields = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        if not hmac.compare_digest(fields.get("state", "").encode(), self._state.encode()):
            return 400, NOT_OURS
        if code := fields.get("code"):
            self._arrived(code, "")
            return 200, LOGGED_IN
        reason = fields.get("error_description") or fields.get("error") or "it gave no reason"
        self._arrived(None, reason[:200])
        return 200, NOT_LOGGED_IN


def _handler(redirect: Redirect) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10.0

        def do_GET(self) -> None:
            status, page = redirect.answer(self.path)
            body = page.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing: the path holds the code."""

    return Handler
