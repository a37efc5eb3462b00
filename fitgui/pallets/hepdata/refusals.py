"""What it means that an answer is a refusal: a sentence for each."""

from __future__ import annotations

from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.words import capital

BUSY_STATUSES = (429, 502, 503, 504)


def busy(status: int, retry_after: float | None) -> HepDataError:
    """What to say where HEPData asks for patience."""
    when = f"in {_duration(retry_after)}" if retry_after else "in a few minutes"
    how = "asks to be asked less often" if status == 429 else "is busy or under maintenance"
    return HepDataError(
        ErrorKind.BUSY, f"HEPData {how} (status {status}); try again {when}.", retry_after=retry_after
    )


def refused(status: int, what: str) -> HepDataError:
    """What to say of an answer that is a refusal.

    Args:
        status: of HTTP; 403 for a redirect to the page where one logs in, too.
        what: was asked for.
    """
    if status in (401, 403):
        return HepDataError(
            ErrorKind.REFUSED,
            f"{capital(what)} is not published: HEPData shows it only to those who work on it.",
        )
    if status in (404, 410):
        return HepDataError(ErrorKind.NOT_FOUND, f"HEPData does not have {what}; check the number.")
    return HepDataError(
        ErrorKind.WRONG_ANSWER,
        f"HEPData answered with status {status} when asked for {what}; try again later, or look there in a "
        "browser.",
    )


def failed(status: int, what: str) -> HepDataError:
    """What to say where HEPData itself failed: the same may work later.

    Args:
        status: of HTTP, from 500.
        what: was asked for.
    """
    return HepDataError(
        ErrorKind.BUSY, f"HEPData failed with status {status} when asked for {what}; try again later."
    )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} seconds"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} minutes"
    return f"{round(seconds / 3600)} hours"
