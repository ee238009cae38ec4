from itertools import pairwise

from core.profile.lag_grid import LAG_DAYS


def test_the_edges_of_the_lag_increase_from_no_day_to_a_year():
    assert (LAG_DAYS[0], LAG_DAYS[-1], len(LAG_DAYS)) == (0, 365, 40)
    assert all(low < high for low, high in pairwise(LAG_DAYS))
