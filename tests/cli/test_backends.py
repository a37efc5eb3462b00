"""``fitgui backends``: what each can do now, login, endpoints and their options."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from fitgui.runs.clusters import ClusterSettings
from fitgui_backends.contract import Place
from tests.cli.cluster import CODE, FARM, GRID, HIDDEN, NO_KEYRING, TWIN, ClusterOnThisMachine
from tests.cli.conftest import Finished

Call = Callable[..., Finished]
Start = Callable[..., subprocess.Popen[str]]


def one_line(finished: Finished, status: int) -> str:
    assert finished.returncode == status, finished.stderr
    assert finished.stdout == ""
    [line] = finished.stderr.splitlines()
    return line.removeprefix("fitgui: ")


def test_list_says_what_each_can_do_now(cluster: ClusterOnThisMachine, here: Call) -> None:
    entries = {entry["name"]: entry for entry in json.loads(here("backends", "list", "--json").stdout)}
    assert list(entries) == ["local", "globus", "parsl"]
    assert entries["local"]["ready"] is True
    assert entries["local"]["survives_client_exit"] is False
    assert "pyhf" in entries["local"]["engines"]
    assert (entries["globus"]["ready"], entries["globus"]["needs"]) == (False, "login")
    assert entries["globus"]["survives_client_exit"] is True
    lines = here("backends", "list").stdout.splitlines()
    assert lines[0].startswith("local  engines newton, pyhf; ends with fitgui; ready")
    assert lines[1] == "globus  engines newton, pyhf; goes on when fitgui ends; needs login: log in"


def test_check_fails_for_what_was_named(cluster: ClusterOnThisMachine, here: Call) -> None:
    everything = here("backends", "check", "--json")
    assert everything.returncode == 0, "this machine can fit, whatever clusters need"
    healths = {health["name"]: health for health in json.loads(everything.stdout)}
    assert "pyhf" in healths["local"]["details"]
    assert healths["globus"]["needs"] == "login"
    assert here("backends", "check", "local").stdout.startswith("local  ready")
    named = here("backends", "check", "globus")
    assert (named.returncode, named.stdout) == (1, "globus  needs login: log in\n")
    cluster._login.write_text("ada", encoding="utf-8")
    chosen = here("backends", "check", "globus")
    assert (chosen.returncode, chosen.stdout) == (0, "globus  logged in as ada: choose an endpoint\n")
    ClusterSettings(cluster.folder.parent).remember("globus", Place(identifier=FARM, name="farm"))
    last = here("backends", "check", "globus")
    assert (last.returncode, last.stdout) == (1, "globus  farm is offline: ask ada\n")


def test_check_of_an_endpoint(logged_in: ClusterOnThisMachine, here: Call) -> None:
    good = here("backends", "check", "--endpoint", "grid")
    assert (good.returncode, good.stdout.splitlines()[0]) == (0, "Grid  Grid is online")
    offline = here("backends", "check", "globus", "--place", FARM)
    assert (offline.returncode, offline.stdout) == (1, "farm  farm is offline: ask ada\n")
    tried = here("backends", "check", "--place", GRID, "--try", "--json")
    document = json.loads(tried.stdout)
    assert (tried.returncode, document["tried"], document["place"]["name"]) == (0, True, "Grid")
    assert document["details"]["host"] == "node7"
    table = here("backends", "check", "--place", GRID, "--try").stdout.splitlines()
    assert table == [
        "Grid  a worker answered from node7",
        "  host:    node7",
        "  Python:  3.12.1",
        "  options: {}",
    ]
    assert here("backends", "check", "--try", "--place", FARM).returncode == 1, "offline: nothing is tried"


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["check", "slurm"], 2, "there is no backend slurm: choose one of local, globus, parsl"),
        (["check", "globus", "parsl", "--try"], 2, "--endpoint and --try belong to one backend"),
        (["check", "local", "--try"], 2, "local fits on this machine and has no endpoints"),
        (["check", "--endpoint", "gird"], 2, "there is no endpoint gird of globus: choose one of Grid, farm"),
        (["check", "--try"], 2, "which endpoint? add --endpoint NAME, such as Grid, farm"),
        (["check", "--endpoint", "farm"], 2, f"several endpoints are called farm: choose one of {FARM}"),
        (["login", "local"], 2, "local needs no login"),
        (["logout", "parsl"], 2, "parsl needs no login"),
        (["login", "--client-id", "mine"], 2, "mine is no client id: it is a UUID"),
        (["endpoints", "--backend", "local"], 2, "local fits on this machine and has no endpoints"),
        (["options", "grid", "--set", "max_blocks=0"], 2, "0 is less than the minimum of 1"),
        (["favourite", "nowhere"], 2, "there is no endpoint nowhere of globus"),
    ],
)
def test_mistakes(
    logged_in: ClusterOnThisMachine, here: Call, arguments: list[str], status: int, sentence: str
) -> None:
    assert sentence in one_line(here("backends", *arguments), status)


@pytest.mark.parametrize(
    "arguments", [["endpoints"], ["options", "grid"], ["check", "--try"], ["favourite", "grid"]]
)
def test_what_needs_a_login_says_how_to_get_one(
    cluster: ClusterOnThisMachine, here: Call, arguments: list[str]
) -> None:
    line = one_line(here("backends", *arguments), 1)
    assert line.startswith("needs login: log in (")
    assert "GLOBUS_COMPUTE_CLIENT_SECRET" in line


def test_endpoints_with_favourites_first(logged_in: ClusterOnThisMachine, here: Call) -> None:
    rows = json.loads(here("backends", "endpoints", "--json").stdout)
    assert [(row["identifier"], row["status"]) for row in rows] == [
        (TWIN, "online"),
        (GRID, "online"),
        (FARM, "offline"),
    ]
    assert here("backends", "favourite", "grid").stdout == "Grid is a favourite\n"
    assert here("backends", "favourite", HIDDEN).returncode == 0, "one that is not listed"
    lines = here("backends", "endpoints").stdout.splitlines()
    assert lines[0] == f"* online   {HIDDEN}  Attic  of a friend, not listed"
    assert lines[1] == f"* online   {GRID}  Grid  the grid of the institute"
    assert lines[2] == f"  online   {TWIN}  farm  of bob"
    logged_in._login.unlink()
    assert here("backends", "favourite", "Grid", "--off").stdout == "Grid is no favourite any more\n"
    assert ClusterSettings(logged_in.folder.parent).favourites("globus") == (HIDDEN,)


def test_an_endpoint_that_is_not_listed_is_known_once_it_is_a_favourite(
    logged_in: ClusterOnThisMachine, here: Call
) -> None:
    assert "there is no endpoint attic" in one_line(here("backends", "options", "attic"), 2)
    assert here("backends", "favourite", HIDDEN).stdout == "Attic is a favourite\n"
    assert here("backends", "options", "attic").returncode == 0
    finished = here("backends", "check", "--endpoint", "attic")
    assert finished.stdout.startswith("Attic  Attic is online")


def test_options_are_kept_for_the_endpoint(logged_in: ClusterOnThisMachine, here: Call) -> None:
    shown = here("backends", "options", "grid").stdout
    assert "max_blocks=  whole number  [default: 1]\n" in shown
    assert "account=  text  Who pays.\n" in shown
    kept = here("backends", "options", "grid", "--set", "max_blocks=4", "account=atlas", "--json")
    document = json.loads(kept.stdout)
    assert document["options"] == {"max_blocks": 4, "account": "atlas"}
    assert document["form"]["properties"]["max_blocks"]["minimum"] == 1
    assert here("backends", "options", "--set", "walltime=0:10:00", GRID).returncode == 0
    settings = ClusterSettings(logged_in.folder.parent)
    assert settings.options("globus", GRID) == {
        "max_blocks": 4,
        "account": "atlas",
        "walltime": "0:10:00",
    }
    assert settings.last("globus") is None, "nothing was fitted there yet"
    here("backends", "options", "grid", "--reset", "--set", "max_blocks=2")
    assert settings.options("globus", GRID) == {"max_blocks": 2}
    here("backends", "options", "grid", "--reset")
    assert settings.options("globus", GRID) == {}


def test_login_by_a_code(start_cluster: Start, tmp_path: Path) -> None:
    wrong = start_cluster("backends", "login", "--no-browser")
    out, errors = wrong.communicate("simsalabim\n", timeout=60)
    assert (wrong.returncode, out) == (1, "")
    assert errors.splitlines()[1:] == [
        "https://login.example.org/code",
        "fitgui: The code is wrong: copy it once more",
    ]
    assert "given up" in (tmp_path / "data/globus/noted").read_text(encoding="utf-8")
    none = start_cluster("backends", "login")
    _, errors = none.communicate("", timeout=60)
    assert (none.returncode, errors.splitlines()[-1]) == (
        1,
        "fitgui: no code was given, so nobody is logged in: try again",
    )
    right = start_cluster("backends", "login", "--json")
    out, errors = right.communicate(f" {CODE} \n", timeout=60)
    assert right.returncode == 0, errors
    document = json.loads(out)
    assert (document["ready"], document["summary"]) == (True, "logged in as ada")
    again = start_cluster("backends", "login")
    out, errors = again.communicate(timeout=60)
    assert (again.returncode, errors) == (0, ""), "who is logged in is not asked again"
    assert out.startswith("globus  logged in as ada")


def test_login_tells_where_it_is_kept(start_cluster: Start) -> None:
    process = start_cluster("backends", "login", SSH_CONNECTION="elsewhere", BROWSER="false %s")
    out, errors = process.communicate(f"{CODE}\n", timeout=60)
    assert "copy the code" in errors, "a browser would open where nobody sits"
    assert out.splitlines() == ["globus  logged in as ada", "  login kept in: the keyring of this system"]


def test_a_login_that_cannot_last_says_what_to_do(start_cluster: Start) -> None:
    process = start_cluster("backends", "login", "--no-browser", **{NO_KEYRING: "1"})
    out, errors = process.communicate(f"{CODE}\n", timeout=60)
    assert process.returncode == 0
    assert "login kept in: memory, until fitgui ends" in out
    last = errors.splitlines()[-1]
    assert last.startswith(
        "fitgui: no keyring of this system can be used, so this login ends with this command"
    )
    assert "GLOBUS_COMPUTE_CLIENT_SECRET" in last


def test_login_by_a_browser(start_cluster: Start) -> None:
    process = start_cluster("backends", "login", BROWSER="touch %s", SSH_CONNECTION="", SSH_TTY="")
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert out.startswith("globus  logged in as ada\n")
    assert "log in in the browser" in errors


def test_ctrl_c_gives_a_login_up(start_cluster: Start, tmp_path: Path) -> None:
    process = start_cluster("backends", "login", BROWSER="true %s", SSH_CONNECTION="", SSH_TTY="")
    assert process.stderr is not None
    process.stderr.readline()
    process.stderr.readline()  # the address
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors.strip()) == (130, "fitgui: interrupted")
    assert (tmp_path / "data/globus/noted").read_text(encoding="utf-8") == "given up\n"


def test_logout(logged_in: ClusterOnThisMachine, here: Call) -> None:
    assert here("backends", "logout").stdout == "globus  logged out\n"
    assert here("backends", "check", "globus").returncode == 1
    assert json.loads(here("backends", "logout", "--json").stdout)["needs"] == "login"


def test_a_client_id_is_a_setting(start_cluster: Start, tmp_path: Path) -> None:
    for typed, kept in ((GRID.upper(), GRID), ("default", None)):
        process = start_cluster("backends", "login", "--client-id", typed)
        out, errors = process.communicate(f"{CODE}\n", timeout=60)
        assert process.returncode == 0, errors
        assert ClusterSettings(tmp_path / "data").client_id == kept
        assert out.startswith(f"globus  logged in as ada{f' by {kept}' if kept else ''}\n")


def test_damaged_settings_are_told_and_no_obstacle(logged_in: ClusterOnThisMachine, here: Call) -> None:
    path = logged_in.folder.parent / "clusters.json"
    path.write_text("{", encoding="utf-8")
    finished = here("backends", "endpoints")
    assert finished.returncode == 0
    assert len(finished.stdout.splitlines()) == 3
    assert "was damaged" in finished.stderr
    assert not path.exists()
    assert len(list(path.parent.glob("clusters.json.damaged-*"))) == 1
