import numpy as np
import pytest

from core.estimation.relation import relation

MATURE = np.ones(40, np.bool_)


def test_estimates_that_come_true_keep_the_plain_band():
    z = np.random.default_rng(0).normal(size=40)
    found = relation(np.zeros(40), z, np.ones(40), MATURE)
    assert not found.suspended.any()
    assert found.phi.max() < 1.6
    np.testing.assert_allclose(found.z, z)


def test_phi_is_the_mean_square_of_the_mature_windows_before():
    z = np.tile([2.0, -2.0], 6)
    found = relation(np.zeros(12), z, np.ones(12), MATURE[:12])
    assert found.phi[8:].tolist() == [4.0] * 4
    assert found.phi[:8].tolist() == [pytest.approx(np.var(z[:8], ddof=1))] * 8
    assert found.n_known.tolist() == [8] * 9 + [9, 10, 11]


def test_estimates_that_are_off_from_the_first_window_on_are_suspended():
    z = 8.0 + np.random.default_rng(3).normal(size=20)
    found = relation(np.zeros(20), z, np.ones(20), MATURE[:20])
    assert found.suspended.tolist() == [False] + [True] * 19


def test_fewer_than_eight_windows_leave_the_band_as_it_is():
    found = relation(np.zeros(7), np.full(7, 2.0), np.ones(7), MATURE[:7])
    assert found.phi.tolist() == [1.0] * 7
    assert found.n_known.tolist() == list(range(7))


def test_two_of_three_far_windows_suspend_and_the_change_does_not_excuse_itself():
    realised = np.r_[np.random.default_rng(1).normal(size=20), np.full(20, 6.0)]
    found = relation(np.zeros(40), realised, np.ones(40), MATURE)
    assert found.suspended.tolist() == [False] * 21 + [True] * 19
    assert found.phi[-1] < 1.5


def test_one_far_window_is_no_change():
    realised = np.zeros(20)
    realised[10] = 9.0
    assert not relation(np.zeros(20), realised, np.ones(20), MATURE[:20]).suspended.any()


def test_windows_that_are_not_mature_say_nothing_and_keep_the_last_word():
    mature = np.array([True] * 4 + [False] * 3)
    found = relation(np.zeros(7), np.full(7, 9.0), np.ones(7), mature)
    assert np.isnan(found.z[4:]).all()
    assert found.suspended.tolist() == [False, True, True, True, True, True, True]


def test_what_is_remembered_is_the_same_for_a_long_and_a_short_history():
    z = np.random.default_rng(2).standard_t(3, size=40) * 3
    whole = relation(np.zeros(40), z, np.ones(40), MATURE, at_most=15)
    tail = relation(np.zeros(15), z[-15:], np.ones(15), MATURE[:15])
    assert whole.phi[-1] == pytest.approx(tail.phi[-1])
    assert whole.suspended[-1] == tail.suspended[-1]


def test_no_window_is_no_relation():
    assert relation([], [], [], []).phi.size == 0
