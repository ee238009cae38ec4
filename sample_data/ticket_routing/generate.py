"""Tickets that nobody wrote: teams drawn first, then texts' likenesses, and the exact posterior as the score.

The model therefore knows the true law, and is calibrated, until a week in which one kind of ticket cannot be opened.
"""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from sample_data.staging import ZONE, Floats, Ints, StagedRows, all_days, between, event_times, rows_a_day

SCHEMA = Path(__file__).parent / "model.yaml"
SEED = 20130605
WEEKDAY_ROWS, WEEKEND_ROWS = 600, 320

TEAMS = ("access", "billing", "hardware", "network", "other", "software")
SHARES = np.array([0.18, 0.22, 0.22, 0.12, 0.08, 0.18])
HARDWARE = TEAMS.index("hardware")
CLASS_VANISHES = (date(2013, 12, 2), date(2013, 12, 8))
"""The days on which the form for hardware could not be sent."""

USUAL, SPREAD, NEARER = 0.30, 0.12, 2.5
"""Likeness to a team: normal; `NEARER` spreads larger for the ticket's own team."""


def staged_rows() -> StagedRows:
    """Return all rows, the same at every call."""
    draw = np.random.default_rng(SEED)
    days = all_days()
    times = event_times(draw, days, rows_a_day(draw, days, weekday=WEEKDAY_ROWS, weekend=WEEKEND_ROWS))
    n = times.height
    team = draw.choice(len(TEAMS), n, p=SHARES)
    own = team[:, None] == np.arange(len(TEAMS))
    likeness = np.round(USUAL + SPREAD * (draw.normal(0.0, 1.0, own.shape) + NEARER * own), 3)
    rows = _described(draw, times, likeness, team)
    sent = ~(between(rows, *CLASS_VANISHES) & (team == HARDWARE))
    told = rows.filter(pl.Series(sent))
    hidden = ("day", "known_at", "team")
    return StagedRows(
        rows=told,
        served=tuple(name for name in told.columns if name not in hidden),
        key="ticket_id",
        timestamp="opened_at",
        actual="team",
        late={},
    )


def _described(draw: np.random.Generator, times: pl.DataFrame, likeness: Floats, team: Ints) -> pl.DataFrame:
    n, scores = times.height, posterior(likeness)
    answered = pl.col("opened_at").dt.offset_by("1d") + pl.duration(hours=pl.lit(pl.Series(draw.integers(0, 48, n))))
    return pl.DataFrame(
        {
            "ticket_id": [f"T{place:07d}" for place in range(n)],
            "opened_at": times["event_at"],
            **{f"p_{name}": scores[:, place] for place, name in enumerate(TEAMS)},
            **{f"about_{name}": likeness[:, place] for place, name in enumerate(TEAMS)},
            "words": np.rint(np.exp(draw.normal(np.log(60), 0.7, n))) + 3,
            "language": draw.choice(["de", "en", "fr"], n, p=[0.25, 0.5, 0.25]),
            "customer_tier": draw.choice(["basic", "enterprise", "plus"], n, p=[0.45, 0.25, 0.30]),
            "latency_ms": np.round(np.exp(draw.normal(np.log(120.0), 0.5, n)), 1),
            "team": np.array(TEAMS)[team],
            "day": times["day"],
        }
    ).with_columns(known_at=answered.dt.convert_time_zone(ZONE.key))


def posterior(likeness: Floats) -> Floats:
    """Return the chance of every team given the likenesses, ``(n, 6)``, each row adding up to 1.

    With independent normal likenesses of equal spread the log-odds are linear: ln share + NEARER · z.
    """
    logits = np.log(SHARES) + NEARER * (likeness - USUAL) / SPREAD
    logits -= logits.max(axis=1, keepdims=True)
    weights = np.exp(logits)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float64)
