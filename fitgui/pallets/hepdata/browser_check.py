"""Telling that HEPData lets only web browsers in: the check against robots of the network in front of it.

The check is never got around: fitgui says who it is, keeps no cookies, and runs no scripts of a page. It is
answered as documented by Cloudflare: ``Cf-Mitigated: challenge`` on every page of a challenge; pages of the
network itself are told from HEPData's own refusals, which pass through the same network, by what they say.
"""

from __future__ import annotations

from collections.abc import Mapping

from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError

LONGEST_PAGE = 128 * 1024
"""Bytes of a page that are looked at."""
_STATUSES = (403, 429, 503)
_MARKS = (
    b"<title>just a moment",
    b"/cdn-cgi/challenge-platform/",
    b"_cf_chl_opt",
    b"<title>attention required! | cloudflare",
)


def may_be_check(status: int, headers: Mapping[str, str]) -> bool:
    """Whether an answer is worth a look at its page.

    Args:
        status: of HTTP.
        headers: of the answer, whose names do not care for capital letters.
    """
    if status not in _STATUSES:
        return False
    page = headers.get("Content-Type", "").lower().startswith("text/html")
    return _is_challenged(headers) or (page and headers.get("Server", "").lower().startswith("cloudflare"))


def only_for_browsers(headers: Mapping[str, str], body: bytes, page: str) -> HepDataError | None:
    """What to say of a check that only a browser passes; ``None`` if the answer is none.

    Args:
        headers: of an answer that may be one.
        body: the beginning of its page.
        page: what to open in a browser instead.
    """
    lowered = body.lower()
    if not _is_challenged(headers) and not any(mark in lowered for mark in _MARKS):
        return None
    return browser_wanted(page)


def browser_wanted(page: str) -> HepDataError:
    """What to say where a browser is the way on; ``page``: what to open in it."""
    return HepDataError(ErrorKind.BROWSER, _SENTENCES[_kind(page)], page=page)


def _is_challenged(headers: Mapping[str, str]) -> bool:
    return headers.get("Cf-Mitigated", "").strip().lower() == "challenge"


def _kind(page: str) -> str:
    if "/search/" in page:
        return "search"
    return "file" if "landing_page=" in page or "/r" in page.partition("doi.org/")[2] else "record"


_ONLY = "HEPData lets only web browsers in at the moment"
_SENTENCES = {
    "file": f"{_ONLY}: open the page of the file in a browser, save the file, and open it here.",
    "record": f"{_ONLY}: open the page of the record in a browser, save the file, and open it here.",
    "search": f"{_ONLY}: search there in a browser; the catalogue and what is kept can be used as ever.",
}
