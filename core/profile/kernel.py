"""The kernel: rows of one version, role and day in, their profile out.

One sort a numeric column and one look-up a distinct text; everything else is counting small codes.
Sums run over sorted values, so that a profile is byte-equal for any order of its rows; that is also why
the unit of work is a whole day (``docs/decisions/0004-a-day-is-the-unit-of-work.md``).
"""

from collections.abc import Collection, Iterable
from datetime import datetime

import pyarrow as pa

from core.profile.binning import Binning
from core.profile.features import count_features
from core.profile.flags import count_arrival, count_latency, count_totals
from core.profile.lag import count_lag
from core.profile.layout import Layout
from core.profile.outcomes import count_outcomes
from core.profile.profile import Profile
from core.profile.shap_sums import count_shap
from core.profile.tally import start_tally

Part = tuple[Collection[str], pa.Table]
"""Names of features, and a table with their columns for all rows of the unit."""


def profile(
    rows: pa.Table, binning: Binning, *, layout: Layout | None = None, closes_at: datetime | None = None
) -> Profile:
    """Return the profile of `rows`.

    Parameters
    ----------
    rows : pa.Table
        All rows of one unit. Columns by internal id (float64 numbers, coded or plain text), ``score`` (float64),
        ``intake_at``, ``decision`` and ``actual``: 0, 1, null; codes of classes; in a regression ``actual`` is
        a float64. A column that is absent counts as null. With ``at`` and ``actual_at`` the lag of the actuals is
        counted too.
    binning : Binning
    layout : Layout or None
        ``Layout(binning)``, when the caller has it already.
    closes_at : aware datetime or None
        End of the unit, for the hours that the rows took to arrive; None: not counted.

    Notes
    -----
    A row without a logged decision is decided by ``score >= threshold``, or by the largest class score. A row
    without a score has no place in score × actual. In weighted models a null weight counts as 1.
    """
    return profile_in_parts(rows, [(tuple(binning.features), rows)], layout or Layout(binning), closes_at=closes_at)


def profile_in_parts(
    rows: pa.Table, parts: Iterable[Part], layout: Layout, *, closes_at: datetime | None = None
) -> Profile:
    """Return the same for features that come a few at a time, so that no more of them need to be in memory.

    Parameters
    ----------
    rows : pa.Table
        All that `profile` takes but the features.
    parts : iterable of (names, table)
        Together every feature of the binning once, each table with the same rows in the same order as `rows`.
    layout : Layout
    """
    tally = start_tally(rows, layout)
    for names, table in parts:
        count_features(table, tally, names)
        count_shap(table, tally, names)
        del table  # before the next one is read
    count_totals(rows, tally, count_outcomes(rows, tally))
    count_arrival(rows, tally, closes_at)
    count_latency(rows, tally)
    count_lag(rows, tally)
    return Profile(binning_id=layout.binning.id, ints=tally.ints, floats=tally.floats)
