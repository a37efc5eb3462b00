"""What every engine does before its fits, and the words that all of them use."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fitgui_backends.engines.base import FitError

if TYPE_CHECKING:
    from fitgui_backends.contract import FitOptions, FitPoint


@contextmanager
def in_words() -> Iterator[None]:
    """Let a wrong document or option end a fit in one sentence."""
    from fitgui_backends.histfactory.errors import HistFactoryError  # noqa: PLC0415

    try:
        yield
    except HistFactoryError as error:
        raise FitError(f"{capital(str(error))}.") from error


def choose(engine: str, option: str, value: str, allowed: tuple[str, ...]) -> None:
    """Say no to a value of an option that the engine does not know.

    Raises:
        FitError: in words.
    """
    if value not in allowed:
        raise FitError(f"{option} = {value!r} is unknown to the {engine} engine: use {' or '.join(allowed)}.")


def check_signal_strength(mu: float) -> None:
    """Say no to a signal strength that cannot be tested.

    Raises:
        FitError: in words.
    """
    if not math.isfinite(mu) or mu <= 0:
        raise FitError(f"The tested signal strength must be above zero, not {mu:g}.")


def check_counts(options: FitOptions) -> None:
    """Say no to numbers of pseudo-experiments, and seeds, that there cannot be.

    Raises:
        FitError: in words.
    """
    if options.toys < 0:
        raise FitError(f"The number of pseudo-experiments must be zero or more, not {options.toys}.")
    if options.seed < 0:
        raise FitError(f"The seed of the pseudo-experiments must be zero or more, not {options.seed}.")


def check_ranges(
    measurement: str,
    parameters: Iterable[tuple[str, float, float, float]],
    *,
    poi: str | None,
    poi_test: float,
) -> None:
    """Say no to what fails later and without saying which parameter: values outside of the bounds.

    Args:
        measurement: Its name.
        parameters: Name, starting value, lower and upper bound of each.
        poi: The name of the parameter of interest.
        poi_test: The tested signal strength.

    Raises:
        FitError: in words.
    """
    for name, start, low, high in parameters:
        if not low <= start <= high:
            raise FitError(
                f"The parameter {name} starts at {start:g}, which is outside of its bounds {low:g} to"
                f" {high:g}: correct the measurement {measurement}."
            )
        if name != poi:
            continue
        for mu, why in ((poi_test, "which is tested"), (0.0, "the hypothesis without signal")):
            if not low <= mu <= high:
                raise FitError(
                    f"The measurement {measurement} bounds the signal strength {poi} to the range"
                    f" {low:g} to {high:g}, which leaves out {mu:g}, {why}: correct the bounds, or test a"
                    " value within them."
                )


def about_statistic(statistic: str, low: float) -> list[str]:
    """What a reader has to know where the test statistic does not suit the bounds of the signal strength.

    Args:
        statistic: ``qtilde`` or ``q``.
        low: The lower bound of the parameter of interest.
    """
    if statistic == "qtilde" and low != 0.0:
        return [
            f"The signal strength may go down to {low:g} in this measurement, but qtilde is defined for a"
            " lower bound of zero: compare with the test statistic q before publishing."
        ]
    if statistic == "q" and low >= 0.0:
        return [
            "The test statistic q lets the best-fit signal strength be negative, but this measurement bounds"
            f" it from below at {low:g}: compare with qtilde before publishing."
        ]
    return []


def _validation() -> Callable[[object], None]:
    from fitgui_backends.histfactory.schema import validate_workspace  # noqa: PLC0415

    return validate_workspace


class Known:
    """Parts of a workspace that are known to match the schema, so that only new ones are checked.

    A patch shares with the workspace all that it does not touch, as the same objects.

    Args:
        workspace: The document that is patched.
        validate: Says by a ``HistFactoryError`` what is wrong with a document, and where; by default
            :func:`.validate_workspace`.
    """

    def __init__(
        self, workspace: Mapping[str, Any], validate: Callable[[object], None] | None = None
    ) -> None:
        from fitgui_backends.histfactory.errors import HistFactoryError  # noqa: PLC0415

        self._validate = validate or _validation()
        self._parts: dict[int, Any] = {}
        """By identity; kept, because an identity is used again once its object is gone."""
        try:
            self._validate(workspace)
        except HistFactoryError:  # a patch may mend it
            return
        for channel in workspace["channels"]:
            self._parts[id(channel)] = channel
            self._parts.update((id(sample), sample) for sample in channel["samples"])

    def validate(self, document: Any) -> None:
        """As the function that validates, with its verdict and its words."""
        from fitgui_backends.histfactory.errors import HistFactoryError  # noqa: PLC0415

        try:
            self._validate(self._without_known_parts(document))
        except (HistFactoryError, TypeError, KeyError, AttributeError):
            self._validate(document)  # for its words: places are counted in the whole document

    def _without_known_parts(self, document: Any) -> Any:
        channels = [
            _ANY_CHANNEL if id(channel) in self._parts else self._without_known_samples(channel)
            for channel in document["channels"]
        ]
        return {**document, "channels": channels}

    def _without_known_samples(self, channel: Any) -> Any:
        samples = [_ANY_SAMPLE if id(sample) in self._parts else sample for sample in channel["samples"]]
        return {**channel, "samples": samples}


_ANY_SAMPLE = {"name": "known", "data": [1.0], "modifiers": []}
_ANY_CHANNEL = {"name": "known", "samples": [_ANY_SAMPLE]}


def patched(workspace: Mapping[str, Any], point: FitPoint, known: Known) -> Mapping[str, Any]:
    """The validated workspace with the signal of a point; what the patch leaves alone is shared.

    Args:
        workspace: The document.
        point: The signal.
        known: Of this workspace.

    Raises:
        HistFactoryError: if the patch does not apply, or its result is no workspace.
    """
    from fitgui_backends.histfactory.patching import apply_patch, decode_operations  # noqa: PLC0415

    document: Mapping[str, Any] = apply_patch(workspace, decode_operations(point.operations))
    known.validate(document)
    return document


_DISCOVERY = {
    "discovery_free": "the free fit of the discovery test",
    "discovery_mu0": "the fit at mu = 0 of the discovery test",
    "discovery_mu1": "the fit at mu = 1",
    "discovery_asimov_free": "the free fit to the Asimov data with signal",
    "discovery_asimov_mu0": "the fit at mu = 0 to the Asimov data with signal",
}


def fit_words(fit: str, poi_test: float) -> str:
    """Name a fit in words: ``the fit at mu = 1 to the Asimov data``."""
    if fit in _DISCOVERY:
        return _DISCOVERY[fit]
    data = " to the Asimov data" if fit.startswith("asimov") else ""
    if fit.endswith("free"):
        return f"the free fit{data}"
    value = 0.0 if fit == "mu0" else poi_test
    return f"the fit at mu = {value:g}{data}"


def counted(number: int, what: str) -> str:
    """A number of things: ``1 parameter``, ``2 parameters``."""
    return f"{number} {what}" + ("" if number == 1 else "s")


def capital(text: str) -> str:
    """The sentence with a capital at its start."""
    return text[:1].upper() + text[1:]
