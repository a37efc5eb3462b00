"""What can go wrong on the way: each fault changes what is answered, or how it is sent."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

from tests.hepdata.answer import Answer, page


class Wire(Protocol):
    """How a fault speaks to the client; all it does ends when the server does, or the client has gone."""

    def head(self, answer: Answer, *, length: int | None) -> None:
        """Sends the status and the headers; ``length`` is claimed, ``None`` sends in chunks."""

    def body(self, data: bytes) -> None:
        """Sends a part of the body."""

    def finish_chunks(self) -> None:
        """Ends a body that was sent in chunks."""

    def raw(self, data: bytes) -> None:
        """Sends bytes as they are, in place of an answer."""

    def wait(self, until: threading.Event | None = None, seconds: float | None = None) -> None:
        """Sends nothing until then."""

    def hang_up(self) -> None:
        """Ends the connection in order, wherever the answer is."""

    def reset(self) -> None:
        """Breaks the connection."""


Where = int | float
"""A number of bytes of the body; a ``float`` up to 1, a share of it."""


def position(after: Where, size: int) -> int:
    return min(size, int(after * size) if isinstance(after, float) else after)


@dataclass
class Fault:
    """No fault at all: the base of all others."""

    def content(self, original: bytes) -> bytes:
        """The bytes of the file, before ranges are cut from it."""
        return original

    def change(self, answer: Answer) -> Answer:
        """Another answer than the right one."""
        return answer

    def send(self, answer: Answer, wire: Wire) -> None:
        """Sends the answer."""
        wire.head(answer, length=len(answer.body))
        wire.body(answer.body)


@dataclass
class Slow(Fault):
    """Comes late, or in small pieces with pauses."""

    first: float = 0.0
    """Seconds until the headers."""
    piece: int = 64 * 1024
    pause: float = 0.05
    """Seconds between two pieces."""

    def send(self, answer: Answer, wire: Wire) -> None:
        if self.first:
            wire.wait(seconds=self.first)
        wire.head(answer, length=len(answer.body))
        for start in range(0, len(answer.body), self.piece):
            wire.body(answer.body[start : start + self.piece])
            wire.wait(seconds=self.pause)


@dataclass
class Stalled(Fault):
    """Sends a part, then nothing until it is released; ``after=None`` sends not even the headers."""

    after: Where | None = 0.5
    reached: threading.Event = field(default_factory=threading.Event)
    """Set once everything before the stall is sent."""
    released: threading.Event = field(default_factory=threading.Event)
    """Set it to send the rest."""

    def send(self, answer: Answer, wire: Wire) -> None:
        if self.after is None:
            self.reached.set()
            wire.wait(self.released)
            super().send(answer, wire)
            return
        end = position(self.after, len(answer.body))
        wire.head(answer, length=len(answer.body))
        wire.body(answer.body[:end])
        self.reached.set()
        wire.wait(self.released)
        wire.body(answer.body[end:])


@dataclass
class CutOff(Fault):
    """Promises the whole length and ends before it."""

    after: Where = 0.4

    def send(self, answer: Answer, wire: Wire) -> None:
        wire.head(answer, length=len(answer.body))
        wire.body(answer.body[: position(self.after, len(answer.body))])
        wire.hang_up()


@dataclass
class Reset(Fault):
    """Breaks the connection: before the headers, or after a part of the body."""

    after: Where | None = None

    def send(self, answer: Answer, wire: Wire) -> None:
        if self.after is not None:
            wire.head(answer, length=len(answer.body))
            wire.body(answer.body[: position(self.after, len(answer.body))])
        wire.reset()


@dataclass
class WrongLength(Fault):
    """Claims more bytes than come (``by`` above zero), or fewer."""

    by: int = 100

    def send(self, answer: Answer, wire: Wire) -> None:
        wire.head(answer, length=max(0, len(answer.body) + self.by))
        wire.body(answer.body)
        wire.hang_up()


@dataclass
class NoLength(Fault):
    """Sends in chunks and claims no length; ``whole=False`` ends without the last chunk."""

    whole: bool = True

    def send(self, answer: Answer, wire: Wire) -> None:
        wire.head(answer, length=None)
        for start in range(0, len(answer.body), 64 * 1024):
            wire.body(answer.body[start : start + 64 * 1024])
        if self.whole:
            wire.finish_chunks()
        else:
            wire.hang_up()


@dataclass
class Gibberish(Fault):
    """What comes is no HTTP."""

    data: bytes = b"\x15\x03\x01\x00\x02\x02\x28 SSH-2.0-OpenSSH_9.6\r\n\r\n"

    def send(self, answer: Answer, wire: Wire) -> None:
        wire.raw(self.data)
        wire.hang_up()


@dataclass
class WrongContent(Fault):
    """The file holds something else: lengths and ranges are right for that."""

    make: Callable[[bytes], bytes] = lambda original: random.Random(0).randbytes(len(original))

    def content(self, original: bytes) -> bytes:
        return self.make(original)


def truncated(share: float = 0.5) -> WrongContent:
    """The file was cut where it was stored: its length is right, its archive is not."""
    return WrongContent(lambda original: original[: int(len(original) * share)])


def flipped(at: float = 0.5) -> WrongContent:
    """One byte of the stored file is another."""

    def flip(original: bytes) -> bytes:
        place = int(len(original) * at)
        return original[:place] + bytes([original[place] ^ 0xFF]) + original[place + 1 :]

    return WrongContent(flip)


@dataclass
class Instead(Fault):
    """Another answer altogether, such as a page with status 200 in place of the file."""

    answer: Answer = field(default_factory=lambda: page(200, "Maintenance", "HEPData is being updated."))

    def change(self, answer: Answer) -> Answer:
        return self.answer


CHALLENGE = b"""<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title>
<meta name="robots" content="noindex,nofollow"></head><body><div class="main-wrapper" role="main">
<noscript>Enable JavaScript and cookies to continue</noscript></div>
<script>(function(){window._cf_chl_opt = {cType: 'managed'};var a = document.createElement('script');
a.src = '/cdn-cgi/challenge-platform/h/g/orchestrate/chl_page/v1';document.head.appendChild(a);}());</script>
</body></html>
"""
"""The beginning of such pages, and what they are told by; they ask a browser to prove that it is one."""


@dataclass
class Challenge(Fault):
    """The network in front of HEPData lets only web browsers in, and answers in place of HEPData."""

    status: int = 403
    told: bool = True
    """Whether a header says so, as it does nowadays; else only the page."""

    def change(self, answer: Answer) -> Answer:
        headers = [("Content-Type", "text/html; charset=UTF-8"), ("Server", "cloudflare")]
        if self.told:
            headers.append(("Cf-Mitigated", "challenge"))
        return Answer(self.status, headers, CHALLENGE, path=answer.path)


def busy(status: int = 429, retry_after: str | None = None) -> Instead:
    """Too many requests, or out of service; ``retry_after`` in seconds or as a date."""
    answer = page(status, "Busy", "Please try again later.")
    headers = [*answer.headers, ("Retry-After", retry_after)] if retry_after is not None else answer.headers
    return Instead(replace(answer, headers=headers))


def redirect(location: str, status: int = 302) -> Instead:
    """Sends the client elsewhere."""
    answer = page(status, "Redirecting...", f"You should be redirected to {location}.")
    return Instead(replace(answer, headers=[*answer.headers, ("Location", location)]))


@dataclass
class EndlessRedirect(Fault):
    """Always to the same address with another number."""

    hops: Iterator[int] = field(default_factory=lambda: iter(range(1, 10**9)))

    def change(self, answer: Answer) -> Answer:
        path = answer.path.partition("?")[0]
        return redirect(f"{path}?view=true&hop={next(self.hops)}").answer


@dataclass
class Oversize(Fault):
    """A body of so many bytes; with ``claimed``, its length is said before, and only ``sent`` bytes come."""

    size: int = 2**31
    claimed: bool = True
    sent: int | None = None
    """After so many bytes it stalls; ``None`` sends all."""

    def send(self, answer: Answer, wire: Wire) -> None:
        wire.head(answer, length=self.size if self.claimed else None)
        block = (answer.body or b"\0") * (1 + 2**20 // max(1, len(answer.body)))
        left = self.size if self.sent is None else self.sent
        while left > 0:
            wire.body(block[:left])
            left -= len(block)
        if self.sent is not None:
            wire.wait()
        elif not self.claimed:
            wire.finish_chunks()


@dataclass
class WrongRange(Fault):
    """Answers a range with another part than was asked for: the beginning, told as such in Content-Range."""

    def change(self, answer: Answer) -> Answer:
        if answer.status != 206:
            return answer
        total = len(answer.whole)
        body = answer.whole[: len(answer.body)]
        headers = [(name, value) for name, value in answer.headers if name.lower() != "content-range"]
        return replace(
            answer, body=body, headers=[*headers, ("Content-Range", f"bytes 0-{len(body) - 1}/{total}")]
        )


@dataclass
class Compressed(Fault):
    """A proxy on the way compresses whole files, as ``Content-Encoding`` says, whoever accepts it or not."""

    def change(self, answer: Answer) -> Answer:
        return answer.compressed() if answer.status == 200 else answer
