from core.releases.gates.change import Change
from core.releases.gates.changes import changes
from core.releases.gates.limits import gate_limits
from core.releases.gathering.worse import changed_importance, worse_first
from tests.core.releases.gates.paired_rows import binary

LIMITS = gate_limits()


def change(metric: str, harm: float, *, half: float) -> Change:
    return Change(
        metric=metric,
        champion=0.8,
        challenger=0.8 + harm,
        harm=harm,
        low=harm - half,
        high=harm + half,
        n=1_000,
        method="by hand",
    )


def test_what_is_worse_for_sure_comes_first_then_the_largest_share_of_its_limit():
    found = [
        change("accuracy", 0.02, half=0.05),
        change("log_loss", 0.02, half=0.01),
        change("roc_auc", 0.02, half=0.01),
        change("f1", -0.1, half=0.01),
    ]
    told = worse_first(found, None, (), "binary", LIMITS)
    assert [one["what"] for one in told] == ["area under the ROC curve", "log loss", "accuracy"]
    assert [one["conclusive"] for one in told] == [True, True, False]


def test_a_challenger_that_is_better_everywhere_has_an_empty_list():
    same = changes(binary(noise=0.0), probability=True, value=None)
    assert worse_first(same, None, (), "binary", LIMITS) == []


def test_importance_is_compared_by_shares_the_largest_change_first():
    found = changed_importance({"a": 0.6, "b": 0.4}, {"a": 0.5, "c": 0.5})
    assert [one["feature"] for one in found] == ["c", "b", "a"]
    assert found[0]["champion"] is None
