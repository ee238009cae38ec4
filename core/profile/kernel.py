"""The kernel: rows of one version, role and day in, their profile out.

One sort a numeric column and one look-up a distinct text; everything else is counting small codes.
Sums run over sorted values, so that a profile is byte-equal for any order of its rows; that is also why
the unit of work is a whole day (``docs/decisions/0004-a-day-is-the-unit-of-work.md``).
"""

import pyarrow as pa

from core.profile.binning import Binning
from core.profile.features import count_features
from core.profile.layout import Layout
from core.profile.outcomes import count_outcomes
from core.profile.profile import Profile
from core.profile.tally import start_tally


def profile(rows: pa.Table, binning: Binning, *, layout: Layout | None = None) -> Profile:
    """Return the profile of `rows`.

    Parameters
    ----------
    rows : pa.Table
        All rows of one unit. Columns by internal id (float64 numbers, coded or plain text), ``score``
        (float64), ``decision`` and ``actual`` (0, 1, null). A column that is absent counts as null.
    binning : Binning
    layout : Layout or None
        ``Layout(binning)``, when the caller has it already.

    Notes
    -----
    A row without a logged decision is decided by ``score >= threshold``. A row without a score has no
    place in score × actual. In weighted models a null weight counts as 1.
    """
    tally = start_tally(rows, layout or Layout(binning))
    count_features(rows, tally)
    count_outcomes(rows, tally)
    return Profile(binning_id=binning.id, ints=tally.ints, floats=tally.floats)
