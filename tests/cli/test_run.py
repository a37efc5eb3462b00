"""``fitgui run`` from the outside: results, files, plain lines, failures, going on."""

from __future__ import annotations

import json
import platform
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from multiprocessing import resource_tracker
from pathlib import Path

import psutil
import pyhf
import pytest

from fitgui_backends.local import LocalBackend
from tests.builders import make_operations, make_workspace
from tests.cli.conftest import SLOW, Finished, read_lines
from tests.processes import all_gone, until

Call = Callable[..., Finished]


def direct_cls(number: int) -> tuple[float, list[float]]:
    """pyhf itself on a point of the small pallet: CLs observed and expected."""
    workspace = pyhf.Workspace(make_workspace())
    names = ("sig_300_100", "sig_400_100", "sig_400_200")
    patch = make_operations(make_workspace(), names[number], scale=2.0 + number)
    model = workspace.model(
        patches=[patch],
        modifier_settings={"normsys": {"interpcode": "code4"}, "histosys": {"interpcode": "code4p"}},
    )
    observed, band = pyhf.infer.hypotest(
        1.0, workspace.data(model), model, test_stat="qtilde", return_expected_set=True
    )
    return float(observed), [float(value) for value in band]


@pytest.mark.parametrize(("engine", "tolerance"), [("newton", 1e-4), ("pyhf", 1e-8)])
def test_results_for_machines_equal_pyhf(
    fitgui: Call, small_pallet: Path, tmp_path: Path, engine: str, tolerance: float
) -> None:
    output = tmp_path / "results.json"
    chosen = () if engine == "newton" else ("--engine", engine)
    finished = fitgui("run", small_pallet, *chosen, "--json", "--workers", "2", "--output", output)
    assert finished.returncode == 0, finished.stderr
    document = json.loads(finished.stdout)
    assert document == json.loads(output.read_text(encoding="utf-8"))
    assert document["engine"] == engine
    assert document["backend"] == {"name": "local", "workers": 2, "place": None, "blocks": []}
    assert document["pallet"]["name"] == "small"
    for number, point in enumerate(document["points"]):
        observed, band = direct_cls(number)
        assert point["status"] == "done"
        assert point["cls_obs"] == pytest.approx(observed, abs=tolerance)
        assert point["cls_exp"] == pytest.approx(band, abs=tolerance)
        assert point["converged"] is True
        assert point["seconds"]["fit"] > 0
    assert document["sum_fit_seconds"] == pytest.approx(
        sum(point["seconds"]["fit"] for point in document["points"])
    )
    [run] = json.loads(fitgui("runs", "list", "--json").stdout)
    assert (run["state"], run["done"], run["points"]) == ("done", 3, 3)
    assert json.loads(fitgui("runs", "export", "last").stdout) == document
    assert json.loads(fitgui("runs", "show", run["run"], "--json").stdout) == document
    shown = fitgui("runs", "show", run["run"][:8]).stdout.splitlines()
    assert [line.split()[:2] for line in shown[1:]] == [
        ["done", point["name"]] for point in document["points"]
    ]


def test_a_pipe_gets_one_plain_line_for_each_point(fitgui: Call, small_pallet: Path, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    finished = fitgui("run", small_pallet, "--points", "sig_400_*", "--output", table)
    assert finished.returncode == 0, finished.stderr
    lines = finished.stdout.splitlines()
    assert sorted(line.split()[1] for line in lines) == ["sig_400_100", "sig_400_200"]
    assert all(line.isprintable() and line.startswith("done ") and "CLs obs 0." in line for line in lines)
    assert "\x1b" not in finished.stderr
    assert "2 points: 2 done" in finished.stderr
    rows = table.read_text(encoding="utf-8").splitlines()
    assert rows[0].startswith("name,m1,m2,status,cls_obs,")
    assert rows[1].startswith("sig_400_100,400,100,done,0.")


def test_failed_points_give_status_1_and_can_be_gone_on_with(fitgui: Call, small_pallet: Path) -> None:
    patches = small_pallet / "patchset.json"
    document = json.loads(patches.read_text(encoding="utf-8"))
    document["patches"][1]["patch"][0]["value"]["data"] = [1.0, 2.0, 3.0]  # for a channel of two bins
    patches.write_text(json.dumps(document), encoding="utf-8")
    finished = fitgui("run", small_pallet)
    assert finished.returncode == 1
    assert sorted(line.split()[:2] for line in finished.stdout.splitlines()) == [
        ["done", "sig_300_100"],
        ["done", "sig_400_200"],
        ["failed", "sig_400_100"],
    ]
    assert "3 points: 1 failed, 2 done" in finished.stderr
    assert "sig_400_100 failed: " in finished.stderr
    [hint] = [line for line in finished.stderr.splitlines() if "--resume" in line]
    assert hint.startswith("fitgui: what failed fails again, unless it lacked time, memory or a worker")
    assert "Traceback" not in finished.stderr
    again = fitgui("run", "--resume", "last")
    assert again.returncode == 1
    assert [line.split()[:2] for line in again.stdout.splitlines()] == [["failed", "sig_400_100"]]
    exported = json.loads(fitgui("runs", "export", "last").stdout)
    assert [point["status"] for point in exported["points"]] == ["done", "failed", "done"]
    assert exported["points"][1]["error"]
    assert exported["points"][1]["cls_obs"] is None


def test_a_list_of_points_and_the_other_names_of_the_standard_output(
    fitgui: Call, small_pallet: Path
) -> None:
    names = ["sig_300_100", "sig_400_200"]
    shown = [
        fitgui("run", small_pallet, "--points", *names, "--output", "-"),
        fitgui("run", "--output", "/dev/stdout", "--points", *names, small_pallet),
    ]
    for finished in shown:
        assert finished.returncode == 0, finished.stderr
        document = json.loads(finished.stdout)
        assert [point["name"] for point in document["points"]] == names
    document = json.loads(shown[0].stdout)
    assert document["options"]["measurement"] == "NormalMeasurement"
    assert document["versions"]["pyhf"] == version("pyhf")
    assert document["versions"]["Python"] == platform.python_version()
    exported = fitgui("runs", "export", "last", "--output", "-", "--format", "csv")
    assert [line.split(",")[0] for line in exported.stdout.splitlines()] == ["name", *names]


def test_the_measurement_is_chosen_and_said(fitgui: Call, small_pallet: Path) -> None:
    path = small_pallet / "BkgOnly.json"
    workspace = json.loads(path.read_text(encoding="utf-8"))
    first = workspace["measurements"][0]
    poi = first["config"]["poi"]
    narrow = {"name": poi, "bounds": [[0.0, 2.0]], "inits": [0.5]}
    workspace["measurements"].append({"name": "narrow", "config": {"poi": poi, "parameters": [narrow]}})
    path.write_text(json.dumps(workspace), encoding="utf-8")
    one = ("run", small_pallet, "--points", "sig_300_100", "--json")
    default = fitgui(*one)
    assert default.returncode == 0, default.stderr
    assert f"taking measurement {first['name']}, the first of {first['name']}, narrow" in default.stderr
    assert json.loads(default.stdout)["options"]["measurement"] == first["name"]
    chosen = fitgui(*one, "--measurement", "narrow")
    assert chosen.returncode == 0, chosen.stderr
    assert "taking measurement" not in chosen.stderr
    assert json.loads(chosen.stdout)["options"]["measurement"] == "narrow"
    wrong = fitgui(*one, "--measurement", "wide")
    assert wrong.returncode == 2
    assert f"there is no measurement wide in BkgOnly: choose one of {first['name']}, narrow" in wrong.stderr


def test_going_on_elsewhere_with_more_workers_and_a_moved_pallet(fitgui: Call, small_pallet: Path) -> None:
    patches = small_pallet / "patchset.json"
    document = json.loads(patches.read_text(encoding="utf-8"))
    document["patches"][1]["patch"][0]["value"]["data"] = [1.0, 2.0, 3.0]  # so that there is something left
    patches.write_text(json.dumps(document), encoding="utf-8")
    assert fitgui("run", small_pallet, "--workers", "1").returncode == 1
    moved = small_pallet.rename(small_pallet.with_name("moved"))
    kept = fitgui("run", "--resume", "last")
    assert [line.split()[:2] for line in kept.stdout.splitlines()] == [["failed", "sig_400_100"]]
    assert "cannot be opened any more: going on with small as the library keeps it" in kept.stderr
    assert fitgui("library", "remove", "small").returncode == 0
    lost = fitgui("run", "--resume", "last")
    assert lost.returncode == 1
    [line] = lost.stderr.splitlines()
    assert line.endswith("give its new path: `fitgui run NEW --resume last`")
    found = fitgui("run", moved, "--resume", "last", "--workers", "2", "--timeout", "60")
    assert [line.split()[:2] for line in found.stdout.splitlines()] == [["failed", "sig_400_100"]]
    assert json.loads(fitgui("runs", "export", "last").stdout)["backend"]["workers"] == 2


def test_going_on_with_a_changed_or_finished_run(fitgui: Call, small_pallet: Path) -> None:
    first = fitgui("run", small_pallet, "--json")
    run = json.loads(fitgui("runs", "list", "--json").stdout)[0]["run"]
    again = fitgui("run", "--resume", "last", "--json")
    assert again.returncode == 0
    assert json.loads(again.stdout) == json.loads(first.stdout)
    patches = small_pallet / "patchset.json"
    patches.write_text(
        patches.read_text(encoding="utf-8").replace("sig_400_200", "sig_400_201"), encoding="utf-8"
    )
    kept = fitgui("run", "--resume", run)
    assert kept.returncode == 0
    assert "was changed: going on with small as the library keeps it" in kept.stderr
    kept_as_it_was = json.loads(fitgui("runs", "list", "--json").stdout)[0]
    assert (kept_as_it_was["run"], kept_as_it_was["done"]) == (run, 3)
    assert fitgui("library", "remove", "small").returncode == 0
    changed = fitgui("run", "--resume", run)
    assert changed.returncode == 1
    [line] = changed.stderr.splitlines()
    assert "is not the pallet that this run was started with: it lacks point sig_400_200" in line
    unknown = fitgui("run", "--resume", "20200101-000000-abcd")
    assert unknown.returncode == 2
    assert unknown.stderr == f"fitgui: there is no run 20200101-000000-abcd: choose one of {run}\n"


@pytest.mark.skipif(sys.platform == "win32", reason="processes are held by a signal of Unix")
def test_a_run_that_is_still_going_on_is_not_resumed(
    fitgui: Call, start_fitgui: Callable[..., subprocess.Popen[str]], long_pallet: Path
) -> None:
    process = start_fitgui("run", long_pallet, *SLOW, "--workers", "1")
    read_lines(process, 1)
    process.send_signal(signal.SIGSTOP)  # so that it cannot come to its end meanwhile
    run = json.loads(fitgui("runs", "list", "--json").stdout)[0]
    assert run["state"] == "running"
    refused = fitgui("run", "--resume", run["run"])
    assert refused.returncode == 1
    [line] = refused.stderr.splitlines()
    assert "belongs to another fitgui that is still open" in line


@pytest.mark.skipif(sys.platform == "win32", reason="redirections of a Unix shell")
@pytest.mark.parametrize("closed", [">&-", "<&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_do_not_reach_the_workers(
    environment: dict[str, str], small_pallet: Path, closed: str
) -> None:
    command = f'exec "$0" -m fitgui run "$1" --workers 2 --output results.json {closed}'
    finished = subprocess.run(
        ["sh", "-c", command, sys.executable, str(small_pallet)],
        env=environment,
        cwd=small_pallet.parent,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    document = json.loads((small_pallet.parent / "results.json").read_text(encoding="utf-8"))
    assert [point["status"] for point in document["points"]] == ["done"] * 3


def test_a_full_disk_under_the_output_does_not_stop_the_run(
    environment: dict[str, str], fitgui: Call, small_pallet: Path
) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("NO /dev/full: an output that cannot be written is not tested here")
    with full.open("wb", buffering=0) as output:
        finished = subprocess.run(
            [sys.executable, "-m", "fitgui", "run", str(small_pallet), "--output", "results.json"],
            env=environment,
            cwd=small_pallet.parent,
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert finished.returncode == 1
    assert "the output cannot be written (No space left on device); the run goes on" in finished.stderr
    assert "3 points: 3 done" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert "Exception ignored" not in finished.stderr
    document = json.loads((small_pallet.parent / "results.json").read_text(encoding="utf-8"))
    assert [point["status"] for point in document["points"]] == ["done"] * 3


def test_workers_start_while_the_archive_is_read_and_none_is_left_behind(
    here: Call, small_pallet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[LocalBackend] = []
    warm_up = LocalBackend.warm_up

    def watched(backend: LocalBackend) -> None:
        begun.append(backend)
        warm_up(backend)

    monkeypatch.setattr(LocalBackend, "warm_up", watched)
    for arguments in (["missing.tar"], [small_pallet, "--engine", "pihf"], [small_pallet, "--seed", "1"]):
        assert here("run", *arguments).returncode == 2
    assert begun == [], "what was typed is wrong"
    resource_tracker.ensure_running()  # a child that Python itself keeps
    before = set(psutil.Process().children(recursive=True))
    finished = here("run", small_pallet, "--analysis", "nope")
    assert (finished.returncode, len(begun)) == (2, 1)
    assert "there is no analysis nope" in finished.stderr
    until(lambda: all_gone(set(psutil.Process().children(recursive=True)) - before))
    assert begun[0].check().summary == "closed"
