"""From what a worker says of a point to its result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from fitgui_backends.contract import FitOptions
from fitgui_backends.remote.answers import Interpret
from fitgui_backends.results import FitResult
from fitgui_backends.worker import Failure


def interpreter(options: FitOptions) -> Interpret:
    """What makes entries of answers results, for the options that the points were fitted with."""

    def interpret(entry: Mapping[str, Any]) -> FitResult | Failure:
        kind = entry["kind"]
        if kind == "result":
            return msgspec.convert(entry["result"], FitResult)
        if kind == "failure":
            return Failure(str(entry["name"]), str(entry["error"]), float(entry.get("seconds", 0.0)))
        from fitgui_backends.remote.functions import result_of  # noqa: PLC0415  (needs numpy)

        return result_of(entry, options)

    return interpret
