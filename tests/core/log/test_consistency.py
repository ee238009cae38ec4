import pytest

from core.errors import BadInputError
from core.log.consistency import SCORE_ENTRY, faults_of
from core.log.document import validate

VALUE = {"currency": "EUR", "source": "assumed"}
SCORES = {
    "binary": {"score": "s"},
    "multiclass": {"scores": {"a": "p_a", "b": "p_b"}},
    "regression": {"prediction": "p"},
}


def document(task, columns=None, **entries):
    features = {"numeric": ["temp"], "categorical": ["carrier"]}
    named = {"prediction_id": "id", "timestamp": "at", **SCORES[task], "features": features, **(columns or {})}
    return {"model": "m", "task": task, "owner": "o", "columns": named, **entries}


@pytest.mark.parametrize("task", SCORE_ENTRY)
def test_a_plain_model_of_each_task_contradicts_nothing(task):
    assert faults_of(validate(document(task), "model.yaml")) == []


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (document("binary", {"prediction": "p"}), "columns.prediction: belongs to regression models"),
        (document("binary", {"scores": {"a": "x", "b": "y"}}), "columns.scores: belongs to multiclass models"),
        (
            document("multiclass", {"score": "s"}),
            "columns.score: belongs to binary models; a multiclass model has columns.scores: {CLASS: COLUMN}",
        ),
        (document("regression", {"score": "s"}), "a regression model has columns.prediction: COLUMN"),
        (document("multiclass", {"weight": "w"}), "columns.weight: weights are supported for binary models only"),
        (document("binary", {"actual": "y", "error": "y"}), "columns: 'y' is the actual and nothing else"),
        (document("binary", {"actual": "y", "protected": ["y"]}), "columns: 'y' is the actual and nothing else"),
        (
            document("binary", {"group_bands": {"age": [25]}}),
            "columns.group_bands.age: is not a protected column; name it under columns.protected",
        ),
        (
            document("binary", {"protected": ["carrier"], "group_bands": {"carrier": [25]}}),
            "columns.group_bands.carrier: bands belong to numeric columns, and 'carrier' holds words",
        ),
        (
            document("binary", {"protected": ["via"], "source": "via", "group_bands": {"via": [25]}}),
            "columns.group_bands.via: bands belong to numeric columns, and 'via' holds words",
        ),
        (
            document("binary", {"protected": ["age"], "group_bands": {"age": [25, 25]}}),
            "columns.group_bands.age: needs cut points that increase, such as [25, 40, 60]",
        ),
        (document("binary", {"protected": ["age"], "group_bands": {"age": []}}), "needs cut points that increase"),
        (
            document("binary", {"protected": ["age"], "group_bands": {"age": list(range(20))}}),
            "columns.group_bands.age: has 20 cut points; at most 19 are counted",
        ),
        (
            document("binary", {"features": {"a": {"kind": "numeric", "proxy_of": ["sex"]}}}),
            "columns.features.'a'.proxy_of: 'sex' is not a protected column",
        ),
        (
            document("binary", {"features": {"a": {"kind": "numeric", "proxy_of": ["a"]}}, "protected": ["a"]}),
            "columns.features.'a'.proxy_of: names the feature itself",
        ),
        (document("regression", {"actual": "y", "amount": "y"}), "columns: 'y' is the actual and nothing else"),
        (document("regression", {"weight": "w"}), "columns.weight: weights are supported for binary models only"),
        (document("regression", {"decision": "d"}), "columns.decision: a regression model decides nothing"),
        (document("multiclass", {"threshold": 0.3}), "columns.threshold: belongs to binary models"),
        (document("regression", {"threshold": 7}), "columns.threshold: belongs to binary models"),
        (document("multiclass", {"positive": "a"}), "columns.positive: belongs to binary models"),
        (document("multiclass", {"score_kind": "ranking"}), "columns.score_kind: belongs to binary models"),
        (document("multiclass", {"scores": {"a": "p_a"}}), "columns.scores: needs at least two classes"),
        (
            document("multiclass", {"scores": {1: "p_a", "1": "p_b"}}),
            "columns.scores: the class '1' is there twice",
        ),
        (document("multiclass", {"scores": {"a": "p", "b": "p"}}), "'p' cannot play two of"),
        (
            document("multiclass", {"scores": {"a": "temp", "b": "p"}}),
            "columns.features: 'temp' is also the score of 'a'",
        ),
        (
            document("multiclass", {"scores": {"a": "x", "b": "p"}, "segments": ["x"]}),
            "columns.segments: 'x' is the score of 'a'",
        ),
        (
            document("multiclass", {"scores": {"a": "x", "b": "p"}, "source": "x"}),
            "columns: 'x' is the score of a class and nothing else",
        ),
        (document("regression", {"prediction": "temp"}), "columns.features: 'temp' is also the prediction"),
        (
            document("multiclass", value={"kind": "confusion", "tp": 1, **VALUE}),
            "value: is supported for binary and regression models only",
        ),
        (document("regression", value={"kind": "confusion", **VALUE}), "a regression model is valued by kind: error"),
        (
            document("binary", value={"kind": "error", "cost_over": 1, **VALUE}),
            "value.kind: error belongs to regression models",
        ),
        (
            document("regression", value={"kind": "error", **VALUE}),
            "value: the kind error needs cost_over or cost_under above 0",
        ),
        (
            document("regression", value={"kind": "error", "cost_over": 1, "tp": 1, **VALUE}),
            "value: tp, fp, fn and tn belong to the kinds confusion and per_amount",
        ),
        (
            document("binary", value={"kind": "confusion", "cost_over": 1, **VALUE}),
            "value: cost_over and cost_under belong to the kind error",
        ),
        (
            document("binary", value={"kind": "confusion", "baseline": "reference_median", **VALUE}),
            "value.baseline: must be all_negative or all_positive for the kind confusion, not reference_median",
        ),
        (
            document("regression", value={"kind": "error", "cost_over": 1, "baseline": "all_negative", **VALUE}),
            "value.baseline: must be reference_median for the kind error, not all_negative",
        ),
        (
            document("regression", value={"kind": "error", "cost_over": -1, **VALUE}),
            "value.cost_over: input should be greater than or equal to 0",
        ),
        (document("binary", value={"kind": "per_amount", **VALUE}), "value.kind: per_amount needs columns.amount"),
    ],
)
def test_what_contradicts_the_task_is_said_in_one_clause(raw, says):
    with pytest.raises(BadInputError) as caught:
        validate(raw, "model.yaml")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_values_of_each_task_are_accepted():
    error = validate(document("regression", value={"kind": "error", "cost_under": 2.5, **VALUE}), "model.yaml")
    assert (error.value.baseline, error.value.cost_over, error.value.cost_under) == ("reference_median", 0, 2.5)
    paid = document("binary", {"amount": "eur"}, value={"kind": "per_amount", "tp": 1, **VALUE})
    assert validate(paid, "model.yaml").value.baseline == "all_negative"
    everybody = document("binary", value={"kind": "confusion", "baseline": "all_positive", **VALUE})
    assert validate(everybody, "model.yaml").value.baseline == "all_positive"


def test_a_numeric_feature_may_be_protected_with_bands_and_another_may_stand_in_for_it():
    columns = {
        "features": {"age": {"kind": "numeric"}, "tenure": {"kind": "numeric", "proxy_of": ["age"]}},
        "protected": ["age"],
        "group_bands": {"age": [25, 40.5]},
    }
    assert faults_of(validate(document("binary", columns), "model.yaml")) == []
