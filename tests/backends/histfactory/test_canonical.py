"""The digest by which patch sets name workspaces."""

from __future__ import annotations

from typing import Any

import pyhf.utils
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui_backends.histfactory.canonical import digest
from fitgui_backends.histfactory.errors import HistFactoryError

DOCUMENTS = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
)


@given(document=DOCUMENTS, algorithm=st.sampled_from(["sha256", "md5"]))
def test_digest_is_that_of_pyhf(document: Any, algorithm: str) -> None:
    assert digest(document, algorithm) == pyhf.utils.digest(document, algorithm)


@pytest.mark.parametrize(
    "document", [[float("nan")], {"a": [float("inf")]}, {"a": object()}, ["\ud800"], {1: {"a": object}}]
)
def test_what_is_not_json_has_no_digest(document: Any) -> None:
    with pytest.raises(HistFactoryError):
        digest(document)
