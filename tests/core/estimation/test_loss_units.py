from datetime import UTC, date, datetime

import numpy as np

from core.estimation.direct_loss import SUMS
from core.estimation.loss_units import loss_units, window_sums_of
from core.profile.records import DaySummary
from core.windows import Window


def summary(day, *, role="served", provenance="p", n=10):
    return DaySummary(
        role=role,
        day=date(2024, 1, day),
        n_rows=n,
        n_labelled=0,
        provenance_id=provenance,
        built_at=datetime(2024, 2, 1, tzinfo=UTC),
    )


def test_a_unit_rests_on_its_profile_and_on_the_row_model():
    first = loss_units([summary(1)], "m")[0]
    assert first == loss_units([summary(1)], "m")[0]
    assert first.basis != loss_units([summary(1, provenance="q")], "m")[0].basis
    assert first.basis != loss_units([summary(1)], "n")[0].basis
    assert loss_units([summary(1, n=0)], "m") == ()


def test_a_window_is_told_when_all_of_its_units_are():
    units = loss_units([summary(1), summary(1, role="canary"), summary(2)], "m")
    held = dict.fromkeys(units[:2], np.ones(len(SUMS)))
    one, two = Window(date(2024, 1, 1), date(2024, 1, 2)), Window(date(2024, 1, 1), date(2024, 1, 3))
    found = window_sums_of([one, two, Window(date(2024, 3, 1), date(2024, 3, 2))], units, held)
    assert found[0].tolist() == [2.0] * len(SUMS)
    assert not found[1:].any()
