from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from core.access.principal import LOCAL
from core.errors import BadInputError
from core.inventory.service import add_model
from core.log import service as log
from core.log.actuals import as_table, place, read_actuals
from core.log.delta import open_log
from core.log.files import open_source
from core.log.schema import load_schema
from core.store.dirty import clear_dirty, dirty_days
from tests.log_kit import KEY, MODEL, SCHEMA, START, YAML, actuals, content, labels, predictions, saved, watched

DAY = date(2013, 7, 1)
AT = datetime(2013, 9, 1, tzinfo=UTC)


@pytest.fixture
def known(frozen_store, tmp_path):
    watched(frozen_store, versions=("v1", "v2"))
    path = saved(predictions(40), tmp_path / "p.parquet")
    for version in ("v1", "v2"):
        assert log.ingest_file(frozen_store, LOCAL, model=MODEL, version=version, file=path).accepted == 40
    return frozen_store


def take(store, frame, path, *, all_days=False):
    outcome = log.ingest_actuals(store, LOCAL, model=MODEL, file=saved(frame, path), all_days=all_days)
    assert not outcome.refused, outcome.reason
    return outcome


def counts(outcome):
    return outcome.matched, outcome.unmatched, outcome.corrected, outcome.too_late


def marked(store):
    """Return the marked days and take the marks away."""
    with store.write() as session:
        found = dirty_days(session, 1)
        assert all(clear_dirty(session, one) for one in found)
    return {(one.version_id, one.day) for one in found}


def test_an_actual_applies_to_every_version_that_scored_its_id(known, tmp_path):
    outcome = take(known, actuals(["p000001", "p000030"], [1, 0]), tmp_path / "y.csv")
    assert counts(outcome) == (2, 0, 0, 0)
    assert outcome.days == ("2013-07-01", "2013-07-02")
    assert labels(known) == {("p000001", 1): 1, ("p000001", 2): 1, ("p000030", 1): 0, ("p000030", 2): 0}


def test_only_units_whose_winning_value_changed_are_marked(known, tmp_path):
    marked(known)
    take(known, actuals(["p000001"], [1]), tmp_path / "y1.csv")
    assert marked(known) == {(1, DAY), (2, DAY)}
    outcome = take(known, actuals(["p000001", "p000030"], [1, 0]), tmp_path / "y2.csv")
    assert counts(outcome) == (2, 0, 0, 0)
    assert marked(known) == {(1, DAY + timedelta(days=1)), (2, DAY + timedelta(days=1))}
    take(known, actuals(["never"], [1]), tmp_path / "y3.csv")
    assert marked(known) == set()


def test_a_correction_of_a_labelled_id_is_found_and_counted(known, tmp_path):
    take(known, actuals(["p000001", "p000002"], [1, 1]), tmp_path / "y1.csv")
    outcome = take(known, actuals(["p000001", "p000002", "p000003"], [0, 1, 1]), tmp_path / "y2.csv")
    assert counts(outcome) == (3, 0, 1, 0)
    assert labels(known)["p000001", 1] == 0


def test_an_earlier_known_value_arriving_later_does_not_win(known, tmp_path):
    newer = actuals(["p000001"], [1]).with_columns(actual_at=pl.lit("2013-08-02T00:00:00Z"))
    older = actuals(["p000001"], [0]).with_columns(actual_at=pl.lit("2013-08-01T00:00:00Z"))
    take(known, newer, tmp_path / "y1.csv")
    marked(known)
    outcome = take(known, older, tmp_path / "y2.csv")
    assert counts(outcome) == (1, 0, 0, 0)
    assert labels(known)["p000001", 1] == 1
    assert marked(known) == set()


def test_a_null_withdraws(known, tmp_path):
    take(known, actuals(["p000001"], [1]), tmp_path / "y1.csv")
    outcome = take(known, actuals(["p000001"], [None]), tmp_path / "y2.csv")
    assert counts(outcome) == (1, 0, 1, 0)
    assert labels(known) == {}
    take(known, actuals(["p000001"], [0]), tmp_path / "y3.csv")
    assert labels(known)["p000001", 2] == 0


def test_actuals_wait_until_their_prediction_arrives(known, tmp_path):
    outcome = take(known, actuals(["n000001", "n000002", "never"], [1, 0, 1]), tmp_path / "y.csv")
    assert counts(outcome) == (0, 3, 0, 0)
    late = saved(predictions(3, prefix="n"), tmp_path / "n.csv")
    log.ingest_file(known, LOCAL, model=MODEL, version="v1", file=late)
    assert labels(known) == {("n000001", 1): 1, ("n000002", 1): 0}
    assert [file.rows for file in open_log(known.log_dir(KEY)).actuals.of_day(None)] == [1]


def test_with_a_timestamp_the_actual_waits_in_its_day(known, tmp_path):
    frame = actuals(["n000001", "p000001"], [1, 0]).with_columns(timestamp=pl.lit("2013-07-01T09:00:00"))
    assert counts(take(known, frame, tmp_path / "y.csv")) == (1, 1, 0, 0)
    log.ingest_file(known, LOCAL, model=MODEL, version="v1", file=saved(predictions(3, prefix="n"), tmp_path / "n.csv"))
    assert labels(known)["n000001", 1] == 1
    assert open_log(known.log_dir(KEY)).actuals.of_day(None) == ()


def test_the_models_own_timestamp_column_is_taken_and_may_be_empty(known, tmp_path):
    frame = actuals(["p000001", "p000030"], [1, 1]).with_columns(at=pl.Series(["2013-07-01T13:00:00Z", None]))
    assert counts(take(known, frame, tmp_path / "y.csv")) == (2, 0, 0, 0)


def test_a_timestamp_of_another_day_does_not_match(known, tmp_path):
    frame = actuals(["p000001"], [1]).with_columns(at=pl.lit("2013-07-02T13:00:00Z"))
    assert counts(take(known, frame, tmp_path / "y.csv")) == (0, 1, 0, 0)
    assert labels(known) == {}


def test_without_any_time_the_actual_is_known_since_intake(known, tmp_path):
    take(known, actuals(["p000001"], [1]), tmp_path / "y.csv")
    rows = read_actuals(open_source(tmp_path / "y.csv"), SCHEMA, known.clock.now())
    assert rows.frame["actual_at"].to_list() == [known.clock.now()]


def test_older_predictions_than_the_window_are_too_late_unless_all_days_are_asked_for(frozen_store, tmp_path):
    watched(frozen_store, YAML + "actual_window: 180d\n")
    for name, start in (("old", START), ("new", START + timedelta(days=100))):
        path = saved(predictions(3, prefix=name, start=start), tmp_path / f"{name}.csv")
        log.ingest_file(frozen_store, LOCAL, model=MODEL, version="v1", file=path)
    frame = actuals(["old000001", "new000001", "never"], [1, 1, 1])
    assert counts(take(frozen_store, frame, tmp_path / "y.csv")) == (1, 1, 0, 1)
    assert set(labels(frozen_store)) == {("new000001", 1)}
    again = take(frozen_store, frame, tmp_path / "y.csv", all_days=True)
    assert (counts(again), again.duplicate) == ((2, 1, 0, 0), False)
    assert set(labels(frozen_store)) == {("old000001", 1), ("new000001", 1)}
    assert take(frozen_store, frame, tmp_path / "y.csv", all_days=True).duplicate


def test_the_same_file_of_actuals_again_changes_nothing(known, tmp_path):
    first = take(known, actuals(["p000001"], [1]), tmp_path / "y.csv")
    marked(known)
    before = content(known)
    again = take(known, actuals(["p000001"], [1]), tmp_path / "copy.csv")
    assert (again.duplicate, again.batch, again.accepted, counts(again)) == (True, first.batch, 0, (0, 0, 0, 0))
    assert (content(known), marked(known)) == (before, set())


def test_a_file_may_tell_the_history_of_an_id(known, tmp_path):
    frame = pl.DataFrame(
        {"id": ["p000001"] * 3, "late": [0, 1, None], "actual_at": ["2013-08-03", "2013-08-01", "2013-08-02"]}
    )
    assert counts(take(known, frame, tmp_path / "y.csv")) == (3, 0, 0, 0)
    assert labels(known)["p000001", 1] == 0


def test_a_model_without_a_label_column_takes_no_actuals(store, tmp_path):
    watched(store, YAML.replace("  actual: late\n", ""))
    outcome = log.ingest_actuals(store, LOCAL, model=MODEL, file=saved(actuals(["a"], [1]), tmp_path / "y.csv"))
    assert outcome.refused
    assert "add columns.actual" in str(outcome.reason)


def test_the_newest_schema_names_the_column_of_the_actual(known, tmp_path):
    add_model(known, LOCAL, load_schema(YAML.replace("actual: late", "actual: was_late")))
    take(known, actuals(["p000001"], [0]).rename({"late": "was_late"}), tmp_path / "y.csv")
    assert labels(known)["p000001", 1] == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("actual: late", "actual: late\n  positive: 0"),
        ("timezone: America/New_York", "timezone: Asia/Tokyo"),
        ("task: binary", "task: binary\ngrain: month\ntime: {column: at}"),
    ],
)
def test_what_the_log_is_cut_or_coded_by_is_not_changed_under_it(known, old, new):
    with pytest.raises(BadInputError, match="needs another name"):
        add_model(known, LOCAL, load_schema(YAML.replace(old, new)))


def test_a_coarser_grain_is_matched_by_its_unit(store, tmp_path):
    text = YAML.replace("task: binary", "task: binary\ngrain: year\ntime: {column: year}").replace(
        "  timestamp: at\n", ""
    )
    watched(store, text)
    rows = predictions(4).drop("at").with_columns(year=pl.Series([2016, 2016, 2017, 2017]))
    assert log.ingest_file(store, LOCAL, model=MODEL, version="v1", file=saved(rows, tmp_path / "p.csv")).days == (
        "2016",
        "2017",
    )
    frame = actuals(["p000001", "p000002"], [1, 1]).with_columns(year=pl.Series([2016, 2016]))
    assert counts(take(store, frame, tmp_path / "y.csv")) == (1, 1, 0, 0)


def test_placing_nothing_gives_an_empty_table(known):
    kinds = {"number": pl.Int64, "id": pl.String, "actual": pl.Int8, "actual_at": pl.Datetime("us", "UTC")}
    none = pl.DataFrame(schema={**kinds, "day": pl.Date})
    placed = place(none, open_log(known.log_dir(KEY)), SCHEMA, all_days=False, batch_id=9)
    assert as_table(placed.rows, batch_id=9, intake_at=AT).num_rows == 0
    assert (placed.matched, placed.unmatched, placed.changed) == (0, 0, ())


def test_a_json_line_without_the_actual_is_kept_out_and_only_an_explicit_null_withdraws(known, tmp_path):
    take(known, actuals(["p000001", "p000002"], [1, 1]), tmp_path / "y1.csv")
    path = tmp_path / "y2.jsonl"
    path.write_text('{"id": "p000001", "late": null}\n{"id": "p000002"}\n{"id": "p000003", "late": 0}\n')
    outcome = log.ingest_actuals(known, LOCAL, model=MODEL, file=path)
    assert (outcome.accepted, outcome.quarantined) == (2, 1)
    (row,) = log.quarantined(known, outcome.batch)
    assert (row.row, row.column, row.rule) == (2, "late", "actual_absent")
    assert "write null to withdraw" in row.fix
    assert {one for one, version in labels(known) if version == 1} == {"p000002", "p000003"}


def test_a_time_that_only_later_json_lines_name_counts(known, tmp_path):
    path = tmp_path / "y.jsonl"
    path.write_text('{"id": "p000001", "late": 1}\n{"id": "p000030", "late": 1, "at": "2013-07-05T12:00Z"}\n')
    outcome = log.ingest_actuals(known, LOCAL, model=MODEL, file=path)
    assert counts(outcome) == (1, 1, 0, 0)


def test_an_actual_from_the_future_is_kept_out_because_it_would_win_for_ever(known, tmp_path):
    soon, late = "2014-01-02T04:00Z", "2099-01-01"  # the clock stands at 2014-01-01T05:00Z; clocks may differ a little
    frame = actuals(["p000001", "p000002"], [1, 1]).with_columns(actual_at=pl.Series([soon, late]))
    outcome = log.ingest_actuals(known, LOCAL, model=MODEL, file=saved(frame, tmp_path / "y.csv"))
    assert (outcome.accepted, outcome.quarantined) == (1, 1)
    (row,) = log.quarantined(known, outcome.batch)
    assert (row.row, row.column, row.rule) == (2, "actual_at", "actual_at_future")
