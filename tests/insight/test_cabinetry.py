"""Pulls, yields and impacts of five points, as cabinetry (with minuit) has them; one of them as it runs.

cabinetry's answers are stored, because they take minutes for each published point (:mod:`.make_references`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cabinetry
import numpy as np
import pytest

from fitgui.insight.looking import look_inside
from fitgui.insight.model import Part, PointInside
from fitgui.insight.service import options_of
from fitgui_backends.contract import FitPoint
from tests.insight.cabinetry_answers import answers, model_of
from tests.insight.make_references import POINTS, STORED, find

AGREED = 1e-3
"""Of pulls; of yields relative to what is expected in the bin; of impacts in units of mu."""
SMALL = 1e-3
LINEAR = 0.1
"""Uncertainties of yields after the fit, relative: cabinetry varies each parameter by its uncertainty, this
project goes by the slope, and yields are no straight lines in the parameters. With small variations both
are the same: see the last test."""


@pytest.mark.parametrize(
    ("archive", "analysis", "name", "ranked"), POINTS, ids=[point[2] for point in POINTS]
)
def test_the_stored_answers(
    archive: str, analysis: str, name: str, ranked: int, request: pytest.FixtureRequest
) -> None:
    folder = Path() if archive == "example" else request.getfixturevalue("real_pallets")
    stored = json.loads(STORED.read_text(encoding="utf-8"))["points"][name]
    assert stored["archive"] == archive
    inside = looked_into(folder, archive, analysis, name)
    compare(inside, stored)
    assert len(stored["impacts"]) >= min(ranked, 2)


def test_cabinetry_now() -> None:
    archive, analysis, name, _ = POINTS[1]
    assert archive == "example"
    compare(
        looked_into(Path(), archive, analysis, name),
        answers(*find(Path(), archive, analysis, name), ranked=1),
    )


def test_uncertainties_of_yields_are_those_of_small_variations(real_pallets: Path) -> None:
    """cabinetry's own propagation, with uncertainties so small that yields are straight lines."""
    archive, analysis, name, _ = POINTS[-1]
    fit = looked_into(real_pallets, archive, analysis, name, ("fits",)).fits["free"]
    free = fit.parameters
    model, _ = model_of(*find(real_pallets, archive, analysis, name))
    order = [free.names.index(parameter) for parameter in model.config.par_names]
    small = SMALL * np.nan_to_num(free.uncertainties[order])
    by_channel, _ = cabinetry.model_utils.yield_stdev(
        model, free.values[order], small, free.correlations[np.ix_(order, order)]
    )
    ours = {channel.name: channel.post_fit.errors for channel in fit.channels}
    for channel, errors in zip(model.config.channels, by_channel, strict=True):
        np.testing.assert_allclose(ours[channel], np.array(errors[-1]) / SMALL, rtol=AGREED)


def looked_into(
    folder: Path, archive: str, analysis: str, name: str, parts: Sequence[Part] = ("fits", "impacts")
) -> PointInside:
    found, point = find(folder, archive, analysis, name)
    return look_inside(
        found.workspace,
        None,
        FitPoint(name=point.name, operations=point.operations),
        options_of(None),
        parts,
    )


def compare(inside: PointInside, theirs: dict[str, Any]) -> None:
    free = inside.fits["free"]
    parameters = free.parameters
    assert free.poi == theirs["poi"]
    assert free.twice_nll <= theirs["twice_nll"] + 1e-6
    place = {name: number for number, name in enumerate(parameters.names)}
    assert set(place) == set(theirs["parameters"])
    compared = 0
    for name, known in theirs["parameters"].items():
        number = place[name]
        assert math.isnan(parameters.pulls[number]) == (known["width"] == 0.0), name
        if known["width"] > 0.0:
            compared += 1
            pull = (known["value"] - known["centre"]) / known["width"]
            constraint = known["uncertainty"] / known["width"]
            assert parameters.pulls[number] == pytest.approx(pull, abs=AGREED), name
            assert parameters.constraints[number] == pytest.approx(constraint, abs=AGREED), name
    assert compared >= len(place) - 5 > 0  # all but mu and factors without a constraint
    for channel in free.channels:
        known = theirs["channels"][channel.name]
        for stage in ("pre_fit", "post_fit"):
            ours = channel.pre_fit if stage == "pre_fit" else channel.post_fit
            for sample, yields in zip(channel.samples, ours.samples, strict=True):
                wanted = known[stage][known["samples"].index(sample)]
                np.testing.assert_allclose(yields / ours.total, wanted / ours.total, atol=AGREED)
        np.testing.assert_allclose(channel.post_fit.errors, known["post_fit_errors"], rtol=LINEAR)
    impacts = inside.impacts
    assert impacts is not None
    for name, known in theirs["impacts"].items():
        entry = impacts.names.index(name)
        assert impacts.post_fit[entry] == pytest.approx(known["post_fit"], abs=AGREED), name
        if theirs["parameters"][name]["width"] > 0.0:
            assert impacts.pre_fit[entry] == pytest.approx(known["pre_fit"], abs=AGREED), name
        else:
            assert known["pre_fit"] == []
