"""What HEPData is asked, always because the user wants it, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from fitgui import words
from fitgui.gui.store_states import HepDataState
from fitgui.gui.store_threads import Threads
from fitgui.pallets.hepdata.cancelling import Cancel
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.references import Reference
from fitgui.pallets.model import PalletError
from fitgui.trouble import report

if TYPE_CHECKING:
    from fitgui.pallets.hepdata.answers import RecordAnswer, SearchAnswer
    from fitgui.pallets.hepdata.client import HepData

UNREACHED = "HEPData could not be reached at "
"""Begins what is said beside the word ``offline``; the time shows that a further try was one."""
FOUND_AT_ONCE = 100
"""Answers to one search: as many as HEPData gives in one page."""
AT_ONCE = 2
Answer = TypeVar("Answer", "SearchAnswer", "RecordAnswer")


def _about(answer: RecordAnswer) -> str:
    """What to tell of an answer about a record that HEPData did not give now."""
    if not answer.page and answer.source == "hepdata":
        return _unreached() if answer.offline else ""
    why = answer.offline.partition(":")[0] if answer.page else "HEPData cannot be reached"
    where = "DataCite knows them" if answer.source == "datacite" else "HEPData told them last"
    return f"{why}. Versions and files are as {where}."


def _unreached() -> str:
    now = datetime.now().astimezone()
    return f"{UNREACHED}{now:%H:%M:%S}. The catalogue and your library work as before."


class Questions:
    """Questions to HEPData and the state of things; an object of the GUI thread.

    Args:
        make_client: makes the client, on a thread: its libraries take a while to load.
        post: has a call made in the GUI thread, at the next frame.
        changed: is told that :attr:`state` is another.
    """

    def __init__(
        self,
        make_client: Callable[[], HepData],
        post: Callable[[Callable[[], object]], None],
        changed: Callable[[HepDataState], None],
    ) -> None:
        self.state = HepDataState()
        self._make_client, self._post, self._changed = make_client, post, changed
        self._client: HepData | None = None
        self._making = Lock()
        self._threads = Threads("hepdata", AT_ONCE, post)
        self._cancels: set[Cancel] = set()
        self._search = Cancel()
        self._all = Cancel()

    def client(self) -> HepData:
        """The client, made at the first call; on a thread only."""
        with self._making:
            if self._client is None:
                self._client = self._make_client()
            return self._client

    def search(self, text: str, done: Callable[[SearchAnswer], None]) -> None:
        """Ask for published likelihoods; a later search takes the place of an earlier one."""
        # Who asks for the same again is not content with what is remembered.
        fresh = self.state.cached and self.state.searched == text
        self.forget()
        self._set(searched=text)

        def found(answer: SearchAnswer) -> None:
            before = "As of the last time, " if answer.offline else ""
            many = words.count(answer.total, "published likelihood")
            shown = (
                f", the first {len(answer.entries)} are shown" if len(answer.entries) < answer.total else ""
            )
            self._set(
                sentence=f"{before}HEPData has {many} for “{text}”{shown}."
                if answer.total
                else f"{before}HEPData has no published likelihood for “{text}”.",
                searched=text,
                retrieved=answer.retrieved,
                total=answer.total,
                cached=answer.cached,
            )
            done(answer)

        self._search = self._ask(
            lambda client, _cancel: client.search(text, size=FOUND_AT_ONCE, fresh=fresh),
            found,
            f"Asking HEPData for “{text}” …",
            otherwise=lambda _sentence: self._set(searched=""),
        )

    def forget(self) -> None:
        """Give up the search that is going on, and what the last one found."""
        self._search.cancel()
        self._cancels.discard(self._search)
        self._set(
            asking=bool(self._cancels),
            sentence="",
            searched="",
            retrieved=None,
            total=0,
            cached=False,
            page="",
        )

    def record(
        self,
        reference: Reference,
        done: Callable[[RecordAnswer], None],
        failed: Callable[[str], object] | None = None,
    ) -> None:
        """Ask for a record: its versions, and the files of the one that is named, or of the newest.

        Args:
            reference: what the user named.
            done: is given the answer.
            failed: is told, too, why there is none.
        """

        def known(answer: RecordAnswer) -> None:
            self._set(sentence=_about(answer))
            done(answer)

        self._ask(
            lambda client, _cancel: client.resolve(reference),
            known,
            f"Asking HEPData about {reference.shown} …",
            otherwise=failed,
        )

    def likelihoods(self, done: Callable[[SearchAnswer], None]) -> None:
        """Ask for all published likelihoods; nothing while that is being asked."""
        if self._all in self._cancels:
            return

        def work(client: HepData, cancel: Cancel) -> SearchAnswer:
            return client.likelihoods(
                progress=lambda here, total: self._post(lambda: self._count(cancel, here, total)),
                cancelled=lambda: cancel.cancelled,
            )

        def known(answer: SearchAnswer) -> None:
            self._set(sentence="")
            done(answer)

        self._all = self._ask(work, known, "Asking HEPData for all published likelihoods …")

    def tell(self, sentence: str) -> None:
        """Something worth knowing that came of asking."""
        self._set(sentence=sentence)

    def went_wrong(self, error: Exception) -> str:
        """Take note of what went wrong.

        Returns:
            A sentence about it for the user.
        """
        offline = isinstance(error, HepDataError) and error.kind is ErrorKind.OFFLINE
        if offline:
            self._set(offline=True, sentence=_unreached())
        return self.worded(error)

    def not_got(self, error: Exception) -> str:
        """Take note of why a file could not be got; the sentence is for its row, and told nowhere else."""
        if isinstance(error, HepDataError) and error.kind is ErrorKind.OFFLINE:
            self._set(offline=True, sentence="")
        return self.worded(error)

    @staticmethod
    def worded(error: Exception) -> str:
        """What went wrong, for the user."""
        if isinstance(error, PalletError):
            return str(error)
        return words.capital(report(error)) + "."

    def went_well(self) -> None:
        """HEPData has answered."""
        self._note_connection("")

    def stop(self) -> None:
        """Give up what is being asked."""
        self._threads.stop()
        for cancel in tuple(self._cancels):
            cancel.cancel()

    def wait(self, seconds: float) -> bool:
        """After :meth:`stop`: whether all threads have ended within that time."""
        ended = self._threads.wait(seconds)
        if self._client is not None:
            self._client.close()
        return ended

    def _ask(
        self,
        work: Callable[[HepData, Cancel], Answer],
        done: Callable[[Answer], None],
        asking: str,
        otherwise: Callable[[str], object] | None = None,
    ) -> Cancel:
        cancel = Cancel()
        self._cancels.add(cancel)
        self._set(asking=True, sentence=asking, page="")

        def answered(answer: Answer) -> None:
            if cancel in self._cancels:
                self._over(cancel)
                self._note_connection("" if answer.page else answer.offline)
                self._set(page=answer.page)
                done(answer)

        def failed(error: Exception) -> None:
            if cancel in self._cancels:
                self._over(cancel)
                self._set(sentence="", page=error.page if isinstance(error, HepDataError) else "")
                sentence = self.went_wrong(error)
                if not self.state.sentence.startswith(UNREACHED):
                    self._set(sentence=sentence)
                if otherwise is not None:
                    otherwise(sentence)

        # On a thread of its own, which is left behind where an answer is no longer wanted.
        self._threads.run(lambda: cancel.run(lambda: work(self.client(), cancel)), answered, failed)
        return cancel

    def _note_connection(self, offline: str) -> None:
        """``offline``: why an older answer had to do."""
        if offline:
            self._set(offline=True)
        elif self.state.offline:
            sentence = "" if self.state.sentence.startswith(UNREACHED) else self.state.sentence
            self._set(offline=False, sentence=sentence)

    def _over(self, cancel: Cancel) -> None:
        self._cancels.discard(cancel)
        self._set(asking=bool(self._cancels))

    def _count(self, cancel: Cancel, here: int, total: int) -> None:
        if cancel in self._cancels:
            self._set(sentence=f"Asking HEPData for all published likelihoods: {here} of {total} …")

    def _set(self, **changes: object) -> None:
        state = replace(self.state, **changes)  # type: ignore[arg-type]  # names of HepDataState
        if state != self.state:
            self.state = state
            self._changed(state)
