"""Which units have enough of their actuals."""

from datetime import timedelta

from core.checks.coverage import coverage
from tests.small_fleet import DAYS, NOW, SERVED_START


def test_a_day_waits_for_its_labels_and_then_does_not(evidence):
    last = SERVED_START + timedelta(days=DAYS - 1)
    known = coverage(evidence.outline, NOW)
    assert set(known) == {unit.day for unit in evidence.outline.log}
    assert known[SERVED_START].mature
    early = coverage(evidence.outline, NOW - timedelta(days=2))
    assert early[last].reason == "" or not early[last].mature
    assert all(one.reason for one in known.values() if not one.mature)
