import re

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import BadInputError
from core.log.guess import guess_schema
from core.log.schema import load_schema
from tests.log_kit import CLASSES, forecasts, predictions, saved, tickets


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
    assert schema.task == "binary"


def test_unusual_names_are_taken_by_what_the_values_allow(tmp_path):
    rows = predictions(300).rename({"id": "flight_key", "at": "when", "score": "model_score"})
    schema = load_schema(guess_schema(saved(rows, tmp_path / "f.parquet")))
    assert (schema.prediction_id, schema.timestamp, schema.score) == ("flight_key", "when", "model_score")


def test_what_is_not_found_is_said(tmp_path):
    text = guess_schema(saved(predictions(300).drop("score"), tmp_path / "f.csv"))
    assert re.search(r"score: score +# NOT FOUND: name the column", text)
    assert "# MISSING: no column looks like the score of the model" in text
    assert re.search(r"actual: null +# confirm: no label in this file", text)
    assert load_schema(text).actual is None


def test_free_text_further_times_and_empty_columns_are_left_out_by_name(tmp_path):
    rows = predictions(300).with_columns(
        note=pl.Series([f"text {i % 250}" for i in range(300)]),
        seen_at=pl.col("at"),
        nothing=pl.lit(None, pl.String),
        shap_temp=pl.lit(0.1),
    )
    text = guess_schema(saved(rows, tmp_path / "f.parquet"))
    assert text.splitlines()[-1] == "# left out: 'seen_at' (another time), 'nothing' (no values), 'note' (free text)"
    assert "# Recognised without a declaration: 'shap_temp'" in text
    assert set(load_schema(text).feature_names) == {"temp", "carrier", "origin"}


def test_numbers_with_a_decimal_comma_are_left_out_with_what_to_do(tmp_path):
    rows = predictions(300).with_columns(income=pl.Series([f"{i},5" for i in range(300)]))
    text = guess_schema(saved(rows, tmp_path / "f.csv"))
    assert text.splitlines()[-1] == "# left out: 'income' (numbers with a decimal comma: write a point)"


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
        (["yes"] * 90 + ["no"] * 10, "yes"),
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
    assert "# confirm: the value of the actual that counts as positive" in text


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


@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl"])
def test_a_log_of_several_classes_is_understood_in_every_format(tmp_path, suffix):
    rows = tickets(300).with_columns(team=pl.Series([CLASSES[i % 3] for i in range(300)]))
    text = guess_schema(saved(rows, tmp_path / f"f.{suffix}"))
    schema = load_schema(text)
    assert re.search(r"task: multiclass +# 3 columns add up to 1, one score for each class", text)
    assert (schema.classes, schema.class_columns) == (CLASSES, ("p_card", "p_loan", "p_other"))
    assert (schema.decision, schema.actual) == ("routed", "team")
    assert (schema.feature_names, schema.segments) == (("words", "channel"), ("channel",))
    assert "MISSING" not in text


@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl"])
def test_a_log_of_a_regression_is_understood_in_every_format(tmp_path, suffix):
    rows = forecasts(300).rename({"expected": "predicted_sales"}).with_columns(sales=pl.Series(np.arange(300) * 1.5))
    text = guess_schema(saved(rows, tmp_path / f"f.{suffix}"))
    schema = load_schema(text)
    assert re.search(r"task: regression +# 'sales' is a quantity: 300 different numbers", text)
    assert (schema.score, schema.actual, schema.decision) == ("predicted_sales", "sales", None)
    assert "'predicted_sales' is named after it" in text
    assert (schema.feature_names, schema.segments) == (("price", "shop"), ("shop",))


def test_labels_of_several_words_without_class_scores_say_what_is_missing_and_load(tmp_path):
    rows = predictions(300).drop("score").with_columns(label=pl.Series([CLASSES[i % 3] for i in range(300)]))
    text = guess_schema(saved(rows, tmp_path / "f.csv"))
    schema = load_schema(text)
    assert (schema.task, schema.classes) == ("multiclass", CLASSES)
    assert "# MISSING: no columns hold one score for each class" in text


def test_two_scores_that_add_up_to_one_are_one_binary_score(tmp_path):
    score = pl.col("score")
    rows = predictions(300).select("id", "at", proba_0=1 - score, proba_1=score, label=(score > 0.5).cast(pl.Int8))
    text = guess_schema(saved(rows, tmp_path / "f.parquet"))
    schema = load_schema(text)
    assert (schema.task, schema.score, schema.actual) == ("binary", "proba_1", "label")
    assert text.splitlines()[-1] == "# left out: 'proba_0' (1 minus the score)"


def test_without_times_slices_are_suggested_and_what_to_add_is_said(tmp_path):
    rows = predictions(300).drop("at", "id")
    text = guess_schema(saved(rows, tmp_path / "f.csv"))
    schema = load_schema(text)
    assert (schema.grain.value, schema.time_column, schema.timestamp) == ("batch", "slice", None)
    assert schema.prediction_id == "id"
    assert "# MISSING: no column is different in every row" in text
    assert "# MISSING: no column reads as times" in text
    cut = rows.with_row_index("row").with_columns(slice=pl.int_range(300) // 50)
    text = guess_schema(saved(cut, tmp_path / "g.csv"))
    assert "MISSING" not in text
    assert (load_schema(text).time_column, load_schema(text).prediction_id) == ("slice", "row")


def test_columns_beside_the_features_are_recognised(tmp_path):
    rows = predictions(300).with_columns(
        label=pl.Series([1, 0, None] * 100),
        weight=pl.lit(1.5),
        loan_amount=pl.col("temp") * 100,
        latency_ms=pl.col("temp").abs(),
        error=pl.lit(None, pl.String).fill_null(pl.when(pl.int_range(300) % 90 == 0).then(pl.lit("timeout"))),
        source=pl.Series(["web", "app", "branch"] * 100),
        sex=pl.Series(["f", "m"] * 150),
        body_weight=pl.col("temp") + 1,
    )
    text = guess_schema(saved(rows, tmp_path / "f.csv"))
    schema = load_schema(text)
    assert (schema.weight, schema.amount, schema.latency_ms) == ("weight", "loan_amount", "latency_ms")
    assert (schema.error, schema.source) == ("error", "source")
    assert schema.protected == ("sex",)
    assert "sex" not in schema.segments
    assert {"loan_amount", "body_weight", "sex"} <= set(schema.feature_names)
    assert not {"weight", "latency_ms", "error", "source"} & set(schema.feature_names)


def test_few_whole_numbers_may_be_codes(tmp_path):
    rows = predictions(300).with_columns(season=pl.Series([1, 2, 3, 4] * 75))
    text = guess_schema(saved(rows, tmp_path / "f.csv"))
    assert "# confirm: few whole numbers; codes belong under categorical: [season]" in text
    assert load_schema(text).features["season"].kind == "numeric"


def test_a_unique_score_is_not_taken_for_an_id(tmp_path):
    rows = predictions(300).drop("id").with_columns(score=pl.Series(np.linspace(0.001, 0.999, 300)))
    schema = load_schema(guess_schema(saved(rows, tmp_path / "f.csv")))
    assert (schema.score, schema.prediction_id) == ("score", "id")


NAMES = st.text(st.characters(codec="utf-8", exclude_characters='\r\n,"'), min_size=1, max_size=12)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(NAMES, min_size=1, max_size=8, unique=True),
    kinds=st.lists(st.integers(0, 7), min_size=8, max_size=8),
)
def test_whatever_is_guessed_loads(tmp_path, names, kinds):
    n = 24
    made = [
        [i * 0.9 for i in range(n)],
        [i % 2 for i in range(n)],
        ["yes", "no"] * (n // 2),
        [f"w{i % 5}" for i in range(n)],
        [i / n for i in range(n)],
        [None] * n,
        [f"2024-01-{i + 1:02d}" for i in range(n)],
        [f"note {i}" for i in range(n)],
    ]
    table = pl.DataFrame({name: pl.Series(made[kind]) for name, kind in zip(names, kinds, strict=False)})
    table.write_parquet(tmp_path / "f.parquet")
    try:
        text = guess_schema(tmp_path / "f.parquet")
    except BadInputError as error:
        assert re.search("twice|no row to guess from|cannot|name", str(error))  # noqa: PT017
        return
    assert load_schema(text).task in {"binary", "multiclass", "regression"}


@pytest.mark.parametrize("kind", range(8))
@pytest.mark.parametrize("name", ["score", "label", "prediction", "slice", "id", "class", "amount", "p_a", "decision"])
def test_a_telling_name_over_any_values_still_loads(tmp_path, name, kind):
    values = [1.5, 1, "yes", "w", 0.25, None, "2024-01-01", "note"]
    other = {"id": [str(i) for i in range(20)], "x": [i * 1.5 for i in range(20)]}
    rows = pl.DataFrame({**other, name: [values[kind]] * 10 + [values[(kind + 1) % 8]] * 10}, strict=False)
    assert load_schema(guess_schema(saved(rows, tmp_path / "f.csv"))).task in {"binary", "multiclass", "regression"}
