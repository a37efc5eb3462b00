"""Asking HEPData what is published: searches, records, versions, files; only ever because a user wants it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from fitgui.folders import default_cache_folder
from fitgui.pallets.hepdata.answers import (
    RecordAnswer,
    SearchAnswer,
    check_record,
    check_resources,
    check_search,
    check_version,
    chosen,
    found_entries,
    no_version,
    versions_of,
)
from fitgui.pallets.hepdata.asking import UNREACHABLE, Asker, Question, Told
from fitgui.pallets.hepdata.cache import AnswerCache
from fitgui.pallets.hepdata.contents import Content, look_inside, with_content
from fitgui.pallets.hepdata.datacite import registered
from fitgui.pallets.hepdata.documents import inner, number
from fitgui.pallets.hepdata.entries import entry_of, files_of
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.locating import SEARCH_LASTS, located
from fitgui.pallets.hepdata.queries import LARGEST_PAGE, LIKELIHOODS, MOST_RESULTS, search_query, search_url
from fitgui.pallets.hepdata.references import Reference
from fitgui.pallets.hepdata.service import Service, service_from_environment
from fitgui.pallets.published import Entry, PublishedFile

if TYPE_CHECKING:
    from fitgui.pallets.hepdata.session import Patience, Session

RECORD_LASTS = timedelta(days=1)
"""A new version may appear."""
FILES_LAST = timedelta(days=7)
"""The files of a version do not change; what HEPData says of them may."""
CONTENT_LASTS = timedelta(days=365)
_CATALOGUE_PAGE = 50


class HepData:
    """HEPData, asked politely; may be used by several threads.

    Args:
        service: where it is; by default the real one, or the stand-in of a test.
        cache: of answers; by default in the cache folder.
        patience: with slow and busy services.
        silent: whether to be content with kept answers of any age, and to ask nobody.
    """

    def __init__(
        self,
        service: Service | None = None,
        cache: AnswerCache | None = None,
        *,
        patience: Patience | None = None,
        silent: bool = False,
    ) -> None:
        self._asker = Asker(
            service if service is not None else service_from_environment(),
            cache if cache is not None else AnswerCache(default_cache_folder() / "hepdata"),
            patience,
            silent=silent,
        )

    @property
    def service(self) -> Service:
        """Where it is."""
        return self._asker.service

    @property
    def session(self) -> Session:
        """Begins downloads, too; made when something is asked for the first time."""
        return self._asker.session

    def close(self) -> None:
        """Close idle connections; asking again opens new ones."""
        self._asker.close()

    def search(self, text: str, *, page: int = 1, size: int = 25, fresh: bool = False) -> SearchAnswer:
        """Search the published likelihoods.

        Args:
            text: words that must all occur, a DOI or number, or HEPData's query language; empty for all.
            page: from 1.
            size: of a page, up to 100.
            fresh: not content with an answer that is kept, unless HEPData cannot be reached.

        Raises:
            HepDataError: if there is no answer, neither new nor kept.
        """
        size = max(1, min(size, LARGEST_PAGE))
        page = max(1, min(page, MOST_RESULTS // size))
        query = search_query(text)
        sort = "latest" if query == LIKELIHOODS else ""  # where nothing is more relevant than the rest
        url = search_url(self.service.hepdata, query, page=page, size=size, sort=sort)
        question = Question(url=url, what="the search", check=check_search, lasts=SEARCH_LASTS)
        return _search_answer(self._asker.told(question, fresh=fresh))

    def likelihoods(
        self,
        *,
        progress: Callable[[int, int], object] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> SearchAnswer:
        """All published likelihoods, asked anew; to refresh the catalogue, when a user wants it.

        Args:
            progress: is told how many are here, and of how many.
            cancelled: asked now and then whether to stop.

        Raises:
            HepDataError: if not all could be had, or of the kind ``CANCELLED``.
        """
        found: dict[str, Entry] = {}
        retrieved, total, wait = datetime.now(UTC), 0, _waiting(cancelled)
        for page in range(1, MOST_RESULTS // _CATALOGUE_PAGE + 1):
            if page > 1:
                wait(self.session.patience.between_pages)
            _stop_if(cancelled)
            url = search_url(self.service.hepdata, LIKELIHOODS, page=page, size=_CATALOGUE_PAGE, sort="recid")
            question = Question(
                url=url, what="the list of likelihoods", check=check_search, lasts=timedelta(0)
            )
            entries, total = found_entries(self._asker.ask(question, wait=wait), retrieved)
            before = len(found)
            found.update((entry.key, entry) for entry in entries)
            if progress is not None:
                progress(min(len(found), total), total)
            # Whatever number HEPData gives, a page with nothing new on it is the end.
            if len(found) == before or page * _CATALOGUE_PAGE >= total:
                break
        return SearchAnswer(entries=tuple(found.values()), total=max(total, len(found)), retrieved=retrieved)

    def record(self, reference: Reference, *, fresh: bool = False) -> RecordAnswer:
        """One version of a record: the version that is named, else the newest.

        Args:
            reference: whatever names the record, or a file of it.
            fresh: not content with answers that are kept, unless HEPData cannot be reached.

        Returns:
            What HEPData says, or, where it does not answer, what it registered at DataCite; ``chosen`` is the
            file, if the reference names one.

        Raises:
            HepDataError: if there is no such record, version or file, or no answer.
        """
        try:
            return self._recorded(reference, fresh=fresh)
        except HepDataError as error:
            if error.kind not in UNREACHABLE:
                raise
            try:
                answer = registered(self._asker, reference, fresh=fresh)
            except HepDataError:
                raise error from None
            return msgspec.structs.replace(answer, offline=str(error), page=error.page)

    def _recorded(self, reference: Reference, *, fresh: bool) -> RecordAnswer:
        """As HEPData itself tells it."""
        reference = located(self._asker, reference, fresh=fresh)
        record = self._record(reference, fresh=fresh)
        recid = number(record.document, "recid") or 0  # it is there: see check_record
        version, versions = versions_of(record.document)
        listed = self._resources(recid, version, fresh=fresh)
        files = files_of(record.document, listed.document, recid, version)
        retrieved = min(record.retrieved, listed.retrieved)
        entry = entry_of(inner(record.document, "record"), retrieved, files)
        return RecordAnswer(
            entry=msgspec.structs.replace(entry, record=recid, version=versions),
            version=version,
            versions=versions,
            files=files,
            chosen=chosen(reference, files, f"record {recid} version {version}"),
            retrieved=retrieved,
            cached=record.cached or listed.cached,
            offline=record.offline or listed.offline,
            page=record.page or listed.page,
        )

    def resolve(self, reference: Reference) -> RecordAnswer:
        """The record that a reference names, and the file, if it names one; see :meth:`record`."""
        return self.record(reference)

    def classify(self, file: PublishedFile) -> PublishedFile:
        """Tell by its first bytes whether a file holds likelihoods, as HEPData does not tell of old ones.

        Args:
            file: of a record.

        Returns:
            The same; ``likelihood`` stays ``None`` only if its first megabytes do not tell. Its size and name
            are filled in, too.

        Raises:
            HepDataError: if it cannot be had.
        """
        url = self.file_url(file)
        key = f"{url}#content"
        if (kept := self._asker.cache.get(key, CONTENT_LASTS)) is not None:
            try:
                return with_content(file, msgspec.json.decode(kept.body, type=Content))
            except msgspec.MsgspecError:  # of another version of fitgui
                pass
        content = look_inside(self.session, file, url)
        self._asker.cache.put(key, msgspec.json.encode(content))
        return with_content(file, content)

    def file_url(self, file: PublishedFile) -> str:
        """Where the bytes of a file are.

        Raises:
            HepDataError: if that is not known.
        """
        if file.resource is not None:
            return f"{self.service.hepdata}/record/resource/{file.resource}?view=true"
        if file.doi:
            return self.service.doi_url(file.doi)
        raise HepDataError(
            ErrorKind.NOT_FOUND,
            f"It is not known where {file.name or 'this file'} is: look for its record at HEPData.",
        )

    def _record(self, reference: Reference, *, fresh: bool) -> Told:
        question, wanted = self._record_question(reference), reference.version
        try:
            told = self._asker.told(question, fresh=fresh)
        except HepDataError as error:
            if error.kind is not ErrorKind.NOT_FOUND or wanted is None:
                raise
            # HEPData answers the same whether the record or only the version is unknown.
            question = self._record_question(msgspec.structs.replace(reference, version=None))
            told = self._asker.told(question, fresh=fresh)
            _, versions = versions_of(told.document)
            raise no_version(_record_name(reference), versions, wanted) from None
        check_version(told.document, _record_name(reference), wanted)
        return told

    def _record_question(self, reference: Reference) -> Question:
        name = f"{reference.record}" if reference.record is not None else f"ins{reference.inspire}"
        what = _record_name(reference)
        if reference.version is not None:
            what += f" version {reference.version}"
        # "light" leaves out the tables. Any value of it means yes, "false" too.
        url = f"{self.service.hepdata}/record/{name}?format=json&light=true"
        if reference.version is not None:
            url += f"&version={reference.version}"
        return Question(
            url=url, what=what, check=lambda document: check_record(document, what), lasts=RECORD_LASTS
        )

    def _resources(self, recid: int, version: int, *, fresh: bool) -> Told:
        what = f"the list of files of record {recid} version {version}"
        question = Question(
            url=f"{self.service.hepdata}/record/resources/{recid}/{version}",
            what=what,
            check=lambda document: check_resources(document, what),
            lasts=FILES_LAST,
        )
        return self._asker.told(question, fresh=fresh)


def _record_name(reference: Reference) -> str:
    """For a sentence, whatever the version."""
    record = reference.record
    return f"record {record}" if record is not None else f"the record of ins{reference.inspire}"


def _search_answer(told: Told) -> SearchAnswer:
    entries, total = found_entries(told.document, told.retrieved)
    return SearchAnswer(
        entries=entries,
        total=total,
        retrieved=told.retrieved,
        cached=told.cached,
        offline=told.offline,
        page=told.page,
    )


def _stop_if(cancelled: Callable[[], bool] | None) -> None:
    if cancelled is not None and cancelled():
        raise HepDataError(ErrorKind.CANCELLED, "Asking HEPData was cancelled.")


def _waiting(cancelled: Callable[[], bool] | None) -> Callable[[float], object]:
    """Lets time pass in small steps, so that a wish to stop is noticed."""

    def wait(seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            _stop_if(cancelled)
            time.sleep(min(0.1, left))

    return wait
