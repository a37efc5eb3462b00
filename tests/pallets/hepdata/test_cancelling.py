"""A wish to stop reaches whoever waits."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from fitgui.pallets.hepdata.cancelling import Cancel
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from tests.processes import until


def stopped(wait: Callable[[], object]) -> ErrorKind:
    with pytest.raises(HepDataError) as caught:
        wait()
    return caught.value.kind


def test_a_call_gives_its_result_or_its_error() -> None:
    cancel = Cancel()
    assert cancel.run(lambda: 7) == 7
    assert cancel.run(lambda: None) is None
    with pytest.raises(ZeroDivisionError):
        cancel.run(lambda: 1 // 0)


def test_nothing_is_begun_once_it_is_wished() -> None:
    cancel = Cancel()
    cancel.cancel()
    called: list[int] = []
    assert stopped(lambda: cancel.run(lambda: called.append(1))) is ErrorKind.CANCELLED
    assert stopped(lambda: cancel.wait(600)) is ErrorKind.CANCELLED
    assert called == []


def test_who_waits_for_a_call_is_let_go_and_what_came_late_is_put_away() -> None:
    cancel, begun, release = Cancel(), threading.Event(), threading.Event()
    late: list[str] = []

    def call() -> str:
        begun.set()
        release.wait(60)
        return "late"

    threading.Thread(target=lambda: begun.wait(60) and cancel.cancel()).start()
    assert stopped(lambda: cancel.run(call, late.append)) is ErrorKind.CANCELLED
    assert late == []
    release.set()
    until(lambda: late)
    assert set(late) == {"late"}


def test_a_pause_ends_by_itself_and_leaves_nobody_to_be_called() -> None:
    cancel, went_on = Cancel(), threading.Event()

    def pause() -> None:
        cancel.wait(0.001)
        went_on.set()

    threading.Thread(target=pause).start()
    assert went_on.wait(20)
    assert not cancel.cancelled
    assert cancel.run(lambda: "still of use") == "still of use"


def test_only_who_waits_is_called() -> None:
    cancel, called = Cancel(), []
    with cancel.calling(lambda: called.append("before")):
        pass
    with cancel.calling(lambda: called.append("during")):
        cancel.cancel()
    assert called == ["during"]
    with cancel.calling(lambda: called.append("after")):
        pass
    assert called == ["during", "after"]
