from core.releases.gates.limits import Margin, gate_limits
from core.releases.gates.performance import WORDS


def test_the_limits_have_a_version_and_every_task_its_margins():
    limits = gate_limits()
    assert limits.version >= 1
    assert set(limits.performance) == {"binary", "multiclass", "regression"}
    assert (limits.pairs.fewest, limits.pairs.fewest_positives) == (1000, 100)


def test_every_metric_that_is_held_to_a_margin_has_a_plain_name():
    metrics = {name for margins in gate_limits().performance.values() for name in margins}
    assert metrics == set(WORDS)


def test_a_relative_margin_is_of_the_size_of_the_champions_value():
    assert Margin(margin=0.05, relative=True).of(-200.0) == 10.0
    assert Margin(margin=0.05).of(-200.0) == 0.05
