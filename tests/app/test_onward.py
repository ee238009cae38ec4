"""The ways on from a finding keep the model, the window and the filter."""

from streamlit.testing.v1 import AppTest

from app import navigation


def page():
    import streamlit as st

    from app import navigation, onward
    from app.views import Selection

    st.navigation(navigation.pages("Engineering"), position="hidden")
    chosen = Selection(model="churn", version="v1", window="7d", reference="training", segment="plan=max")
    onward.links(chosen, here="segments", where='[{"column":"age","to":30}]', feature="age")


def test_the_page_itself_is_left_out():
    at = AppTest.from_function(page).run()
    assert not at.exception
    labels = [one.proto.label for one in at.get("page_link")]
    assert labels[0] == "Why → Explain"
    assert not any("Segments" in label for label in labels)


def test_every_way_leads_to_a_page_of_the_navigation():
    from app.onward import WAYS

    assert {url for url, *_ in WAYS} <= navigation.urls()


def test_with_a_filter_a_way_leads_to_the_rows_behind_it():
    at = AppTest.from_function(page).run()
    rows = next(one for one in at.get("page_link") if one.proto.label == "Which rows → Explain")
    assert "part=row" in rows.proto.query_string
    assert "where=" in rows.proto.query_string
