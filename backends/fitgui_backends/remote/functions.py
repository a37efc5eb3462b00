"""What workers elsewhere run: the text of functions, which needs nothing of fitgui to be installed."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import msgspec

from fitgui_backends import __version__
from fitgui_backends.contract import FitOptions
from fitgui_backends.fitting import Failure
from fitgui_backends.remote.packing import FORMAT
from fitgui_backends.results import FitResult

FUNCTIONS = ("fit", "check", "stop")
"""Names for :func:`source_of`."""

_FOLDER = ("histfactory.canonical", "histfactory.errors", "remote.folder", "remote.packing")
_SURROUNDINGS = (*_FOLDER, "machine", "remote.surroundings")
_PYHF = (
    *_SURROUNDINGS,
    *(f"engines.{name}" for name in ("base", "shared")),
    *(f"engines.pyhf_{name}" for name in ("core", "extras", "health", "recorder", "words")),
    *(f"histfactory.{name}" for name in ("measurements", "patching", "places", "size", "summary")),
    *("levels", "limit_words", "remote.bare", "remote.limits", "remote.task"),
)
CARRIED: Mapping[str, tuple[str, ...]] = {"fit": _PYHF, "check": _SURROUNDINGS, "stop": _FOLDER}
"""The modules that travel with each function. At their top they import the standard library, what pyhf
brings, and each other."""

_IMPORT = re.compile(r"^(\s*(?:from|import) )fitgui_backends\b", re.MULTILINE)


@lru_cache(maxsize=len(FUNCTIONS))
def source_of(name: str) -> tuple[str, str]:
    """The text of a complete module, and the name of the function in it.

    The function takes one argument, the request, and returns the answer (:mod:`.packing`). The same version
    of fitgui gives the same text, so that a digest of it can stand for the function.

    Args:
        name: One of :data:`FUNCTIONS`.
    """
    sources = {module: _source(module) for module in CARRIED[name]}
    text = json.dumps(sources, sort_keys=True, separators=(",", ":")).encode()
    package = f"fitgui_carried_{hashlib.sha256(text).hexdigest()[:12]}"
    sources = {module: _IMPORT.sub(rf"\1{package}", source) for module, source in sources.items()}
    text = json.dumps(sources, sort_keys=True, separators=(",", ":")).encode()
    carried = base64.b64encode(zlib.compress(text, 9)).decode()
    values = {"FORMAT": FORMAT, "VERSION": __version__, "PACKAGE": package, "CARRIED": carried}
    ending = "".join(f"{variable} = {value!r}\n" for variable, value in values.items())
    return f"{_source('remote.carried')}\n\n{ending}", name


def result_of(entry: Mapping[str, Any], _options: FitOptions) -> FitResult | Failure:
    """What became of a point, whatever kind of worker says it.

    Args:
        entry: Of ``answers`` (:mod:`.packing`).
        _options: That the points were fitted with; workers of all kinds know what follows from them.

    Raises:
        KeyError: if the entry lacks something.
        msgspec.ValidationError: if the result has another shape.
    """
    if entry["kind"] == "result":
        return msgspec.convert(entry["result"], FitResult)
    return Failure(str(entry["name"]), str(entry["error"]), float(entry.get("seconds", 0.0)))


def _source(module: str) -> str:
    path = files("fitgui_backends").joinpath(f"{module.replace('.', '/')}.py")
    return path.read_text(encoding="utf-8")
