"""Workers that have fitgui-backends: results, shared workspaces, runs that are stopped, time limits."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest

from fitgui_backends.contract import FitOptions, FitPoint, Plan
from fitgui_backends.local import LocalBackend
from fitgui_backends.remote import folder, limits, worker
from fitgui_backends.remote.limits import Late, Stopped, within
from fitgui_backends.remote.packing import pack_bytes
from fitgui_backends.results import FitResult
from tests.backends.conftest import PlanMaker, Receiver
from tests.backends.remote.elsewhere import (
    OURS,
    Worker,
    entries_of,
    errors_of,
    make_request,
    numbers,
    outcomes_of,
    results_of,
)
from tests.backends.test_pyhf_engine import read_region
from tests.builders import digest_of, make_operations, make_workspace
from tests.processes import until

KINDS = [pytest.param((), id="fitgui-backends"), pytest.param(OURS, id="pyhf")]


def engine_of(hidden: tuple[str, ...]) -> str:
    return "pyhf" if hidden else "newton"


def kept(cache: Path) -> list[Path]:
    """The workspaces in a folder of workers."""
    return sorted((cache / "workspaces").glob("*"))


def locally(
    backend: LocalBackend, workspace: Mapping[str, Any], patches: Mapping[str, Any], **options: Any
) -> dict[str, FitResult]:
    plan = Plan(
        workspace=json.dumps(workspace).encode(),
        workspace_digest=digest_of(workspace),
        points=tuple(
            FitPoint(name=name, operations=json.dumps(patch).encode()) for name, patch in patches.items()
        ),
        options=FitOptions(**options),
    )
    receiver = Receiver(plan)
    backend.submit(plan, receiver)
    receiver.finish()
    return {name: numbers(result) for name, result in receiver.results.items()}


@pytest.mark.parametrize(
    ("archive", "region", "chosen"),
    [
        ("atlas-susy-2018-04-stau.tar.gz", "Region-combined", ("DS_120_1_Staus", "DS_280_40_Staus")),
        ("atlas-susy-2019-08-1Lbb.tar.gz", "1909.09226", ("C1N2_Wh_hbb_300_150", "C1N2_Wh_hbb_1000_0")),
    ],
)
def test_newton_gives_the_numbers_of_the_local_backend(
    tmp_path: Path, backend: LocalBackend, real_pallets: Path, archive: str, region: str, chosen: list[str]
) -> None:
    workspace, patches = read_region(real_pallets / archive, region)
    points = {name: patches[name] for name in chosen}
    with Worker({"FITGUI_CACHE": str(tmp_path)}) as elsewhere:
        answer = elsewhere.run("fit", make_request(workspace, points, limits=True, discovery=True))
    results = results_of(answer)
    expected = locally(backend, workspace, points, limits=True, discovery=True)
    assert set(results) == set(chosen) == set(expected)
    for name, result in results.items():
        reference = expected[name]
        assert result.cls_obs == pytest.approx(reference.cls_obs, rel=1e-9)
        assert result.cls_exp == pytest.approx(reference.cls_exp, rel=1e-9)
        assert result.limits is not None
        assert reference.limits is not None
        assert result.limits.obs == pytest.approx(reference.limits.obs, rel=1e-9)
        assert result.worker == answer["worker"]
    seconds = answer["ended"] - answer["began"]
    spent = sum(one.seconds.model + one.seconds.fit for one in results.values())
    assert 0 < answer["unpack"] + spent <= seconds + 1e-6
    assert answer["versions"]["fitgui-backends"]


def test_toys_are_thrown_whole_and_are_those_of_the_local_backend(
    tmp_path: Path, backend: LocalBackend
) -> None:
    workspace = make_workspace()
    points = {"a": make_operations(workspace, scale=3.0)}
    options = {"toys": 60, "seed": 7, "limits": True}
    with Worker({"FITGUI_CACHE": str(tmp_path)}) as elsewhere:
        answer = elsewhere.run("fit", make_request(workspace, points, **options))
    result, expected = results_of(answer)["a"], locally(backend, workspace, points, **options)["a"]
    assert result.toys is not None
    assert expected.toys is not None
    assert msgspec.structs.replace(result.toys, seconds=0.0) == msgspec.structs.replace(
        expected.toys, seconds=0.0
    )


@pytest.mark.parametrize("hidden", KINDS)
def test_a_process_remembers_its_workspace(tmp_path: Path, hidden: tuple[str, ...]) -> None:
    (tmp_path / "file").touch()
    nowhere = str(tmp_path / "file" / "cache")
    workspace = make_workspace()
    points = {"a": make_operations(workspace)}
    options = {"engine": engine_of(hidden)}
    lean = make_request(workspace, points, packed=False, **options)
    # The folder cannot be written, as on a node without disk: that is no error.
    with Worker({"FITGUI_CACHE": nowhere}, hidden=hidden) as elsewhere:
        assert elsewhere.run("fit", lean)["lacks_workspace"]
        first = elsewhere.run("fit", make_request(workspace, points, **options))
        second = elsewhere.run("fit", lean)
    assert not first["lacks_workspace"]
    assert outcomes_of(first) == outcomes_of(second)
    assert results_of(second)


@pytest.mark.parametrize("hidden", KINDS)
def test_a_workspace_is_found_where_another_worker_has_put_it(
    tmp_path: Path, hidden: tuple[str, ...]
) -> None:
    workspace = make_workspace()
    points = {"a": make_operations(workspace)}
    environment, options = {"FITGUI_CACHE": str(tmp_path)}, {"engine": engine_of(hidden)}
    lean = make_request(workspace, points, packed=False, patience=120.0, **options)
    with Worker(environment, hidden=hidden) as waiting, Worker(environment, hidden=hidden) as other:
        waiting.send("fit", lean)  # nobody has it yet
        given = other.run("fit", make_request(workspace, points, **options))
        found = waiting.receive()
    assert not found["lacks_workspace"]
    assert found["worker"] != given["worker"]
    assert outcomes_of(found) == outcomes_of(given)
    assert [path.stat().st_mode & 0o077 for path in (tmp_path / "workspaces", *kept(tmp_path))] == [0, 0]
    with Worker(environment, hidden=() if hidden else OURS) as of_the_other_kind:
        lean = make_request(workspace, points, packed=False, engine="pyhf")
        assert results_of(of_the_other_kind.run("fit", lean))["a"].converged


def test_without_a_home_workspaces_are_kept_among_temporary_files(tmp_path: Path) -> None:
    workspace = make_workspace()
    (tmp_path / "file").touch()
    environment = {"HOME": str(tmp_path / "file"), "XDG_CACHE_HOME": "", "FITGUI_CACHE": ""}
    environment["TMPDIR"] = str(tmp_path)
    points = {"a": make_operations(workspace)}
    with Worker(environment) as elsewhere:
        elsewhere.run("fit", make_request(workspace, points))
    (private,) = tmp_path.glob("fitgui-*")
    assert private.stat().st_mode & 0o077 == 0
    assert len(kept(private)) == 1
    with Worker(environment) as elsewhere:
        assert results_of(elsewhere.run("fit", make_request(workspace, points, packed=False)))
        assert elsewhere.run("stop", {"format": 1, "runs": ["run"]})["written"]
        assert elsewhere.run("fit", make_request(workspace, points))["stopped"]
        assert elsewhere.run("check", {})["cache folder"] == str(private)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"bm90IHppcHBlZA==", pack_bytes(b'{"channels": []}').encode(), "short"]
)
def test_a_damaged_workspace_is_not_used_and_is_replaced(tmp_path: Path, content: bytes | str) -> None:
    workspace = make_workspace()
    points = {"a": make_operations(workspace)}
    lean = make_request(workspace, points, packed=False)
    with Worker({"FITGUI_CACHE": str(tmp_path)}) as elsewhere:
        expected = outcomes_of(elsewhere.run("fit", make_request(workspace, points)))
    (path,) = kept(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if isinstance(content, str) else content)
    with Worker({"FITGUI_CACHE": str(tmp_path)}) as elsewhere:
        answer = elsewhere.run("fit", lean)
        assert answer["lacks_workspace"]
        assert entries_of(answer) == []
        assert kept(tmp_path) == []
        assert outcomes_of(elsewhere.run("fit", make_request(workspace, points))) == expected
    assert path.read_bytes() == whole


def test_a_full_disk_is_no_error(tmp_path: Path) -> None:
    workspace = make_workspace()
    points = {"a": make_operations(workspace)}
    full = ("bash", "-c", 'ulimit -f 0; exec "$@"', "--")
    with Worker({"FITGUI_CACHE": str(tmp_path)}, before=full) as elsewhere:
        answer = elsewhere.run("fit", make_request(workspace, points))
        again = elsewhere.run("fit", make_request(workspace, points, packed=False))
    assert results_of(answer)["a"].converged
    assert outcomes_of(again) == outcomes_of(answer)
    assert kept(tmp_path) == []


def test_old_workspaces_and_old_flags_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITGUI_CACHE", str(tmp_path))
    packed = pack_bytes(b"{}")
    for number in range(folder.KEPT_WORKSPACES):
        assert folder.keep_workspace(f"{number}", packed)
        os.utime(kept(tmp_path)[0], None)
    assert folder.stop(["old", "new"])
    for path in (tmp_path / "stopped").iterdir():
        if folder.is_stopped("old") and path.name == folder._name("old"):
            os.utime(path, (0, time.time() - folder.FLAG_SECONDS - 60))
    assert folder.stop(["newest"])
    assert [folder.is_stopped(run) for run in ("old", "new", "newest")] == [False, True, True]
    oldest = kept(tmp_path)[3]
    os.utime(oldest, (0, 0))
    assert folder.keep_workspace("one more", packed)
    assert oldest not in kept(tmp_path)
    assert len(kept(tmp_path)) == folder.KEPT_WORKSPACES


def test_a_folder_that_is_closed_to_us_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FITGUI_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    first, second = folder.candidates()
    exists = Path.exists

    def refuse(path: Path) -> bool:  # as the system does for who is not root
        if second in path.parents:
            raise PermissionError(13, "Permission denied", str(path))
        return exists(path)

    monkeypatch.setattr(folder, "_is_ours", lambda _folder: True)
    monkeypatch.setattr(Path, "exists", refuse)
    assert not folder.is_stopped("run")
    assert folder.stop(["run"])
    assert folder.is_stopped("run")
    assert first.is_dir()


@pytest.mark.parametrize("hidden", KINDS)
def test_a_run_that_nobody_wants_is_not_begun(tmp_path: Path, hidden: tuple[str, ...]) -> None:
    workspace = make_workspace()
    points = {"a": make_operations(workspace)}
    environment, options = {"FITGUI_CACHE": str(tmp_path)}, {"engine": engine_of(hidden)}
    odd = "../../run\u0000 with a name \ud83d\ude00" * 20
    with Worker(environment, hidden=OURS) as elsewhere:
        assert elsewhere.run("stop", {"format": 1, "runs": ["a", odd]}) == {"format": 1, "written": True}
    with Worker(environment, hidden=hidden) as elsewhere:
        answers = [
            elsewhere.run("fit", make_request(workspace, points, run=run, **options)) for run in ("a", odd)
        ]
        waiting = elsewhere.run(
            "fit", make_request(make_workspace({"SR": [3.0]}), points, run="a", packed=False, patience=600.0)
        )
        other = elsewhere.run("fit", make_request(workspace, points, run="b", **options))
    for answer in (*answers, waiting):
        assert answer["stopped"]
        assert not answer["lacks_workspace"]
        assert entries_of(answer) == []
    assert not other["stopped"]
    assert results_of(other)


def slow_and_quick() -> tuple[dict[str, Any], dict[str, Any]]:
    """A workspace that takes pyhf minutes, unless a patch makes it small."""
    slow = make_workspace({"SR": [20.0 + bin_ % 7 for bin_ in range(300)]})
    quick = make_workspace()
    make_small = [
        {"op": "replace", "path": f"/{part}", "value": quick[part]} for part in ("channels", "observations")
    ]
    signal = make_operations(quick)
    return slow, {
        "before": [*make_small, *signal],
        "slow": make_operations(slow),
        "wrong": [{"op": "remove", "path": "/nothing"}],
        "after": [*make_small, *signal],
    }


@pytest.mark.parametrize("hidden", KINDS)
def test_a_run_is_stopped_in_the_middle_of_a_point(tmp_path: Path, hidden: tuple[str, ...]) -> None:
    workspace, points = slow_and_quick()
    environment = {"FITGUI_CACHE": str(tmp_path)}
    with Worker(environment, hidden=hidden) as fitting, Worker(environment, hidden=OURS) as stopping:
        quick = {"before": points["before"]}
        fitting.run("fit", make_request(workspace, quick, engine="pyhf", timeout_seconds=None))
        times = psutil.Process(fitting.process.pid).cpu_times
        warm = times().user
        asked = {name: points[name] for name in ("slow", "after")}
        fitting.send("fit", make_request(workspace, asked, engine="pyhf", run="a", timeout_seconds=None))
        until(lambda: times().user > warm + 1.0)  # nothing else than the slow point takes it so long
        stopping.run("stop", {"format": 1, "runs": ["a"]})
        answer = fitting.receive()
        asked = {"after": points["after"]}
        after = fitting.run("fit", make_request(workspace, asked, engine="pyhf", run="b"))
    assert answer["stopped"]
    assert entries_of(answer) == []
    assert results_of(after)["after"].converged


@pytest.mark.parametrize("hidden", KINDS)
def test_a_point_that_takes_too_long_fails_alone(tmp_path: Path, hidden: tuple[str, ...]) -> None:
    workspace, points = slow_and_quick()
    request = make_request(workspace, points, engine="pyhf", timeout_seconds=4.0)
    with Worker({"FITGUI_CACHE": str(tmp_path)}, hidden=hidden) as elsewhere:
        answer = elsewhere.run("fit", request)
    outcomes = outcomes_of(answer)
    assert list(outcomes) == list(points)
    assert outcomes["slow"] == (
        "The fit did not finish within 4 s and was stopped: allow more time, or try the engine newton."
    )
    assert isinstance(outcomes["before"], FitResult)
    assert outcomes["after"] == msgspec.structs.replace(outcomes["before"], name="after")
    assert "cannot be applied" in errors_of(answer)["wrong"]
    (slow,) = (entry for entry in entries_of(answer) if entry["name"] == "slow")
    assert slow["seconds"] >= 4.0
    assert answer["notes"] == []


def test_on_a_thread_points_are_fitted_and_it_is_said_that_nothing_stops_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FITGUI_CACHE", str(tmp_path))
    workspace = make_workspace()
    request = make_request(workspace, {"a": make_operations(workspace)})
    answers: list[dict[str, Any]] = []
    threads = [threading.Thread(target=lambda: answers.append(worker.fit(request))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 3
    for answer in answers:
        assert results_of(answer)["a"].converged
        assert "nothing can stop a point that takes too long" in answer["notes"][0]


def test_an_interruption_that_is_swallowed_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(limits, "AGAIN_SECONDS", 0.05)
    swallowed: list[BaseException] = []

    def stubborn() -> None:
        while len(swallowed) < 2:
            try:
                while True:
                    time.sleep(0.01)
            except BaseException as error:
                swallowed.append(error)
        while True:
            time.sleep(0.01)

    with pytest.raises(Late):
        within(0.05, stubborn, lambda: False)
    assert [type(error) for error in swallowed] == [Late, Late]
    with pytest.raises(Stopped):
        within(60.0, stubborn, lambda: True)
    assert within(None, lambda: 3, lambda: True) == 3


def test_a_workspace_that_cannot_be_used_fails_its_points_in_words(tmp_path: Path) -> None:
    workspace = make_workspace()
    request = make_request(workspace, {"a": make_operations(workspace), "b": "[]"})
    for hidden, engine in (((), "newton"), ((), "pyhf"), (OURS, "pyhf")):
        for raw, words in (
            (b"{", "The workspace is not JSON"),
            (b"[1]", "The workspace is not a JSON object."),
        ):
            asked = {
                **request,
                "workspace": {"digest": "0" * 64, "packed": pack_bytes(raw)},
                "options": {**request["options"], "engine": engine},
            }
            with Worker({"FITGUI_CACHE": str(tmp_path)}, hidden=hidden) as elsewhere:
                errors = errors_of(elsewhere.run("fit", asked))
            assert set(errors) == {"a", "b"}
            assert all(error.startswith(words) for error in errors.values())


def test_one_thread_even_where_the_site_says_otherwise(tmp_path: Path, make_plan: PlanMaker) -> None:
    plan = make_plan(1)
    workspace = json.loads(plan.workspace)
    points = {point.name: json.loads(point.operations) for point in plan.points}
    with Worker({"FITGUI_CACHE": str(tmp_path), "OPENBLAS_NUM_THREADS": "8"}) as elsewhere:
        elsewhere.run("fit", make_request(workspace, points, engine="newton"))
        report = elsewhere.run("check", {})
    assert report["BLAS threads"] == "1"
