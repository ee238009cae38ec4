"""Which significant segments are shown, and which are only the shadow of another one."""

from core.segments.filters import words
from core.segments.search_losses import LossKind
from core.segments.search_worst import found_segments, known_losses, search
from tests.core.segments.made_rows import broken, levels, rows

CELL = "plan = plus and channel = phone"


def made(weak, *, n=6_000, reference=None, **given):
    now = rows(n, seed=11, weak=weak, **given)
    before = None if reference is None else known_losses(reference, LossKind.ERROR)
    return search(now, levels(now, now), LossKind.ERROR, reference=before)


def names(found):
    return [words(one.where) for one in found_segments(found)]


def test_a_parent_that_is_weak_because_of_its_child_gives_its_place_and_is_counted():
    found = made(broken)
    assert names(found) == [CELL]
    assert found_segments(found)[0].n_shadows >= 2
    assert found.shown.n_more == 0


def test_a_child_that_is_no_worse_than_its_parent_is_not_shown():
    found = made(lambda columns: columns["plan"] == "plus")
    assert names(found) == ["plan = plus"]
    assert found.shown.n_children >= 5


def test_a_child_that_is_worse_than_its_weak_parent_is_shown_beside_it():
    def weak(columns):
        return columns["plan"] == "plus"

    found = made(weak, wrong=0.4)
    assert names(found) == ["plan = plus"]
    worse = search(
        both := rows(6_000, seed=12, weak=lambda columns: broken(columns) | (columns["plan"] == "max"), wrong=0.6),
        levels(both, both),
        LossKind.ERROR,
    )
    assert set(names(worse)) == {CELL, "plan = max"}


def test_news_come_before_what_was_always_hard():
    def hard(columns):
        return columns["plan"] == "max"

    reference = rows(6_000, seed=13, weak=hard, wrong=0.7)
    now = rows(6_000, seed=14, weak=lambda columns: hard(columns) | broken(columns), wrong=0.7)
    found = search(now, levels(now, now), LossKind.ERROR, reference=known_losses(reference, LossKind.ERROR))
    assert names(found)[:2] == [CELL, "plan = max"]
    assert [one.is_news for one in found_segments(found)][:2] == [True, False]


def test_where_nothing_is_significant_nothing_is_shown():
    found = made(None)
    assert (found.shown.shown, found.shown.n_more, found.shown.n_children) == ((), 0, 0)
