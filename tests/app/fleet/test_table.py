"""The fleet as a table."""

from dataclasses import replace
from datetime import date

from streamlit.testing.v1 import AppTest

from app.fleet import table
from app.fleet.views import FamilyState
from core.states import State
from core.windows import Grain


def script(view):
    from app import tiles
    from app.fleet import table
    from app.fleet import tiles as fleet_tiles

    tiles.row(fleet_tiles.fleet(view), key="fleet.tiles")
    table.draw(view)


def test_the_table_shows_the_families_that_exist_and_no_others(fleet_view):
    at = AppTest.from_function(script, args=(fleet_view,)).run()
    assert not at.exception
    shown = at.dataframe[0].value
    assert [name for name in shown.columns if name in ("service", "data", "drift", "perf")] == ["data", "drift", "perf"]
    assert shown["drift"][0] == "▲"
    assert shown["perf"][0] == "◌"


def test_the_trend_is_the_difference_to_the_rows_own_mean(fleet_view):
    at = AppTest.from_function(script, args=(fleet_view,)).run()
    assert abs(sum(at.dataframe[0].value["trend"][0])) < 1e-9


def test_a_model_without_actuals_says_why_instead_of_a_number(fleet_view):
    row = replace(
        fleet_view.rows[0],
        value=None,
        low=None,
        high=None,
        days=(None,) * 30,
        value_reason="no actuals yet",
        actuals_until=None,
    )
    at = AppTest.from_function(script, args=(replace(fleet_view, rows=(row,)),)).run()
    assert not at.exception
    assert at.dataframe[0].value["interval"][0] == "no actuals yet"
    assert at.dataframe[0].value["actuals"][0] == "none"


def test_a_model_that_was_never_judged_gives_its_reason_once(fleet_view):
    row = replace(
        fleet_view.rows[0], value=None, value_reason="not applicable: no version", volume=(), why="no version yet"
    )
    at = AppTest.from_function(script, args=(replace(fleet_view, rows=(row,)),)).run()
    assert not at.exception
    assert at.dataframe[0].value["interval"][0] == ""
    assert at.dataframe[0].value["why"][0] == "no version yet"


def test_tiles_count_states_and_no_data_is_not_healthy(fleet_view):
    silent = replace(fleet_view.rows[0], state=State.NOT_APPLICABLE)
    at = AppTest.from_function(script, args=(replace(fleet_view, rows=(silent, silent)),)).run()
    counted = {tile.label.split("[")[-1].rstrip("]"): tile.value for tile in at.metric}
    assert counted["● healthy"] == "0"
    assert counted["◌ no data"] == "2"
    assert counted["predictions, last day"] == "972"


def test_a_family_column_appears_with_its_first_state(fleet_view):
    row = replace(fleet_view.rows[0], families=(FamilyState(family="service", state=State.HEALTHY),))
    at = AppTest.from_function(script, args=(replace(fleet_view, rows=(row,)),)).run()
    assert "service" in at.dataframe[0].value.columns
    assert "drift" not in at.dataframe[0].value.columns


def test_a_link_to_a_finding_selects_what_it_was_found_in(fleet_view):
    row = fleet_view.rows[0]
    assert table.link(row, "drift", row.cause) == {
        "model": "flight-delay",
        "version": "v1",
        "window": "1d",
        "reference": "training",
        "segment": "all",
        "feature": "wind_speed",
    }
    assert "feature" not in table.link(row, "fairness", "sex")
    monthly = table.link(replace(row, grain=Grain.MONTH), "drift", "")
    assert monthly["window"] == "1m"
    assert "feature" not in monthly


def test_the_last_actuals_are_told_in_the_calendar_of_the_model(fleet_view):
    rows = tuple(
        replace(fleet_view.rows[0], grain=grain, actuals_until=until)
        for grain, until in (
            (Grain.BATCH, date(1970, 2, 10)),
            (Grain.YEAR, date(2018, 1, 1)),
            (Grain.DAY, date(2013, 12, 3)),
        )
    )
    at = AppTest.from_function(script, args=(replace(fleet_view, rows=rows),)).run()
    assert list(at.dataframe[0].value["actuals"]) == ["slice 40", "2018", "3 Dec"]


def test_a_model_milder_than_its_drift_has_the_rule_told_below_the_table(fleet_view):
    row = fleet_view.rows[0]
    drifted = tuple(replace(one, state=State.CRITICAL) if one.family == "drift" else one for one in row.families)
    assert "a warning at most" in table.legend(
        replace(fleet_view, rows=(replace(row, state=State.WARNING, families=drifted),))
    )
    assert "a warning at most" not in table.legend(
        replace(fleet_view, rows=(replace(row, state=State.CRITICAL, families=drifted),))
    )
