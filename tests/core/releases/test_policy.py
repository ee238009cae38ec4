from dataclasses import replace

import pytest

from core.errors import BadInputError
from core.inventory.controls import policy
from core.releases.policy import controls_of, label
from tests.core.releases.made_up import RELEASE


def test_a_release_is_held_to_the_policy_and_tier_it_was_submitted_under():
    release = replace(RELEASE, policy={"name": "standard", "version": 1}, tier=1)
    assert controls_of(release) is policy("standard")[1]
    assert label(release.policy) == "standard/1"


def test_a_policy_that_is_gone_is_not_replaced_by_another():
    with pytest.raises(BadInputError, match="no policy"):
        controls_of(replace(RELEASE, policy={"name": "lax", "version": 1}))
