from core.explain.limits import Confinement, Limits


def test_limits_are_finite_and_a_confinement_says_what_holds():
    limits = Limits()
    assert 0 < limits.memory < 2**40
    assert 0 < limits.seconds <= limits.cpu_seconds
    assert not Confinement(isolated=False, reason="refused", filtered=True, exposed="").isolated
