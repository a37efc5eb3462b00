"""The parameters of a model: names, starting values, bounds, constraint terms.

Defaults are those of pyhf 0.7.6 (``required_parset`` of each modifier), changed by what the measurement sets
(``pyhf.parameters.utils.reduce_paramsets_requirements``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fitgui_backends.histfactory.blocks import Indices
from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.interpolation import Floats
from fitgui_backends.histfactory.summary import Document

FREE, NORMAL, POISSON = 0, 1, 2
_SETTABLE: Final[dict[str, frozenset[str]]] = {
    "alpha": frozenset({"inits", "bounds", "auxdata"}),
    "normfactor": frozenset({"inits", "bounds"}),
    "shapefactor": frozenset({"inits", "bounds"}),
    "lumi": frozenset({"inits", "bounds", "auxdata", "sigmas"}),
    "shapesys": frozenset({"inits", "bounds", "auxdata", "factors"}),
    "staterror": frozenset({"inits", "bounds", "auxdata", "sigmas"}),
}
_TERM: Final = {"alpha": NORMAL, "lumi": NORMAL, "staterror": NORMAL, "shapesys": POISSON}
_SMALLEST: Final = 1e-10
"""pyhf's lower bound of the factors of shapesys and staterror."""


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """All parameters of a model, in its order; arrays have one number for each, shape (p,)."""

    names: tuple[str, ...]
    """As pyhf's ``par_names``: components of a set as ``name[0]``, ``name[1]``, ..."""
    places: dict[str, slice]
    """Where the components of a name stand."""
    init: Floats
    lower: Floats
    upper: Floats
    fixed: NDArray[np.bool_]
    normal: Indices
    """Those with a normal constraint, shape (c,)."""
    normal_data: Floats
    """Auxiliary data, shape (c,)."""
    normal_sigma: Floats
    """Shape (c,)."""
    poisson: Indices
    """Those with a Poisson constraint, shape (d,)."""
    poisson_data: Floats
    """Auxiliary data, shape (d,)."""
    poisson_factor: Floats
    """The rate of the auxiliary measurement is the parameter times this, shape (d,)."""

    def index(self, name: str) -> int:
        """The place of a parameter with one component.

        Raises:
            HistFactoryError: if there is no such parameter, or it has several components.
        """
        place = self.places.get(name)
        if place is None:
            raise HistFactoryError(
                f'the parameter "{name}" does not occur in the model: no modifier has that name'
            )
        if place.stop - place.start != 1:
            raise HistFactoryError(f'the parameter "{name}" has several components, so it cannot be tested')
        return int(place.start)


@dataclass(slots=True)
class ParameterSet:
    """The components of one name, before the measurement has its say; sequences have one item for each."""

    kind: str
    name: str
    size: int = 1
    fixed: Sequence[bool] | None = None
    widths: Sequence[float] | None = None
    """Standard deviations of normal constraints, factors of Poisson constraints; 1 where not given."""

    def component_names(self) -> list[str]:
        """The names with their components."""
        if self.kind in ("alpha", "normfactor", "lumi"):
            return [self.name]
        return [f"{self.name}[{component}]" for component in range(self.size)]


def build_parameters(sets: Iterable[ParameterSet], measurement: Document) -> Parameters:
    """Put the parameters together.

    Args:
        sets: In the order of the model, each name once.
        measurement: Its settings are applied; those of parameters that are not in the model are ignored.

    Raises:
        HistFactoryError: if a setting does not fit to its parameter, or lumi is not set.
    """
    place = f'measurement "{measurement["name"]}"'
    settings: dict[str, Document] = {}
    for setting in measurement["config"]["parameters"]:
        if setting["name"] in settings:
            raise HistFactoryError(f'{place} configures the parameter "{setting["name"]}" twice')
        settings[setting["name"]] = setting
    columns = _Columns()
    for parameter in sets:
        columns.add(parameter, settings.get(parameter.name, {}), place)
    return columns.finish()


class _Columns:
    """Growing columns of the table of parameters."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.places: dict[str, slice] = {}
        self.init: list[float] = []
        self.bounds: list[Sequence[float]] = []
        self.fixed: list[bool] = []
        self.terms: list[int] = []
        self.data: list[float] = []
        self.widths: list[float] = []

    def add(self, parameter: ParameterSet, setting: Document, place: str) -> None:
        kind, size = parameter.kind, parameter.size
        if setting:
            _check(parameter, setting, place)
        centre, bounds = _defaults(kind)
        if kind == "lumi":
            missing = [key for key in ("inits", "bounds", "auxdata") if key not in setting]
            if missing:
                raise HistFactoryError(
                    f'{place} does not set {", ".join(missing)} of the parameter "{parameter.name}", '
                    "which has no defaults"
                )
        if parameter.name in self.places:
            raise HistFactoryError(
                f'the name "{parameter.name}" is used by modifiers of types that cannot share a parameter'
            )
        self.places[parameter.name] = slice(len(self.names), len(self.names) + size)
        self.names += parameter.component_names()
        self.init += setting.get("inits", [centre] * size)
        self.bounds += setting.get("bounds", [bounds] * size)
        default_fixed = parameter.fixed if parameter.fixed is not None else [False] * size
        self.fixed += [setting["fixed"]] * size if "fixed" in setting else default_fixed
        self.terms += [_TERM.get(kind, FREE)] * size
        widths: Any = parameter.widths if parameter.widths is not None else [1.0] * size
        data: Any = widths if kind == "shapesys" else [centre] * size
        self.data += setting.get("auxdata", data)
        self.widths += setting.get("sigmas", setting.get("factors", widths))

    def finish(self) -> Parameters:
        terms = np.array(self.terms)
        normal, poisson = np.flatnonzero(terms == NORMAL), np.flatnonzero(terms == POISSON)
        data, widths = np.array(self.data, dtype=float), np.array(self.widths, dtype=float)
        bounds = np.array(self.bounds, dtype=float).reshape(len(self.names), 2)
        return Parameters(
            names=tuple(self.names),
            places=self.places,
            init=np.array(self.init, dtype=float),
            lower=np.ascontiguousarray(bounds[:, 0]),
            upper=np.ascontiguousarray(bounds[:, 1]),
            fixed=np.array(self.fixed, dtype=bool),
            normal=normal,
            normal_data=data[normal],
            normal_sigma=widths[normal],
            poisson=poisson,
            poisson_data=data[poisson],
            poisson_factor=widths[poisson],
        )


def _defaults(kind: str) -> tuple[float, tuple[float, float]]:
    """Starting value (also the centre of a normal constraint) and bounds of each component."""
    if kind == "alpha":
        return 0.0, (-5.0, 5.0)
    if kind in ("shapesys", "staterror"):
        return 1.0, (_SMALLEST, 10.0)
    return 1.0, (0.0, 10.0)


def _check(parameter: ParameterSet, setting: Document, place: str) -> None:
    where = f'{place}, parameter "{parameter.name}"'
    for attribute, value in setting.items():
        if attribute in ("name", "fixed"):
            continue
        if attribute not in _SETTABLE[parameter.kind]:
            kind = "normsys or histosys" if parameter.kind == "alpha" else parameter.kind
            raise HistFactoryError(f"{where}: a {kind} parameter has no {attribute}")
        if len(value) != parameter.size:
            raise HistFactoryError(
                f"{where}: {attribute} has {len(value)} values, the parameter has {parameter.size}"
            )
        if attribute == "bounds" and any(len(pair) != 2 or pair[0] > pair[1] for pair in value):
            raise HistFactoryError(f"{where}: bounds must be pairs of a lower and an upper one")
        if attribute in ("sigmas", "factors") and min(value) <= 0.0:
            raise HistFactoryError(f"{where}: {attribute} must be above zero")
