"""The courier of Parsl as the application has it: a process that answers, and that leaves nothing behind."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from fitgui_backends.contract import FitPoint, Need, Place, Plan
from fitgui_backends.couriers.parsl_folders import KEPT, new_folder, tidy
from fitgui_backends.events import PointFitted
from fitgui_backends.local import LocalBackend
from fitgui_backends.parsl import ParslBackend
from fitgui_backends.remote import folder
from fitgui_backends.remote.courier import Courier, CourierError
from fitgui_backends.remote.messages import Refused, Send, Task, Watch
from fitgui_backends.remote.requests import stop_request
from tests.backends.couriers.hearing import Hearing
from tests.backends.couriers.parsl_processes import interchanges_of
from tests.builders import digest_of, make_patch_set, make_workspace
from tests.processes import all_gone, is_there, until

FACTORY = "fitgui_backends.couriers.parsl:make_service"
HERE = {"identifier": "local", "options": {"workers_per_node": 1}}

# An application that has a worker at work, and tells its processes before it is killed.
APPLICATION = """
import json, sys, threading
import msgspec, psutil
from fitgui_backends.contract import Place
from fitgui_backends.remote import folder
from fitgui_backends.remote.courier import Courier

def main():
    folder, place = sys.argv[1], json.loads(sys.argv[2])
    courier = Courier("Parsl", "fitgui_backends.couriers.parsl:make_service", {"folder": folder},
                      lambda message: None, lambda: None)
    report = courier.ask("try_out", place=place)
    print(json.dumps({"courier": courier.pid, "worker": report}), flush=True)
    threading.Event().wait(120)

if __name__ == "__main__":
    main()
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers keep their workspaces where the test ends."""
    monkeypatch.setenv("FITGUI_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def heard() -> Hearing:
    return Hearing()


@pytest.fixture
def courier(tmp_path: Path, heard: Hearing) -> Iterator[Courier]:
    lost = threading.Event()
    opened = Courier(
        "Parsl", FACTORY, {"folder": str(tmp_path / "parsl"), "lost_seconds": 8}, heard, lost.set
    )
    yield opened
    opened.close()
    assert opened.join(20)


def check_tasks(*keys: str) -> tuple[Task, ...]:
    return tuple(Task(key=key, request={}, size=2) for key in keys)


def local(**options: str | int) -> Place:
    return Place(identifier="local", name="This machine", options=options)


def test_it_says_what_it_is_and_where_one_can_compute(courier: Courier) -> None:
    places = {place["identifier"]: place for place in courier.ask("places")}
    assert places["local"]["status"] == "online"
    form = courier.ask("form", place="slurm")
    assert {"partition", "account", "walltime", "max_blocks", "nodes_per_block", "worker_init"} <= set(
        form["properties"]
    )
    assert all(field["title"] and field["description"] for field in form["properties"].values())
    assert courier.ask("health", place=HERE)["ready"]
    assert courier.versions["parsl"]
    with pytest.raises(CourierError, match="no place moon") as caught:
        courier.ask("form", place="moon")
    assert caught.value.needs is Need.PLACE


def test_check_and_a_run_go_to_the_same_workers(courier: Courier, heard: Hearing) -> None:
    report = courier.ask("try_out", place=HERE)
    assert report["Python"] == ".".join(map(str, sys.version_info[:3]))
    assert report["fitgui-backends"] != "not installed"
    courier.tell(
        Send(run="run", place=local(workers_per_node=1), function="check", tasks=check_tasks("a", "b"))
    )
    answers = heard.arrived("run", 2)
    assert {arrived.answer["host"] for arrived in answers.values()} == {report["host"]}


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        (local(workers_per_node="many"), "Workers is 'many', which does not fit: give a whole number"),
        (local(workers=2), "There is no option workers: did you mean"),
        (Place(identifier="moon"), "Parsl knows no place moon: choose slurm or local."),
        (Place(identifier="slurm", options={"walltime": "2h"}), "Walltime is '2h'"),
        (Place(identifier="slurm", options={"partition": "a\n#SBATCH --wrap=x"}), "Partition is"),
    ],
)
def test_options_that_do_not_fit_are_refused_in_a_sentence(
    courier: Courier, heard: Hearing, place: Place, sentence: str
) -> None:
    courier.tell(Send(run="run", place=place, function="check", tasks=check_tasks("a", "b")))
    heard.wait(lambda: heard.all(Refused))
    (refused,) = heard.all(Refused)
    assert (refused.run, refused.keys, refused.reason) == ("run", ("a", "b"), "refused")
    assert sentence in refused.error


def test_tasks_of_an_earlier_courier_are_gone(courier: Courier, heard: Hearing) -> None:
    courier.tell(Watch(run="run", place=local(), groups={"old": ("1", "2")}))
    answers = heard.arrived("run", 2)
    assert {arrived.trouble for arrived in answers.values()} == {"gone"}


def test_points_fitted_through_parsl_are_those_of_this_machine(tmp_path: Path) -> None:
    plan = small_plan()
    local_results = fit(LocalBackend(workers=1), plan)
    parsl_results = fit(ParslBackend(folder=tmp_path / "parsl"), plan)
    assert set(parsl_results) == set(local_results) == {point.name for point in plan.points}
    for name, result in parsl_results.items():
        assert result.cls_obs == pytest.approx(local_results[name].cls_obs, abs=1e-9)
        assert result.cls_exp == pytest.approx(local_results[name].cls_exp, abs=1e-9)


def end_courier(application: psutil.Process, courier: psutil.Process) -> None:
    courier.kill()


def end_application(application: psutil.Process, courier: psutil.Process) -> None:
    application.kill()


@pytest.mark.parametrize("end", [end_application, end_courier])
def test_nothing_is_left_whoever_is_killed(
    tmp_path: Path, end: Callable[[psutil.Process, psutil.Process], None]
) -> None:
    program = tmp_path / "application.py"
    program.write_text(APPLICATION)
    with subprocess.Popen(
        [sys.executable, str(program), str(tmp_path / "parsl"), json.dumps(HERE)], stdout=subprocess.PIPE
    ) as application:
        try:
            assert application.stdout is not None
            told: dict[str, Any] = json.loads(application.stdout.readline())
            courier = psutil.Process(told["courier"])
            ours = {courier, *interchanges_of(courier.pid), *blocks_below(tmp_path / "parsl")}
            assert len(ours) > 2
            assert all(is_there(process) for process in ours)
            end(psutil.Process(application.pid), courier)
            until(lambda: all_gone(ours), 30)
        finally:
            application.send_signal(signal.SIGKILL)


def blocks_below(folder: Path) -> set[psutil.Process]:
    """The processes of blocks that were noted there."""
    found: set[psutil.Process] = set()
    for notes in folder.glob("*/blocks"):
        for line in notes.read_text().splitlines():
            shell = psutil.Process(int(line.split()[1]))
            found |= {shell, *shell.children(recursive=True)}
    return found


def small_plan() -> Plan:
    workspace = make_workspace()
    patches = make_patch_set(workspace)["patches"]
    return Plan(
        workspace=json.dumps(workspace).encode(),
        workspace_digest=digest_of(workspace),
        points=tuple(
            FitPoint(name=patch["metadata"]["name"], operations=json.dumps(patch["patch"]).encode())
            for patch in patches
        ),
        place=local(workers_per_node=2),
    )


def fit(backend: LocalBackend | ParslBackend, plan: Plan) -> dict[str, Any]:
    """The results by point; every point must have one."""
    events: list[Any] = []
    done = threading.Event()

    def emit(event: Any) -> None:
        events.append(event)
        if sum(isinstance(seen, PointFitted) for seen in events) == len(plan.points):
            done.set()

    try:
        backend.submit(plan, emit)
        assert done.wait(60), events[-5:]
    finally:
        backend.close()
    return {event.result.name: event.result for event in events if isinstance(event, PointFitted)}


def test_folders_of_the_dead_are_tidied_but_a_few(tmp_path: Path) -> None:
    ours = new_folder(tmp_path)
    for _ in range(KEPT + 2):
        dead = new_folder(tmp_path)
        owner = json.loads((dead / "owner.json").read_text())
        (dead / "owner.json").write_text(json.dumps({**owner, "began": owner["began"] - 1000}))
    other = new_folder(tmp_path)
    owner = json.loads((other / "owner.json").read_text())
    (other / "owner.json").write_text(json.dumps({**owner, "host": "login2", "pid": 1}))
    (tmp_path / "mine").mkdir()
    tidy(tmp_path)
    assert len(list(tmp_path.iterdir())) == KEPT + 3
    assert ours.is_dir()
    assert other.is_dir()
    assert (tmp_path / "mine").is_dir()
    assert ours.stat().st_mode & 0o077 == 0


def test_stopping_a_run_leaves_its_flag_and_starts_no_workers(
    courier: Courier, heard: Hearing, tmp_path: Path
) -> None:
    request, size = stop_request(["a" * 32])
    task = Task(key="stop", request=request, size=size, priority=-1)
    courier.tell(Send(run="stop/run", place=local(), function="stop", tasks=(task,)))
    until(lambda: folder.is_stopped("a" * 32))
    courier.ask("health", place=HERE)
    assert not list((tmp_path / "parsl").glob("*"))
    assert not heard.all(Refused)


def test_a_check_is_given_up_before_any_worker_has_begun(courier: Courier) -> None:
    place = {"identifier": "local", "options": {"workers_per_node": 1, "worker_init": "sleep 60"}}
    said: list[str] = []

    def ask() -> None:
        with pytest.raises(CourierError) as refused:
            courier.ask("try_out", place=place)
        said.append(str(refused.value))

    asking = threading.Thread(target=ask)
    asking.start()
    while asking.is_alive():  # it may not have come to the courier yet
        courier.ask("cancel_try_out", place=place)
        asking.join(0.2)
    assert said == ["The check was given up."]
