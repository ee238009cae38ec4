from core.releases.gathering.facts import Handed, Importances


def test_shares_add_up_to_one_and_are_empty_where_nothing_moves_the_score():
    assert Importances(points=(("a", 3.0), ("b", 1.0))).shares == {"a": 0.75, "b": 0.25}
    assert Importances(points=(("a", 0.0),)).shares == {}


def test_nothing_handed_over_says_so():
    assert (Handed().card, dict(Handed().protected)) == (None, {})
    assert Handed().why_no_fairness
