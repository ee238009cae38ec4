from datetime import date

import polars as pl
import pytest

from core.errors import BadInputError
from core.log.reference import load_reference, read_reference, store_reference
from core.log.schema import load_schema
from tests.log_kit import SCHEMA, YAML, predictions, saved

IDS = {"temp": "f_0001", "carrier": "f_0002", "origin": "c_0003"}


def test_a_reference_has_the_columns_of_the_log_without_ids(tmp_path):
    rows = predictions(40).with_columns(late=pl.Series([1, 0] * 20))
    reference = read_reference(saved(rows, tmp_path / "r.parquet"), SCHEMA, IDS)
    assert reference.column_names == ["day", "actual", "score", "decision", "f_0001", "f_0002", "c_0003"]
    assert reference.num_rows == 40
    assert set(reference["day"].to_pylist()) == {date(2013, 7, 1), date(2013, 7, 2)}
    assert reference["actual"].to_pylist() == [1, 0] * 20


def test_time_id_and_actual_may_be_missing_and_ids_may_repeat(tmp_path):
    bare = predictions(4).drop("at", "id")
    reference = read_reference(saved(bare, tmp_path / "r.csv"), SCHEMA, IDS)
    assert reference["day"].null_count == reference["actual"].null_count == 4
    twice = pl.concat([predictions(4), predictions(4)])
    assert read_reference(saved(twice, tmp_path / "t.csv"), SCHEMA, IDS).num_rows == 8


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (predictions(3).drop("score"), "lacks the column 'score'"),
        (predictions(3).drop("temp", "origin"), "lacks the columns 'temp', 'origin'"),
        (
            predictions(3).with_columns(score=pl.Series([0.5, 2.0, 0.5])),
            "row 2 of this reference cannot be taken: 'score' is '2.0'",
        ),
        (predictions(3).with_columns(temp=pl.lit("warm")), "row 1 of this reference cannot be taken: 'temp' is 'warm'"),
    ],
)
def test_a_reference_must_be_clean_and_complete(tmp_path, frame, says):
    with pytest.raises(BadInputError) as caught:
        read_reference(saved(frame, tmp_path / "r.csv"), SCHEMA, IDS)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_ragged_rows_and_too_many_rows_are_refused(tmp_path, monkeypatch):
    (tmp_path / "r.csv").write_text(predictions(3).write_csv() + "x\n")
    with pytest.raises(BadInputError, match="row 4 has 1 values"):
        read_reference(tmp_path / "r.csv", SCHEMA, IDS)
    from core.log import reference

    monkeypatch.setattr(reference, "MAX_ROWS", 2)
    with pytest.raises(BadInputError, match="more than 2 rows"):
        read_reference(saved(predictions(3), tmp_path / "big.csv"), SCHEMA, IDS)


def test_a_declared_weight_must_be_there(tmp_path):
    weighted = load_schema(YAML.replace("  actual: late", "  actual: late\n  weight: w"))
    with pytest.raises(BadInputError, match="lacks the column 'w'"):
        read_reference(saved(predictions(3), tmp_path / "r.csv"), weighted, {**IDS, "w": "c_0004"})


def test_the_stored_rows_are_found_by_their_content_and_guarded_by_it(tmp_path):
    rows = read_reference(saved(predictions(4), tmp_path / "r.csv"), SCHEMA, IDS)
    path, sha256 = store_reference(rows, tmp_path / "reference")
    assert store_reference(rows, tmp_path / "reference") == (path, sha256)
    assert load_reference(tmp_path, sha256).to_pylist() == rows.to_pylist()
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(BadInputError, match="gone or was changed"):
        load_reference(tmp_path, sha256)
    with pytest.raises(BadInputError, match="gone or was changed"):
        load_reference(tmp_path, "0" * 64)
