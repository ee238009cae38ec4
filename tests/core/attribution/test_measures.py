"""Every metric has a weight or a reason why it is not split."""

import numpy as np
import pytest

from core.attribution.measures import NO_VALUE, NOT_SPLIT, SHOWN_OF, SPLIT_OF, WEIGHT_OF, _added
from core.errors import NotEnoughDataError
from core.log.document import ValueDocument
from core.performance.of_task import METRICS_OF


def test_what_is_shown_is_split_by_a_weight_or_says_why_not():
    for task, shown in SHOWN_OF.items():
        assert len(set(shown)) == len(shown)
        for name in shown:
            assert (name in WEIGHT_OF) != (name in NOT_SPLIT)
            assert (name in SPLIT_OF[task]) == (name in WEIGHT_OF)


def test_every_metric_of_performance_can_be_asked_for():
    for task, known in METRICS_OF.items():
        assert set(known) <= set(SHOWN_OF[task])


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("accuracy", (60 + 20) / 100),
        ("error_rate", (12 + 8) / 100),
        ("precision", 20 / 28),
        ("recall", 20 / 32),
        ("f1", 40 / 60),
        ("specificity", 60 / 68),
        ("false_positive_rate", 8 / 68),
        ("false_negative_rate", 12 / 32),
        ("selection_rate", (8 + 20 + 5) / 108),
    ],
)
def test_a_confusion_matrix_gives_the_metric(metric, expected):
    cells = np.array([[60, 12, 3], [8, 20, 5], [1, 1, 1]], float).reshape(-1)  # none, unknown last
    above, below = _added(metric, None)
    assert cells @ above / (cells @ below) == pytest.approx(expected)


def test_worth_is_that_of_the_cells():
    value = ValueDocument(kind="confusion", tp=5, fp=-2, fn=-9, tn=1, currency="USD", source="assumed")
    cells = np.array([[60, 12, 3], [8, 20, 5], [1, 1, 1]], float).reshape(-1)
    above, below = _added("value_per_row", value)
    assert cells @ above / (cells @ below) == pytest.approx((60 * 1 - 12 * 9 - 8 * 2 + 20 * 5) / 100)


def test_worth_needs_a_value_that_is_kept_by_segment():
    amounts = ValueDocument(kind="per_amount", tp=1, currency="USD", source="assumed")
    with pytest.raises(NotEnoughDataError, match=NO_VALUE):
        _added("value_per_row", None)
    with pytest.raises(NotEnoughDataError, match="not by segment"):
        _added("value_per_row", amounts)
