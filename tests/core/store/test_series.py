from datetime import UTC, date, datetime, timedelta

import pytest

from core.access.principal import LOCAL
from core.errors import BadInputError, NotEnoughDataError, NotFoundError
from core.inventory.service import add_model, champion_segments
from core.log.schema import load_schema
from core.selection import Every, MetricQuery, Slice
from core.store.models import model_by_name, version_by_id
from core.store.series import (
    is_closed,
    live_units,
    load_history,
    load_series,
    profiled_days,
    state_token,
    unanswered,
)
from core.windows import Window
from tests.small_fleet import DAYS, MODEL_YAML, NOW, SERVED_START

LAST = SERVED_START + timedelta(days=DAYS - 1)


def load(store, at=NOW, **changes):
    with store.read() as session:
        return load_series(session, MetricQuery(**({"model": "churn"} | changes)), at)


def test_the_default_window_is_the_last_closed_day_with_predictions(fleet):
    assert load(fleet).windows == (Window(LAST, LAST + timedelta(days=1)),)
    noon = datetime(2024, 3, 20, 12, tzinfo=UTC)
    assert load(fleet, at=noon).windows[0].start == date(2024, 3, 19)


def test_what_lies_before_a_window_comes_with_it(fleet):
    window = Window(date(2024, 4, 1), date(2024, 4, 8))
    series = load(fleet, window=window)
    assert series.current.days[0] == SERVED_START
    assert series.current.days[-1] == date(2024, 4, 7)
    assert len(series.reference.days) == DAYS
    assert series.dated


def test_before_the_first_closed_day_there_is_no_answer(fleet):
    with pytest.raises(NotEnoughDataError, match="no closed day"):
        load(fleet, at=datetime(2024, 3, 1, 12, tzinfo=UTC))


def test_unknown_names_and_bad_windows_are_refused(fleet):
    with pytest.raises(NotFoundError):
        load(fleet, version="v9")
    with pytest.raises(NotFoundError):
        load(fleet, model="chrun")
    assert len(load(fleet, every=Every.WEEK).windows) == 7


def test_only_live_roles_count_unless_one_is_named(fleet):
    with fleet.read() as session:
        version = version_by_id(session, 1)
        assert len(profiled_days(session, version, ("served", "canary"))) == DAYS
        assert profiled_days(session, version, ("shadow",)) == ()
    with pytest.raises(NotEnoughDataError):
        load(fleet, role="shadow")


def test_a_day_is_closed_when_the_clock_passed_its_midnight(fleet):
    schema = load(fleet).schema
    assert is_closed(date(2024, 4, 9), schema, NOW)
    assert not is_closed(date(2024, 4, 10), schema, NOW)


def test_an_answer_without_data_is_a_point_for_every_metric(fleet):
    with fleet.read() as session:
        answer = unanswered(session, MetricQuery(model="churn"), ("psi", "js_distance"), ("a", "b"), "no reference yet")
    assert [(p.feature, p.metric) for p in answer.points] == [
        ("a", "psi"),
        ("a", "js_distance"),
        ("b", "psi"),
        ("b", "js_distance"),
    ]
    assert {p.reason for p in answer.points} == {"not applicable: no reference yet"}


def test_the_state_token_is_the_last_audit_entry(fleet):
    with fleet.read() as session:
        assert state_token(session) > 0
        assert model_by_name(session, "churn").champion_id == 1


def test_a_window_finer_than_the_grain_is_refused(fleet):
    with pytest.raises(BadInputError):
        load(fleet, window=Window(date(2024, 4, 2), date(2024, 4, 2)))


def test_the_history_opens_only_the_units_asked_for(fleet):
    with fleet.read() as session:
        version = version_by_id(session, 1)
        part = load_history(session, version, start=date(2024, 3, 10), end=date(2024, 3, 12))
        units = live_units(session, version)
    assert part.log.days == (date(2024, 3, 10), date(2024, 3, 11))
    assert len(part.reference.days) == DAYS
    assert [unit.day for unit in units] == [SERVED_START + timedelta(days=n) for n in range(DAYS)]
    assert {unit.n_rows for unit in units} == {150}
    assert (units[0].n_labelled, units[-1].n_labelled) == (150, 0)


def test_rows_that_the_contract_removed_are_told_beside_every_metric_of_their_window_only(fleet, tmp_path):
    from app import actions
    from core.access.principal import LOCAL
    from core.drift.service import drift_detail, drift_points
    from core.home.service import freeze_clock
    from core.inventory.service import accept_contract
    from core.log.contract import Contract, FeatureRule, to_document
    from core.performance.service import performance_points
    from core.quality.service import quality_points
    from tests.small_fleet import frame

    strict = Contract(model="churn", rules={"income": FeatureRule(low=0.0, high=45.0, on_violation="quarantine")})
    accept_contract(fleet, LOCAL, model="churn", version="v1", document=to_document(strict))
    day = LAST + timedelta(days=1)
    later = frame(day, 1, seed=5, prefix="z")
    gone = len(later.filter(later["income"] > 45.0))
    later.drop("left").write_parquet(tmp_path / "later.parquet")
    store = freeze_clock(fleet, LOCAL, NOW + timedelta(days=1))
    files = [tmp_path / "later.parquet"]
    actions.ingest(store, LOCAL, model="churn", version="v1", files=files, role="served")

    told = f"the contract removed {gone} of the 150 rows of this window"
    query = MetricQuery(model="churn", window=Window(day, day + timedelta(days=1)))
    for answer in (drift_points(store, query), performance_points(store, query), quality_points(store, query)):
        assert answer.points
        assert all(told in point.reason for point in answer.points)
    assert drift_detail(store, query).removed == told
    before = MetricQuery(model="churn", window=Window(LAST, day))
    assert not any("removed" in point.reason for point in drift_points(store, before).points)


def test_what_lies_before_a_window_ends_where_the_calendar_does(fleet):
    window = Window(date(30, 1, 1), date(2024, 4, 8))
    assert load(fleet, window=window).current.days[0] == SERVED_START


def test_what_a_later_revision_protects_is_protected_in_every_version_that_stands(fleet):
    from core.drift.service import drift_points
    from core.quality.service import quality_points

    assert load(fleet, slice=Slice(column="plan")).schema.protected == ()
    revised = MODEL_YAML.replace("  segments: [plan]", "  protected: [plan, age]")
    add_model(fleet, LOCAL, load_schema(revised))
    assert load(fleet).schema.protected == ("plan", "age")
    with pytest.raises(BadInputError, match="'plan' is protected: it is never a segment"):
        load(fleet, slice=Slice(column="plan", level="basic"))
    assert champion_segments(fleet, "churn") == ()
    for answer in (drift_points(fleet, MetricQuery(model="churn")), quality_points(fleet, MetricQuery(model="churn"))):
        told = [one for one in answer.points if one.feature in ("plan", "age")]
        assert told
        assert all(one.value is None and one.n == 0 and "withheld" in one.reason for one in told)
        assert any(one.value is not None for one in answer.points if one.feature == "income")
