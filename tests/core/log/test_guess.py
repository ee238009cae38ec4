import polars as pl
import pytest

from core.errors import BadInputError
from core.log.guess import guess_schema
from core.log.schema import load_schema
from tests.log_kit import predictions, saved


@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl"])
def test_a_usual_log_is_understood_in_every_format(tmp_path, suffix):
    rows = predictions(300).with_columns(label=pl.Series([1, 0, None] * 100))
    schema = load_schema(guess_schema(saved(rows, tmp_path / f"my log.{suffix}")))
    assert schema.model == "my-log"
    assert (schema.prediction_id, schema.timestamp, schema.score, schema.actual) == ("id", "at", "score", "label")
    assert {name: one.kind for name, one in schema.features.items()} == {
        "temp": "numeric",
        "carrier": "categorical",
        "origin": "categorical",
    }
    assert schema.segments == ("carrier", "origin")


def test_unusual_names_are_taken_by_what_the_values_allow(tmp_path):
    rows = predictions(300).rename({"id": "flight_key", "at": "when", "score": "model_score"})
    schema = load_schema(guess_schema(saved(rows, tmp_path / "f.parquet")))
    assert (schema.prediction_id, schema.timestamp, schema.score) == ("flight_key", "when", "model_score")


def test_what_is_not_found_is_said(tmp_path):
    text = guess_schema(saved(predictions(300).drop("score"), tmp_path / "f.csv"))
    assert "score: score          # NOT FOUND" in text
    assert "actual: null" in text


def test_free_text_further_times_and_empty_columns_are_left_out_by_name(tmp_path):
    rows = predictions(300).with_columns(
        note=pl.Series([f"text {i % 250}" for i in range(300)]),
        seen_at=pl.col("at"),
        nothing=pl.lit(None, pl.String),
        shap_temp=pl.lit(0.1),
    )
    text = guess_schema(saved(rows, tmp_path / "f.parquet"))
    assert text.splitlines()[-1].startswith("# left out")
    assert all(f"'{name}'" in text.splitlines()[-1] for name in ("note", "seen_at", "nothing", "shap_temp"))
    assert set(load_schema(text).feature_names) == {"temp", "carrier", "origin"}


def test_hostile_names_come_back_as_they_are(tmp_path):
    rows = predictions(300).rename({"temp": "temp: °F, #1", "carrier": "no"})
    assert load_schema(guess_schema(saved(rows, tmp_path / "f.parquet"))).feature_names == (
        "temp: °F, #1",
        "no",
        "origin",
    )


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(BadInputError, match="cannot be opened"):
        guess_schema(tmp_path / "none.csv")
