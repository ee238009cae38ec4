from dataclasses import replace

import pytest

from app.cards.facts import METRICS, card, card_facts
from core.access.principal import LOCAL
from core.errors import NotFoundError
from core.inventory.service import add_version
from core.performance.of_task import METRICS_OF
from tests.audited import newest
from tests.governed import VIEWER


def test_a_card_is_filled_from_the_log_the_reference_and_the_schema(fleet):
    found = card_facts(fleet, LOCAL, model="churn", version="v1")
    assert [feature.name for feature in found.features] == ["income", "age", "plan"]
    assert (found.tier, found.task, found.target, found.label_delay) == (2, "binary", "left", "1 day")
    assert (found.reference_rows, found.added_by) == (6_000, "local")
    results = {one.metric: one for one in found.results}
    assert 0.5 < results["roc_auc"].reference < 1
    assert {limit.title for limit in found.limits} >= {"Feature drift", "Prediction drift"}
    assert results["roc_auc"].name == "ROC AUC"
    assert found.window == "9 Apr 2024"
    assert found.fairness_why == "No protected column is declared."
    assert found.known >= {"features", "reference", "results", "limits", "fairness"}


def test_every_metric_of_a_card_is_one_of_its_task():
    for task, metrics in METRICS.items():
        assert set(metrics) <= set(METRICS_OF[task])


@pytest.mark.parametrize("model", ["demand", "tickets"])
def test_the_other_tasks_have_cards_too(three_tasks, model):
    found = card_facts(three_tasks, LOCAL, model=model, version="v1")
    assert [one.metric for one in found.results] == list(METRICS[found.task])
    assert any(one.reference is not None for one in found.results)


def test_a_version_that_is_not_there_is_named_with_those_that_are(fleet):
    with pytest.raises(NotFoundError, match="no version 'v9'; known versions: v1"):
        card(fleet, LOCAL, model="churn", version="v9")


def test_a_card_can_be_read_by_somebody_who_may_write_nothing(fleet):
    assert card(fleet, VIEWER, model="churn", version="v1").facts.model == "churn"


def test_gaps_between_groups_are_told_to_those_who_may_read_them_and_the_read_is_written_down(grouped):
    found = card_facts(grouped, LOCAL, model="churn", version="v1")
    assert {gap.column for gap in found.fairness} <= set(found.protected)
    assert "gap in selection rates" in {gap.name for gap in found.fairness}
    entry = newest(grouped, n=1)[0]
    assert (entry.action, entry.object_id) == ("fairness:groups:read", "churn")
    hidden = card_facts(grouped, VIEWER, model="churn", version="v1")
    assert newest(grouped, n=1)[0] == entry
    assert replace(hidden, fairness=found.fairness, fairness_why="") == found
    assert (hidden.fairness, "fairness" in hidden.known) == ((), True)
    assert "not among your roles" in hidden.fairness_why


def test_a_version_with_a_model_file_says_how_it_is_explained_before_anybody_asks(fleet):
    kept = {"model": "churn", "has_reference": False}
    add_version(fleet, LOCAL, version="v2", artifact_sha256="ab" * 32, **kept)
    add_version(fleet, LOCAL, version="v3", artifact_sha256=None, **kept)
    assert "from its model file" in card_facts(fleet, LOCAL, model="churn", version="v2").explanation
    assert card_facts(fleet, LOCAL, model="churn", version="v3").explanation == ""
