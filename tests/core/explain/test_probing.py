from core.explain.probing import examine_sandbox


def test_a_real_child_tries_everything_and_says_how_it_ended():
    confinement, attempts = examine_sandbox()
    assert len(attempts) == 11
    assert confinement.filtered
