"""An answer before it is sent."""

from __future__ import annotations

import gzip
import html
import json
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.wrappers import Response


@dataclass(frozen=True)
class Answer:
    """Status, headers (without Content-Length) and body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""
    path: str = ""
    """What was asked for."""
    whole: bytes = b""
    """The whole file, where the body is a part of it."""
    is_file: bool = False

    def compressed(self) -> Answer:
        """The same with ``Content-Encoding: gzip``; validators become weak, ranges are not told."""
        dropped = ("accept-ranges", "content-length")
        headers = [
            (name, f"W/{value}" if name.lower() == "etag" and not value.startswith("W/") else value)
            for name, value in self.headers
            if name.lower() not in dropped
        ]
        headers += [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
        return replace(self, headers=headers, body=gzip.compress(self.body, 1, mtime=0))


def page(status: int, title: str, text: str = "") -> Answer:
    """An HTML page."""
    body = (
        '<!DOCTYPE html>\n<html lang="en">\n<head><title>'
        f"{html.escape(title)}</title></head>\n<body><h4>{html.escape(title)}</h4><p>{html.escape(text)}</p></body>\n</html>\n"
    )
    return Answer(status, [("Content-Type", "text/html; charset=utf-8")], body.encode())


def json_answer(document: Any, status: int = 200) -> Answer:
    body = json.dumps(document, sort_keys=True, separators=(",", ":")) + "\n"
    return Answer(status, [("Content-Type", "application/json")], body.encode())


def text_answer(text: str, kind: str) -> Answer:
    return Answer(200, [("Content-Type", kind)], text.encode())


def redirect_answer(location: str, status: int = 302) -> Answer:
    answer = page(status, "Redirecting...", f"You should be redirected automatically to {location}.")
    return Answer(status, [*answer.headers, ("Location", location)], answer.body)


def from_response(response: Response) -> Answer:
    kept = [
        (name, value)
        for name, value in response.headers.items()
        if name.lower() not in ("content-length", "date")
    ]
    return Answer(response.status_code, kept, response.get_data())
