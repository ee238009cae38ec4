"""Worst segments from the question to the stored answer."""

import polars as pl
import pytest

from core.access.principal import LOCAL, Principal, Role
from core.errors import BadInputError, NotEnoughDataError, RefusedError
from core.segments.filters import Condition, Filter, mask, to_text, words
from core.segments.search_losses import LossKind
from core.segments.search_reference import Standing
from core.segments.search_result import Later
from core.segments.service import (
    find_worst_segments,
    paired_columns,
    save_segment,
    search_overview,
    segment_grid,
    worst_segments,
)
from core.selection import MetricQuery, Slice
from tests.audited import newest
from tests.weak_fleet import QUIET, UNKNOWN, WEEK, served

ASKED = MetricQuery(model="churn", version="v1", window=WEEK)


def found(store, query=ASKED, loss=LossKind.ERROR):
    return find_worst_segments(store, LOCAL, query, loss=loss)


def week():
    return served().filter(pl.col("at").dt.date().is_between(WEEK.start, WEEK.end, closed="left"))


def test_the_weak_segment_comes_first_and_is_news_that_did_not_hold(weak_fleet):
    result = found(weak_fleet)
    first = result.segments[0]
    assert words(first.where).startswith("plan = plus and age > 5")
    assert first.before.standing is Standing.NEW
    assert first.later.outcome is Later.DID_NOT_HOLD
    assert len(first.history) >= 3
    assert max(first.history, key=lambda one: one.mean or 0).start == str(WEEK.start)


def test_the_numbers_are_those_of_the_rows(weak_fleet):
    first, rows = found(weak_fleet).segments[0], week()
    inside = mask(rows.select("plan", "age").with_columns(pl.col("plan").cast(pl.Categorical)).to_arrow(), first.where)
    wrong = ((rows["score"] >= 0.5).cast(pl.Int64) != rows["left"]).to_numpy()
    assert first.n == inside.sum()
    assert first.mean == pytest.approx(wrong[inside].mean(), abs=1e-12)
    assert first.rest == pytest.approx(wrong[~inside].mean(), abs=1e-12)


def test_a_search_is_made_once_and_written_down_once(weak_fleet):
    query = MetricQuery(model="churn", version="v1", window=QUIET)
    assert worst_segments(weak_fleet, query, loss=LossKind.ERROR) is None
    assert paired_columns(weak_fleet, query, loss=LossKind.ERROR) == ()
    assert segment_grid(weak_fleet, query, "plan", "age", loss=LossKind.ERROR) is None
    said = []
    result = find_worst_segments(weak_fleet, LOCAL, query, loss=LossKind.ERROR, report=lambda *told: said.append(told))
    assert len(said) >= 3
    entry = newest(weak_fleet)[0]
    assert entry.action == "analysis:analysis:store"
    assert worst_segments(weak_fleet, query, loss=LossKind.ERROR) == result
    assert found(weak_fleet, query) == result
    assert newest(weak_fleet)[0] == entry


def test_another_loss_is_another_search(weak_fleet):
    assert found(weak_fleet, loss=LossKind.LOG_LOSS).loss is LossKind.LOG_LOSS
    assert found(weak_fleet, loss=LossKind.LOG_LOSS).mean != found(weak_fleet).mean


def test_the_protected_column_is_neither_searched_nor_drawn(weak_fleet):
    result = found(weak_fleet)
    assert result.n_columns == 3
    assert paired_columns(weak_fleet, ASKED, loss=LossKind.ERROR) == ("plan", "income", "age")
    with pytest.raises(BadInputError, match="did not pair"):
        segment_grid(weak_fleet, ASKED, "plan", "sex", loss=LossKind.ERROR)


def test_the_heat_map_comes_from_the_stored_search(weak_fleet):
    found(weak_fleet)
    shown = segment_grid(weak_fleet, ASKED, "plan", "age", loss=LossKind.ERROR)
    assert sum(cell.n for row in shown.cells for cell in row) == week().height
    assert shown.worst[0] == "plus"


def test_a_segment_of_the_header_is_searched_alone(weak_fleet):
    query = MetricQuery(model="churn", version="v1", window=WEEK, slice=Slice(column="plan", level="plus"))
    result = found(weak_fleet, query)
    assert result.n_rows == week().filter(pl.col("plan") == "plus").height
    assert words(result.segments[0].where).startswith("plan = plus and age > 5")


def test_a_saved_segment_is_searched_alone(weak_fleet):
    wanted = Filter(conditions=(Condition(column="age", low=40.0),))
    save_segment(weak_fleet, LOCAL, model="churn", name="older", where=to_text(wanted))
    result = found(weak_fleet, MetricQuery(model="churn", version="v1", window=WEEK, saved="older"))
    assert result.n_rows == week().filter(pl.col("age") > 40).height


def test_a_window_without_actuals_says_so_and_needs_no_work(weak_fleet):
    query = MetricQuery(model="churn", version="v1", window=UNKNOWN)
    result = worst_segments(weak_fleet, query)
    assert result.reason == "0 of 150 rows have their actual; a search needs 100"
    assert found(weak_fleet, query, loss=None) == result


def test_the_overview_tells_the_losses_and_the_rows(weak_fleet):
    overview = search_overview(weak_fleet, ASKED)
    assert set(overview.losses) == {
        LossKind.LOG_LOSS,
        LossKind.ERROR,
        LossKind.MISSED_POSITIVES,
        LossKind.EXCESS_LOG_LOSS,
    }
    assert (overview.window, overview.n_rows, overview.n_labelled) == (WEEK, week().height, week().height)


def test_who_may_not_run_analyses_is_refused(weak_fleet):
    with pytest.raises(RefusedError):
        find_worst_segments(weak_fleet, Principal(name="visitor", roles=frozenset({Role.VIEWER})), ASKED)


def test_a_version_without_closed_units_has_no_answer(store):
    from core.inventory.service import add_model, add_version
    from core.log.schema import load_schema
    from tests.weak_fleet import YAML

    add_model(store, LOCAL, load_schema(YAML))
    add_version(store, LOCAL, model="churn", version="v1", artifact_sha256=None, has_reference=False)
    with pytest.raises(NotEnoughDataError, match="no reference yet"):
        worst_segments(store, MetricQuery(model="churn"))
