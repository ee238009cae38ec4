from datetime import UTC, date, datetime

import polars as pl
import pytest

from core.errors import BadInputError
from core.log.delta import ACTUALS, PREDICTIONS, commit, open_log
from core.log.intake import Stamp
from core.log.outcomes import Kind
from core.log.taking import (
    dirty_as_json,
    dirty_from_json,
    dirty_without,
    examine,
    file_name,
    judging,
    refused_or,
    take_actuals,
    take_predictions,
)
from tests.log_kit import SCHEMA, actuals, predictions, saved

IDS = {"temp": "f_0001", "carrier": "f_0002", "origin": "c_0003"}
AT = datetime(2013, 9, 1, tzinfo=UTC)
DAY = date(2013, 7, 1)


def take(path, log_dir, batch=1, version=1):
    source = examine(path, Kind.PREDICTIONS, ("m", str(version), "served"), SCHEMA).source
    stamp = Stamp(version_id=version, role="served", batch_id=batch, intake_at=AT)
    return take_predictions(source, SCHEMA, log_dir, ids=IDS, removals=(), stamp=stamp)


def test_rows_are_written_but_nothing_is_true_before_the_commit(tmp_path):
    taken = take(saved(predictions(5), tmp_path / "p.csv"), tmp_path / "log")
    assert (taken.outcome.accepted, taken.outcome.days, taken.table) == (5, ("2013-07-01",), PREDICTIONS)
    assert taken.dirty == {(1, "served", DAY)}
    assert open_log(tmp_path / "log").predictions.files == ()
    commit(tmp_path / "log" / PREDICTIONS, taken.actions, transaction="1")
    assert open_log(tmp_path / "log").predictions.files[0].rows == 5


def test_inline_actuals_mark_the_other_versions_of_the_day(tmp_path):
    first = take(saved(predictions(5), tmp_path / "p.csv"), tmp_path / "log")
    commit(tmp_path / "log" / PREDICTIONS, first.actions, transaction="1")
    labelled = predictions(5).with_columns(late=pl.lit(1))
    second = take(saved(labelled, tmp_path / "q.csv"), tmp_path / "log", batch=2, version=2)
    assert second.dirty == {(1, "served", DAY), (2, "served", DAY)}
    commit(tmp_path / "log" / PREDICTIONS, second.actions, transaction="2")
    assert dirty_without(tmp_path / "log", 2, Kind.PREDICTIONS) == second.dirty
    assert dirty_without(tmp_path / "log", 1, Kind.PREDICTIONS) == first.dirty


def test_actuals_are_taken_the_same_way(tmp_path):
    first = take(saved(predictions(5), tmp_path / "p.csv"), tmp_path / "log")
    commit(tmp_path / "log" / PREDICTIONS, first.actions, transaction="1")
    source = examine(saved(actuals(["p000001"], [1]), tmp_path / "y.csv"), Kind.ACTUALS, ("m", ""), SCHEMA).source
    taken = take_actuals(source, SCHEMA, tmp_path / "log", all_days=False, batch_id=2, at=AT)
    assert (taken.outcome.matched, taken.table, taken.dirty) == (1, ACTUALS, {(1, "served", DAY)})
    assert taken.details()["matched"] == 1
    commit(tmp_path / "log" / ACTUALS, taken.actions, transaction="2")
    assert dirty_without(tmp_path / "log", 2, Kind.ACTUALS) == taken.dirty


def test_the_same_bytes_for_another_version_are_other_content(tmp_path):
    path = saved(predictions(5), tmp_path / "p.csv")
    one = examine(path, Kind.PREDICTIONS, ("m", "1", "served"), SCHEMA)
    assert one.content == examine(path, Kind.PREDICTIONS, ("m", "1", "served"), SCHEMA).content
    assert one.content != examine(path, Kind.PREDICTIONS, ("m", "2", "served"), SCHEMA).content
    assert one.content != examine(path, Kind.ACTUALS, ("m", "1", "served"), SCHEMA).content


def test_a_prediction_file_is_refused_before_it_is_hashed(tmp_path):
    with pytest.raises(BadInputError, match="lacks the columns"):
        examine(saved(actuals(["a"], [1]), tmp_path / "y.csv"), Kind.PREDICTIONS, ("m",), SCHEMA)


def test_dirty_keys_come_back_from_json():
    keys = {(2, "shadow", DAY), (1, "served", DAY)}
    assert set(dirty_from_json(dirty_as_json(keys))) == keys


def test_a_name_that_is_not_utf_8_can_be_stored(tmp_path):
    assert file_name(tmp_path / "a\udcff.csv").endswith("a\\udcff.csv")


def test_only_what_is_wrong_with_the_file_is_a_refusal(tmp_path):
    def broken_file():
        with judging():
            raise BadInputError("the file is torn")

    def broken_store():
        raise BadInputError("the disk is full")

    outcome = refused_or(tmp_path / "f.csv", broken_file)
    assert (outcome.refused, outcome.reason) == (True, "the file is torn")
    with pytest.raises(BadInputError, match="the disk is full"):
        refused_or(tmp_path / "f.csv", broken_store)
