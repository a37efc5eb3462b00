"""Asking a cluster on a thread, and putting what goes wrong into words; no Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from fitgui.gui.where.schema_words import problems_of
from fitgui.runs.clusters import OptionValue
from fitgui_backends.contract import BackendError, Health, Need

Answer = TypeVar("Answer")


class Run(Protocol):
    """Does work on a thread, then calls one of the others in the GUI thread."""

    def __call__(
        self,
        work: Callable[[], Answer],
        done: Callable[[Answer], object],
        failed: Callable[[Exception], object],
        /,
    ) -> None:
        """As :meth:`fitgui.gui.store_threads.Threads.run`."""
        ...


def health_of_error(error: Exception) -> Health:
    """What a failed question tells of a place."""
    needs = getattr(error, "needs", Need.SERVICE)
    known = needs if isinstance(needs, Need) and needs is not Need.NOTHING else Need.SERVICE
    return Health(ready=False, summary=sentence_of(error), needs=known)


def sentence_of(error: Exception) -> str:
    """The error's own sentence where it was written for users, else a plain one; without the full stop."""
    if isinstance(error, BackendError):
        return str(error).rstrip(".")
    return f"That could not be done ({type(error).__name__}: {error})"


def lacking(form: Mapping[str, Any], options: Mapping[str, OptionValue]) -> str:
    """What the options of a place lack, in a sentence; empty where nothing is wrong."""
    problems = problems_of(form, options)
    if not problems:
        return ""
    name, problem = next(iter(problems.items()))
    properties = form.get("properties", {})
    title = str(properties.get(name, {}).get("title") or name) if isinstance(properties, Mapping) else name
    return f"{title}: {problem[:1].lower()}{problem[1:]}." if name else problem
