"""Every metric whose change can be asked for has its words."""

import pytest

from app.attribution.metrics import between, is_share, signed, size, spoken
from core.attribution.measures import SHOWN_OF


@pytest.mark.parametrize("metric", sorted({name for names in SHOWN_OF.values() for name in names}))
def test_each_metric_is_spoken_and_written(metric):
    assert spoken(metric).name
    assert signed(metric, -0.25).startswith("−")
    assert not size(metric, -0.25).startswith("−")
    assert signed(metric, None) == between(metric, None, 0.1) == "–"


def test_percents_change_in_points():
    assert is_share("accuracy")
    assert signed("accuracy", 0.0312) == "+3.1 pp"
