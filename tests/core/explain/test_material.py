from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from core.errors import NotEnoughDataError, NotFoundError
from core.explain.material import (
    Part,
    fixed_sample,
    logged_numbers,
    logged_values,
    reference_sample,
    row_by_id,
    sampled,
    unit_sample,
)
from core.profile.binning import Segment
from core.segments.filters import Condition, Filter
from core.selection import MetricQuery
from core.store.explained_rows import load_explained


@pytest.fixture
def material(explained):
    with explained.read() as session:
        return load_explained(session, explained, MetricQuery(model="logged"), "", explained.clock.now()).material


def test_the_same_seed_draws_the_same_rows(material):
    first, n_rows = sampled(material, Part(), n=30, seed=5)
    again, _ = sampled(material, Part(), n=30, seed=5)
    assert first.equals(again)
    assert (first.num_rows, n_rows) == (30, 150)


def test_a_filter_and_a_segment_that_mean_the_same_rows_draw_the_same(material):
    where = Part(where=Filter(conditions=(Condition(column="plan", levels=("plus",)),)))
    segment = Part(segment=Segment("plan", "plus"))
    assert sampled(material, where, n=10, seed=1)[0]["id"].equals(sampled(material, segment, n=10, seed=1)[0]["id"])


def test_other_levels_are_those_without_a_segment_of_their_own(material):
    part = Part(segment=Segment("plan", None), named=("basic", "plus"))
    rows, _ = sampled(material, part, n=500, seed=0)
    assert set(rows["plan"].cast("string").to_pylist()) == {"max"}


def test_a_part_is_named_in_words():
    assert Part().words == "all rows"
    assert Part(segment=Segment("plan", "plus")).words == "plan = plus"


def test_no_row_is_refused(material):
    nothing = Part(where=Filter(conditions=(Condition(column="income", missing=True),)))
    with pytest.raises(NotEnoughDataError, match="no row"):
        sampled(material, nothing, n=10, seed=0)


def test_a_row_is_found_in_any_unit_of_the_log(material):
    assert row_by_id(material, "s000003")["day"][0].as_py() == date(2024, 3, 1)
    with pytest.raises(NotFoundError):
        row_by_id(material, "s999999")


def test_the_reference_and_a_unit_are_sampled(material):
    reference = reference_sample(material, n=100)
    assert reference is not None
    assert reference.num_rows == 100
    assert unit_sample(material, date(2024, 3, 5), "served", n=20).num_rows == 20


def test_logged_values_keep_the_rows_that_have_them(material):
    rows, _ = sampled(material, Part(), n=50, seed=0)
    found, kept = logged_values(material, rows)
    assert kept.num_rows == 50
    assert np.abs(found.base + found.values.sum(1) - found.margin).max() <= 1e-9


def test_the_fixed_rows_of_a_version_are_those_of_its_reference_with_logged_values(material):
    rows = fixed_sample(material, n=20)
    assert rows["id"][0].as_py().startswith("reference-")
    assert np.isfinite(logged_numbers(material, rows)).all()
    assert fixed_sample(replace(material, days=()), n=20).equals(rows)


def test_without_a_reference_of_its_own_the_first_unit_gives_the_fixed_rows(material):
    rows = fixed_sample(replace(material, reference_sha256=None), n=20)
    assert set(rows["day"].to_pylist()) == {material.all_days[0]}
