"""``fitgui download`` of a version that is not there: nothing else is got in its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Finished
from tests.hepdata.standin import StandIn

Call = Callable[..., Finished]


@pytest.mark.parametrize("newest_instead", [False, True])
@pytest.mark.parametrize(
    "arguments",
    [("95751", "--version", "7"), ("SUSY-2019-09", "--version", "7"), ("10.17182/hepdata.95751.v7/r3",)],
)
def test_nothing_is_got_in_place_of_a_version_that_is_not_there(
    hepdata: StandIn, here: Call, tmp_path: Path, arguments: tuple[str, ...], newest_instead: bool
) -> None:
    hepdata.populate(real=False)
    hepdata.site.newest_instead = newest_instead
    done = here("download", *arguments)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1] == "fitgui: Record 95751 has versions 1 to 2, not version 7."
    assert hepdata.asked("file") == []
    assert not list((tmp_path / "data").glob("library/*/item.json"))
