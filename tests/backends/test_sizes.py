"""How much a worker is given at once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fitgui_backends.sizes import CHUNK_SECONDS, FIRST_TOYS, MOST_POINTS, SHARE_SECONDS, Sizes

SECONDS = st.floats(1e-6, 1e4)


def test_the_first_chunk_is_one_point() -> None:
    assert Sizes(2, None).points(1000) == 1


@given(
    workers=st.integers(1, 64),
    limit=st.none() | SECONDS,
    points=st.lists(st.tuples(st.integers(1, MOST_POINTS), SECONDS), min_size=1, max_size=20),
    waiting=st.integers(1, 20_000),
)
def test_a_chunk_is_never_empty_nor_more_than_its_share(
    workers: int, limit: float | None, points: list[tuple[int, float]], waiting: int
) -> None:
    sizes = Sizes(workers, limit)
    for number, seconds in points:
        sizes.learn_points(number, number * seconds)
    taken = sizes.points(waiting)
    assert 1 <= taken <= min(MOST_POINTS, max(1, -(-waiting // workers)))
    longest, shortest = max(s for _, s in points), min(s for _, s in points)
    assert taken == 1 or taken * shortest <= CHUNK_SECONDS * 1.001
    if limit is not None and limit < longest / 1000:
        assert taken == 1 or taken * shortest <= limit


def test_points_of_seconds_stay_one_by_one_and_quick_ones_come_in_chunks() -> None:
    slow, quick = Sizes(2, 1800.0), Sizes(2, 1800.0)
    slow.learn_points(1, 3.0)
    quick.learn_points(1, 0.01)
    assert slow.points(100) == 1
    assert quick.points(100) == 12
    assert [quick.points(left) for left in (20, 8, 4, 1)] == [5, 2, 1, 1]


def test_a_few_odd_points_are_forgotten_again() -> None:
    sizes = Sizes(1, None)
    sizes.learn_points(1, 10.0)
    for _ in range(30):
        sizes.learn_points(1, 0.01)
    assert sizes.points(10_000) == 11


def test_toys_are_shared_where_points_are_fewer_than_workers() -> None:
    sizes = Sizes(4, None)
    assert sizes.toys(1000, 100) == FIRST_TOYS
    assert sizes.toys(8, 0) == 2
    sizes.learn_toys(10, 0.01)
    assert sizes.toys(1000, 100) == 1000  # one second of work
    assert sizes.toys(1000, 0) == 250
    sizes = Sizes(4, None)
    sizes.learn_toys(10, 1.0)
    assert sizes.toys(1000, 100) == int(SHARE_SECONDS / 0.1)


@given(left=st.integers(1, 10**6), others=st.integers(0, 100), seconds=SECONDS, workers=st.integers(1, 64))
def test_a_share_is_never_empty_nor_more_than_what_is_left(
    left: int, others: int, seconds: float, workers: int
) -> None:
    sizes = Sizes(workers, 100.0)
    sizes.learn_toys(1, seconds)
    assert 1 <= sizes.toys(left, others) <= left
