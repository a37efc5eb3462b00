"""The rules of the house: which package may import which (see docs/architecture.md)."""

from __future__ import annotations

import graphlib
import json
import subprocess
import sys

import pytest
from pytest_archon import archrule
from pytest_archon.collect import collect_imports, walk_runtime

WINDOW_LIBRARIES = ("PySide6", "shiboken6", "pyqtgraph")
PACKAGES = ("fitgui", "fitgui_backends")


def patterns(*packages: str) -> tuple[str, ...]:
    """Glob patterns for packages and everything below them."""
    return tuple(pattern for package in packages for pattern in (package, f"{package}.*"))


def test_the_backends_know_neither_the_application_nor_a_window() -> None:
    (
        archrule("backends stand alone", "they are what a worker node installs")
        .match("fitgui_backends*")
        .should_not_import(*patterns("fitgui", *WINDOW_LIBRARIES))
        .check("fitgui_backends")
    )


def test_only_the_window_imports_qt() -> None:
    (
        archrule("Qt stays in fitgui.gui")
        .match("fitgui*")
        .exclude(*patterns("fitgui.gui"), "fitgui.__main__")
        .should_not_import(*patterns(*WINDOW_LIBRARIES))
        .check("fitgui", skip_type_checking=False)
    )
    (
        archrule("the entry point reaches Qt only through the window")
        .match("fitgui.__main__")
        .should_not_import(*patterns(*WINDOW_LIBRARIES))
        .check("fitgui", only_direct_imports=True)
    )


def test_pallets_know_nothing_of_runs() -> None:
    (
        archrule("pallets are read without a run")
        .match(*patterns("fitgui.pallets"))
        .should_not_import(*patterns("fitgui.runs"))
        .check("fitgui", skip_type_checking=False)
    )


def test_exclusions_know_nothing_of_runs() -> None:
    (
        archrule("contours are found in results")
        .match(*patterns("fitgui.exclusion"))
        .should_not_import(*patterns("fitgui.runs"))
        .check("fitgui", skip_type_checking=False)
    )


def test_own_signals_know_nothing_of_runs() -> None:
    (
        archrule("a signal becomes a pallet, and only then a run")
        .match(*patterns("fitgui.reinterpretation"))
        .should_not_import(*patterns("fitgui.runs"))
        .check("fitgui", skip_type_checking=False, only_direct_imports=True)
    )


def test_nobody_imports_the_command_line_or_the_window() -> None:
    (
        archrule("cli and gui are on top", "only fitgui.__main__ joins the two")
        .match("fitgui*")
        .exclude(*patterns("fitgui.cli", "fitgui.gui"), "fitgui.__main__")
        .should_not_import(*patterns("fitgui.cli", "fitgui.gui"))
        .check("fitgui", skip_type_checking=False)
    )
    (
        archrule("the command line opens no window")
        .match(*patterns("fitgui.cli"))
        .should_not_import(*patterns("fitgui.gui"))
        .check("fitgui", skip_type_checking=False)
    )
    (
        archrule("the window does not talk to the command line")
        .match(*patterns("fitgui.gui"))
        .should_not_import(*patterns("fitgui.cli"))
        .check("fitgui", skip_type_checking=False)
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_imports_itself_through_others(package: str) -> None:
    imports = collect_imports(package, walk_runtime)
    graph = {module: {name for name in names if name in imports} for module, names in imports.items()}
    assert len(graph) > 1
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail("modules import each other: " + " -> ".join(error.args[1]))


@pytest.mark.parametrize(
    ("modules", "forbidden"),
    [
        pytest.param(
            ("fitgui_backends", "fitgui_backends.contract", "fitgui_backends.events"),
            ("fitgui", "numpy", "scipy", "pyhf", "jsonschema", *WINDOW_LIBRARIES),
            id="contract",
        ),
        pytest.param(
            ("fitgui.cli.main",),
            ("pyhf", "scipy", "jsonschema", "matplotlib", *WINDOW_LIBRARIES),
            id="command line",
        ),
    ],
)
def test_start_loads_only_what_it_needs(modules: tuple[str, ...], forbidden: tuple[str, ...]) -> None:
    program = f"import json, sys, {', '.join(modules)}; print(json.dumps(sorted(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(answer.stdout)}
    assert modules[0].partition(".")[0] in loaded
    assert loaded.isdisjoint(forbidden)
