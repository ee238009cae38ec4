"""ticket-routing: a model that knows the truth, and a week without one class."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import norm
from sklearn.metrics import accuracy_score

from sample_data.staging import LAST_REFERENCE
from sample_data.ticket_routing import generate

TEAMS = np.array(generate.TEAMS)


@pytest.fixture(scope="module")
def rows():
    return generate.staged_rows().rows


def scores(rows):
    return rows.select(f"p_{team}" for team in generate.TEAMS).to_numpy()


def test_the_posterior_agrees_with_bayes_on_the_densities():
    likeness = np.array([[0.3, 0.6, 0.28, 0.35, 0.2, 0.41], [0.55, 0.3, 0.3, 0.3, 0.3, 0.31]])
    own = generate.USUAL + generate.SPREAD * generate.NEARER
    near, far = (norm(mean, generate.SPREAD).pdf(likeness) for mean in (own, generate.USUAL))
    joint = generate.SHARES * near / far * far.prod(axis=1, keepdims=True)
    assert np.allclose(generate.posterior(likeness), joint / joint.sum(axis=1, keepdims=True), rtol=1e-10)


def test_scores_add_up_to_1(rows):
    assert np.abs(scores(rows).sum(axis=1) - 1).max() < 1e-12


def test_the_top_score_is_right_as_often_as_it_says(rows):
    found = scores(rows)
    hit = TEAMS[found.argmax(axis=1)] == rows["team"].to_numpy()
    assert hit.mean() == pytest.approx(found.max(axis=1).mean(), abs=0.003)


def test_hardware_is_missing_for_one_week_and_on_no_other_day(rows):
    first, last = generate.CLASS_VANISHES
    hardware = rows.filter(pl.col("team") == "hardware").group_by("day").len()
    assert hardware.filter(pl.col("day").is_between(first, last)).is_empty()
    assert hardware.height == rows["day"].n_unique() - 7
    assert hardware["len"].min() > 30


def test_without_hardware_the_others_are_recognised_as_well_as_ever(rows):
    week = rows.filter(pl.col("day").is_between(*generate.CLASS_VANISHES))
    usual = rows.filter(pl.col("day") <= LAST_REFERENCE, pl.col("team") != "hardware")
    now, before = (accuracy_score(part["team"], TEAMS[scores(part).argmax(axis=1)]) for part in (week, usual))
    assert now == pytest.approx(before, abs=0.015)


def test_every_segment_has_enough_rows_on_every_day(rows):
    for column in ("language", "customer_tier"):
        assert rows.group_by("day", column).len()["len"].min() >= 40
