"""Asking HEPData for ``fitgui search``: what goes wrong is told, and what is known here goes on."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING

from fitgui import words
from fitgui.cli.output import is_terminal, say
from fitgui.pallets.catalogue.bundled import Catalogue, keep_refreshed
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.references import parse_reference
from fitgui.pallets.published import Entry

if TYPE_CHECKING:
    from fitgui.pallets.hepdata.answers import RecordAnswer, SearchAnswer
    from fitgui.pallets.hepdata.client import HepData

_MOST = 100
"""Answers that are asked for at once: the most that HEPData gives."""


class Asking:
    """Asks HEPData; what goes wrong is told, and the command goes on with what is known here."""

    def __init__(self, *, fresh: bool) -> None:
        self.failed = False
        self._fresh = fresh
        self._client: HepData | None = None

    def refresh(self) -> Catalogue | None:
        """The catalogue with all that HEPData lists; nothing if it did not answer."""
        try:
            with _working("Asking HEPData for all published likelihoods") as tell:
                answer = self._hepdata().likelihoods(progress=tell)
        except HepDataError as error:
            self._missed(error)
            return None
        catalogue = keep_refreshed(None, answer)
        say(
            f"HEPData lists {words.count(len(answer.entries), 'published likelihood')}: "
            f"{catalogue.new} new in the catalogue, {catalogue.changed} changed"
        )
        return catalogue

    def search(self, query: str) -> tuple[Entry, ...]:
        """What HEPData finds; nothing if it did not answer."""
        if self.failed:  # one sentence about it is enough
            return ()
        reference = parse_reference(query)
        try:
            with _working("Asking HEPData"):
                if reference is not None:
                    record = self._hepdata().record(reference, fresh=self._fresh)
                    self._tell_age(record)
                    return (record.entry,)
                answer = self._hepdata().search(query, size=_MOST, fresh=self._fresh)
        except HepDataError as error:
            if error.kind is not ErrorKind.NOT_FOUND:
                self._missed(error)
            return ()
        self._tell_age(answer)
        if answer.total > len(answer.entries):
            say(f"HEPData finds {answer.total}; these are the first {len(answer.entries)}: add a word")
        return answer.entries

    def close(self) -> None:
        """End connections."""
        if self._client is not None:
            self._client.close()

    def _hepdata(self) -> HepData:
        if self._client is None:
            from fitgui.pallets.hepdata.client import HepData  # noqa: PLC0415 -- only who asks loads it

            self._client = HepData()
        return self._client

    def _tell_age(self, answer: SearchAnswer | RecordAnswer) -> None:
        age = words.duration(max(time.time() - answer.retrieved.timestamp(), 0.0))
        if answer.offline:
            self.failed = True
            registered = getattr(answer, "source", "hepdata") == "datacite"
            what = "what HEPData registered at DataCite" if registered else f"HEPData's answer of {age} ago"
            say(f"{_with_page(answer.offline, answer.page)} This is {what}.")
        elif answer.cached:
            say(f"HEPData's answer is {age} old; --refresh asks anew")

    def _missed(self, error: HepDataError) -> None:
        self.failed = True
        here = "" if error.kind is ErrorKind.OFFLINE else " Here is what is known without HEPData."
        say(f"{_with_page(str(error), error.page)}{here}")


def _with_page(sentence: str, page: str) -> str:
    """A sentence with what to open in a browser, if a browser is the way on."""
    return f"{sentence.rstrip('.')} ({page})." if page else f"{sentence.rstrip('.')}."


class _Spinner:
    """Says on the terminal that an answer is waited for, and how much of it came."""

    def __init__(self, text: str) -> None:
        from rich.console import Console  # noqa: PLC0415

        self._text, self._status = text, Console(stderr=True).status(f"{text} ...")

    def __enter__(self) -> Callable[[int, int], None]:
        self._status.start()
        return lambda done, total: self._status.update(f"{self._text}: {done} of {total} ...")

    def __exit__(self, *_: object) -> None:
        self._status.stop()


def _working(text: str) -> _Spinner | nullcontext[None]:
    return _Spinner(text) if is_terminal(sys.stderr) else nullcontext()
