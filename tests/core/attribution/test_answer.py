"""What can be chosen, and what is said before any work."""

from core.attribution.answer import no_cause, offered_metrics
from core.log.schema import load_schema


def schema(columns="score: s", more=""):
    text = f"prediction_id: i, timestamp: t, {columns}, features: {{numeric: [a]}}"
    return load_schema(f"{{model: m, task: binary, owner: o, columns: {{{text}}}{more}}}")


def test_worth_is_offered_only_where_a_value_is_declared():
    value = ", value: {kind: confusion, tp: 1, currency: USD, source: assumed}"
    assert "value_per_row" not in offered_metrics(schema())
    assert "value_per_row" in offered_metrics(schema(more=value))


def test_losses_of_a_ranking_score_are_not_offered():
    offered = offered_metrics(schema("score: s, score_kind: ranking"))
    assert offered[0] == "roc_auc"
    assert not {"log_loss", "brier_score", "ece"} & set(offered)


def test_too_few_rows_and_metrics_that_are_not_of_rows_are_said_before_any_work():
    assert no_cause(schema(), "accuracy", ([500, 400], [500, 10])).startswith("the window has 10 rows with an actual")
    assert no_cause(schema(), "selection_rate", ([500, 0], [500, 0])) == ""
    assert "ece" in no_cause(schema(), "ece", ([500, 400], [500, 400]))
