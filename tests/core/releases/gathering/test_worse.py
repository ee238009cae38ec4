from core.releases.gates.change import Change
from core.releases.gates.changes import changes
from core.releases.gates.limits import gate_limits
from core.releases.gates.worst_segment import SegmentChange, SegmentSearch
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


def test_a_segment_is_told_with_the_lower_end_that_holds_over_everything_searched_as_its_gate_tells_it():
    one = SegmentChange(
        where="region = north", n=900, champion=0.3, harm=0.05, low=0.04, high=0.06, least=0.03,
        shown=0.049, worse=0.001, beyond=0.1,
    )  # fmt: skip
    searched = SegmentSearch(
        loss="log loss",
        overall=0.38,
        limit=0.038,
        n_searched=349,
        n_beyond=0,
        n_open=1,
        detectable=0.02,
        tested=(),
        segments=(one,),
    )
    (told,) = worse_first([], searched, (), "binary", LIMITS)
    assert (told["worse_by"], told["ci_low"], told["ci_high"]) == (0.049, 0.03, 0.06)


def test_a_challenger_that_is_better_everywhere_has_an_empty_list():
    same = changes(binary(noise=0.0), probability=True, value=None)
    assert worse_first(same, None, (), "binary", LIMITS) == []


def test_importance_is_compared_by_shares_the_largest_change_first():
    found = changed_importance({"a": 0.6, "b": 0.4}, {"a": 0.5, "c": 0.5})
    assert [one["feature"] for one in found] == ["c", "b", "a"]
    assert found[0]["champion"] is None
