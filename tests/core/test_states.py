from itertools import permutations

import pytest

from core.states import SEVERITY, State, worst


@pytest.mark.parametrize("states", list(permutations(State)))
def test_the_worst_state_does_not_depend_on_the_order(states):
    assert worst(states) is State.CRITICAL


def test_no_data_is_never_healthy_and_never_hides_a_worse_state():
    assert worst([State.NOT_APPLICABLE]) is State.NOT_APPLICABLE
    assert worst([State.NOT_APPLICABLE, State.WARNING]) is State.WARNING
    assert SEVERITY[State.NOT_APPLICABLE] < SEVERITY[State.HEALTHY]
