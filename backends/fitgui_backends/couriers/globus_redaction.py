"""Keeps tokens out of everything that is logged or said, whoever puts them there."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable

HIDDEN = "[hidden]"
SHORTEST = 8
"""Shorter texts are no secrets: to hide them would garble sentences."""

_PATTERNS = (
    (re.compile(r"\b([Bb]earer|Basic)\s+[\w.~+/=-]{10,}"), r"\1 " + HIDDEN),
    (re.compile(r"(?i)\b(amqps?://)[^\s/@]+@"), r"\1" + HIDDEN + "@"),
    (re.compile(r"(?i)([?&](?:auth_?)?code=)[^&\s\"']+"), r"\1" + HIDDEN),
    (
        re.compile(
            r"(?i)((?:access|refresh|id)_token|client_secret|code_verifier|password)"
            r"""(["']?\s*[:=]\s*["']?)([\w.~+/=-]{4,})"""
        ),
        r"\1\2" + HIDDEN,
    ),
)


class Redactor:
    """Knows the secrets of this process by value, and how others look; safe to use from any thread."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._lock = threading.Lock()

    def hide(self, *secrets: str | None) -> None:
        """Never let these be seen."""
        with self._lock:
            self._secrets.update(secret for secret in secrets if secret and len(secret) >= SHORTEST)

    def clean(self, text: str) -> str:
        """The text without secrets."""
        with self._lock:
            # The longest first: one secret may be the beginning of another.
            for secret in sorted(self._secrets, key=len, reverse=True):
                text = text.replace(secret, HIDDEN)
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
        return text

    def guard_logging(self) -> Callable[[], None]:
        """Clean every log record of this process, tracebacks too, before any handler sees it.

        Returns:
            A function that undoes it.
        """
        before = logging.getLogRecordFactory()
        formatter = logging.Formatter()

        def make(*args: object, **kwargs: object) -> logging.LogRecord:
            record: logging.LogRecord = before(*args, **kwargs)
            try:
                record.msg = self.clean(record.getMessage())
            except Exception:  # noqa: BLE001  (a wrong format of a library must not end its thread)
                record.msg = "(a message that could not be read)"
            record.args = ()
            if record.exc_info:
                record.exc_text = self.clean(formatter.formatException(record.exc_info))
                record.exc_info = None
            return record

        logging.setLogRecordFactory(make)
        return lambda: logging.setLogRecordFactory(before)
