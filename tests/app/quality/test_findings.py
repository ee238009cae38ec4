from datetime import date

import pytest

from app.quality.findings import rules_finding
from core.quality.display import History, RuleSeries
from core.windows import Grain

DAYS = (date(2013, 11, 25), date(2013, 11, 26), date(2013, 11, 27))


def history(*rules, grain=Grain.DAY, starts=DAYS):
    nothing = (None,) * len(starts)
    return History(
        starts=starts,
        labels=tuple(str(day) for day in starts),
        n=(900,) * len(starts),
        expected=nothing,
        expected_low=nothing,
        expected_high=nothing,
        shares={},
        rules=rules,
        grain=grain,
    )


@pytest.mark.parametrize(
    ("count", "told"),
    [
        ((0, 913, 0), "913 rows against “income: 8,000 to 374,600”, all on 26 Nov"),
        ((2, 5, 0), "7 rows against “income: 8,000 to 374,600”, most on 26 Nov"),
    ],
)
def test_the_most_broken_rule_is_told_with_its_rows_and_its_worst_day(count, told):
    assert rules_finding(history(RuleSeries(name="income: 8000 to 374600", count=count))).replace("\\", "") == told


def test_a_log_without_days_names_the_slice():
    starts = (date(1970, 1, 2), date(1970, 1, 3), date(1970, 1, 4))
    found = rules_finding(history(RuleSeries(name="age: 0 to 99", count=(0, 0, 4)), grain=Grain.BATCH, starts=starts))
    assert found.replace("\\", "") == "4 rows against “age: 0 to 99”, all in slice 3"


def test_without_a_broken_rule_the_windows_are_counted():
    assert rules_finding(history()) == "No rule of the contract was broken in 3 windows"
