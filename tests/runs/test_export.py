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
from fitgui_backends.contract import Place, TaskState
from fitgui_backends.events import (
    CheckStateChanged,
    PlaceChanged,
    PointChecked,
    PointFailed,
    PointFitted,
    RemoteTask,
    RunEvent,
    RunFinished,
    RunStarted,
    TasksAccepted,
    TaskStateChanged,
    TaskTimed,
)
from fitgui_backends.results import Discovery, NonNegative, Seconds, ToyAnswer, TwiceNll, UpperLimits
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
    "sum_core_seconds",
    "wall_split",
    "points",
    "checks",
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
    "mu_upper_converged",
    "mu_hat",
    "twice_nll",
    "converged",
    "warnings",
    "notes",
    "seconds",
    "worker",
    "block",
    "discovery",
    "toys",
    "non_negative",
]


@pytest.fixture
def finished() -> tuple[RunPlan, RunSnapshot]:
    """Four points: done, not a number, failed, and one that an interruption left waiting."""
    plan = small_plan(["good", "odd", "bad", "waiting"])
    odd = msgspec.structs.replace(result_of("odd"), cls_obs=math.nan, cls_exp=(0.1, 0.2, math.inf, 0.4, 0.5))
    odd = msgspec.structs.replace(
        odd,
        warnings=("alpha_JES ended on a bound",),
        notes=("the limit is zero", "the range ends at mu = 10"),
    )
    events: list[RunEvent] = [
        RunStarted(backend="local", workers=2, points=plan.points, versions={"pyhf": "0.7.6", "numpy": "2"}),
        TaskStateChanged(points=("good", "odd", "bad"), state=TaskState.RUNNING, worker="here:1"),
        PointFitted(result=result_of("good")),
        PointFitted(result=odd),
        PointFailed(
            name="bad", error="the patch does not apply", worker="here:1", seconds=Seconds(fit=2.0, total=3.0)
        ),
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
    assert document["backend"] == {"name": "local", "workers": 2, "place": None, "blocks": []}
    assert document["wall_split"] is None, "no worker has told of its time"
    assert document["started"] == "1970-01-01T00:16:41+00:00"
    assert document["sum_fit_seconds"] == 1.0, "of results"
    assert document["sum_core_seconds"] == pytest.approx(3.2), "with models, and with what failed"
    for point in document["points"]:
        assert list(point) == POINT
        assert list(point["twice_nll"]) == ["free", "mu0", "mu1", "asimov_mu1"]
        assert list(point["seconds"]) == ["queued", "transfer", "model", "fit", "delay", "total"]
        assert point["block"] == ""
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
    assert odd["notes"] == ["the limit is zero", "the range ends at mu = 10"]
    assert (bad["status"], bad["error"], bad["cls_obs"]) == ("failed", "the patch does not apply", None)
    assert bad["seconds"] == {
        "queued": 0.0,
        "transfer": 0.0,
        "model": 0.0,
        "fit": 2.0,
        "delay": 0.0,
        "total": 3.0,
    }
    assert waiting["seconds"]["fit"] is None
    assert waiting["status"] == "cancelled"
    assert "not fitted yet" in waiting["error"]


def test_what_decides_the_numbers_is_in_the_file(finished: tuple[RunPlan, RunSnapshot]) -> None:
    plan, snapshot = finished
    document = results_document(plan, snapshot)
    assert document["options"] == {
        "measurement": "m",
        "engine": "newton",
        "poi_test": 1.0,
        "test_statistic": "qtilde",
        "limits": False,
        "discovery": False,
        "toys": 0,
        "seed": 0,
        "non_negative": False,
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
    assert rows[1]["notes"] == "the limit is zero; the range ends at mu = 10"


@pytest.fixture
def asked_for_all() -> tuple[RunPlan, RunSnapshot]:
    """Two points with everything that can be asked for, one of them checked; a limit out of reach."""
    plan = small_plan(["full", "plain"])
    full = msgspec.structs.replace(
        result_of("full"),
        limits=UpperLimits(obs=0.8, exp=(0.4, 0.5, 0.7, 1.1, None), fits=40, converged=False),
        discovery=Discovery(p0_obs=0.3, p0_exp=(0.5, 0.2, 0.1, 0.01, math.nan)),
        toys=ToyAnswer(
            number=1000,
            seed=7,
            failed=2,
            cls_obs=0.21,
            cls_obs_error=0.01,
            cls_exp=(0.01, 0.02, 0.1, 0.3, 0.6),
            limits=UpperLimits(obs=0.9, exp=(0.4, 0.6, 0.7, 1.1, 1.9)),
            seconds=12.5,
        ),
        non_negative=NonNegative(
            cls_obs=0.25,
            cls_exp=(0.01, 0.03, 0.1, 0.3, 0.6),
            twice_nll=TwiceNll(free=10.5, mu0=11.0, mu1=12.5, asimov_mu1=13.0),
            converged=True,
        ),
    )
    reference = msgspec.structs.replace(result_of("full", 0.2 + 4e-5), mu_hat=0.51)
    events: list[RunEvent] = [
        RunStarted(backend="local", workers=2, points=plan.points),
        PointFitted(result=full),
        PointFitted(result=result_of("plain")),
        RunFinished(outcome="done", wall_seconds=2.0),
        CheckStateChanged(state="running", wanted=2, points=plan.points, engine="newton", reference="pyhf"),
        PointChecked(name="full", reference=reference),
        PointChecked(name="plain", reference=None, error="the fit did not finish within 9 s"),
        CheckStateChanged(state="done"),
    ]
    snapshot = RunSnapshot(plan.points)
    for event in stamped(events):
        snapshot.apply(event)
    return plan, snapshot


def test_what_was_asked_for_beside_cls_is_in_both_files(asked_for_all: tuple[RunPlan, RunSnapshot]) -> None:
    document = json.loads(to_json(results_document(*asked_for_all)))
    full, plain = document["points"]
    assert list(full) == list(plain) == POINT
    assert (full["mu_upper_obs"], full["mu_upper_exp"]) == (0.8, [0.4, 0.5, 0.7, 1.1, None])
    assert full["mu_upper_converged"] is False
    assert full["discovery"] == {"p0_obs": 0.3, "p0_exp": [0.5, 0.2, 0.1, 0.01, None]}
    assert "the p-value of the background is not a number" in full["warnings"]
    assert full["toys"] == {
        "number": 1000,
        "seed": 7,
        "failed": 2,
        "cls_obs": 0.21,
        "cls_obs_error": 0.01,
        "cls_exp": [0.01, 0.02, 0.1, 0.3, 0.6],
        "mu_upper_obs": 0.9,
        "mu_upper_exp": [0.4, 0.6, 0.7, 1.1, 1.9],
        "mu_upper_converged": True,
        "seconds": 12.5,
    }
    assert (full["non_negative"]["cls_obs"], full["non_negative"]["twice_nll"]["free"]) == (0.25, 10.5)
    assert [plain[part] for part in ("mu_upper_converged", "discovery", "toys", "non_negative")] == [None] * 4
    first, second = document["checks"]
    assert (first["name"], first["engine"], first["status"]) == ("full", "pyhf", "agrees")
    assert first["largest_difference"] == pytest.approx(4e-5)
    assert (first["cls_obs"], first["mu_hat"]) == (0.2 + 4e-5, 0.51)
    assert (second["status"], second["cls_obs"]) == ("failed", None)
    assert second["words"] == "pyhf has no answer: the fit did not finish within 9 s"
    rows = list(csv.DictReader(io.StringIO(results_csv(*asked_for_all))))
    assert None not in rows[0], "as many cells as headings"
    assert rows[0]["mu_upper_exp_p1"] == "1.1"
    assert (rows[0]["mu_upper_exp_p2"], rows[0]["mu_upper_converged"]) == ("", "false")
    assert (rows[0]["p0_exp_m1"], rows[0]["toys_cls_obs_error"]) == ("0.2", "0.01")
    assert (rows[0]["toys_mu_upper_exp_p2"], rows[0]["non_negative_cls_obs"]) == ("1.9", "0.25")
    assert [(row["check"], row["check_largest_difference"] != "") for row in rows] == [
        ("agrees", True),
        ("failed", False),
    ]
    assert asked_for_all[1].doubtful == 1, "an upper limit that was not found to the end is doubtful"


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


def test_a_run_on_a_cluster_tells_where_it_was_and_where_its_time_went() -> None:
    small = small_plan(["a", "b"])
    place = Place(identifier="1234", name="our cluster", options={"worker_init": "export TOKEN=secret"})
    plan = msgspec.structs.replace(
        small, backend="globus", plan=msgspec.structs.replace(small.plan, place=place)
    )
    result = msgspec.structs.replace(
        result_of("a"),
        worker="n:1",
        block="77",
        seconds=Seconds(queued=3.0, transfer=0.5, fit=2.0, delay=0.25),
    )
    task = TaskTimed(
        task="t",
        points=("a",),
        worker="n:1",
        block="77",
        sent_ago=3.5,
        accepted_ago=3.0,
        began=0.0,
        ended=2.0,
        fit=2.0,
    )
    events: list[RunEvent] = [
        RunStarted(backend="globus", workers=None, points=plan.points),
        TaskStateChanged(points=("a", "b"), state=TaskState.QUEUED, phase="waiting for nodes"),
        TasksAccepted(
            group="g", place="1234", tasks=(RemoteTask(identifier="t", points=("a",)),), sent_bytes=900
        ),
        PlaceChanged(status="online", workers=2),
        task,
        PointFitted(result=result),
        PointFailed(name="b", error="no"),
        RunFinished(outcome="failed", wall_seconds=8.0),
    ]
    snapshot = RunSnapshot(plan.points)
    for event in stamped(events):
        snapshot.apply(event)
    document = json.loads(to_json(results_document(plan, snapshot)))
    assert document["backend"] == {
        "name": "globus",
        "workers": None,
        "place": {"identifier": "1234", "name": "our cluster"},
        "blocks": ["77"],
    }
    assert "secret" not in to_json(document)
    split = document["wall_split"]
    parts = [split[kind] for kind in ("preparing", "transfer", "unpack", "model", "fit", "overhead", "lost")]
    parts += [split[kind] for kind in ("running", "delay", "idle")]
    assert sum(parts) + sum(split["waiting"].values()) == pytest.approx(document["wall_seconds"])
    assert split["fit"] == 2.0
    assert set(split["waiting"]) == {"waiting for nodes"}
    assert (split["workers"], split["tasks"], split["requests"], split["sent_bytes"]) == (2, 1, 1, 900)
    assert split["efficiency"] == pytest.approx(2.0 / (2 * 8.0))
    point = document["points"][0]
    assert point["block"] == "77"
    assert (point["seconds"]["transfer"], point["seconds"]["delay"]) == (0.5, 0.25)
    rows = list(csv.DictReader(io.StringIO(results_csv(plan, snapshot))))
    assert (rows[0]["seconds_queued"], rows[0]["seconds_transfer"]) == ("3.0", "0.5")
    assert (rows[0]["seconds_delay"], rows[0]["block"], rows[1]["block"]) == ("0.25", "77", "")
