"""What fits on a worker that has nothing but pyhf: the engine pyhf, from the text of the function.

The numbers, their health and all words are those of the same engine elsewhere (:mod:`.pyhf_core`). Documents
are read by the standard library and validated by pyhf itself. This module travels: at its top it imports
nothing but the standard library and what travels too.
"""

from __future__ import annotations

import json
import math
import time
import warnings
from collections import OrderedDict
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, NoReturn

from fitgui_backends.engines import pyhf_core
from fitgui_backends.engines.base import FitError
from fitgui_backends.engines.shared import Known, in_words
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.places import place_in_words, short, wrong_modifier
from fitgui_backends.histfactory.size import Allowance
from fitgui_backends.remote import surroundings, task
from fitgui_backends.remote.task import FitOne

KEPT_WORKSPACES = 4
"""As of a worker with fitgui-backends."""


class PyhfFitter:
    """Remembers workspaces, and fits their points with pyhf; a :class:`.task.Fitter`."""

    def __init__(self) -> None:
        self.reason = ""
        """Why fitgui-backends does not do this."""
        self._workspaces: OrderedDict[str, tuple[Any, Known | None]] = OrderedDict()

    def knows(self, digest: str) -> bool:
        """Whether it remembers the workspace."""
        return digest in self._workspaces

    def keep(self, digest: str, workspace: bytes) -> None:
        """Remember a workspace.

        Raises:
            FitError: if it is not JSON, or no object.
        """
        try:
            document = json.loads(workspace)
        except (ValueError, RecursionError) as error:
            raise FitError(f"The workspace is not JSON: {error}.") from error
        if not isinstance(document, dict):
            raise FitError("The workspace is not a JSON object.")
        self._workspaces[digest] = (document, None)
        while len(self._workspaces) > KEPT_WORKSPACES:
            self._workspaces.popitem(last=False)

    def prepare(self, digest: str, measurement: str | None, options: Mapping[str, Any]) -> FitOne:
        """Make ready to fit points of a workspace that it remembers.

        Raises:
            FitError: if it is to be done by another engine, or pyhf cannot do it.
        """
        if options["engine"] != "pyhf":
            raise FitError(
                f"The engine {options['engine']} cannot run on the worker {surroundings.worker_name()}"
                f" (Python {surroundings.versions()['Python']}): {self.reason}. Install it there in the"
                " worker_init of the endpoint (`fitgui backends template` writes one), or choose the engine"
                " pyhf."
            )
        chosen: Any = SimpleNamespace(**options)
        pyhf_core.check_options(chosen, "pyhf")
        document, known = self._workspaces[digest]
        if known is None:
            known = Known(document, validate_with_pyhf)
            self._workspaces[digest] = (document, known)
        self._workspaces.move_to_end(digest)

        def fit(name: str, patch: str) -> dict[str, Any]:
            began = time.perf_counter()
            with in_words():
                patched = _patched(document, patch)
                known.validate(patched)
            seconds = time.perf_counter() - began
            result = pyhf_core.fit_document(name, patched, measurement, chosen)
            result["seconds"]["model"] += seconds
            return result

        return fit

    def prepare_anew(self) -> None:
        """Nothing is prepared that a fit changes."""

    def versions(self) -> dict[str, str]:
        """Of all that the numbers come from; a fitgui-backends that is here is not among it."""
        return {name: text for name, text in surroundings.versions().items() if name != "fitgui-backends"}


def read_operations(text: str) -> list[dict[str, Any]]:
    """Unpack the operations of a signal point, with the verdicts of :func:`.decode_operations`.

    Raises:
        HistFactoryError: if that is no list of operations.
    """
    try:
        Allowance().spend(text.encode("utf-8", "surrogatepass"))
    except HistFactoryError as error:
        raise HistFactoryError(f"the patch {error}") from error
    try:
        text.encode()
        operations = json.loads(text, parse_constant=_no_number, parse_float=_finite)
    except RecursionError as error:
        raise HistFactoryError("the patch is nested too deeply") from error
    except UnicodeEncodeError as error:
        raise HistFactoryError("the patch holds bytes that are not UTF-8") from error
    except ValueError as error:
        raise HistFactoryError(f"the patch is not a JSON list of operations: {error}") from error
    if not isinstance(operations, list) or not all(isinstance(one, dict) for one in operations):
        raise HistFactoryError("the patch is not a JSON list of operations")
    return operations


def validate_with_pyhf(document: object) -> None:
    """Check a workspace against pyhf's schema, by pyhf.

    Raises:
        HistFactoryError: if it does not match; the sentence names the place and the reason, as that of
            :func:`.validate_workspace` does.
    """
    import pyhf  # noqa: PLC0415

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pyhf uses what jsonschema has replaced
            pyhf.schema.validate(document, "workspace.json")
    except pyhf.exceptions.InvalidSpecification as error:
        raise HistFactoryError(_sentence(document, error.parent)) from error
    except (RecursionError, TypeError) as error:
        raise HistFactoryError("the document holds something that JSON cannot express") from error


def _sentence(document: object, error: Any) -> str:
    """Place and reason of a ``jsonschema.ValidationError``."""
    while error.parent is not None:
        error = error.parent
    path, reason = list(error.absolute_path), error.message
    if error.validator == "anyOf":  # only modifiers are a choice
        reason = wrong_modifier(error.instance)
        if not reason:  # the choice that it meant is the one whose complaints are not about the type
            choices: dict[Any, list[Any]] = {}
            for complaint in error.context:
                choices.setdefault(complaint.relative_schema_path[0], []).append(complaint)
            for complaints in choices.values():
                if not any(list(one.relative_path) == ["type"] for one in complaints):
                    path, reason = list(complaints[0].absolute_path), complaints[0].message
    return f"{place_in_words(document, path)}: {short(reason)}"


def _patched(document: Any, patch: str) -> Any:
    from fitgui_backends.histfactory.patching import apply_patch  # noqa: PLC0415  (pyhf brings jsonpointer)

    return apply_patch(document, read_operations(patch))


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number of JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:40]} is beyond double precision")
    return value


_fitter = PyhfFitter()


def fit(request: Mapping[str, Any], reason: str) -> dict[str, Any]:
    """Answer a request (:mod:`.packing`).

    Args:
        request: As it came.
        reason: Why fitgui-backends does not answer it.
    """
    _fitter.reason = reason
    return task.answer(request, _fitter)
