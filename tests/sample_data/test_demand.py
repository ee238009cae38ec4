"""demand: a strong week that is always the same, and a counter that breaks."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from sample_data.demand import generate
from sample_data.staging import LAST_REFERENCE


@pytest.fixture(scope="module")
def rows():
    return generate.staged_rows().rows


def test_the_forecast_worked_by_hand():
    row = pl.DataFrame(
        {"footfall": [100.0], "usual_visitors": [400.0], "price": [1.8], "list_price": [2.0], "promoted": ["yes"]}
    ).with_columns(usual_units=pl.lit(20.0))
    assert generate.forecast(row)[0] == pytest.approx(20 * 0.25**0.6 * 0.9**-1.4 * 1.35, rel=1e-12)


def test_before_the_break_the_forecast_is_right_on_average_on_every_weekday(rows):
    whole = rows.filter(pl.col("day") < generate.COUNTER_BREAKS)
    by_day = whole.group_by("weekday").agg(pl.col("units_expected").mean(), pl.col("units_sold").mean())
    assert (by_day["units_expected"] / by_day["units_sold"] - 1).abs().max() < 0.02


def test_the_week_is_strong_and_the_same_in_reference_and_log(rows):
    before = rows.filter(pl.col("day") <= LAST_REFERENCE)
    after = rows.filter(pl.col("day").is_between(LAST_REFERENCE, generate.COUNTER_BREAKS, closed="none"))
    parts = [part.group_by("weekday").agg(pl.col("units_sold").mean()).sort("weekday") for part in (before, after)]
    usual, later = (part["units_sold"].to_numpy() for part in parts)
    assert usual.max() / usual.min() > 1.7
    assert np.abs(later / usual - 1).max() < 0.05


def test_from_the_break_on_the_counters_say_0_while_sales_go_on(rows):
    broken = rows.filter(pl.col("day") >= generate.COUNTER_BREAKS)
    whole = rows.filter(pl.col("day") < generate.COUNTER_BREAKS)
    assert broken["footfall"].max() == 0
    assert whole["footfall"].min() > 50
    assert broken["units_sold"].mean() == pytest.approx(whole["units_sold"].mean(), rel=0.02)
    assert broken["units_expected"].mean() < 0.3 * broken["units_sold"].mean()


def test_the_units_of_a_week_ago_are_those_that_were_sold(rows):
    sold = rows.select(pl.col("day") + timedelta(days=7), pl.col("forecast_id").str.slice(11), "units_sold")
    joined = rows.with_columns(shelf=pl.col("forecast_id").str.slice(11)).join(
        sold.rename({"forecast_id": "shelf"}), on=["day", "shelf"], suffix="_before"
    )
    assert joined.height > 100_000
    assert (joined["units_week_ago"] == joined["units_sold_before"]).all()
