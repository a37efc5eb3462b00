"""fitgui: fit signal points of a published likelihood.

The text of this module, with four names set at its end, is the function that workers of a cluster run; it
needs nothing of fitgui to be installed. Where fitgui-backends is, and fits, it does the work; elsewhere the
engine pyhf does it, from modules that the text carries, packed. They are imported once into each process of a
worker; ``json.loads(zlib.decompress(base64.b64decode(CARRIED)))`` shows their sources by name.

Everything here must run on Python 3.10 and later, in a namespace of its own.
"""

from __future__ import annotations

import base64
import importlib
import importlib.abc
import importlib.machinery
import json
import sys
import zlib
from typing import Any

FORMAT = 0
"""Of requests and answers."""
VERSION = ""
"""Of the fitgui-backends that this text comes from."""
PACKAGE = ""
"""The name that the carried modules are imported under: another text does not get in their way."""
CARRIED = ""
"""Sources by name of module below the package: JSON, zlib, base 64."""


class Carrier(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports modules from their sources in this text."""

    def __init__(self, package: str, sources: dict[str, str]) -> None:
        self.package = package
        self._sources = sources

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:  # noqa: ARG002
        """Of a carried module, or a package above it."""
        name = self._name(fullname)
        if name is None or not (name in self._sources or self.is_package(fullname)):
            return None
        spec = importlib.machinery.ModuleSpec(fullname, self, is_package=self.is_package(fullname))
        spec.origin = "the text of the function"
        return spec

    def is_package(self, fullname: str) -> bool:
        """Whether modules lie below it."""
        name = self._name(fullname)
        return name == "" or any(other.startswith(f"{name}.") for other in self._sources)

    def get_source(self, fullname: str) -> str:
        """Its source; a package has none of its own."""
        return self._sources.get(self._name(fullname) or "", "")

    def _name(self, fullname: str) -> str | None:
        """Below the package; empty for itself, ``None`` beyond."""
        if fullname == self.package:
            return ""
        return fullname[len(self.package) + 1 :] if fullname.startswith(f"{self.package}.") else None


def carried(name: str) -> Any:
    """Import a carried module."""
    if not any(getattr(finder, "package", None) == PACKAGE for finder in sys.meta_path):
        sys.meta_path.append(Carrier(PACKAGE, json.loads(zlib.decompress(base64.b64decode(CARRIED)))))
    return importlib.import_module(f"{PACKAGE}.{name}")


def installed() -> tuple[Any, str]:
    """What fits on a worker with a fitgui-backends that goes with this text; else ``None`` and why not."""
    try:
        import fitgui_backends  # noqa: PLC0415
        from fitgui_backends.remote import packing  # noqa: PLC0415
    except ImportError as error:
        if error.name == "fitgui_backends":
            return None, "fitgui-backends is not installed"
        return None, f"fitgui-backends is installed, but cannot be imported ({error})"
    theirs = fitgui_backends.__version__
    if packing.FORMAT != FORMAT or theirs.split(".")[:2] != VERSION.split(".")[:2]:
        return (
            None,
            f"fitgui-backends {theirs} is installed, which does not go with the {VERSION} of this fitgui",
        )
    try:
        from fitgui_backends.remote import worker  # noqa: PLC0415
    except ImportError as error:
        return None, f"fitgui-backends is installed, but cannot be imported ({error})"
    return worker, ""


def fit(request: Any) -> Any:
    """Fit the points of a request, and give the answer; both are described in ``remote.packing``."""
    worker, reason = installed()
    if worker is not None:
        return worker.fit(request)
    return carried("remote.bare").fit(request, reason)


def check(_request: Any) -> Any:
    """Say what this worker is: texts by name."""
    return carried("remote.surroundings").check()


def stop(request: Any) -> Any:
    """Tell all workers that share this one's folder to stop with runs."""
    return {"format": FORMAT, "written": carried("remote.folder").stop(request["runs"])}
