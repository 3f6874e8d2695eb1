"""The real order of one object's changes, from the links between their images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from manager_nb.timeline.chains import Link, chain, state

if TYPE_CHECKING:
    import random


def links_of(states: list[bytes | None], ticks: list[int | None]) -> list[Link]:
    pairs = zip(states, states[1:], ticks, strict=False)
    return [Link(f"{place:04}", f"c{place}", at, *pair) for place, (*pair, at) in enumerate(pairs)]


def named(text: str) -> list[bytes | None]:
    return [None if letter == "-" else letter.encode() for letter in text]


def told(chained: object) -> list[str]:
    return [link.change for link in chained.links]  # type: ignore[attr-defined]


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 40), st.randoms(use_true_random=False))
def test_states_that_never_come_back_tell_the_order_whatever_the_clock_says(length: int, dice: random.Random) -> None:
    states = [None, *(bytes([place]) for place in range(length))]
    links = links_of(states, [dice.randrange(10) for _ in range(length)])
    shuffled = dice.sample(links, len(links))
    found = chain(shuffled, states[-1])
    assert found.links == tuple(links)
    assert list(found.breaks()) == []
    assert not found.ambiguous


@settings(deadline=None, max_examples=100)
@given(st.text("-abc", min_size=2, max_size=30), st.randoms(use_true_random=False))
def test_states_that_come_back_are_linked_all_the_same(text: str, dice: random.Random) -> None:
    states = [at for place, at in enumerate(named(text)) if place == 0 or at != named(text)[place - 1]]
    links = links_of(states, [dice.randrange(5) for _ in states])
    found = chain(dice.sample(links, len(links)), states[-1])
    assert sorted(told(found)) == sorted(link.change for link in links)
    assert list(found.breaks()) == []


def test_a_clock_that_was_right_decides_where_the_links_leave_a_choice() -> None:
    links = links_of(named("-abaca"), [1, 2, 3, 4, 5])
    found = chain(links[::-1], b"a")
    assert found.links == tuple(links)
    assert not found.reordered


def test_a_clock_set_back_is_seen_and_the_span_it_showed_twice() -> None:
    links = links_of(named("-abcd"), [10, 20, 12, 25])
    found = chain(links, b"d")
    assert (found.links, found.reordered, found.ambiguous) == (tuple(links), True, False)
    assert list(found.set_back()) == [(12, 20)]


def test_rows_that_are_missing_leave_a_break_and_keep_their_place() -> None:
    links = links_of(named("-abcde"), [1, 2, 3, 4, 5])
    del links[2]
    found = chain(links, b"e")
    assert told(found) == ["0000", "0001", "0003", "0004"]
    assert list(found.breaks()) == [2]


def test_two_creations_of_one_object_are_two_runs() -> None:
    links = [Link("1", "x", 1, None, b"a"), Link("2", "y", 2, None, b"b")]
    found = chain(links, b"b")
    assert told(found) == ["1", "2"]
    assert list(found.breaks()) == [1]


def test_of_twins_the_one_that_was_continued_counts() -> None:
    twins = [Link("1", "x", 5, b"a", b"b"), Link("2", "x", 5, b"a", b"c")]
    found = chain([Link("0", "w", 1, None, b"a"), *twins, Link("3", "z", 9, b"b", b"d")], b"d")
    assert told(found) == ["0", "1", "3"]
    assert [twin.change for twin in found.twins] == ["2"]
    assert list(found.breaks()) == []


def test_changes_without_a_time_find_their_place_by_their_links() -> None:
    links = links_of(named("-abcd"), [10, None, 30, None])
    assert chain(links[::-1], b"d").links == tuple(links)


def test_a_hundred_thousand_changes_of_one_object_are_put_in_order() -> None:
    states = [None, *(place.to_bytes(4) for place in range(100_000))]
    links = links_of(states, [place % 1000 for place in range(100_000)])
    assert chain(links[::-1], states[-1]).links == tuple(links)


def test_a_change_of_type_alone_is_another_state() -> None:
    assert state("one", b"") != state("two", b"")
    assert state("one", b"") == state("one", None) != state(None, None)
