from pathlib import Path

from streamlit.testing.v1 import AppTest

from core.store.database import Store


def page(home: str, window: str, segment: str) -> None:
    import streamlit as st

    from app.calibration import queries

    chosen = {"model": "churn", "version": "v1", "window": window, "reference": "training", "segment": segment}
    view = queries.calibration(home, **chosen)
    st.json({"n": view.n, "state": view.state.value, "figure": view.figures["ece"].value})


def test_a_selection_is_read_by_its_words_alone(fleet: Store) -> None:
    home = str(Path(fleet.home))
    for window, segment in (("28d", "all"), ("2024-03-08..2024-03-15", "plan=plus")):
        at = AppTest.from_function(page, args=(home, window, segment), default_timeout=60).run()
        assert not at.exception
        assert '"figure"' in at.json[0].value
