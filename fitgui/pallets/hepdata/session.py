"""How HEPData is asked: politely, with patience, at known hosts only, and without any credentials.

Importing this module loads ``requests``; nothing that runs when fitgui starts does so.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from http.cookiejar import DefaultCookiePolicy
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

import msgspec
import requests
from requests.adapters import HTTPAdapter
from requests.utils import requote_uri
from urllib3.exceptions import HTTPError, InvalidHeader
from urllib3.util.retry import Retry

from fitgui import __version__
from fitgui.pallets.hepdata.browser_check import LONGEST_PAGE, may_be_check, only_for_browsers
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.failures import connection_failed
from fitgui.pallets.hepdata.refusals import BUSY_STATUSES, busy, refused
from fitgui.pallets.hepdata.service import MOST_HOPS, Service

USER_AGENT = f"fitgui/{__version__} (desktop application that fits pyhf pallets)"
JSON = "application/json"
_REDIRECTS = (301, 302, 303, 307, 308)
_BLOCK = 64 * 1024
T = TypeVar("T")


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long an answer is waited for, and how often a question is repeated."""

    connect_seconds: float = 10.0
    read_seconds: float = 30.0
    """Without a single byte."""
    answer_seconds: float = 90.0
    """For the whole of a small answer."""
    busy_tries: int = 4
    """Where HEPData says that it is busy."""
    broken_tries: int = 2
    """Where there is no connection, or it breaks: whoever is offline shall not wait to be told."""
    first_pause: float = 0.5
    """Seconds; each further one is twice as long, and a little random."""
    longest_pause: float = 20.0
    """Seconds; if HEPData asks for more, that is told instead of waited."""
    between_pages: float = 0.5
    """Seconds from one page of a long list to the next."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A small answer, all of it."""

    url: str
    """Where the last redirect led."""
    status: int
    content_type: str
    """In lower case, without parameters."""
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes
    whole: bool = True
    """Whether the body is all that was sent, not only the first bytes of it."""


class _Again(Exception):  # noqa: N818  # never leaves this module
    """Worth another try."""

    def __init__(self, failure: HepDataError, tries: int) -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.tries = tries


class _NoLogin(requests.auth.AuthBase):
    """Keeps requests from looking for a password in ``.netrc``."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class _Unredirected(requests.Session):
    """Leaves redirects alone: requests would otherwise read their bodies, however long."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 -- the signature of requests
        return None


class Session:
    """Asks HEPData and the DOI resolver; may be used by several threads.

    Proxies and certificates are those of the system (``HTTPS_PROXY``, ``NO_PROXY``, ``REQUESTS_CA_BUNDLE``),
    except for a stand-in, which is always asked directly.

    Args:
        service: where they are, and which hosts may be asked.
        patience: with slow and busy ones.
    """

    def __init__(self, service: Service, patience: Patience | None = None) -> None:
        self.service = service
        self.patience = patience or Patience()
        self._requests = _Unredirected()
        self._requests.trust_env = not service.stand_in
        self._requests.auth = _NoLogin()
        self._requests.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        self._requests.headers["User-Agent"] = USER_AGENT
        for scheme in ("https://", "http://"):
            self._requests.mount(scheme, HTTPAdapter(pool_maxsize=4, max_retries=0))

    def close(self) -> None:
        """Close idle connections."""
        self._requests.close()

    def stream(self, url: str, *, headers: Mapping[str, str], what: str = "the file") -> requests.Response:
        """Begin to get something large, in one try.

        Args:
            url: where it is; redirects are followed where they may be.
            headers: sent to every hop, whatever its host.
            what: it is, for sentences.

        Returns:
            An answer with status 200, 206, 304 or 416 whose body is still to be read; the caller closes it.

        Raises:
            HepDataError: if there is no answer, or one that is a refusal.
        """
        try:
            answer = self._follow(url, headers, what)
        except _Again as again:
            raise again.failure from again.__cause__
        if answer.status_code in (200, 206, 304, 416):
            return answer
        with closing(answer):
            self._refuse_check(answer, url)
            if answer.status_code in BUSY_STATUSES:
                raise busy(answer.status_code, _retry_after(answer))
            raise refused(answer.status_code, what)

    def get(
        self,
        url: str,
        *,
        what: str,
        accept: str = JSON,
        headers: Mapping[str, str] | None = None,
        cap: int,
        cut: bool = False,
        wait: Callable[[float], object] = time.sleep,
    ) -> Answer:
        """Get something small, trying again within limits.

        Args:
            url: where it is; redirects are followed where they may be.
            what: it is, for sentences.
            accept: media types.
            headers: others, sent to every hop.
            cap: bytes of the body, unpacked.
            cut: whether to be content with the first ``cap`` bytes of a longer body.
            wait: lets seconds pass before another try; may raise to give up.

        Returns:
            The answer, whatever its status; but none that says that HEPData is busy.

        Raises:
            HepDataError: if there is none.
        """
        sent = {"Accept": accept, **(headers or {})}
        return self._patiently(lambda: self._whole(url, sent, what, cap, cut=cut), wait)

    def _patiently(self, ask: Callable[[], T], wait: Callable[[float], object]) -> T:
        tries = 0
        while True:
            try:
                return ask()
            except _Again as again:
                tries += 1
                asked_for = again.failure.retry_after
                pause = self.patience.first_pause * 2 ** (tries - 1) * random.uniform(1.0, 1.25)  # noqa: S311
                pause = max(pause, asked_for or 0.0)
                if tries >= again.tries or pause > self.patience.longest_pause:
                    raise again.failure from again.__cause__
            wait(pause)

    def _whole(self, url: str, headers: Mapping[str, str], what: str, cap: int, *, cut: bool) -> Answer:
        with closing(self._follow(url, headers, what)) as answer:
            page = self._refuse_check(answer, url)  # so much of it was read already
            if answer.status_code in BUSY_STATUSES:
                raise _Again(busy(answer.status_code, _retry_after(answer)), self.patience.busy_tries)
            body, whole = (page, True) if page is not None else self._read(answer, cap)
            if not whole and not cut:
                raise HepDataError(
                    ErrorKind.TOO_LARGE,
                    f"HEPData's answer is longer than {cap / 1e6:.0f} MB, which none should be, and was not "
                    "read: look at the record in a browser.",
                )
            return Answer(
                url=answer.url,
                status=answer.status_code,
                content_type=answer.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
                headers={name.lower(): value for name, value in answer.headers.items()},
                body=body,
                whole=whole,
            )

    def _refuse_check(self, answer: requests.Response, url: str) -> bytes | None:
        """Tell a check that only a browser can pass; nobody tries to get around it.

        Returns:
            The beginning of the page, if the answer had to be read to tell; else ``None``.

        Raises:
            HepDataError: of the kind ``BROWSER``.
        """
        if not may_be_check(answer.status_code, answer.headers):
            return None
        body = b""
        with suppress(_Again, HepDataError):  # the headers may tell enough
            body, _ = self._read(answer, LONGEST_PAGE)
        if (failure := only_for_browsers(answer.headers, body, self.service.page(url))) is not None:
            raise failure
        return body

    def _read(self, answer: requests.Response, cap: int) -> tuple[bytes, bool]:
        """Up to ``cap`` bytes, and whether that is all."""
        deadline = time.monotonic() + self.patience.answer_seconds
        body = bytearray()
        with self._failures(answer.url):
            for block in answer.iter_content(_BLOCK):
                body += block
                if len(body) > cap:
                    return bytes(body[:cap]), False
                if time.monotonic() > deadline:
                    raise HepDataError(
                        ErrorKind.STALLED,
                        f"HEPData's answer had not come to its end after {self.patience.answer_seconds:.0f} "
                        "seconds; try again later.",
                    )
        return bytes(body), True

    def _follow(self, url: str, headers: Mapping[str, str], what: str) -> requests.Response:
        """The answer at the end of all redirects; every hop is checked before it is asked."""
        hop = self.service.check(url)
        for _ in range(MOST_HOPS + 1):
            answer = self._ask(hop, headers)
            target = answer.headers.get("Location")
            if answer.status_code not in _REDIRECTS or not target:
                return answer
            answer.close()
            hop = self.service.check(_next_hop(hop, target))
            if urlsplit(hop).path.startswith("/login"):
                raise refused(403, what)
        raise HepDataError(
            ErrorKind.WRONG_ANSWER,
            f"HEPData redirected more than {MOST_HOPS} times without giving an answer; try again later, or "
            "look at the record in a browser.",
        )

    def _ask(self, url: str, headers: Mapping[str, str]) -> requests.Response:
        timeouts = (self.patience.connect_seconds, self.patience.read_seconds)
        with self._failures(url):
            return self._requests.get(
                url, headers=dict(headers), timeout=timeouts, stream=True, allow_redirects=False
            )

    @contextmanager
    def _failures(self, url: str) -> Iterator[None]:
        """Turns what the libraries raise into sentences."""
        try:
            yield
        except (requests.RequestException, HTTPError, OSError) as error:
            failure, again = connection_failed(error, urlsplit(url).hostname or "HEPData")
            if again:
                raise _Again(failure, self.patience.broken_tries) from error
            raise failure from error


def _next_hop(url: str, target: str) -> str:
    try:
        # Headers arrive as Latin-1, whatever was meant.
        return requote_uri(urljoin(url, target.encode("latin-1", "replace").decode("utf-8", "replace")))
    except ValueError:  # no address at all; the check says so
        return target


def _retry_after(answer: requests.Response) -> float | None:
    """Seconds, or a date, in the header ``Retry-After``."""
    header = answer.headers.get("Retry-After")
    if header is None:
        return None
    try:
        return Retry().parse_retry_after(header)
    except InvalidHeader:
        return None
