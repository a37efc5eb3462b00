"""What an engine is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from fitgui_backends.contract import FitOptions, FitPoint, ToyShare
    from fitgui_backends.results import FitResult, ShareResult

NO_SIGNAL = (
    "The signal changes nothing that is measured: every signal strength fits equally well, so mu-hat is"
    " undefined (the number is only where the minimiser stopped); look at the signal's yields."
)
"""What every engine says of such a point, whose CLs is 1, and right."""


class FitError(Exception):
    """A point cannot be fitted; the text is one sentence for the user."""


def in_one_sentence(error: BaseException, what: str = "point") -> str:
    """Why there is no answer for a point, whatever the reason is.

    Args:
        error: What ended the fit.
        what: That takes the memory: ``point`` or ``workspace``.
    """
    if isinstance(error, FitError):
        return str(error)
    if isinstance(error, MemoryError):
        return f"There is not enough memory for this {what}: use fewer workers."
    text = " ".join(str(error).split())[:300]
    return f"The fit stopped with an unforeseen {type(error).__name__} ({text}): please report it."


def late_in_words(limit: float, engine: str, *, toys: bool = False) -> str:
    """What is said of a point that was stopped.

    Args:
        limit: Seconds that it had.
        engine: That fitted it.
        toys: Whether it was pseudo-experiments that took the time.
    """
    other = "" if engine == "newton" else ", or try the engine newton"
    if toys:
        other = ", or ask for fewer toys"
    return f"The fit did not finish within {limit:g} s and was stopped: allow more time{other}."


class PreparedWorkspace(Protocol):
    """A workspace that is ready for its signal points; belongs to one process, fits one point at a time."""

    def fit(self, point: FitPoint) -> FitResult:
        """Add the signal and answer all that the options ask; ``seconds`` says what model and fits took.

        Raises:
            FitError: if there is no answer for this point.
        """
        ...

    def fit_share(self, point: FitPoint, share: ToyShare) -> ShareResult:
        """Throw some of the pseudo-experiments of a point; the first share does the point itself as well.

        Raises:
            FitError: if there is no answer for this point.
        """
        ...


class Engine(Protocol):
    """How a signal point is fitted."""

    @property
    def name(self) -> str:
        """As in :attr:`fitgui_backends.contract.FitOptions.engine`."""
        ...

    def check_options(self, options: FitOptions) -> None:
        """Say no to what this engine cannot keep, before anything starts; imports nothing that is slow.

        Raises:
            FitError: in one sentence.
        """
        ...

    def warm_up(self) -> None:
        """Import what fitting needs, so that the first point does not pay for it.

        Raises:
            FitError: if a library is missing.
        """
        ...

    def prepare(
        self, workspace: Mapping[str, Any], measurement: str | None, options: FitOptions
    ) -> PreparedWorkspace:
        """Do once what all points of a workspace share.

        Args:
            workspace: The background-only document; never changed.
            measurement: The measurement that defines the POI; ``None`` takes the first.
            options: How every point is fitted.

        Raises:
            FitError: if the options cannot be kept, or the workspace cannot be used.
        """
        ...
