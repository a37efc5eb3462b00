"""A folder that HEPData takes: hepdata-validator accepts it, and its numbers are those of the run."""

from __future__ import annotations

import json
import math
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgui.exclusion.contours import find_exclusion
from fitgui.exclusion.model import SURFACES, AxisChoice, Surface
from fitgui.exclusion.points import plane_points
from fitgui.runs.plan import RunError
from fitgui.takeaway.contours import find_contours
from fitgui.takeaway.hepdata import save_submission
from fitgui.takeaway.tables import choose
from fitgui_backends.results import Discovery, ToyAnswer, UpperLimits
from tests.takeaway.hands import complaints, tables
from tests.takeaway.recorded import DATA, NOWHERE, result_of, run_of, stored


def column(table: Any, number: int, kind: str = "dependent") -> list[Any]:
    return [cell["value"] for cell in table[f"{kind}_variables"][number]["values"]]


@pytest.mark.parametrize("name", ["1Lbb", "stau-lowMass", "3L"])
def test_hepdata_takes_the_published_pallets(name: str, tmp_path: Path) -> None:
    record, snapshot, origin = stored(name)
    folder = tmp_path / "submission"
    number = save_submission(folder, record, snapshot, origin)
    assert complaints(folder) == []
    found, data = tables(folder), json.loads((DATA / f"{name}.json").read_text("utf-8"))
    assert len(found) == number
    kept = [place for place, converged in enumerate(data["converged"]) if converged]
    cls = found["CLs of the signal points"]
    for coordinate, label in enumerate("xy"):
        assert column(cls, coordinate, "independent") == [data[label][place] for place in kept]
        assert cls["independent_variables"][coordinate]["header"]["units"] == "GeV"
    for six in range(6):
        assert column(cls, six) == pytest.approx([data["cls"][place][six] for place in kept], rel=1e-5)
    limits = column(found["Upper limits on the signal strength"], 0)
    for said, place in zip(limits, kept, strict=True):
        assert said == (
            pytest.approx(data["limits"][place][0], rel=1e-5) if data["limits"][place][0] else "-"
        )
    qualifiers = {item["name"]: item for item in cls["dependent_variables"][0]["qualifiers"]}
    assert qualifiers["SQRT(S)"] == {"name": "SQRT(S)", "value": "13000", "units": "GeV"}
    assert qualifiers["LUMINOSITY"]["value"] == "139"
    comment = next(iter(yaml.safe_load_all((folder / "submission.yaml").read_text("utf-8"))))["comment"]
    assert "newton" in comment
    assert "fitgui 0.1.0" in comment
    assert record.plan.pallet.digest in comment


@pytest.mark.parametrize("name", ["1Lbb", "stau-lowMass", "3L"])
def test_every_piece_of_every_contour_is_a_table(name: str, tmp_path: Path) -> None:
    record, snapshot, origin = stored(name)
    save_submission(tmp_path / "submission", record, snapshot, origin)
    found, data = tables(tmp_path / "submission"), json.loads((DATA / f"{name}.json").read_text("utf-8"))
    results = [status.result for status in snapshot.points.values()]
    points = plane_points(data["names"], data["x"], data["y"], results)
    exclusion = find_exclusion(points, AxisChoice(allowed="below diagonal"))
    contours = {name: table for name, table in found.items() if name.startswith("Exclusion contour")}
    assert len(contours) == sum(len(pieces) for pieces in exclusion.contours.values())
    for surface in SURFACES:
        pieces = [table for name, table in contours.items() if name.split(", ")[1] == str(surface)]
        for table, piece in zip(pieces, exclusion.contours[surface], strict=True):
            assert column(table, 0, "independent") == pytest.approx(piece.x.tolist(), rel=1e-5, abs=1e-3)
            assert column(table, 0) == pytest.approx(piece.y.tolist(), rel=1e-5, abs=1e-3)
    assert contours, "nothing is excluded in a published pallet?"
    observed = next(table for name, table in contours.items() if str(Surface.OBSERVED) in name)
    assert {"name": "LEVEL", "value": "95 % CL"} in observed["dependent_variables"][0]["qualifiers"]


GRID = {f"p{x}{y}": {"m1": 100.0 * x, "m2": 50.0 * y} for x in range(1, 5) for y in range(3)}
SIX = (0.04, 0.001, 0.01, 0.04, 0.2, 0.5)


def test_what_cannot_be_trusted_is_left_out_and_named(tmp_path: Path) -> None:
    names = list(GRID)
    results = [result_of(name, SIX, (1.0, 0.5, 0.8, 1.0, 1.5, None)) for name in names[:-3]]
    results.append(result_of(names[-3], SIX, converged=False))
    results.append(result_of(names[-2], (math.nan, *SIX[1:])))
    record, snapshot = run_of(results, GRID, labels=("m1", "m2"), failed=names[-1:])
    folder = tmp_path / "submission"
    save_submission(folder, record, snapshot, NOWHERE)
    assert complaints(folder) == []
    cls, limits = (
        tables(folder)[name] for name in ("CLs of the signal points", "Upper limits on the signal strength")
    )
    assert len(column(cls, 0)) == len(names) - 3
    assert set(column(limits, 5)) == {"-"}
    text = (folder / "submission.yaml").read_text("utf-8")
    comment = next(iter(yaml.safe_load_all(text)))["comment"]
    left_out = f"1 of {len(names)} points left out because"
    assert f"{left_out} a fit behind their numbers did not converge: {names[-3]}." in comment
    assert f"{left_out} their CLs is not a number: {names[-2]}." in comment
    assert f"because their fits failed: {names[-1]}." in comment
    for file in folder.iterdir():
        assert "nan" not in file.read_text("utf-8").lower().replace("dominan", "")


def test_a_limit_that_was_not_found_keeps_its_point_out_of_the_limits_only(tmp_path: Path) -> None:
    names = list(GRID)
    lost = UpperLimits(obs=9.0, exp=(9.0,) * 5, converged=False)
    six = {name: (0.01 if GRID[name]["m1"] < 250 else 0.4, *SIX[1:]) for name in names}
    results = [result_of(name, six[name], (1.0,) * 6) for name in names]
    results[4] = msgspec.structs.replace(results[4], limits=lost)
    record, snapshot = run_of(results, GRID, labels=("m1", "m2"))
    save_submission(tmp_path / "submission", record, snapshot, NOWHERE)
    assert complaints(tmp_path / "submission") == []
    made = tables(tmp_path / "submission")
    for name in ("CLs of the signal points", "Significance of the exclusion"):
        assert len(column(made[name], 0)) == len(names)
    assert column(made["Upper limits on the signal strength"], 0) == [1.0] * (len(names) - 1)
    about, *listed = yaml.safe_load_all(
        (tmp_path / "submission" / "submission.yaml").read_text(encoding="utf-8")
    )
    assert "points left out" not in about["comment"]
    said = {item["name"]: item["description"] for item in listed}
    assert said.pop("Upper limits on the signal strength").endswith(
        f"Left out because the search for their limits did not converge: {names[4]}."
    )
    assert not any("eft out" in text for text in said.values())
    # The contours are those of the window: that point is in, and so is the triangle that it holds up.
    x, y = ([GRID[name][label] for name in names] for label in ("m1", "m2"))
    shown = find_exclusion(plane_points(names, x, y, results), AxisChoice())
    found = find_contours(record.plan, choose(snapshot.points), {}).exclusion
    assert found.points.names == shown.points.names == tuple(names)
    for surface in SURFACES:
        pairs = zip(found.contours[surface], shown.contours[surface], strict=True)
        assert all(
            np.array_equal(ours.x, theirs.x) and np.array_equal(ours.y, theirs.y) for ours, theirs in pairs
        )
    assert found.contours[Surface.OBSERVED]


def test_every_table_says_what_the_signs_of_the_band_mean(tmp_path: Path) -> None:
    record, snapshot, origin = stored("1Lbb")
    save_submission(tmp_path / "submission", record, snapshot, origin)
    _, *listed = yaml.safe_load_all((tmp_path / "submission" / "submission.yaml").read_text("utf-8"))
    for item in listed:
        name, text = item["name"], item["description"]
        contour = name.startswith("Exclusion contour")
        assert ("fewer events than the background predicts" in text) == (not contour or " -" in name), name
        assert ("the weaker exclusion" in text) == (contour and " +" in name), name
    # It is so: the smaller CLs is the stronger exclusion.
    results = [status.result for status in snapshot.points.values() if status.result is not None]
    assert all(sorted(result.cls_exp) == list(result.cls_exp) for result in results)


def test_toys_and_the_discovery_test_have_tables_of_their_own(tmp_path: Path) -> None:
    toys = ToyAnswer(number=50, seed=0, failed=0, cls_obs=None, cls_obs_error=None, cls_exp=SIX[1:])  # type: ignore[arg-type]
    found = Discovery(p0_obs=0.5, p0_exp=(0.0, 0.02, 0.1, 0.3, 0.6))
    results = [result_of(name, SIX, toys=toys, discovery=found) for name in GRID]
    record, snapshot = run_of(results, GRID, labels=("m1", "m2"), poi_test=2.0)
    folder = tmp_path / "submission"
    save_submission(folder, record, snapshot, NOWHERE)
    assert complaints(folder) == []
    made = tables(folder)
    assert set(column(made["CLs from pseudo-experiments"], 0)) == {"-"}
    excess = made["Significance of an excess"]
    assert column(excess, 0)[0] == pytest.approx(0.0, abs=1e-9)
    assert column(excess, 1)[0] == "-"  # p = 0 has no finite significance
    assert column(excess, 2)[0] == pytest.approx(2.05375, rel=1e-5)
    qualifiers = made["CLs of the signal points"]["dependent_variables"][0]["qualifiers"]
    assert {"name": "Tested signal strength", "value": "2"} in qualifiers
    assert not [name for name in made if "contour" in name], "contours are about mu = 1"


def test_what_is_private_stays_at_home(tmp_path: Path) -> None:
    results = [result_of(name, SIX, worker="pc.example:17", block="42") for name in GRID]
    record, snapshot = run_of(results, GRID, labels=("m1", "m2"), source="/srv/ada/made.tar.gz")
    save_submission(tmp_path / "submission", record, snapshot, NOWHERE)
    for file in (tmp_path / "submission").iterdir():
        text = file.read_text("utf-8")
        assert "ada" not in text
        assert "pc.example" not in text


def test_a_folder_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    record, snapshot = run_of([result_of(name, SIX) for name in GRID], GRID, labels=("m1", "m2"))
    full = tmp_path / "full"
    full.mkdir()
    (full / "thesis.tex").write_text("years of work")
    with pytest.raises(RunError, match="is not empty"):
        save_submission(full, record, snapshot, NOWHERE)
    assert [file.name for file in full.iterdir()] == ["thesis.tex"]
    with pytest.raises(RunError, match="not a folder"):
        save_submission(full / "thesis.tex", record, snapshot, NOWHERE)
    with pytest.raises(RunError, match="there is no folder"):
        save_submission(tmp_path / "no" / "where", record, snapshot, NOWHERE)
    empty = tmp_path / "empty"
    empty.mkdir()
    save_submission(empty, record, snapshot, NOWHERE)
    assert complaints(empty) == []


def test_nothing_to_publish_is_said(tmp_path: Path) -> None:
    record, snapshot = run_of([result_of("p", SIX, converged=False)], {}, labels=())
    with pytest.raises(RunError, match="no result that could be published"):
        save_submission(tmp_path / "submission", record, snapshot, NOWHERE)
    assert list(tmp_path.iterdir()) == []


numbers = st.floats(0.0, 1.0)
words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Z", "S")), min_size=1, max_size=12)
places = st.one_of(st.floats(-1e6, 1e6), words, st.just("100-200"))


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_hepdata_takes_whatever_was_fitted(data: st.DataObject) -> None:
    labels = data.draw(st.lists(words, max_size=3, unique=True))
    names = data.draw(st.lists(words, min_size=1, max_size=6, unique=True))
    limits = st.one_of(st.none(), st.floats(1e-9, 1e9))
    results = [
        result_of(
            name,
            data.draw(st.tuples(*[numbers] * 6)),
            data.draw(st.one_of(st.none(), st.tuples(*[limits] * 6))),
        )
        for name in names
    ]
    values = {name: {label: data.draw(places) for label in labels} for name in names}
    record, snapshot = run_of(results, values, labels=labels, pallet=data.draw(words))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "submission"
        save_submission(folder, record, snapshot, NOWHERE)
        assert complaints(folder) == []
        cls = tables(folder)["CLs of the signal points"]
        assert column(cls, 0) == pytest.approx([result.cls_obs for result in results], rel=1e-5)
