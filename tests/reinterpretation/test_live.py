"""The answer while somebody types, from a real process: the numbers of a run, the latest signal first."""

from __future__ import annotations

import math
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import msgspec
import psutil
import pyhf
import pytest

from fitgui.reinterpretation.answer import live_worker
from fitgui.reinterpretation.answer.live import LiveAnswer, LiveAnswers
from fitgui.reinterpretation.answer.live_latest import Latest
from fitgui.reinterpretation.answer.live_worker import Background, Piece, Question
from fitgui.reinterpretation.model import Target
from fitgui.reinterpretation.patching.patch import signal_patch
from fitgui.reinterpretation.target.published import signal_of_point
from fitgui_backends.contract import FitOptions, FitPoint
from fitgui_backends.engines.newton_engine import NewtonEngine
from fitgui_backends.results import FitResult, Seconds
from tests.processes import until
from tests.reinterpretation.targets import ONE_LEPTON, STAU, THREE_LEPTONS, example_target, real_target

PATIENCE = 60.0


class Ear:
    """Hears answers, and waits for them."""

    def __init__(self) -> None:
        self._heard: SimpleQueue[Any] = SimpleQueue()
        self.all: list[Any] = []

    def __call__(self, answer: Any) -> None:
        self._heard.put(answer)

    def until(self, condition: Callable[[LiveAnswer], bool]) -> LiveAnswer:
        while True:
            answer: LiveAnswer = self._heard.get(timeout=PATIENCE)
            self.all.append(answer)
            if condition(answer):
                return answer

    def last(self, serial: int) -> LiveAnswer:
        return self.until(lambda answer: answer.serial == serial and answer.finished)

    def background(self) -> Background:
        found: Background = self._heard.get(timeout=PATIENCE)
        return found

    @property
    def silent(self) -> bool:
        return self._heard.empty()


@pytest.fixture(scope="module")
def live() -> Iterator[LiveAnswers]:
    """One for all tests: starting a process is what takes long."""
    answers = LiveAnswers()
    yield answers
    answers.close(PATIENCE)
    assert not [thread for thread in threading.enumerate() if thread.name == "fitgui-live"]


def scaled(target: Target, factor: float, point: int = 0) -> bytes:
    """A published signal of another cross section, as typed yields become a patch."""
    signal_ = signal_of_point(target, target.analysis.points[point])
    return signal_patch(target, signal_.scaled(factor))


def as_a_run(target: Target, operations: bytes) -> FitResult:
    """What a run that asks for limits says of the same."""
    prepared = NewtonEngine().prepare(target.analysis.workspace, target.measurement, FitOptions(limits=True))
    return prepared.fit(FitPoint(name=live_worker.NAME, operations=operations))


def compare(found: FitResult | None, expected: FitResult) -> None:
    """Equal but for rounding: the two processes may use the processor differently."""
    assert found is not None

    def close(one: Any, other: Any) -> bool:
        if isinstance(one, float) and isinstance(other, float):
            return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
        if isinstance(one, dict) and isinstance(other, dict):
            return one.keys() == other.keys() and all(close(one[key], other[key]) for key in one)
        if isinstance(one, list | tuple) and isinstance(other, list | tuple):
            return len(one) == len(other) and all(map(close, one, other))
        return bool(one == other)

    bare = [msgspec.structs.replace(one, seconds=Seconds(), worker="", fits=()) for one in (found, expected)]
    assert close(*map(msgspec.to_builtins, bare)), bare


def pid_of(result: FitResult | None) -> int:
    assert result is not None
    return int(result.worker.rpartition(":")[2])


@pytest.mark.parametrize(
    ("file", "analysis", "factor", "point"),
    [
        (STAU, "Region-lowMass", 0.7, 20),
        (THREE_LEPTONS, "BkgOnly", 1.3, 30),
        (ONE_LEPTON, "BkgOnly", 1.0, 7),
    ],
)
def test_the_last_answer_is_that_of_a_run(
    live: LiveAnswers, real_pallets: Path, file: str, analysis: str, factor: float, point: int
) -> None:
    target = real_target(real_pallets, file, analysis)
    operations = scaled(target, factor, point)
    ear = Ear()
    done = ear.last(live.ask(target, operations, ear))
    compare(done.result, as_a_run(target, operations))
    assert pid_of(done.result) != os.getpid()
    assert ear.all[0].result.limits is None  # CLs is told before the limits are known
    assert [answer.finished for answer in ear.all] == [False] * (len(ear.all) - 1) + [True]
    told = [answer.provisional for answer in ear.all]
    assert told == sorted(told, reverse=True)
    assert not done.provisional


def test_the_latest_signal_wins(live: LiveAnswers) -> None:
    target, ear = example_target(), Ear()
    factors = [0.1 * number for number in range(1, 31)]
    serials = [live.ask(target, scaled(target, factor), ear) for factor in factors]
    assert serials == sorted(set(serials))
    done = ear.last(serials[-1])
    compare(done.result, as_a_run(target, scaled(target, factors[-1])))
    finished = {answer.serial for answer in ear.all if answer.finished}
    assert len(finished) < len(factors) / 2  # those that were overtaken were not even begun
    told = [answer.serial for answer in ear.all]
    assert told == sorted(told)


def test_what_was_known_is_told_again_without_a_fit(live: LiveAnswers) -> None:
    target, ear = example_target(), Ear()
    operations = scaled(target, 0.45)
    first = ear.last(live.ask(target, operations, ear))
    ear.last(live.ask(target, scaled(target, 0.55), ear))
    again = live.ask(target, operations, ear)
    told = ear.last(again)
    assert told.result is first.result
    assert [answer.serial for answer in ear.all].count(again) == 1


def test_a_fit_is_given_up_between_its_starts(tmp_path: Path) -> None:
    target = example_target()
    latest = Latest(str(tmp_path / "latest"))
    latest.write(2)
    one, two = (
        Question(workspace_digest=target.analysis.digest, options=FitOptions(), operations=operations)
        for operations in (scaled(target, 0.8), scaled(target, 0.9))
    )
    document = target.analysis.workspace_json
    assert live_worker.step(0, one, 1, latest.path, document) == Piece()  # the second is noted already
    answers: list[Piece] = []
    while not (answers and answers[-1].finished):
        piece = live_worker.step(0, two, 2, latest.path, None)
        assert isinstance(piece, Piece)
        answers.append(piece)
    compare(answers[-1].result, as_a_run(target, two.operations))
    latest.close()


def test_a_patch_that_cannot_be_used_is_one_sentence(live: LiveAnswers) -> None:
    target, ear = example_target(), Ear()
    for operations in (b'[{"op": "remove", "path": "/channels/17"}]', b"[", b'{"no": "list"}', b"[NaN]"):
        told = ear.last(live.ask(target, operations, ear))
        assert told.result is None
        assert told.trouble.endswith(".")
        assert "\n" not in told.trouble
        assert "Traceback" not in told.trouble
    assert ear.last(live.ask(target, scaled(target, 1.0), ear)).result is not None


def test_who_listens_may_fail(live: LiveAnswers) -> None:
    target, ear = example_target(), Ear()

    def gone(_: object) -> None:
        raise RuntimeError("deleted")

    live.ask(target, scaled(target, 1.7), gone)
    live.background(target, gone)
    live.background(target, ear)
    assert ear.background().channels
    assert ear.last(live.ask(target, scaled(target, 1.8), ear)).result is not None


def test_who_forgets_is_not_told(live: LiveAnswers) -> None:
    target, forgotten, ear = example_target(), Ear(), Ear()
    live.ask(target, scaled(target, 2.7), forgotten)
    live.forget(forgotten)
    ear.last(live.ask(target, scaled(target, 2.8), ear))
    assert forgotten.silent


def test_the_background_is_that_of_pyhf(live: LiveAnswers) -> None:
    target, ear = example_target(), Ear()
    live.background(target, ear)
    found = ear.background()
    assert found.converged
    assert not found.trouble
    assert [channel.name for channel in found.channels] == sorted(channel.name for channel in target.channels)
    workspace = pyhf.Workspace(dict(target.analysis.workspace))
    parameters = workspace["measurements"][0]["config"]["parameters"]
    model = pyhf.Model({"channels": workspace["channels"], "parameters": parameters}, poi_name=None)
    pyhf.set_backend("numpy", pyhf.optimize.minuit_optimizer())
    try:
        fitted = pyhf.infer.mle.fit(workspace.data(model), model)
    finally:
        pyhf.set_backend("numpy")
    for stage, values in (("pre_fit", model.config.suggested_init()), ("post_fit", fitted)):
        rates = model.expected_data(values, include_auxdata=False)
        ours = {channel.name: getattr(channel, stage) for channel in found.channels}
        for name in model.config.channels:
            assert ours[name] == pytest.approx(rates[model.config.channel_slices[name]], rel=2e-3)
    for channel in target.channels:
        told = found.channel(channel.name)
        assert told is not None
        assert told.observed == channel.observed
        assert all(
            0.0 < error < rate for rate, error in zip(told.post_fit, told.post_fit_errors, strict=True)
        )


def test_a_process_that_dies_is_told_and_replaced(live: LiveAnswers) -> None:
    target, ear = example_target(), Ear()
    before = ear.last(live.ask(target, scaled(target, 3.1), ear))
    os.kill(pid_of(before.result), getattr(signal, "SIGKILL", signal.SIGTERM))
    told = ear.last(live.ask(target, scaled(target, 3.2), ear))
    if told.trouble:  # unless its death was noticed before
        assert told.trouble.startswith("The process that fits ")
        assert told.trouble.endswith(": try again.")
        told = ear.last(live.ask(target, scaled(target, 3.2), ear))
    assert told.result is not None
    assert pid_of(told.result) != pid_of(before.result)


def test_nothing_is_left_when_it_is_closed(real_pallets: Path) -> None:
    target = real_target(real_pallets, STAU, "Region-lowMass")
    mine, ear, threads = psutil.Process(), Ear(), set(threading.enumerate())
    before = set(mine.children(recursive=True))
    live = LiveAnswers()
    live.warm_up(target)
    live.ask(target, scaled(target, 0.9), ear)
    first = ear.until(lambda answer: answer.result is not None)
    process = psutil.Process(pid_of(first.result))
    live.close(0.0)  # in the middle of a fit
    psutil.wait_procs([process], PATIENCE)
    assert not process.is_running()
    until(lambda: set(threading.enumerate()) <= threads)
    left = set(mine.children(recursive=True)) - before
    assert not [child for child in left if "resource_tracker" not in " ".join(child.cmdline())]
    live.ask(target, scaled(target, 0.9), ear)  # nobody answers, and nothing is begun
    assert live._thread is not None
    assert not live._thread.is_alive()
