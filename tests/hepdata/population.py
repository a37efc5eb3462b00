"""Fills the stand-in with the records of ``population.toml``."""

from __future__ import annotations

import functools
import os
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.hepdata import layouts
from tests.hepdata.records import Record, Resource

MADE: Mapping[str, Callable[[], bytes]] = {
    "lbb": layouts.lbb,
    "stau": layouts.stau,
    "erjr": layouts.erjr,
    "erjr_first": layouts.erjr_first,
    "sbottom": layouts.sbottom,
    "sbottom_first": layouts.sbottom_first,
    "in_a_folder": functools.partial(layouts.compressed_spectra, 1),
    "flat": functools.partial(layouts.compressed_spectra, 2),
    "nested": layouts.nested,
    "complete_workspaces": layouts.complete_workspaces,
    "bare": layouts.bare,
    "left_handed": functools.partial(layouts.bare, "mu_LH"),
    "right_handed": functools.partial(layouts.bare, "mu_RH"),
    "hs3": layouts.hs3,
    "code": lambda: b"#include <SimpleAnalysis>\n",
    "slha": layouts.slha,
    "maps": lambda: b"root\x00\x00\xf6\x18",
    "settings": lambda: b'{"epsilon": 0.1}\n',
    "picture": lambda: b"\x89PNG\r\n\x1a\n",
    "smodels": bytes,
    "nothing": bytes,
}
USUAL: Mapping[str, Mapping[str, str]] = {
    "code": {"name": "SimpleAnalysis.cxx", "type": "C++", "description": "Code of the analysis"},
    "slha": {"name": "SLHA.tar.gz", "type": "gz", "description": "SLHA files of the signal"},
    "maps": {"name": "acceptance.root", "type": "root", "description": "Acceptance maps"},
    "picture": {"name": "thumb_fig1.png", "type": "png", "description": "Figure 1"},
    "smodels": {
        "name": "https://github.com/SModelS/smodels-database-release",
        "type": "SModelS",
        "description": "SModelS analysis",
    },
}
"""What files are called that are attached to many records: they make ``rN`` of a likelihood larger than 1."""


def real_folder() -> Path:
    """Where published pallets would lie."""
    repository = Path(__file__).resolve().parents[2]
    return Path(os.environ.get("FITGUI_PALLETS") or repository.parent / "shared" / "pallets")


def populate(add: Callable[..., Record], *, real: bool) -> None:
    """Publishes every record of the list.

    Args:
        add: As :meth:`tests.hepdata.standin.StandIn.add_record`.
        real: Whether published pallets are served where they are here. Generated ones have as many points.
    """
    listed = tomllib.loads(Path(__file__).with_name("population.toml").read_text(encoding="utf-8"))
    for fields in listed["record"]:
        versions: dict[int, list[Resource]] = {}
        for file in fields.pop("file"):
            for version in file.pop("versions"):
                versions.setdefault(version, []).append(_resource(dict(file), real=real))
        for version in range(1, max(versions)):
            versions.setdefault(version, [])
        messages = {int(version): text for version, text in fields.pop("messages", {}).items()}
        add(fields.pop("record"), versions=dict(sorted(versions.items())), messages=messages, **fields)


def _resource(file: dict[str, Any], *, real: bool) -> Resource:
    made, published = file.pop("made"), file.pop("real", None)
    path = real_folder() / published if real and published else None
    content = path if path is not None and path.is_file() else MADE[made]()
    return Resource(content=content, **{**USUAL.get(made, {}), **file})
