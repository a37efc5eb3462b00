"""Published models, and pyhf's model of the same document."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyhf
import pytest

from fitgui_backends.histfactory.constraints import Data, observed_data
from fitgui_backends.histfactory.likelihood import Likelihood
from fitgui_backends.histfactory.model import Compiler, Model, observed_counts
from fitgui_backends.histfactory.patching import apply_patch
from tests.references.work import EXAMPLE, PALLETS

ANALYSES = tuple(PALLETS)
_FILES = ("BkgOnly.json", "patchset.json")


@dataclass(frozen=True)
class Compiled:
    """A document as this project and as pyhf understand it."""

    document: Mapping[str, Any]
    model: Model
    data: Data
    reference: Any
    reference_data: list[float]
    order: np.ndarray[Any, Any]
    """Where pyhf's parameters stand among ours."""

    @property
    def likelihood(self) -> Likelihood:
        return Likelihood(self.model, self.data)


def compile_both(
    document: Mapping[str, Any],
    *,
    normsys: str = "code4",
    histosys: str = "code4p",
    model: Model | None = None,
) -> Compiled:
    """Compile a workspace twice, with the same interpolation codes."""
    ours = model or Compiler(normsys=normsys, histosys=histosys).compile(document)
    config = document["measurements"][0]["config"]
    theirs = pyhf.Model(
        {"channels": document["channels"], "parameters": config["parameters"]},
        poi_name=config["poi"],
        validate=False,
        modifier_settings={"normsys": {"interpcode": normsys}, "histosys": {"interpcode": histosys}},
    )
    observed = {observation["name"]: observation["data"] for observation in document["observations"]}
    main = [count for channel in theirs.config.channels for count in observed[channel]]
    places = {name: place for place, name in enumerate(ours.parameters.names)}
    return Compiled(
        document=document,
        model=ours,
        data=observed_data(ours, observed_counts(document, ours)),
        reference=theirs,
        reference_data=main + list(theirs.config.auxdata),
        order=np.array([places[name] for name in theirs.config.par_names], dtype=np.intp),
    )


class Published:
    """The analyses of the real pallets, each read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, tuple[Any, dict[str, Any]]] = {}

    def points(self, analysis: str) -> tuple[Any, dict[str, Any]]:
        """The workspace and the patches by name."""
        if analysis not in self._read:
            documents = [
                msgspec.json.decode(file)
                for file in (_bundled() if analysis == EXAMPLE else _archived(self._folder, analysis))
            ]
            patches = {patch["metadata"]["name"]: patch["patch"] for patch in documents[1]["patches"]}
            self._read[analysis] = documents[0], patches
        return self._read[analysis]

    def document(self, analysis: str, point: str) -> Any:
        """The workspace with the signal."""
        workspace, patches = self.points(analysis)
        return apply_patch(workspace, patches[point])


def _bundled() -> list[bytes]:
    folder = Path(__file__).resolve().parents[3] / "resources" / "example"
    return [(folder / file).read_bytes() for file in _FILES]


def _archived(folder: Path, analysis: str) -> list[bytes]:
    name, inside = PALLETS[analysis]
    found = []
    with tarfile.open(folder / name) as archive:
        for file in _FILES:
            member = archive.extractfile(f"./{inside}/{file}")
            assert member is not None
            found.append(member.read())
    return found


@pytest.fixture(scope="session")
def published(real_pallets: Path) -> Published:
    return Published(real_pallets)


@pytest.fixture(scope="session")
def model_of(published: Published) -> Callable[[str, str], tuple[Model, Data]]:
    """The compiled model of a published point, and its observed data."""
    compilers: dict[str, Compiler] = {}

    def make(analysis: str, point: str) -> tuple[Model, Data]:
        if analysis not in compilers:
            compilers[analysis] = Compiler()
            compilers[analysis].keep(published.points(analysis)[0])
        document = published.document(analysis, point)
        model = compilers[analysis].compile(document)
        return model, observed_data(model, observed_counts(document, model))

    return make
