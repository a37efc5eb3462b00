"""Threads of the window load scipy one after the other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import fitgui


def late_imports(tree: ast.AST, *, held: bool = False, late: bool = False) -> Iterator[int]:
    """Lines within functions that import scipy while the lock is not held."""
    for node in ast.iter_child_nodes(tree):
        inside = late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        locked = held or (
            isinstance(node, ast.With)
            and any(
                isinstance(item.context_expr, ast.Name) and item.context_expr.id == "LOADING"
                for item in node.items
            )
        )
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        if late and not held and any(name.partition(".")[0] == "scipy" for name in names):
            yield node.lineno
        yield from late_imports(node, held=locked, late=inside)


def test_what_is_loaded_late_is_loaded_by_one_thread_at_a_time() -> None:
    folder = Path(fitgui.__file__).parent
    found = {
        f"{path.relative_to(folder)}:{line}"
        for path in folder.rglob("*.py")
        for line in late_imports(ast.parse(path.read_text("utf-8")))
    }
    assert found == set(), "hold fitgui.loading.LOADING while scipy is imported within a function"


def test_the_test_sees_what_it_looks_for() -> None:
    bad = "def f():\n    from scipy.special import ndtr\n"
    good = "def f():\n    with LOADING:\n        import scipy.special\n"
    assert list(late_imports(ast.parse(bad))) == [2]
    assert list(late_imports(ast.parse(good))) == []
