"""Getting published likelihoods in the background: at most two at once, each told in its row."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from fitgui.gui.store_states import DownloadState, Phase
from fitgui.gui.store_threads import Threads
from fitgui.pallets.hepdata import progress
from fitgui.pallets.hepdata.cancelling import Cancel
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.progress import Progress
from fitgui.pallets.hepdata.references import Reference
from fitgui.pallets.library.item import LibraryItem
from fitgui.pallets.published import Entry, PublishedFile

AT_ONCE = 2
PHASES: dict[progress.Phase, Phase] = {
    progress.Phase.WAITING: "waiting",
    progress.Phase.ASKING: "asking",
    progress.Phase.DOWNLOADING: "downloading",
    progress.Phase.CHECKING: "checking",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be got."""

    key: str
    """Of the row."""
    entry: Entry
    file: PublishedFile | None
    """Which file; ``None``: the one that the reference names, or the only likelihood."""
    reference: Reference | None
    """What the user named."""


Tell = Callable[[Progress], None]
Fetch = Callable[[Wanted, Tell, Cancel], LibraryItem]
"""Gets it, on a thread; tells how it goes; what it raises ends the download."""


class Downloads:
    """All downloads of a window, by the key of their row; an object of the GUI thread.

    Args:
        fetch: does the work.
        post: has a call made in the GUI thread, at the next frame.
        changed: is told every state.
        arrived: is given what is here now, and what to call once the rows show it.
        failed: is given what went wrong; returns the sentence for the row.
    """

    def __init__(
        self,
        fetch: Fetch,
        post: Callable[[Callable[[], object]], None],
        *,
        changed: Callable[[DownloadState], None],
        arrived: Callable[[LibraryItem, Callable[[], bool]], None],
        failed: Callable[[Exception], str],
    ) -> None:
        self.states: dict[str, DownloadState] = {}
        self._fetch, self._post = fetch, post
        self._changed, self._arrived, self._failed = changed, arrived, failed
        self._jobs: dict[str, _Job] = {}
        """Those that are not over."""
        self._latest: dict[str, _Job] = {}
        self._threads = Threads("download", AT_ONCE, post)

    @property
    def going_on(self) -> int:
        """How many are not over."""
        return len(self._jobs)

    def begin(self, wanted: Wanted) -> None:
        """Get it, after those that wait already; nothing if this row is being got."""
        if wanted.key in self._jobs:
            return
        job = _Job(wanted, self._post, self._tell)
        # Nothing but other downloads is waited for: a free thread asks at once.
        phase: Phase = (
            "waiting" if sum(not other.here for other in self._jobs.values()) >= AT_ONCE else "asking"
        )
        self._jobs[wanted.key] = self._latest[wanted.key] = job
        # What an earlier try has brought is seen until this one has something to tell.
        earlier = self.states.get(wanted.key)
        kept = earlier.progress if earlier is not None and earlier.file == wanted.file else None
        self._set(DownloadState(wanted.key, wanted.file, phase, kept))
        self._threads.run(
            lambda: job.work(self._fetch),
            lambda item: self._end(job, item),
            lambda error: self._give_up(job, error),
        )

    def cancel(self, key: str) -> None:
        """Give up; what has come is kept for the next time."""
        job = self._jobs.pop(key, None)
        if job is None:
            return
        job.cancel.cancel()
        self._set(replace(self.states[key], phase="cancelled", sentence=""))

    def came_otherwise(self, key: str) -> None:
        """The file is here, though this did not get it."""
        state = self.states.get(key)
        if state is not None and state.can_retry:
            self._set(replace(state, phase="done", sentence="", page=""))

    def forget_unless(self, kept: Collection[str]) -> None:
        """What was got and is not kept any more, because it was removed, was not got."""
        for key in [key for key, state in self.states.items() if state.phase == "done" and key not in kept]:
            del self.states[key]

    def stop(self) -> None:
        """Give up all of them, and begin no other."""
        self._threads.stop()
        for key in tuple(self._jobs):
            self.cancel(key)

    def wait(self, seconds: float) -> bool:
        """After :meth:`stop`: whether all threads have ended within that time."""
        return self._threads.wait(seconds)

    def _tell(self, job: _Job, now: Progress) -> None:
        key = job.wanted.key
        if self._latest.get(key) is not job:
            return
        state = self.states[key]
        seen = replace(state, progress=now if now.received else state.progress)
        if key in self._jobs:
            seen = replace(seen, phase=PHASES[now.phase], sentence=now.note)
        self._set(seen)  # of one that was cancelled: how much of it is here

    def _end(self, job: _Job, item: LibraryItem) -> None:
        if self._jobs.get(job.wanted.key) is job:
            job.here = True
            self._arrived(item, lambda: self._finish(job))

    def _finish(self, job: _Job) -> bool:
        """It is in its row: not before that is it done. Whether it is still wanted."""
        if self._jobs.get(job.wanted.key) is not job:
            return False
        del self._jobs[job.wanted.key]
        self._set(replace(self.states[job.wanted.key], phase="done", sentence=""))
        return True

    def _give_up(self, job: _Job, error: Exception) -> None:
        if self._jobs.get(job.wanted.key) is job:
            del self._jobs[job.wanted.key]
            known = error if isinstance(error, HepDataError) else None
            self._set(
                replace(
                    self.states[job.wanted.key],
                    phase="failed",
                    sentence=self._failed(error),
                    page=known.page if known is not None else "",
                    offline=known is not None and known.kind is ErrorKind.OFFLINE,
                )
            )

    def _set(self, state: DownloadState) -> None:
        if self.states.get(state.key) != state:
            self.states[state.key] = state
            self._changed(state)


class _Job:
    """One download, and the latest that its thread has to tell: however often it does, once a frame."""

    def __init__(
        self,
        wanted: Wanted,
        post: Callable[[Callable[[], object]], None],
        told: Callable[[_Job, Progress], None],
    ) -> None:
        self.wanted = wanted
        self.cancel = Cancel()
        self.here = False
        """Whether the file is in the library, and only the rows do not show it yet."""
        self._post, self._told = post, told
        self._latest = Progress()
        self._posted = False

    def work(self, fetch: Fetch) -> LibraryItem:
        """On a thread of the downloads."""
        self.cancel.check()
        return fetch(self.wanted, self._tell, self.cancel)

    def _tell(self, now: Progress) -> None:
        self._latest = now
        if not self._posted:
            self._posted = True
            self._post(self._deliver)

    def _deliver(self) -> None:
        self._posted = False  # before the latest is read: what comes now is posted again
        self._told(self, self._latest)
