import numpy as np
import polars as pl
import pytest

from core.log.files import open_source
from core.log.guessed import guess_of
from core.log.observed import observe
from tests.log_kit import CLASSES, forecasts, predictions, saved, tickets

LABELS = pl.Series([CLASSES[i % 3] for i in range(60)])
AMOUNTS = pl.Series(np.arange(60) * 1.25)


def guessed(frame, path):
    return guess_of(*observe(open_source(saved(frame, path / "f.parquet"))))


@pytest.mark.parametrize(
    ("frame", "task", "why"),
    [
        (predictions(60).with_columns(label=pl.Series([0, 1] * 30)), "binary", "'label' has two values"),
        (tickets(60), "multiclass", "3 columns add up to 1, one score for each class"),
        (predictions(60).with_columns(label=LABELS), "multiclass", "'label' has 3 different values"),
        (forecasts(60).with_columns(target=AMOUNTS), "regression", "'target' is a quantity: 60 different numbers"),
        (predictions(60), "binary", "confirm: 'score' lies in [0, 1]; no labels were seen"),
        (
            predictions(60).with_columns(score=pl.col("score") * 9),
            "binary",
            "confirm: 'score' is called a score; no labels were seen",
        ),
        (forecasts(60), "regression", "confirm: 'expected' is any number; no labels were seen"),
        (predictions(60).drop("score"), "binary", "confirm: neither a label nor a score was found"),
    ],
)
def test_the_task_is_guessed_with_its_reason(tmp_path, frame, task, why):
    guess = guessed(frame, tmp_path)
    assert (guess.task, guess.task_why) == (task, why)


def test_a_rating_of_few_whole_numbers_beside_a_measured_prediction_is_a_regression(tmp_path):
    rows = forecasts(60).with_columns(label=pl.Series([1, 2, 3, 4, 5] * 12))
    assert guessed(rows, tmp_path).task == "regression"
    codes = predictions(60).with_columns(label=pl.Series([1, 2, 3, 4, 5] * 12))
    assert guessed(codes, tmp_path).task == "multiclass"


def test_scores_that_add_up_only_roughly_say_how_far_they_are(tmp_path):
    rows = tickets(60).with_columns(pl.col("p_card", "p_loan", "p_other").round(3))
    guess = guessed(rows, tmp_path)
    assert guess.task == "multiclass"
    assert 1e-4 < guess.class_off <= 1e-3 + 1e-9


def test_each_column_plays_one_part_but_for_an_amount(tmp_path):
    rows = tickets(60).with_columns(team=LABELS, amount=AMOUNTS, shap_words=AMOUNTS)
    guess = guessed(rows, tmp_path)
    parts = [part.column for entry, part in guess.parts.items() if entry != "amount"]
    everything = [*parts, *guess.classes.values(), *guess.features.numeric, *guess.features.categorical, *guess.shap]
    assert sorted([*everything, *guess.left_out]) == sorted(rows.columns)
    assert guess.parts["amount"].column == "amount"
