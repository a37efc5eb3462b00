"""The results file: the fields that were promised, and no number without its health."""

from __future__ import annotations

import csv
import io
import json
import math
import os
from pathlib import Path

import msgspec
import pytest

from fitgui.runs.export import results_csv, results_document, to_json, write_results
from fitgui.runs.files import check_writable, write_whole
from fitgui.runs.plan import RunError, RunPlan
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.contract import TaskState
from fitgui_backends.events import (
    PointFailed,
    PointFitted,
    RunEvent,
    RunFinished,
    RunStarted,
    TaskStateChanged,
)
from tests.runs.support import result_of, small_plan
from tests.runs.test_snapshot import stamped

TOP = [
    "schema",
    "pallet",
    "analysis",
    "engine",
    "options",
    "backend",
    "versions",
    "started",
    "wall_seconds",
    "sum_fit_seconds",
    "points",
]
POINT = [
    "name",
    "values",
    "status",
    "error",
    "cls_obs",
    "cls_exp",
    "mu_upper_obs",
    "mu_upper_exp",
    "mu_hat",
    "twice_nll",
    "converged",
    "warnings",
    "seconds",
    "worker",
]


@pytest.fixture
def finished() -> tuple[RunPlan, RunSnapshot]:
    """Four points: done, not a number, failed, and one that an interruption left waiting."""
    plan = small_plan(["good", "odd", "bad", "waiting"])
    odd = msgspec.structs.replace(result_of("odd"), cls_obs=math.nan, cls_exp=(0.1, 0.2, math.inf, 0.4, 0.5))
    odd = msgspec.structs.replace(odd, warnings=("alpha_JES ended on a bound",))
    events: list[RunEvent] = [
        RunStarted(backend="local", workers=2, points=plan.points, versions={"pyhf": "0.7.6", "numpy": "2"}),
        TaskStateChanged(points=("good", "odd", "bad"), state=TaskState.RUNNING, worker="here:1"),
        PointFitted(result=result_of("good")),
        PointFitted(result=odd),
        PointFailed(name="bad", error="the patch does not apply", worker="here:1"),
    ]
    snapshot = RunSnapshot(plan.points)
    for event in stamped(events):
        snapshot.apply(event)
    return plan, snapshot


def test_fields_and_their_order(finished: tuple[RunPlan, RunSnapshot]) -> None:
    document = json.loads(to_json(results_document(*finished)))
    assert list(document) == TOP
    assert document["schema"] == 1
    assert list(document["pallet"]) == ["name", "source", "digest"]
    assert document["backend"] == {"name": "local", "workers": 2}
    assert document["started"] == "1970-01-01T00:16:41+00:00"
    assert document["sum_fit_seconds"] == 1.0
    for point in document["points"]:
        assert list(point) == POINT
        assert list(point["twice_nll"]) == ["free", "mu0", "mu1", "asimov_mu1"]
        assert list(point["seconds"]) == ["queued", "model", "fit", "total"]
    good, odd, bad, waiting = document["points"]
    assert good["values"] == {"m": 0}
    assert (good["status"], good["cls_obs"], good["cls_exp"][2], good["converged"]) == (
        "done",
        0.2,
        0.1,
        True,
    )
    assert good["mu_upper_obs"] is None
    assert good["mu_upper_exp"] == [None] * 5
    assert odd["cls_obs"] is None
    assert odd["cls_exp"] == [0.1, 0.2, None, 0.4, 0.5]
    assert odd["converged"] is False
    assert odd["warnings"] == [
        "alpha_JES ended on a bound",
        "CLs observed is not a number",
        "CLs expected is not a number",
    ]
    assert (bad["status"], bad["error"], bad["cls_obs"]) == ("failed", "the patch does not apply", None)
    assert waiting["status"] == "cancelled"
    assert "not fitted yet" in waiting["error"]


def test_what_decides_the_numbers_is_in_the_file(finished: tuple[RunPlan, RunSnapshot]) -> None:
    plan, snapshot = finished
    document = results_document(plan, snapshot)
    assert document["options"] == {
        "measurement": "m",
        "engine": "pyhf",
        "poi_test": 1.0,
        "tensor_backend": "numpy",
        "optimizer": "scipy",
        "normsys_interpolation": "code4",
        "histosys_interpolation": "code4p",
    }
    assert document["versions"] == {"pyhf": "0.7.6", "numpy": "2"}
    resumed = RunStarted(
        backend="local",
        workers=2,
        points=("waiting",),
        resumed=True,
        versions={"pyhf": "0.8.0", "numpy": "2"},
    )
    snapshot.apply(msgspec.structs.replace(stamped([resumed])[0], sequence=99))
    assert results_document(plan, snapshot)["versions"] == {"pyhf": "0.7.6, 0.8.0", "numpy": "2"}


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
        ("-2.5e3", "-2.5e3"),
        ("-2_300", "'-2_300"),
        ("-2-300", "'-2-300"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("a=b", "a=b"),
    ],
)
def test_no_text_in_the_table_is_a_formula(name: str, cell: str) -> None:
    plan = small_plan([name])
    labels = msgspec.structs.replace(plan.analysis, labels=("=m",))
    plan = msgspec.structs.replace(plan, analysis=labels, values={name: {"=m": -5.0}})
    heading, row = csv.reader(io.StringIO(results_csv(plan, RunSnapshot(plan.points))))
    assert heading[:2] == ["name", "'=m"]
    assert row[:2] == [cell, "-5"], "numbers stay numbers"


def test_the_table_holds_the_same(finished: tuple[RunPlan, RunSnapshot]) -> None:
    document = results_document(*finished)
    rows = list(csv.DictReader(io.StringIO(results_csv(*finished))))
    assert [row["name"] for row in rows] == ["good", "odd", "bad", "waiting"]
    for row, point in zip(rows, document["points"], strict=True):
        assert row["m"] == str(point["values"]["m"])
        assert row["status"] == point["status"]
        assert row["cls_obs"] == ("" if point["cls_obs"] is None else repr(point["cls_obs"]))
        assert row["cls_exp_p2"] == ("" if point["cls_exp"][4] is None else repr(point["cls_exp"][4]))
    assert "nan" not in results_csv(*finished)
    assert rows[1]["warnings"].startswith("alpha_JES ended on a bound; ")


def test_the_end_of_the_run_is_in_the_file(finished: tuple[RunPlan, RunSnapshot], tmp_path: Path) -> None:
    plan, snapshot = finished
    end = stamped([RunFinished(outcome="cancelled", wall_seconds=5.0)])[0]
    snapshot.apply(msgspec.structs.replace(end, sequence=99, elapsed=7.5))
    path = tmp_path / "results.json"
    write_results(path, plan, snapshot)
    assert json.loads(path.read_text(encoding="utf-8"))["wall_seconds"] == 7.5
    write_results(tmp_path / "results.csv", plan, snapshot)
    assert (tmp_path / "results.csv").read_text(encoding="utf-8") == results_csv(plan, snapshot)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["results.csv", "results.json"]


def test_a_file_is_whole_or_untouched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "results.json"
    path.write_text("earlier")
    path.chmod(0o640)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(RunError, match="No space left on device; choose another place"):
            write_whole(path, "new")
    assert path.read_text() == "earlier"
    assert [file.name for file in tmp_path.iterdir()] == ["results.json"]
    link = tmp_path / "link.json"
    link.symlink_to(path)
    write_whole(link, "new")
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="pipes that have a name")
def test_a_pipe_by_its_name_is_written_to(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    path = Path(f"/dev/fd/{writing}")
    check_writable(path)
    write_whole(path, "through the pipe")
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        assert stream.read() == b"through the pipe"


def test_a_place_that_cannot_be_written_is_found_out_before(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is a folder: name a file in it"):
        check_writable(tmp_path)
    with pytest.raises(RunError, match="there is no folder"):
        check_writable(tmp_path / "nowhere" / "results.json")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunError, match=r"is no folder|there is no folder"):
        check_writable(tmp_path / "file" / "results.json")
    (tmp_path / "file").unlink()
    check_writable(tmp_path / "results.json")
    assert list(tmp_path.iterdir()) == []
