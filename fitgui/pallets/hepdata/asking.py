"""One question to HEPData: a kept answer if it is new enough, else a new one, else an older one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from fitgui.pallets.hepdata.cache import AnswerCache
from fitgui.pallets.hepdata.documents import Document, json_object
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.service import Service

if TYPE_CHECKING:
    from fitgui.pallets.hepdata.session import Patience, Session

JSON = "application/json"
_ANSWER_CAP = 48 * 1024 * 1024
UNREACHABLE = (ErrorKind.OFFLINE, ErrorKind.BUSY, ErrorKind.STALLED, ErrorKind.BROWSER)
"""Where an older answer is better than none."""


class Told(msgspec.Struct, frozen=True):
    """An answer, new or kept."""

    document: Document
    retrieved: datetime
    cached: bool = False
    offline: str = ""
    """Why an older answer had to do."""
    page: str = ""
    """What to open in a browser instead, where HEPData lets only browsers in."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for."""

    url: str
    what: str
    """For sentences."""
    check: Callable[[Document], None]
    """Raises if the answer is not of the right shape."""
    lasts: timedelta
    """How long an answer is good enough."""
    accept: str = JSON


class Asker:
    """Asks, and keeps the answers; may be used by several threads.

    Args:
        service: where HEPData is.
        cache: of answers.
        patience: with slow and busy services.
        silent: whether to be content with kept answers of any age, and to ask nobody.
    """

    def __init__(
        self, service: Service, cache: AnswerCache, patience: Patience | None, *, silent: bool = False
    ) -> None:
        self.service = service
        self.cache = cache
        self._silent = silent
        self._patience = patience
        self._session: Session | None = None
        self._opening = threading.Lock()

    @property
    def session(self) -> Session:
        """Made when something is asked for the first time."""
        from fitgui.pallets.hepdata.session import Session  # noqa: PLC0415 -- loads requests

        with self._opening:
            if self._session is None:
                self._session = Session(self.service, self._patience)
            return self._session

    def close(self) -> None:
        """Close idle connections; asking again opens new ones."""
        with self._opening:
            if self._session is not None:
                self._session.close()
            self._session = None

    def told(self, question: Question, *, fresh: bool) -> Told:
        """The answer.

        Args:
            question: what is asked for.
            fresh: not content with an answer that is kept, unless HEPData cannot be reached.

        Raises:
            HepDataError: if there is none, neither new nor kept.
        """
        kept = None if fresh else self._kept(question.url, question.lasts)
        if kept is not None:
            return kept
        try:
            return Told(self.ask(question), datetime.now(UTC))
        except HepDataError as error:
            old = self._kept(question.url, None) if error.kind in UNREACHABLE else None
            if old is None:
                raise
            return msgspec.structs.replace(old, offline=str(error), page=error.page)

    def ask(self, question: Question, *, wait: Callable[[float], object] = time.sleep) -> Document:
        """A new answer, checked and kept.

        Raises:
            HepDataError: if there is none.
        """
        if self._silent:
            raise HepDataError(
                ErrorKind.OFFLINE, f"HEPData was never asked for {question.what}, and is not asked now."
            )
        got = self.session.get(
            question.url, what=question.what, accept=question.accept, cap=_ANSWER_CAP, wait=wait
        )
        document = json_object(got, question.what)
        question.check(document)
        self.cache.put(question.url, got.body)
        return document

    def _kept(self, url: str, lasts: timedelta | None) -> Told | None:
        kept = self.cache.get(url, lasts)
        if kept is None:
            return None
        try:
            return Told(msgspec.json.decode(kept.body, type=dict), kept.retrieved, cached=True)
        except msgspec.MsgspecError:
            return None
