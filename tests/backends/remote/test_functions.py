"""The texts that travel: the same everywhere, complete, and honest about what is on the worker."""

from __future__ import annotations

import ast
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from fitgui_backends import __version__
from fitgui_backends.remote.functions import CARRIED, FUNCTIONS, source_of
from tests.backends.remote.elsewhere import OURS, Worker, errors_of, make_request, results_of
from tests.builders import make_operations, make_workspace

BROUGHT_BY_PYHF = {"numpy", "scipy", "jsonpointer"}


def imports_at_the_top(tree: ast.Module) -> Iterator[str]:
    """What is imported whenever a module is; what only type checkers see is left out."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield from ([f"{module}.{alias.name}" for alias in node.names] if "." not in module else [module])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_modules_that_travel_need_nothing_that_does_not(name: str) -> None:
    for module in CARRIED[name]:
        source = files("fitgui_backends").joinpath(f"{module.replace('.', '/')}.py").read_text("utf-8")
        for imported in imports_at_the_top(ast.parse(source, feature_version=(3, 10))):
            top, _, rest = imported.partition(".")
            if top == "fitgui_backends":
                known = {*CARRIED[name], *(f"{other.rpartition('.')[0]}" for other in CARRIED[name])}
                assert rest in known or rest.rpartition(".")[0] in known, f"{module} imports {imported}"
            else:
                assert top in sys.stdlib_module_names | BROUGHT_BY_PYHF, f"{module} imports {imported}"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_text_is_the_same_in_every_process_and_complete(name: str) -> None:
    text, entry = source_of(name)
    ast.parse(text, feature_version=(3, 10))
    namespace: dict[str, object] = {}
    exec(text, namespace)
    assert callable(namespace[entry])
    program = (
        "import sys; from fitgui_backends.remote.functions import source_of;"
        f" sys.stdout.write(source_of({name!r})[0])"
    )
    for seed in ("1", "2"):
        again = subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert again.stdout == text


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_service_can_take_a_text_apart(name: str) -> None:
    concretes = pytest.importorskip("globus_compute_sdk.serialize.concretes", reason="no extra globus")
    text, entry = source_of(name)
    strategy = concretes.PureSourceTextInspect()
    function = strategy.deserialize(f"{strategy.identifier}{entry}:{text}")
    assert function.__name__ == name


def test_importing_the_texts_loads_no_numerical_library() -> None:
    program = (
        "import sys; from fitgui_backends.remote.functions import source_of; source_of('fit');"
        " print([name for name in ('numpy', 'scipy', 'pyhf') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_newton_says_what_is_missing_where_and_how_to_get_it(tmp_path: Path) -> None:
    workspace = make_workspace()
    request = make_request(workspace, {"a": make_operations(workspace), "b": "[]"}, engine="newton")
    with Worker({"FITGUI_CACHE": str(tmp_path)}, hidden=OURS) as worker:
        errors = errors_of(worker.run("fit", request))
    assert set(errors) == {"a", "b"}
    for error in errors.values():
        assert error.startswith(f"The engine newton cannot run on the worker {socket.gethostname()}:")
        assert f"(Python {sys.version.split()[0]}): fitgui-backends is not installed." in error
        assert "worker_init" in error
        assert "fitgui backends template" in error
        assert error.endswith("or choose the engine pyhf.")


def test_another_version_on_the_worker_is_not_used(tmp_path: Path) -> None:
    workspace = make_workspace()
    patches = {"a": make_operations(workspace)}
    text = source_of("fit")[0]
    newer = text.replace(f"VERSION = {__version__!r}", "VERSION = '7.3.1'")
    assert newer != text
    with Worker({"FITGUI_CACHE": str(tmp_path)}) as worker:
        errors = errors_of(worker.run("fit", make_request(workspace, patches, engine="newton"), newer))
        answer = worker.run("fit", make_request(workspace, patches, engine="pyhf"), newer)
        same = worker.run("fit", make_request(workspace, patches, engine="newton"))
    expected = f"fitgui-backends {__version__} is installed, which does not go with the 7.3.1 of this fitgui"
    assert expected in errors["a"]
    assert results_of(answer)["a"].converged
    assert "fitgui-backends" not in answer["versions"]
    assert same["versions"]["fitgui-backends"] == __version__


def test_half_an_installation_says_what_is_broken(tmp_path: Path) -> None:
    workspace = make_workspace()
    request = make_request(workspace, {"a": make_operations(workspace)}, engine="newton")
    with Worker({"FITGUI_CACHE": str(tmp_path)}, hidden=("msgspec",)) as worker:
        errors = errors_of(worker.run("fit", request))
    assert "installed, but cannot be imported (No module named 'msgspec')" in errors["a"]


def test_a_worker_without_pyhf_says_so(tmp_path: Path) -> None:
    workspace = make_workspace()
    request = make_request(workspace, {"a": make_operations(workspace)}, engine="pyhf")
    with Worker({"FITGUI_CACHE": str(tmp_path)}, hidden=(*OURS, "pyhf")) as worker:
        errors = errors_of(worker.run("fit", request))
        report = worker.run("check", {})
    assert errors["a"] == 'pyhf is not installed: install it with: pip install "pyhf".'
    assert report["import of pyhf"] == "not installed"


@pytest.mark.parametrize("hidden", [(), OURS])
def test_the_check_reports_what_a_person_asks_for(tmp_path: Path, hidden: tuple[str, ...]) -> None:
    slurm = {
        "SLURM_JOB_ID": "4711",
        "SLURM_JOB_PARTITION": "short",
        "SLURM_JOB_ACCOUNT": "atlas",
        "OMP_NUM_THREADS": "8",
    }
    with Worker({**slurm, "FITGUI_CACHE": str(tmp_path / "cache")}, hidden=hidden) as worker:
        report = worker.run("check", {"format": 1})
    assert all(isinstance(value, str) and value for value in report.values())
    assert report["host"] == socket.gethostname()
    assert report["Python"] == sys.version.split()[0]
    assert report["block"] == "Slurm 4711"
    assert report["partition"] == "short"
    assert report["account"] == "atlas"
    assert report["cache folder"] == str(tmp_path / "cache")
    assert report["BLAS threads"] == "1"
    assert report["import of pyhf"].endswith(" s")
    assert int(report["cores"]) >= 1
    assert {"pyhf", "numpy", "scipy", "fitgui-backends", "memory", "format"} <= set(report)


def test_the_check_fails_nowhere(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    nowhere = {"FITGUI_CACHE": str(tmp_path / "file" / "cache"), "TMPDIR": str(tmp_path / "none")}
    condor = {**nowhere, "_CONDOR_JOB_AD": str(tmp_path / "missing"), "_CONDOR_SLOT": "slot1_2"}
    with Worker(condor, hidden=(*OURS, "numpy", "scipy", "pyhf")) as worker:
        report = worker.run("check", None)
    assert report["block"] == "HTCondor slot1_2"
    assert report["import of pyhf"] == "not installed"
    (tmp_path / "job").write_text("ProcId = 3\nClusterId = 15\n")
    with Worker({"_CONDOR_JOB_AD": str(tmp_path / "job"), "FITGUI_CACHE": str(tmp_path)}) as worker:
        assert worker.run("check", None)["block"] == "HTCondor 15.3"
