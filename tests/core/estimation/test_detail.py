import dataclasses

import pytest

from core.estimation.service import estimation_detail
from core.selection import MetricQuery


def test_every_part_of_the_detail_is_about_the_same_windows(fleet):
    found = estimation_detail(fleet, MetricQuery(model="churn"))
    n = len(found.windows)
    assert (len(found.maturities), len(found.known)) == (n, n)
    assert {one.value.size for one in found.found.estimates.values()} == {n}
    assert len(found.by_lag) in (0, n)


def test_nothing_of_it_can_be_changed(fleet):
    found = estimation_detail(fleet, MetricQuery(model="churn"))
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.needs_row_model = True
