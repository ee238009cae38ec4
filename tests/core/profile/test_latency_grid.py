import numpy as np

from core.profile.latency_grid import ARRIVAL_HOURS, LATENCY_BOUND, LATENCY_EDGES_MS


def test_the_latency_grid_has_fifty_edges_a_decade_from_a_tenth_of_a_millisecond_to_a_thousand_seconds():
    assert LATENCY_EDGES_MS.size == 351
    assert (LATENCY_EDGES_MS[0], LATENCY_EDGES_MS[50], LATENCY_EDGES_MS[-1]) == (0.1, 1.0, 1e6)


def test_neighbouring_edges_are_as_far_apart_as_the_bound_says():
    apart = LATENCY_EDGES_MS[1:] / LATENCY_EDGES_MS[:-1] - 1
    np.testing.assert_allclose(apart, LATENCY_BOUND, rtol=1e-12)
    assert round(LATENCY_BOUND, 3) == 0.047


def test_the_hours_of_arrival_rise_to_four_weeks():
    assert list(ARRIVAL_HOURS) == sorted(set(ARRIVAL_HOURS))
    assert ARRIVAL_HOURS[-1] == 28 * 24
