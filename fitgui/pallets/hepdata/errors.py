"""What goes wrong with HEPData, in one sentence each."""

from __future__ import annotations

from enum import StrEnum

from fitgui.pallets.model import PalletError


class ErrorKind(StrEnum):
    """What somebody can do about it."""

    OFFLINE = "offline"
    """No connection, no name server, no answer in time; everything local goes on."""
    BUSY = "busy"
    """HEPData asks for patience, or is ill; the same works later."""
    NOT_FOUND = "not found"
    BROWSER = "browser"
    """HEPData lets only web browsers in for now; nobody gets around that, but a browser has the file."""
    REFUSED = "refused"
    """It exists, but only for those who log in: not published yet."""
    WRONG_ANSWER = "wrong answer"
    """An answer that is not what HEPData gives: a portal's page, a mistake in a search, a changed service."""
    FORBIDDEN_ADDRESS = "forbidden address"
    """Somewhere other than the known hosts, or not by https."""
    TOO_LARGE = "too large"
    CANCELLED = "cancelled"
    DISK = "disk"
    STALLED = "stalled"
    """It had begun, and nothing came any more."""


class HepDataError(PalletError):
    """Something of HEPData's cannot be had; the text is one sentence: what is wrong, what to do.

    Args:
        kind: what somebody can do about it.
        sentence: for a user.
        retry_after: seconds after which HEPData wishes to be asked again, where it said so.
        page: what to open in a browser instead, where a browser is the way on; always https.
    """

    def __init__(
        self, kind: ErrorKind, sentence: str, *, retry_after: float | None = None, page: str = ""
    ) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.retry_after = retry_after
        self.page = page

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (self.kind, str(self), self.retry_after, self.page)


def _again(kind: ErrorKind, sentence: str, retry_after: float | None, page: str) -> HepDataError:
    return HepDataError(kind, sentence, retry_after=retry_after, page=page)
