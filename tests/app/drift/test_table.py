"""The table of features, and the selected one."""

from dataclasses import replace

from streamlit.testing.v1 import AppTest

from core.states import State


def script(view, feature_view):
    from app import tiles
    from app.drift import detail, table
    from app.drift import tiles as drift_tiles

    tiles.row(drift_tiles.drift(view), key="drift.tiles")
    row = table.draw(view)
    detail.draw(view, feature_view)
    import streamlit as st

    st.session_state["picked"] = row.feature


def shown(at: AppTest) -> list[str]:
    return list(at.dataframe[0].value["feature"])


def test_eight_rows_are_shown_and_a_switch_shows_all(drift_view, feature_view):
    at = AppTest.from_function(script, args=(drift_view, feature_view)).run()
    assert not at.exception
    assert len(shown(at)) == 8
    at.toggle(key="drift.all").set_value(True).run()
    assert len(shown(at)) == 12
    assert at.session_state["picked"] == "wind_speed"


def test_the_first_row_is_selected_and_stands_in_the_url(drift_view, feature_view):
    at = AppTest.from_function(script, args=(drift_view, feature_view)).run()
    assert at.query_params["feature"] == "wind_speed"


def test_a_link_to_a_feature_far_down_shows_and_selects_it(drift_view, feature_view):
    at = AppTest.from_function(script, args=(drift_view, feature_view))
    at.query_params["feature"] = "precip"
    at.run()
    assert not at.exception
    assert at.session_state["picked"] == "precip"
    assert len(shown(at)) == 12


def test_a_feature_of_another_model_in_the_url_falls_to_the_first(drift_view, feature_view):
    at = AppTest.from_function(script, args=(drift_view, feature_view))
    at.query_params["feature"] = "income"
    at.run()
    assert at.session_state["picked"] == "wind_speed"


def test_without_importance_there_is_no_impact_column(drift_view, feature_view):
    rows = tuple(replace(row, importance=None, impact=None) for row in drift_view.rows)
    at = AppTest.from_function(script, args=(replace(drift_view, rows=rows), feature_view)).run()
    assert not at.exception
    assert not at.markdown[0].value.startswith("Traceback")
    order = at.dataframe[0].proto.column_order
    assert "impact" not in order
    assert "psi" in order


def test_a_feature_that_cannot_be_judged_says_why(drift_view, feature_view):
    at = AppTest.from_function(script, args=(drift_view, feature_view))
    at.query_params["feature"] = "precip"
    at.run()
    notes = dict(zip(at.dataframe[0].value["feature"], at.dataframe[0].value["note"], strict=True))
    assert notes["precip"] == "n = 12 rows, at least 50 are needed"
    assert notes["temp"] == "vs 28 days before"


def test_the_number_is_explained_with_window_rows_and_data_version(drift_view, feature_view):
    at = AppTest.from_function(script, args=(drift_view, feature_view)).run()
    at.button(key="drift.explain").click().run()
    assert not at.exception
    text = " ".join(str(table.value.to_string()) for table in at.table).replace("\\", "")
    assert "n = 972, m = 80,789" in text
    assert "9f3a12c4" in text


def test_the_colour_is_explained_with_limits_and_the_last_windows(drift_view, feature_view):
    at = AppTest.from_function(script, args=(drift_view, feature_view)).run()
    at.button(key="drift.why").click().run()
    assert not at.exception
    text = " ".join(str(table.value.to_string()) for table in at.table).replace("\\", "")
    assert "below 0.001" in text
    assert any("critical at once" in shown_text.value for shown_text in at.markdown)
    assert "29 Dec" in text


def test_a_feature_without_windows_or_shares_has_designed_gaps(drift_view, feature_view):
    bare = replace(feature_view, distribution=None, series=None, standings=(), phi=None)
    at = AppTest.from_function(script, args=(drift_view, bare)).run()
    assert not at.exception
    assert any("No distribution" in shown_text.value for shown_text in at.markdown)


def test_a_score_without_a_verdict_is_no_data(drift_view, feature_view):
    silent = replace(drift_view.score, state=State.NOT_APPLICABLE, psi=None, reason="n = 3")
    at = AppTest.from_function(script, args=(replace(drift_view, score=silent), feature_view)).run()
    tile = next(tile for tile in at.metric if tile.label.startswith("prediction drift"))
    assert tile.value == "–"
    assert "n \\= 3" in tile.help
