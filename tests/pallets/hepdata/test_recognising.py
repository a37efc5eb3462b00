"""Which files of a record are, or may be, likelihoods."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.pallets.hepdata.recognising import judged, possible_first
from fitgui.pallets.published import PublishedFile


def file(kind: str, name: str = "", description: str = "", likelihood: bool | None = None) -> PublishedFile:
    return PublishedFile(type=kind, name=name, description=description, likelihood=likelihood)


def verdicts(*files: PublishedFile) -> list[bool | None]:
    return [one.likelihood for one in judged(files)]


@pytest.mark.parametrize("kind", ["HistFactory", "histfactory", "HS3"])
def test_the_type_decides(kind: str) -> None:
    others = [
        file("gz", "Likelihoods.tar.gz", "Full likelihoods"),
        file("SimpleAnalysis", "a.cxx"),
        file("Combine", likelihood=False),
    ]
    assert verdicts(file(kind, "x"), *others) == [True, False, False, False]


def test_words_decide_where_no_type_does() -> None:
    assert verdicts(
        file("gz", "SLHA.tar.gz", "SLHA files"),
        file("gz", "a.tar.gz", "Archive of full likelihoods in the HistFactory JSON format"),
        file("json", "statistical_models.json", "See README"),
        file("png", "likelihood.png", "Likelihood scan"),
    ) == [False, None, None, False]


def test_without_such_words_every_archive_may_be_one() -> None:
    assert verdicts(
        file("zip", "data.zip"),
        file("unknown", "models.TGZ"),
        file("root", "maps.root"),
        file("txt", "readme"),
    ) == [None, None, False, False]


def test_what_lies_elsewhere_is_none() -> None:
    assert verdicts(file("json", "pyhf.json", "pyhf workspace", likelihood=False)) == [False]


def test_those_that_are_come_first() -> None:
    listed = [
        file("gz"),
        file("HS3", likelihood=True),
        file("png", likelihood=False),
        file("HistFactory", likelihood=True),
    ]
    assert [one.type for one in possible_first(listed)] == ["HistFactory", "HS3", "gz"]


@given(
    st.lists(
        st.builds(
            file,
            st.sampled_from(["HistFactory", "HS3", "gz", "json", "png", ""]),
            st.sampled_from(["", "a.zip", "likelihoods.tar.gz", "b.json"]),
            st.sampled_from(["", "pyhf", "Workspaces", "cutflow"]),
            st.sampled_from([None, False]),
        ),
        max_size=6,
    )
)
def test_nothing_is_lost_and_nothing_else_is_changed(files: list[PublishedFile]) -> None:
    found = judged(files)
    assert [(one.type, one.name, one.description) for one in found] == [
        (one.type, one.name, one.description) for one in files
    ]
    if any(one.likelihood for one in found):
        assert all(one.likelihood is not None for one in found)
    assert judged(found) == found
