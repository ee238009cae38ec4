"""What to look at, below the fleet."""

from dataclasses import replace

from streamlit.testing.v1 import AppTest

from app.fleet.views import FamilyState
from core.states import State


def script(view):
    import streamlit as st

    from app import navigation
    from app.fleet import attention

    def body():
        attention.draw(view)

    st.navigation([st.Page(body, title="fleet"), *navigation.pages("Engineering")["Engineering"][1:]]).run()


def shown(view) -> list[str]:
    at = AppTest.from_function(script, args=(view,), default_timeout=30).run()
    assert not at.exception
    return [one.value for one in (*at.markdown, *at.caption)]


def test_a_breach_is_told_in_a_sentence_and_what_was_not_judged_in_a_line(fleet_view):
    families = (
        FamilyState(family="quality", state=State.CRITICAL, reason="temp holds no values on 9 Nov", cause="temp"),
        FamilyState(family="drift", state=State.HEALTHY),
        FamilyState(family="performance", state=State.NOT_APPLICABLE, reason="labels still arriving"),
    )
    told = shown(replace(fleet_view, rows=(replace(fleet_view.rows[0], families=families),)))
    assert told == [
        "**What to look at**",
        ":red-badge[■ critical]",
        ":gray[data]",
        "temp holds no values on 9 Nov\\.",
        "◌ not judged: performance \\(labels still arriving\\)",
    ]


def test_of_several_models_each_is_named_and_the_list_ends(fleet_view):
    row = fleet_view.rows[0]
    rows = tuple(replace(row, model=f"m{number}") for number in range(7))
    told = shown(replace(fleet_view, rows=rows))
    assert [text for text in told if text.startswith("**m")] == [f"**m{number}**" for number in range(5)]


def test_a_healthy_fleet_has_no_list(fleet_view):
    assert shown(replace(fleet_view, rows=(replace(fleet_view.rows[0], state=State.HEALTHY),))) == []
