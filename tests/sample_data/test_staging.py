"""The staged models: invented the same way at every call, as their schema says, and cut into files as they came."""

from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import yaml

from core.log.schema import load_schema
from sample_data import staging
from sample_data.credit_risk import generate as credit_risk
from sample_data.demand import generate as demand
from sample_data.flight_delay import files
from sample_data.ticket_routing import generate as ticket_routing

GENERATORS = {"credit-risk": credit_risk, "demand": demand, "ticket-routing": ticket_routing}
LIGHT = (staging.__file__, *(one.__file__ for one in GENERATORS.values()))


@pytest.fixture(scope="module", params=sorted(GENERATORS))
def name(request):
    return request.param


@pytest.fixture(scope="module")
def staged(name):
    return GENERATORS[name].staged_rows()


@pytest.fixture(scope="module")
def schema(name):
    return load_schema(GENERATORS[name].SCHEMA)


@pytest.fixture(scope="module")
def deliveries(name, staged, tmp_path_factory):
    return staging.write_deliveries(staged, tmp_path_factory.mktemp(name), name)


def test_the_rows_are_the_same_at_every_call(name, staged):
    assert GENERATORS[name].staged_rows().rows.equals(staged.rows)


def test_the_schema_says_staged_and_where_its_values_come_from(name, schema):
    assert schema.model == name
    assert schema.staged
    assert schema.value is None or schema.value.source == "staged"
    assert all(feature.meaning for feature in schema.features.values())


def test_provenance_says_that_the_model_is_invented_and_names_its_seed(name):
    generator = GENERATORS[name]
    text = Path(generator.__file__).with_name("PROVENANCE.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {name}: invented")
    assert str(generator.SEED) in text


def test_a_file_of_predictions_holds_what_the_schema_names_and_nothing_hidden(staged, schema):
    wanted = {*schema.feature_names, *schema.segments, *schema.protected, *schema.score_columns}
    wanted |= {schema.prediction_id, schema.timestamp}
    optional = (schema.amount, schema.latency_ms, schema.error, schema.source, schema.feature_set)
    explained = {f"shap_{name}" for name in schema.feature_names} if schema.model == "credit-risk" else set()
    assert set(staged.served) == wanted | explained | {one for one in optional if one}


def test_ids_are_unique_and_scores_and_times_are_always_there(staged, schema):
    assert staged.rows[staged.key].n_unique() == staged.rows.height
    for column in (*schema.score_columns, staged.timestamp, staged.actual, "known_at"):
        assert staged.rows[column].null_count() == 0
    assert (staged.rows[staged.timestamp].dt.date() == staged.rows["day"]).all()
    assert (staged.rows["known_at"] > staged.rows[staged.timestamp]).all()


def test_reference_and_log_hold_every_day_and_end_at_the_clock_of_the_flights(staged):
    assert staged.rows["day"].unique().sort().to_list() == staging.all_days()
    assert staging.CLOCK == files.FROZEN_AT
    assert staging.midnight(staging.LAST_SERVED + staging.DAY) == staging.CLOCK
    assert (staging.LAST_REFERENCE - staging.FIRST_REFERENCE).days + 1 == 63


def test_the_reference_has_scores_and_actuals_of_its_own_days_alone(name, staged, tmp_path):
    reference = pl.read_parquet(staging.write_reference(staged, tmp_path, name))
    assert reference.columns == [*staged.served, staged.actual]
    days = reference[staged.timestamp].dt.date()
    assert (days.min(), days.max()) == (staging.FIRST_REFERENCE, staging.LAST_REFERENCE)


def test_history_is_one_load_and_every_later_day_a_file_at_its_midnight(staged, deliveries):
    loads = [one for one in deliveries if one.kind == "predictions"]
    first = pl.read_parquet(loads[0].file)
    assert loads[0].at == staging.midnight(staging.LAST_LOADED + staging.DAY)
    assert first[staged.timestamp].dt.date().max() == staging.LAST_LOADED
    assert len(loads) == 1 + (staging.LAST_SERVED - staging.LAST_LOADED).days
    for one in loads[1:]:
        days = pl.read_parquet(one.file, columns=[staged.timestamp])[staged.timestamp].dt.date().unique().to_list()
        assert len(days) == 1
        assert one.at == staged.late.get(days[0], staging.midnight(days[0] + staging.DAY))


def test_deliveries_come_in_order_and_none_after_the_clock(deliveries):
    moments = [one.at for one in deliveries]
    assert moments == sorted(moments)
    assert moments[-1] == staging.CLOCK


def test_every_actual_known_by_the_last_monday_is_handed_over_once_and_never_before_it_is_known(staged, deliveries):
    taken = [(one.at, pl.read_parquet(one.file)) for one in deliveries if one.kind == "actuals"]
    assert [at.weekday() for at, _ in taken[1:]] == [0] * 6
    for at, rows in taken:
        assert rows["actual_at"].max() <= at
    told = pl.concat(rows for _, rows in taken)
    served = staged.rows.filter(pl.col("day") >= staging.FIRST_SERVED)
    expected = served.filter(pl.col("known_at") <= pl.lit(taken[-1][0]).dt.convert_time_zone(staging.ZONE.key))
    assert told[staged.key].n_unique() == told.height == expected.height


def test_the_late_day_comes_78_hours_after_its_end():
    late = credit_risk.staged_rows().late
    assert {day: at - staging.midnight(day + staging.DAY) for day, at in late.items()} == {
        date(2013, 12, 19): timedelta(hours=78)
    }


def test_the_generators_need_neither_pandas_nor_a_model_library():
    for file in LIGHT:
        text = Path(file).read_text(encoding="utf-8")
        assert not any(f"import {library}" in text for library in ("pandas", "sklearn", "scipy"))


def test_the_scenario_names_every_staged_model_and_its_days():
    folder = Path(staging.__file__).parent
    named = yaml.safe_load((folder / "scenario.yaml").read_text(encoding="utf-8"))["models"]
    assert {name for name, model in named.items() if model["staged"]} == set(GENERATORS)
    for name in GENERATORS:
        assert named[name]["reference"] == [staging.FIRST_REFERENCE, staging.LAST_REFERENCE]
        assert named[name]["served"] == [staging.FIRST_SERVED, staging.LAST_SERVED]


def test_clocks_that_change_put_no_row_on_another_day():
    rows = credit_risk.staged_rows().rows.filter(pl.col("day") == date(2013, 11, 3))
    first = rows["reviewed_at"].min()
    assert first >= datetime(2013, 11, 3, tzinfo=staging.ZONE)
    assert rows["reviewed_at"].max() < datetime(2013, 11, 4, tzinfo=staging.ZONE)
