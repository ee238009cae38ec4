"""Sales of stores that never were: a strong week, a fixed formula that forecasts them, and a counter that breaks.

The true law is the formula with the visitors who really came; PROVENANCE.md tells what the log shows instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from sample_data.staging import LAST_SERVED, ZONE, Floats, StagedRows, all_days, between

SCHEMA = Path(__file__).parent / "model.yaml"
SEED = 20130604
STORES, PRODUCTS = 36, 14

COUNTER_BREAKS = date(2013, 12, 11)
"""From this day on the feed of the door counters says 0 in every store."""

WEEK = np.array([0.78, 0.74, 0.82, 0.95, 1.35, 1.75, 0.61])
"""Visitors until noon by weekday, Monday first, as a multiple of the usual day."""

FORMATS = {"city": 900.0, "mall": 1_500.0, "suburb": 550.0}
GROUPS = {"bakery": 26.0, "dairy": 34.0, "drinks": 22.0, "household": 9.0, "produce": 30.0}
LIST_PRICE = {"bakery": 2.9, "dairy": 2.2, "drinks": 3.6, "household": 6.5, "produce": 2.6}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What does not change from day to day: one entry for each store × product, ``(STORES * PRODUCTS,)``."""

    store: np.ndarray
    product: np.ndarray
    store_format: np.ndarray
    product_group: np.ndarray
    visitors: Floats
    sells: Floats
    list_price: Floats


def staged_rows() -> StagedRows:
    """Return all rows, the same at every call."""
    draw = np.random.default_rng(SEED)
    days = all_days()
    shelf = _shelf(draw)
    rows = _rows(draw, shelf, days)
    broken = between(rows, COUNTER_BREAKS, LAST_SERVED)
    counted = np.where(broken, 0.0, rows["footfall"].to_numpy())
    expected = forecast(rows.with_columns(footfall=pl.Series(counted)))
    known_at = (pl.col("day") + pl.duration(days=1)).cast(pl.Datetime("us")) + pl.duration(hours=4)
    told = rows.with_columns(
        footfall=pl.Series(counted),
        units_expected=pl.Series(np.round(expected, 2)),
        known_at=known_at.dt.replace_time_zone(ZONE.key),
    )
    hidden = ("day", "known_at", "units_sold", "usual_visitors", "usual_units", "list_price")
    return StagedRows(
        rows=told,
        served=tuple(name for name in told.columns if name not in hidden),
        key="forecast_id",
        timestamp="forecast_at",
        actual="units_sold",
        late={},
    )


def _shelf(draw: np.random.Generator) -> Shelf:
    store, product = np.divmod(np.arange(STORES * PRODUCTS), PRODUCTS)
    formats, groups = sorted(FORMATS), sorted(GROUPS)
    store_format = np.array(formats)[store % len(formats)]
    group = np.array(groups)[product % len(groups)]
    visitors = np.array([FORMATS[name] for name in store_format]) * np.exp(draw.normal(0, 0.15, STORES))[store]
    liked = np.exp(draw.normal(0, 0.3, PRODUCTS))[product]
    return Shelf(
        store=store,
        product=product,
        store_format=store_format,
        product_group=group,
        visitors=np.rint(visitors),
        sells=np.array([GROUPS[name] for name in group]) * liked * np.sqrt(visitors / 900.0),
        list_price=np.round(
            np.array([LIST_PRICE[name] for name in group]) * np.exp(0.2 * (product / PRODUCTS - 0.5)), 2
        ),
    )


def _rows(draw: np.random.Generator, shelf: Shelf, days: Sequence[date]) -> pl.DataFrame:
    """Return day after day what was on the shelf, who came and what was sold; a first week is thrown away."""
    frames = []
    earlier = [_day(draw, shelf, days[0] - timedelta(days=back), None) for back in range(7, 0, -1)]
    for day in days:
        today = _day(draw, shelf, day, earlier[-7]["units_sold"].to_numpy())
        earlier = [*earlier[-6:], today]
        frames.append(today)
    asked_at = pl.col("day").cast(pl.Datetime("us")) + pl.duration(hours=12, minutes=30)
    return pl.concat(frames).with_columns(forecast_at=asked_at.dt.replace_time_zone(ZONE.key))


def _day(draw: np.random.Generator, shelf: Shelf, day: date, week_ago: Floats | None) -> pl.DataFrame:
    n = len(shelf.store)
    came = np.exp(draw.normal(0.0, 0.22, STORES))[shelf.store] * WEEK[day.weekday()]
    discount = np.where(draw.random(n) < 0.15, draw.choice([0.1, 0.2, 0.3], n), 0.0)
    rows = pl.DataFrame(
        {
            "forecast_id": [f"{day}-{s:02d}-{p:02d}" for s, p in zip(shelf.store, shelf.product, strict=True)],
            "footfall": np.rint(shelf.visitors * came),
            "price": np.round(shelf.list_price * (1 - discount), 2),
            "discount": discount,
            "promoted": np.where(draw.random(n) < 0.12, "yes", "no"),
            "weekday": np.full(n, day.isoweekday(), np.float64),
            "stock": np.rint(draw.gamma(6.0, 20.0, n)),
            "product_group": shelf.product_group,
            "store_format": shelf.store_format,
            "usual_visitors": shelf.visitors,
            "usual_units": shelf.sells,
            "list_price": shelf.list_price,
            "day": pl.repeat(day, n, eager=True),
        }
    )
    # Negative binomial with mean m and variance m + m²/20: a Poisson law whose rate is a gamma variable.
    sold = draw.poisson(forecast(rows) * draw.gamma(20.0, 1 / 20.0, n)).astype(np.float64)
    before = sold if week_ago is None else week_ago
    return rows.with_columns(units_sold=pl.Series(sold), units_week_ago=pl.Series(before))


def forecast(rows: pl.DataFrame) -> Floats:
    """Return the formula of the model: usual units × (visitors / usual ones)^.6 × (1 - discount)^-1.4 × leaflet 1.35.

    The share of visitors counts between a tenth and ten times the usual one.
    """
    share = np.clip(rows["footfall"].to_numpy() / rows["usual_visitors"].to_numpy(), 0.1, 10.0)
    leaflet = np.where(rows["promoted"].to_numpy() == "yes", 1.35, 1.0)
    taken_off = rows["price"].to_numpy() / rows["list_price"].to_numpy()
    return np.asarray(rows["usual_units"].to_numpy() * share**0.6 * taken_off**-1.4 * leaflet, np.float64)
