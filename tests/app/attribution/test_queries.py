"""A selection is read by its words alone; what another model has no word for falls back to the first."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from core.store.database import Store


def page(home: str, column: str, metric: str) -> None:
    import streamlit as st

    from app.attribution import queries
    from app.views import Selection

    chosen = Selection(model="churn", version="v1", window="28d", reference="training", segment="plan=plus")
    view = queries.attribution(home, chosen, column=column, metric=metric)
    found = queries.shift(home, view.job, view.metric)
    st.json({"metric": view.metric, "column": view.column, "of_all": view.of_all, "stored": found is not None})


def test_a_selection_is_read_by_its_words_alone(fleet: Store) -> None:
    home = str(Path(fleet.home))
    for asked, metric in (("accuracy", "accuracy"), ("mae", "roc_auc"), ("", "roc_auc")):
        at = AppTest.from_function(page, args=(home, "", asked), default_timeout=60).run()
        assert not at.exception
        shown = at.json[0].value
        assert f'"metric": "{metric}"' in shown or f'"metric":"{metric}"' in shown
        assert "plan" in shown
