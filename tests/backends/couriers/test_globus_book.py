"""Each task gets one answer, after it was accepted, however answers and receipts race."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui_backends.couriers.globus_book import Book, OpenTask, Outcome
from fitgui_backends.remote.courier_process import carried
from fitgui_backends.remote.messages import (
    Accepted,
    Answer,
    Arrived,
    FromCourier,
    Said,
    States,
    decode_from_courier,
    encode,
)

RUN, GROUP = "run", "group"


def a_book() -> tuple[Book, list[FromCourier]]:
    told: list[FromCourier] = []
    return Book(told.append, lambda: None), told


def receipt(book: Book, *names: str) -> None:
    """The service says that it has taken these."""
    tasks = [OpenTask(name, RUN, f"key {name}", GROUP, "place") for name in names]
    accepted = Accepted(
        run=RUN, group=GROUP, tasks={task.key: task.identifier for task in tasks}, sent_bytes=1, seconds=0.0
    )
    book.sent(GROUP, tasks, accepted)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("answer"), st.integers(0, 7)),
        st.tuples(st.just("phase"), st.integers(0, 7)),
        st.tuples(st.just("send"), st.integers(0, 3)),
        st.tuples(st.just("receipt"), st.integers(0, 3)),
    ),
    max_size=60,
)


@given(STEPS)
def test_no_key_is_answered_twice_or_before_it_was_accepted(steps: list[tuple[str, int]]) -> None:
    book, told = a_book()
    on_the_way: list[int] = []
    taken: set[int] = set()
    for step, number in steps:
        match step:
            case "send" if number not in on_the_way and number not in taken:
                book.sending(GROUP)
                on_the_way.append(number)
            case "receipt" if number in on_the_way:
                on_the_way.remove(number)
                taken.add(number)
                receipt(book, str(2 * number), str(2 * number + 1))
            case "answer":
                book.answer(str(number), Outcome(answer=number))
            case "phase":
                book.phases({str(number): "running"})
    answered = Counter(message.key for message in told if isinstance(message, Arrived))
    assert all(count == 1 for count in answered.values())
    known: set[str] = set()
    for message in told:
        if isinstance(message, Accepted):
            known |= set(message.tasks)
        elif isinstance(message, Arrived):
            assert message.key in known
            assert message.key == f"key {message.answer}"
        elif isinstance(message, States):
            assert set(message.phases) <= known
    assert len(book) == 2 * len(taken) - sum(answered.values())


def test_an_answer_that_is_faster_than_the_receipt_is_kept() -> None:
    book, told = a_book()
    book.sending(GROUP)
    assert not book.answer("1", Outcome(answer="early"))
    receipt(book, "1", "2")
    assert [type(message) for message in told] == [Accepted, Arrived, States]
    assert len(book) == 1
    assert not book.answer("1", Outcome(answer="again"))


def test_nothing_is_kept_of_tasks_that_are_not_ours() -> None:
    book, told = a_book()
    book.answer("foreign", Outcome(answer=1))
    book.sending(GROUP)
    receipt(book, "foreign")
    assert not [message for message in told if isinstance(message, Arrived)]


def test_a_forgotten_run_is_not_awaited() -> None:
    book, told = a_book()
    book.sending(GROUP)
    receipt(book, "1")
    assert book.groups() == {GROUP}
    book.forget(RUN)
    assert book.groups() == set()
    assert not book.answer("1", Outcome(answer=1))
    assert not [message for message in told if isinstance(message, Arrived)]


UNCARRIED = [2**64, [-(2**63) - 1], {"name": "\ud800"}, {"\udfff": 1}]
"""JSON has them, MessagePack has not."""


@pytest.mark.parametrize("answer", UNCARRIED)
def test_an_answer_that_no_message_can_hold_is_an_error_of_its_task(answer: object) -> None:
    told: list[FromCourier] = []

    def tell(message: FromCourier) -> None:
        encode(message)
        told.append(message)

    book = Book(tell, lambda: None)
    book.sending(GROUP)
    receipt(book, "1", "2")
    assert book.answer("1", Outcome(answer=answer, size=9))
    assert book.answer("2", Outcome(answer="good"))
    odd, good = (message for message in told if isinstance(message, Arrived))
    assert (odd.key, odd.trouble, odd.answer, odd.size) == ("key 1", "error", None, 9)
    assert odd.error.startswith("The answer of the worker cannot be carried")
    assert (good.key, good.answer) == ("key 2", "good")
    assert len(book) == 0


def test_an_application_that_has_gone_is_no_trouble_of_the_answer() -> None:
    def tell(message: FromCourier) -> None:
        if isinstance(message, Arrived):
            raise BrokenPipeError

    book = Book(tell, lambda: None)
    book.sending(GROUP)
    receipt(book, "1")
    with pytest.raises(BrokenPipeError):
        book.answer("1", Outcome(answer=1))


@pytest.mark.parametrize("answer", UNCARRIED)
def test_whatever_cannot_go_through_the_pipe_is_told_to_whoever_waits(answer: object) -> None:
    arrived = carried(Arrived(run=RUN, key="k", answer=answer, size=9))
    assert arrived is not None
    heard = decode_from_courier(arrived)
    assert isinstance(heard, Arrived)
    assert (heard.run, heard.key, heard.trouble) == (RUN, "k", "error")
    raw = carried(Answer(serial=7, result=answer))
    assert raw is not None
    told = decode_from_courier(raw)
    assert isinstance(told, Answer)
    assert (told.serial, told.result) == (7, None)
    assert "cannot be carried" in told.error
    assert carried(Said(level="info", text="\ud800")) is None
    good = Arrived(run=RUN, key="k", answer=2**64 - 1)
    assert carried(good) == encode(good)
