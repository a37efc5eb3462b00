"""The frame of couriers: a process of its own that answers, dies, and goes with the application."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fitgui_backends.contract import Need, Place
from fitgui_backends.remote.courier import Courier, CourierError
from fitgui_backends.remote.messages import Arrived, Forget, FromCourier, Ready, Said, Send, Task, Watch
from tests.processes import is_there, until

FACTORY = "tests.backends.remote.echo_service:make_service"
Make = Callable[..., tuple[Courier, list[FromCourier], threading.Event]]


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[Courier] = []

    def make_one(**settings: Any) -> tuple[Courier, list[FromCourier], threading.Event]:
        heard: list[FromCourier] = []
        lost = threading.Event()
        courier = Courier("Echo", FACTORY, settings, heard.append, lost.set)
        made.append(courier)
        return courier, heard, lost

    yield make_one
    for courier in made:
        courier.kill()
        assert courier.join(10.0)


def test_it_answers_calls_and_tasks(make: Make) -> None:
    courier, heard, lost = make()
    assert courier.ask("echo", text="ÄÖ ∑", number=1.5) == {"text": "ÄÖ ∑", "number": 1.5}
    assert isinstance(heard[0], Ready)
    assert courier.versions["echo"] == "1"
    assert courier.versions["pid"] == str(courier.pid) != str(os.getpid())
    place = Place(identifier="e", options={"max_blocks": 4, "partition": "short", "exclusive": False})
    request = {"packed": "x" * 3_000_000}
    tasks = (Task(key="k", request=request, size=3_000_000),)
    courier.tell(Send(run="r", place=place, function="fit", tasks=tasks))
    courier.tell(Watch(run="r", place=place, groups={"g": ("t1", "t2")}))
    courier.tell(Forget(run="r"))
    until(lambda: len(heard) == 4)
    assert heard[1:] == [
        Arrived(run="r", key="k", answer=request, size=3_000_000),
        Said(level="info", text="watching ['g']", run="r"),
        Said(level="info", text="forgotten", run="r"),
    ]
    assert not lost.is_set()


def test_what_goes_wrong_is_a_sentence_without_what_must_not_be_seen(make: Make) -> None:
    courier, _, lost = make()
    with pytest.raises(CourierError, match="not logged in") as refused:
        courier.ask("refuse")
    assert refused.value.needs is Need.LOGIN
    with pytest.raises(CourierError, match=r"unforeseen.*RuntimeError") as broken:
        courier.ask("break")
    assert "secret" not in str(broken.value)
    assert not lost.is_set()


def test_a_long_call_keeps_no_other_from_being_answered(make: Make) -> None:
    courier, _, _ = make()
    waiting = threading.Thread(target=lambda: courier.ask("wait", seconds=3.0), daemon=True)
    waiting.start()
    assert courier.ask("echo", n=1) == {"n": 1}
    assert waiting.is_alive()
    with pytest.raises(CourierError, match=r"did not answer within 0\.1 s"):
        courier.ask("wait", 0.1, seconds=3.0)
    waiting.join(20)


def test_one_that_dies_fails_its_questions_and_is_told_of(make: Make) -> None:
    courier, _, lost = make()
    with pytest.raises(CourierError, match="has ended"):
        courier.ask("die")
    assert lost.wait(10)
    with pytest.raises(CourierError, match="has ended"):
        courier.ask("echo")
    courier.tell(Forget(run="r"))  # and nobody is hurt


def test_a_message_that_is_not_understood_costs_no_other(tmp_path: Path) -> None:
    heard: list[FromCourier] = []

    def hear(message: FromCourier) -> None:
        if isinstance(message, Arrived):
            raise OverflowError
        heard.append(message)

    lost = threading.Event()
    courier = Courier("Echo", FACTORY, {}, hear, lost.set)
    try:
        place = Place(identifier="e")
        courier.tell(Send(run="r", place=place, function="fit", tasks=(Task(key="k", request={}, size=2),)))
        courier.tell(Forget(run="r"))
        until(lambda: any(isinstance(message, Said) for message in heard))
        assert courier.ask("echo", n=1) == {"n": 1}
        assert not lost.is_set()
    finally:
        courier.kill()
        assert courier.join(10.0)


def test_one_that_is_killed_is_told_of(make: Make) -> None:
    courier, _, lost = make()
    courier.ask("echo")
    assert courier.pid is not None
    os.kill(courier.pid, signal.SIGKILL)
    assert lost.wait(10)


def test_one_that_cannot_begin_says_so(make: Make) -> None:
    _, heard, lost = make(breaks=True)
    assert lost.wait(30)
    (said,) = heard
    assert isinstance(said, Said)
    assert "secret" not in said.text


def test_closing_lets_it_release_what_it_holds_and_does_not_wait(make: Make, tmp_path: Path) -> None:
    farewell = tmp_path / "farewell"
    courier, _, lost = make(farewell=str(farewell), hangs=2.0)
    courier.ask("echo")
    courier.close()
    until(farewell.exists)
    assert not lost.is_set()
    with pytest.raises(CourierError):
        courier.ask("echo")


APPLICATION = """
import json, sys, time
from fitgui_backends.remote.courier import Courier
if __name__ == "__main__":
    courier = Courier("Echo", {factory!r}, json.loads(sys.argv[1]), lambda message: None, lambda: None)
    courier.ask("echo")
    print(courier.pid, flush=True)
    if sys.argv[2] == "stay":
        time.sleep(60)
    courier.close()
"""


def begin(tmp_path: Path, then: str, **settings: Any) -> tuple[subprocess.Popen[str], int]:
    program = tmp_path / "application.py"
    program.write_text(APPLICATION.format(factory=FACTORY), encoding="utf-8")
    command = [sys.executable, str(program), json.dumps(settings), then]
    root = Path(__file__).resolve().parents[3]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    application = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert application.stdout is not None
    return application, int(application.stdout.readline())


def test_it_goes_with_an_application_that_is_killed(tmp_path: Path) -> None:
    farewell = tmp_path / "farewell"
    application, pid = begin(tmp_path, "stay", farewell=str(farewell))
    with application:
        application.kill()
    until(lambda: not is_there(pid))
    assert farewell.read_text() == "closed"


def test_an_application_ends_at_once_though_its_courier_takes_its_time(tmp_path: Path) -> None:
    began = time.monotonic()
    application, pid = begin(tmp_path, "end", hangs=2.0)
    with application:
        assert application.wait(60) == 0
        took = time.monotonic() - began
    assert is_there(pid), f"the application waited for its courier ({took:.1f} s)"
    until(lambda: not is_there(pid))
