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


@pytest.mark.parametrize(
    ("labels", "positive"),
    [
        (["no"] * 90 + ["yes"] * 10, "yes"),
        (["yes"] * 90 + ["no"] * 10, "no"),
        (["late"] * 20 + ["on time"] * 79 + [None], "late"),
        (["2"] * 10 + ["1"] * 90, 1),
        ([2] * 90 + [5] * 10, 5),
        ([-1] * 90 + [1] * 10, 1),
        (["true"] * 90 + ["false"] * 10, 1),
        ([True] * 90 + [False] * 10, 1),
        ([None] * 100, 1),
    ],
)
@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_the_positive_value_is_one_that_the_labels_have(tmp_path, suffix, labels, positive):
    rows = predictions(100).with_columns(label=pl.Series(labels))
    text = guess_schema(saved(rows, tmp_path / f"f.{suffix}"))
    schema = load_schema(text)
    assert (schema.actual, schema.positive) == ("label", positive)
    assert type(schema.positive) is type(positive)
    assert "# check: the value of the actual that counts as positive" in text


def test_a_decision_that_the_positive_value_cannot_tell_apart_is_not_taken(tmp_path):
    rows = predictions(100).with_columns(
        label=pl.Series(["no", "yes"] * 50), decision=pl.Series([0, 1] * 50), predicted=pl.Series(["yes", "no"] * 50)
    )
    text = guess_schema(saved(rows, tmp_path / "f.parquet"))
    assert load_schema(text).decision == "predicted"
    assert "'decision'" in text.splitlines()[-1]


def test_columns_that_only_later_json_lines_name_are_guessed_too(tmp_path):
    lines = saved(predictions(50).drop("temp"), tmp_path / "a.jsonl").read_text()
    more = saved(predictions(50, prefix="q"), tmp_path / "b.jsonl").read_text()
    (tmp_path / "f.jsonl").write_text(lines + more)
    assert set(load_schema(guess_schema(tmp_path / "f.jsonl")).feature_names) == {"temp", "carrier", "origin"}


def test_a_score_beyond_one_is_a_ranking(tmp_path):
    rows = predictions(100).with_columns(score=pl.col("score") * 800)
    schema = load_schema(guess_schema(saved(rows, tmp_path / "f.parquet")))
    assert (schema.score, schema.score_kind, schema.threshold) == ("score", "ranking", None)


def test_names_of_several_words_are_understood_however_they_are_joined(tmp_path):
    rows = predictions(100).rename({"id": "predictionId", "at": "eventTime", "score": "modelScore"})
    schema = load_schema(guess_schema(saved(rows, tmp_path / "f.parquet")))
    assert (schema.prediction_id, schema.timestamp, schema.score) == ("predictionId", "eventTime", "modelScore")
