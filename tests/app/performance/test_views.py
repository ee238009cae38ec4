"""What the view itself answers."""

from dataclasses import replace

from core.states import State


def test_breaches_are_listed_critical_first(churn):
    view = churn("2024-03-10..2024-03-11")
    facts = dict(view.facts)
    facts["recall"] = replace(facts["recall"], state=State.WARNING)
    facts["brier_score"] = replace(facts["brier_score"], state=State.CRITICAL)
    assert [one.metric for one in replace(view, facts=facts).breaches()] == ["brier_score", "recall"]
    assert view.breaches() == ()
