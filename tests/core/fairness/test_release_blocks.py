"""What a reader can work out of any two answers, and of all of them together."""

from datetime import date, timedelta

import numpy as np
import pytest

from core.fairness.release_blocks import release_groups, release_table, shown_groups, shown_table
from core.fairness.release_calendar import blocks_between, inside
from core.fairness.suppression import COMPLEMENTARY, MINIMUM, SHOWN, SMALL, Events, sensitive_counts, too_small
from core.profile.group_counts import GroupCounts
from core.windows import Grain, Window

FIRST, N_DAYS, GRAIN = date(2024, 12, 30), 84, Grain.DAY
LAST = FIRST + timedelta(days=N_DAYS - 1)
BLOCKS = blocks_between(FIRST, LAST, 7, GRAIN)
LONG_BLOCKS = blocks_between(FIRST, LAST, 28, GRAIN)
A, B, S = (
    ("F", "M", "other", "not stated"),
    ("young", "middle", "old", "other", "not stated"),
    ("branch", "web", "missing"),
)


def _people(seed):
    """Return decision × actual by day, group, group and segment: ``(84, 4, 5, 3, 3, 3)``."""
    rng = np.random.default_rng(seed)
    a, b, s = np.array([0.5, 0.44, 0.0, 0.06]), np.array([0.45, 0.35, 0.17, 0.0, 0.03]), np.array([0.6, 0.37, 0.03])
    mean = 40 * np.einsum("a,b,s->abs", a, b, s)
    cells = np.array([[0.4, 0.1, 0.0], [0.15, 0.35, 0.0], [0.0, 0.0, 0.0]])
    return rng.poisson(mean[None, ..., None, None] * cells, size=(N_DAYS, *mean.shape, 3, 3)).astype(np.int64)


def _by_block(people, blocks):
    return np.stack([people[(one.start - FIRST).days : (one.end - FIRST).days].sum(0) for one in blocks])


def _counts(labels, confusion):
    n = confusion.shape[:-2]
    return GroupCounts(
        labels=labels,
        edges=np.array([0.5]),
        confusion=confusion,
        score_counts=np.ones((*n, 3, 2), np.int64),
        score_sums=np.ones((*n, 2, 2)),
    )


def _released(people):
    short, long = _by_block(people, BLOCKS), _by_block(people, LONG_BLOCKS)
    first = release_groups("sex", _counts(A, short.sum((2, 3))), BLOCKS, Events.ACTUALS)
    second = release_groups("age", _counts(B, short.sum((1, 3))), BLOCKS, Events.ACTUALS)
    table = release_table(first, second, long.sum(3), LONG_BLOCKS, Events.ACTUALS)
    control = release_table(first, ("channel", S), long.sum(2), LONG_BLOCKS, Events.ACTUALS)
    other = release_table(second, ("channel", S), long.sum(1), LONG_BLOCKS, Events.ACTUALS)
    return {"sex": first, "age": second, "sex×age": table, "sex×channel": control, "age×channel": other}


def _answers(released, rng):
    """Return one random question's blocks, and its shown cells with their people by day, group, group, segment."""
    ends = sorted(rng.choice(N_DAYS + 1, size=2, replace=False).tolist())
    window = Window(FIRST + timedelta(days=ends[0]), FIRST + timedelta(days=ends[1]))
    name = str(rng.choice(list(released)))
    release = released[name]
    places = inside(release.blocks, window, first_day=FIRST)
    if not places:
        return {}
    days = np.zeros(N_DAYS, bool)
    for place in places:
        days[(release.blocks[place].start - FIRST).days : (release.blocks[place].end - FIRST).days] = True
    mask = shown_groups(release, places).mask if name in ("sex", "age") else shown_table(release, places)[0]
    found = {(): _indicator(days, ())}
    for place in np.argwhere(mask == SHOWN).tolist():
        axes = {"sex": (1,), "age": (2,), "sex×age": (1, 2), "sex×channel": (1, 3), "age×channel": (2, 3)}[name]
        key = tuple(zip(axes, place, strict=True))
        found[key] = _indicator(days, key)
    return found


def _indicator(days, key):
    cells = np.zeros((N_DAYS, len(A), len(B), len(S)), bool)
    cells[days] = True
    for axis, place in key:
        keep = np.zeros(cells.shape[axis], bool)
        keep[place] = True
        shape = [1] * 4
        shape[axis] = -1
        cells &= keep.reshape(shape)
    return cells


def _derived(first, second):
    """Yield the people that a reader isolates by taking one shown number, or a sum of them, off another."""
    for mine, theirs in ((first, second), (second, first)):
        for whole in mine.values():
            parts = [one for one in theirs.values() if not (one & ~whole).any() and (one != whole).any()]
            for part in parts:
                yield whole & ~part
            rest = whole.copy()
            for part in sorted(parts, key=lambda one: -int(one.sum())):
                if not (part & ~rest).any():
                    rest &= ~part
            yield rest


@pytest.mark.parametrize("seed", range(4))
def test_of_ten_thousand_random_pairs_of_questions_none_isolates_a_few_people(seed):
    people = _people(seed)
    n = people.sum((-2, -1))
    released = _released(people)
    assert (released["sex"].mask == SMALL).any()
    assert (released["sex×age"].mask == COMPLEMENTARY).any()
    assert (released["sex×channel"].mask == SHOWN).any()
    rng = np.random.default_rng(100 + seed)
    for _ in range(2500):
        for isolated in _derived(_answers(released, rng), _answers(released, rng)):
            size = int(n[isolated].sum())
            assert size == 0 or size >= MINIMUM


def _published(people, released):
    """Return every published number as a line over days, groups, groups and segments; and the withheld ones."""
    shown, hidden = [_indicator(np.arange(N_DAYS) == day, ()) for day in range(N_DAYS)], []
    shown += [_indicator(np.arange(N_DAYS) == day, ((3, s),)) for day in range(N_DAYS) for s in range(len(S))]
    for name, axes in (
        ("sex", (1,)),
        ("age", (2,)),
        ("sex×age", (1, 2)),
        ("sex×channel", (1, 3)),
        ("age×channel", (2, 3)),
    ):
        release = released[name]
        for block, mask in zip(release.blocks, release.mask, strict=True):
            days = np.array([FIRST + timedelta(days=day) in block for day in range(N_DAYS)])
            for place in np.ndindex(mask.shape):
                line = _indicator(days, tuple(zip(axes, place, strict=True)))
                (shown if mask[place] == SHOWN else hidden).append(line)
    return shown, hidden


@pytest.mark.parametrize("seed", range(2))
def test_no_withheld_cell_is_a_combination_of_everything_that_is_published(seed):
    people = _people(seed)
    shown, hidden = _published(people, _released(people))
    weeks = np.stack([one.reshape(12, 7, -1).any(1).ravel() for one in shown]).astype(float)
    assert hidden
    basis = np.linalg.svd(weeks, full_matrices=False)
    kept = basis.Vh[1e-9 * basis.S[0] < basis.S]
    for line in hidden:
        target = line.reshape(12, 7, -1).any(1).ravel().astype(float)
        assert np.linalg.norm(target - kept.T @ (kept @ target)) > 1e-3


def test_counts_of_withheld_groups_are_removed_from_what_is_released():
    released = _released(_people(0))
    for name in ("sex", "age"):
        hidden = released[name].mask != SHOWN
        assert not released[name].counts.confusion[hidden].any()
        assert not released[name].counts.score_counts[hidden].any()
        assert not released[name].counts.score_sums[hidden].any()
    assert not released["sex×age"].confusion[released["sex×age"].mask != SHOWN].any()


def test_a_group_is_shown_in_a_sum_of_blocks_where_each_of_them_shows_it():
    release = _released(_people(1))["sex"]
    total = shown_groups(release, range(len(release.blocks)))
    every = (release.mask == SHOWN).all(0)
    assert (total.mask == SHOWN).tolist() == every.tolist()
    assert total.n_withheld.tolist() == (release.mask != SHOWN).sum(0).tolist()
    assert not total.counts.confusion[~every].any()


def test_what_is_shown_are_the_exact_counts():
    people = _people(2)
    release = _released(people)["age"]
    exact = _by_block(people, BLOCKS).sum((1, 3))
    assert (release.counts.confusion == exact)[release.mask == SHOWN].all()
    shown = release.counts.confusion[release.mask == SHOWN]
    assert not too_small(sensitive_counts(shown, Events.ACTUALS)).any()
