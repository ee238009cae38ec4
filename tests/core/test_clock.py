from datetime import UTC, datetime, timedelta, timezone

import pytest

from core.clock import SYSTEM, Clock
from core.errors import BadInputError


def test_a_running_clock_tells_the_systems_time_in_utc():
    before = datetime.now(UTC)
    now = SYSTEM.now()
    assert before <= now <= datetime.now(UTC)
    assert now.utcoffset() == timedelta(0)


def test_a_frozen_clock_stands_still_in_utc_whatever_zone_it_was_given():
    clock = Clock(datetime(2013, 12, 31, 19, tzinfo=timezone(timedelta(hours=-5))))
    assert clock.now() == clock.now() == datetime(2014, 1, 1, tzinfo=UTC)
    assert clock.now().utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(BadInputError, match="needs a zone"):
        Clock(datetime(2014, 1, 1, tzinfo=UTC).replace(tzinfo=None))
