"""Random JSON, and random patches that often hit something."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

KEYS = st.sampled_from(["a", "b", "0", "1", "-", "a/b", "m~n", "", "ä"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(-2, 2, allow_nan=False),
    st.sampled_from(["", "x", "é"]),
)
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)


def pointers(document: Any) -> list[str]:
    """Every place in a document as a JSON pointer."""
    found = [""]
    items: list[tuple[str, Any]] = []
    if isinstance(document, dict):
        items = [(key.replace("~", "~0").replace("/", "~1"), value) for key, value in document.items()]
    elif isinstance(document, list):
        items = [(str(index), value) for index, value in enumerate(document)]
    for key, value in items:
        found += [f"/{key}{rest}" for rest in pointers(value)]
    return found


@st.composite
def patches(draw: st.DrawFn, document: Any) -> list[dict[str, Any]]:
    """A patch of up to six operations; most paths exist, some nearly do, some are nonsense."""
    known = st.sampled_from(pointers(document))
    near = st.builds(
        lambda path, part: f"{path}/{part}", known, st.sampled_from(["0", "1", "5", "-", "a", "01", "-1", ""])
    )
    path = st.one_of(known, near, st.sampled_from(["nonsense", "/~2", "/"]))
    kinds = st.sampled_from(["add", "remove", "replace", "move", "copy", "test", "add", "replace"])
    operations = []
    for _ in range(draw(st.integers(0, 6))):
        kind = draw(kinds)
        operation: dict[str, Any] = {"op": kind, "path": draw(path)}
        if kind in ("add", "replace", "test"):
            operation["value"] = draw(DOCUMENTS)
        elif kind in ("move", "copy"):
            operation["from"] = draw(path)
        operations.append(operation)
    return operations
