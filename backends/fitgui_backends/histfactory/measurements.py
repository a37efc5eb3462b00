"""Which measurement of a workspace is fitted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.summary import Document


def find_measurement(document: Document, name: str | None = None) -> Mapping[str, Any]:
    """A measurement by its name, or the first.

    Raises:
        HistFactoryError: if there is none.
    """
    measurements: list[Mapping[str, Any]] = document["measurements"]
    for measurement in measurements:
        if name is None or measurement["name"] == name:
            return measurement
    known = ", ".join(measurement["name"] for measurement in measurements)
    raise HistFactoryError(
        f'the workspace has no measurement "{name}": choose one of {known}'
        if known
        else "the workspace defines no measurement, so there is no parameter of interest"
    )
