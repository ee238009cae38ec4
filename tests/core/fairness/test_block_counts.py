from datetime import date, timedelta

import numpy as np
import pytest

from core.access.principal import LOCAL
from core.fairness.block_counts import in_blocks, usual_shares
from core.fairness.release_calendar import blocks_between
from core.fairness.service import fairness_release
from core.selection import MetricQuery
from core.windows import Grain

FIRST = date(2025, 1, 6)


def test_units_are_added_to_the_block_that_they_lie_in():
    days = [FIRST + timedelta(days=k) for k in range(10)]
    blocks = blocks_between(days[0], days[-1], 7, Grain.DAY)
    numbers = np.arange(20).reshape(10, 2)
    assert in_blocks(numbers, days, blocks).tolist() == [numbers[:7].sum(0).tolist(), numbers[7:].sum(0).tolist()]


def test_shares_are_of_all_rows_and_of_all_actuals():
    cells = np.zeros((2, 3, 3), np.int64)
    cells[0, 0, 0], cells[0, 1, 1], cells[1, 0, 0], cells[1, 0, 2] = 30, 10, 40, 20
    assert usual_shares(cells, cells.sum(0)) == pytest.approx(np.array([[0.4, 10 / 80, 30 / 80], [0.6, 0.0, 40 / 80]]))


def test_without_actuals_one_row_in_ten_is_taken_for_positive():
    cells = np.zeros((2, 3, 3), np.int64)
    cells[0, 0, 2], cells[1, 1, 2] = 75, 25
    assert usual_shares(cells, cells.sum(0)) == pytest.approx(np.array([[0.75, 0.075, 0.675], [0.25, 0.025, 0.225]]))


def test_counts_by_block_are_those_of_the_rows_whatever_the_chunks(grouped, served, monkeypatch):
    whole = fairness_release(grouped, LOCAL, MetricQuery(model="churn"))
    monkeypatch.setattr("core.fairness.service.CHUNK", 5)
    chunked = fairness_release(grouped, LOCAL, MetricQuery(model="churn"))
    for name, column in whole.columns.items():
        assert (column.counts.confusion == chunked.columns[name].counts.confusion).all()
        assert whole.sources[name] == chunked.sources[name]
