"""The limit of requests is kept, whatever is asked and when."""

from __future__ import annotations

import threading

from hypothesis import given
from hypothesis import strategies as st

from fitgui_backends.couriers.globus_limiter import (
    REQUESTS,
    SERVICE_REQUESTS,
    WINDOW_SECONDS,
    Limiter,
    Window,
)

WISHES = st.lists(st.tuples(st.floats(0, 3), st.booleans()), max_size=120)


def made(wishes: list[tuple[float, bool]], window: Window) -> list[tuple[float, bool]]:
    """When requests begin that are wished for one after another, each some seconds after the last began."""
    now, begun = 0.0, []
    for pause, patient in wishes:
        now += pause
        for _ in range(100):
            delay = window.delay(now, patient=patient)
            if delay <= 0:
                break
            now += delay
        else:
            raise AssertionError("a request waits for ever")
        window.take(now, patient=patient)
        begun.append((now, patient))
    return begun


@given(WISHES)
def test_no_window_has_more_requests_than_the_service_takes(wishes: list[tuple[float, bool]]) -> None:
    begun = [time for time, _ in made(wishes, Window())]
    for first in begun:
        inside = [time for time in begun if first <= time < first + WINDOW_SECONDS - 1e-6]
        assert len(inside) <= REQUESTS + 1 < SERVICE_REQUESTS


@given(st.integers(1, 60))
def test_requests_that_cannot_wait_begin_as_soon_as_they_may(number: int) -> None:
    begun = made([(0.0, False)] * number, Window())
    assert [time for time, _ in begun] == [(place // REQUESTS) * WINDOW_SECONDS for place in range(number)]


def test_looking_has_a_place_beside_a_long_submission() -> None:
    window = Window()
    for _ in range(REQUESTS):
        window.take(0.0)
    assert window.delay(0.0) == WINDOW_SECONDS
    assert window.delay(0.0, patient=True) == 0.0
    window.take(0.0, patient=True)
    assert window.delay(0.0, patient=True) == WINDOW_SECONDS


def test_looking_leaves_room_for_sending() -> None:
    window = Window()
    patient = 0
    while window.delay(0.0, patient=True) == 0.0:
        window.take(0.0, patient=True)
        patient += 1
    assert 0 < patient < REQUESTS
    assert window.delay(0.0) == 0.0


@given(st.floats(0, 300), WISHES)
def test_a_pause_that_the_service_asks_for_is_kept(seconds: float, wishes: list[tuple[float, bool]]) -> None:
    window = Window()
    window.close(seconds)
    assert all(time >= seconds for time, _ in made(wishes, window))


def test_threads_share_one_limit() -> None:
    limiter = Limiter(Window(requests=3, patient=1, seconds=3600.0))
    passed = threading.Semaphore(0)

    def ask() -> None:
        limiter.wait()
        passed.release()

    for _ in range(5):
        threading.Thread(target=ask, daemon=True).start()
    assert all(passed.acquire(timeout=10) for _ in range(3))
    assert not passed.acquire(blocking=False)
