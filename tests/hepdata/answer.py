"""An answer before it is sent."""

from __future__ import annotations

import gzip
import html
from dataclasses import dataclass, replace


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
