"""The search as a whole: what is staged is found first, and where there is nothing, nothing is reported."""

from datetime import date

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from core.errors import NotEnoughDataError
from core.log.schema import load_schema
from core.segments.columns import searchable
from core.segments.filters import words
from core.segments.search_candidates import candidates
from core.segments.search_levels import levels_of
from core.segments.search_losses import LossKind
from core.segments.search_reference import Standing
from core.segments.search_significance import significance
from core.segments.search_worst import found_segments, known_losses, losses_in, search
from sample_data.credit_risk import generate
from sample_data.staging import LAST_REFERENCE
from tests.core.segments.made_rows import broken, levels, rows

SCHEMA = load_schema(generate.SCHEMA)
COLUMNS = searchable(SCHEMA)
STAGED = "purpose = business and channel = broker"
SEEDS = 100


@pytest.fixture(scope="module")
def credit():
    return generate.staged_rows().rows


def part(staged, first, last):
    """Return rows as `core.profile.window_rows` does."""
    chosen = staged.filter(pl.col("day").is_between(first, last))
    numbers = [name for name in COLUMNS if SCHEMA.features[name].kind == "numeric"]
    found = chosen.select(
        score="p_missed",
        decision=(pl.col("p_missed") >= SCHEMA.threshold).cast(pl.Int16),
        actual=pl.col("missed").cast(pl.Int16),
        **{name: pl.col(name).cast(pl.Float64) if name in numbers else pl.col(name) for name in COLUMNS},
    ).to_arrow()
    return pa.table(
        {
            name: found[name] if name in numbers or name in ("score", "decision", "actual") else
            found[name].cast(pa.string()).combine_chunks().dictionary_encode()
            for name in found.column_names
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def reference(credit):
    return part(credit, date(2000, 1, 1), LAST_REFERENCE)


def searched(reference, now, kind):
    cut = [levels_of(reference, now, name) for name in COLUMNS]
    return search(now, cut, kind, reference=known_losses(reference, kind))


@pytest.mark.parametrize(
    "kind", [LossKind.LOG_LOSS, LossKind.ERROR, LossKind.MISSED_POSITIVES, LossKind.EXCESS_LOG_LOSS]
)
@pytest.mark.parametrize("days", [(2, 15), (2, 8), (9, 15)])
def test_the_staged_segment_comes_first_by_every_loss(credit, reference, kind, days):
    now = part(credit, date(2013, 12, days[0]), date(2013, 12, days[1]))
    first = found_segments(searched(reference, now, kind))[0]
    assert words(first.where) == STAGED
    assert first.is_news
    assert first.shrunk_low > 0.15


def test_in_a_quiet_month_weak_kinds_of_rows_are_known_and_none_is_news(credit, reference):
    now = part(credit, date(2013, 10, 7), date(2013, 10, 20))
    found = found_segments(searched(reference, now, LossKind.LOG_LOSS))
    assert found
    assert {one.before.standing for one in found} == {Standing.KNOWN}
    assert found_segments(searched(reference, now, LossKind.EXCESS_LOG_LOSS)) == ()


def test_protected_columns_are_not_searched(credit, reference):
    made = searched(reference, part(credit, date(2013, 12, 2), date(2013, 12, 15)), LossKind.LOG_LOSS)
    named = {name for place in range(len(made.searched.n)) for name in made.searched.filter_at(place).columns}
    assert named == set(COLUMNS)
    assert not named & {"sex", "age_band"}


@pytest.mark.parametrize("kind", [LossKind.ERROR, LossKind.LOG_LOSS, LossKind.MISSED_POSITIVES])
def test_on_shuffled_labels_nothing_is_reported_in_at_least_95_of_100_seeds(credit, kind):
    """Which rows were hard is shuffled against the columns: whatever is reported then is chance."""
    now, _ = losses_in(part(credit, date(2013, 10, 7), date(2013, 10, 20)), kind)
    cut = [levels_of(now.rows, now.rows, name) for name in COLUMNS]
    found = candidates(now.rows, cut)
    assert len(found.n) > 450
    quiet = sum(
        not len(significance(found, np.random.default_rng(seed).permutation(now.loss), kind).significant)
        for seed in range(SEEDS)
    )
    assert quiet >= 95


def test_a_deficit_of_a_known_size_is_found_and_its_interval_holds_it():
    now = rows(5_000, seed=7, weak=broken, wrong=0.5)
    made = search(now, levels(now, now), LossKind.ERROR)
    first = found_segments(made)[0]
    assert words(first.where) == "plan = plus and channel = phone"
    assert first.shrunk_low <= 0.3 <= first.shrunk_high
    assert first.shrunk <= first.deficit
    assert first.before.standing is Standing.UNCLEAR
    assert made.filters()[0] == first.where


def test_the_order_of_rows_changes_nothing():
    now = rows(3_000, seed=8, weak=broken)
    turned = now.take(pa.array(np.random.default_rng(0).permutation(3_000)))
    one, other = (search(each, levels(now, now), LossKind.ERROR) for each in (now, turned))
    assert found_segments(one) == found_segments(other)


def test_too_few_rows_with_an_actual_are_refused_with_their_number():
    few = rows(90, seed=9)
    with pytest.raises(NotEnoughDataError, match=r"90 rows .* needs 100"):
        search(few, levels(few, few), LossKind.ERROR)


def test_rows_without_a_loss_are_none():
    unknown = rows(200, seed=10)
    unknown = unknown.set_column(unknown.schema.get_field_index("actual"), "actual", pa.nulls(200, pa.int16()))
    assert known_losses(unknown, LossKind.ERROR) is None
