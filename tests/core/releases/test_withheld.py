import json

from core.releases.withheld import WHY, without_groups

GATE = {"outcome": "fail", "value": 0.2, "ci_low": 0.1, "ci_high": 0.3, "n": 50, "reason": "women", "details": {"a": 1}}
DOCUMENT = {
    "model": "churn",
    "fairness": {"columns": [{"column": "sex", "groups": [{"group": "women"}]}]},
    "worse_first": [{"what": "recall of women", "gate": "fairness"}, {"what": "latency", "gate": "latency"}],
    "gates": [{**GATE, "gate": "fairness"}, {**GATE, "gate": "latency", "reason": "slow"}],
    "further_gates": [{**GATE, "gate": "fairness"}],
    "card": {"markdown": "women"},
}


def test_no_figure_of_a_group_is_left_but_what_the_gate_decided():
    shown = without_groups(DOCUMENT)
    assert "women" not in json.dumps(shown)
    assert [(gate["gate"], gate["outcome"], gate["value"]) for gate in shown["gates"]] == [
        ("fairness", "fail", None),
        ("latency", "fail", 0.2),
    ]
    assert shown["further_gates"][0]["reason"] == shown["fairness"]["why"] == WHY
    assert shown["worse_first"] == [{"what": "latency", "gate": "latency"}]
    assert shown["model"] == "churn"


def test_an_early_document_without_gates_is_no_trouble():
    assert without_groups({"model": "churn"})["gates"] == []
