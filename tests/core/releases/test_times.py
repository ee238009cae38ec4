"""The times of the control matrix, tier by tier, as a store holds a release to them.

How long an approved release waits: tests/core/releases/executing/test_service.py.
"""

import pytest

from core.errors import RefusedError
from core.releases.executing import service as executing
from core.releases.states import ReleaseState as S
from tests.core.releases.conftest import MONDAY
from tests.release_kit import OMAR, VERA, approve, at, governed, later, now, pending


def refusal(call, *given):
    with pytest.raises(RefusedError) as caught:
        call(*given)
    return caught.value.code


def approved_by_all(store, release, tier):
    """Return the release with every approval that its tier needs."""
    first = approve(store, OMAR, release)
    return approve(store, VERA, first) if tier < 3 else first


@pytest.mark.parametrize(("tier", "hours"), [(1, 24), (2, 72), (3, 168)])
def test_evidence_as_old_as_the_tier_allows_is_approved_on_and_no_older(both, tier, hours):
    store = at(governed(both, tier=tier), MONDAY)
    release = pending(store)
    assert refusal(approve, later(store, hours=hours, seconds=1), OMAR, release) == "stale_evidence"
    assert now(store, release).state is S.STALE


@pytest.mark.parametrize(("tier", "hours"), [(1, 24), (2, 72), (3, 168), (4, 335)])
def test_evidence_that_is_fresh_enough_is_approved_on(both, tier, hours):
    store = at(governed(both, tier=tier), MONDAY)
    release = approved_by_all(later(store, hours=hours), pending(store), tier)
    assert release.state is S.APPROVED


def test_in_the_lowest_tier_the_time_to_decide_ends_before_the_evidence_is_too_old(both):
    store = at(governed(both, tier=4), MONDAY)
    release = pending(store)
    assert refusal(approve, later(store, days=14), OMAR, release) == "expired"


@pytest.mark.parametrize(("tier", "days"), [(1, 7), (2, 7), (3, 14), (4, 14)])
@pytest.mark.parametrize("late", [False, True])
def test_an_approval_holds_as_long_as_the_tier_says(both, tier, days, late):
    store = at(governed(both, tier=tier), MONDAY)
    release = approved_by_all(store, pending(store), tier)
    if late:
        assert refusal(executing.execute, later(store, days=days), OMAR, release.id) == "expired"
    else:
        assert executing.execute(later(store, days=days, seconds=-1), OMAR, release.id).state is S.EXECUTING
