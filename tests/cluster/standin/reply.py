"""An answer before it is sent."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Reply:
    """Status, headers (without Content-Length) and body."""

    status: int
    body: bytes
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


def json_reply(document: Any, status: int = 200, **headers: str) -> Reply:
    return Reply(status, json.dumps(document).encode(), headers=headers)


def page(status: int, title: str, text: str = "", code: str = "") -> Reply:
    """A page for people; ``code`` is shown in a field of its own."""
    shown = f'<p><input id="auth-code" readonly value="{html.escape(code)}"></p>' if code else ""
    body = (
        f'<!DOCTYPE html>\n<html lang="en"><head><title>{html.escape(title)}</title></head>\n'
        f"<body><h1>{html.escape(title)}</h1><p>{html.escape(text)}</p>{shown}</body></html>\n"
    )
    return Reply(status, body.encode(), "text/html; charset=utf-8")


def redirect(location: str) -> Reply:
    return Reply(302, b"", "text/plain", {"Location": location})
