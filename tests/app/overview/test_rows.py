from datetime import UTC, date, datetime

import pytest

from app.overview.findings import attention_sentence, sentences
from app.overview.rows import period_name, story
from core.access.principal import LOCAL
from core.checks.service import recent_states, standings
from core.home.service import freeze_clock
from core.impact.service import impact_points, impact_report
from core.inventory.service import model_detail
from core.selection import Every, MetricQuery
from core.states import State
from core.windows import BATCH_ORIGIN, Grain, Window


def story_of(store, model, every=Every.MONTH):
    report = impact_report(store, model=model, every=every)
    return story(report, model_detail(store, model), every, recent_states(store, model=model, count=1))


@pytest.mark.parametrize("model", ["loans", "sales"])
def test_the_story_tells_the_numbers_of_the_command_line(valued, model):
    one = story_of(valued, model)
    points = impact_points(valued, MetricQuery(model=model, window=one.window)).points
    known = {point.metric: point.value for point in points}
    assert (one.net.value, one.versus.value) == (known["net_value"], known["net_value_vs_baseline"])
    assert (one.decisions.value, one.rate.value) == (known["decisions"], known["decision_rate"])
    assert one.names == ("Feb 2024", "Mar 2024")


def test_a_multiclass_model_is_told_by_its_decisions(valued):
    one = story_of(valued, "tickets")
    assert (one.worth, one.series, one.decisions.value) == (None, None, 1860.0)
    assert "In March 2024 tickets decided on 1,860 tickets" in sentences(one)[0]


def test_a_model_without_new_rows_needs_attention_here_as_it_does_on_the_fleet(valued):
    later = freeze_clock(valued, LOCAL, datetime(2024, 6, 1, tzinfo=UTC))
    standing = standings(later)["loans"]
    report = impact_report(later, model="loans", every=Every.MONTH)
    states = recent_states(later, model="loans", count=1)
    one = story(report, model_detail(later, "loans"), Every.MONTH, states, standing=standing)
    assert one.attention.state is standing.state is State.CRITICAL
    assert "have arrived for longer than usual" in attention_sentence(one)


def test_a_day_whose_outcomes_are_missing_is_not_told_as_zero(valued):
    one = story_of(valued, "sales", Every.DAY)
    assert (one.provisional, one.versus.value) == (True, None)
    assert "is not known yet" in sentences(one)[0]


def test_periods_have_names_in_every_grain():
    assert period_name(Window(date(2013, 12, 1), date(2014, 1, 1)), Every.WEEK, Grain.MONTH) == "Dec 2013"
    batch = Window(BATCH_ORIGIN, date(1970, 1, 2))
    assert period_name(batch, Every.MONTH, Grain.BATCH) == "slice 0"
    assert period_name(Window(date(2013, 12, 3), date(2013, 12, 4)), Every.DAY, Grain.DAY, short=True) == "3 Dec"
