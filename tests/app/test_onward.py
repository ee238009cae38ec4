"""The ways on from a finding keep the model, the window and the filter."""

from streamlit.testing.v1 import AppTest

from app import navigation


def page():
    from app import onward
    from app.views import Selection

    chosen = Selection(model="churn", version="v1", window="7d", reference="training", segment="plan=max")
    onward.links(chosen, here="segments", where='[{"column":"age","to":30}]', feature="age")


def test_the_page_itself_is_left_out():
    at = AppTest.from_function(page).run()
    assert not at.exception
    assert "segments" not in [one.label for one in at.get("page_link")]


def test_every_way_leads_to_a_page_of_the_navigation():
    from app.onward import WAYS

    assert {url for url, *_ in WAYS} <= navigation.urls()
