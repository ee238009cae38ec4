from app.calibration import draw
from app.tables import csv_text
from core.states import State
from tests.app.calibration.made_up import CURVE, made_up_view, measured, series


def test_the_tiles_hold_error_slope_intercept_and_brier_score():
    shown = draw.headline(made_up_view(state=State.WARNING))
    assert [tile.label for tile in shown] == ["calibration error", "slope", "intercept", "Brier score"]
    assert shown[0].value == "0.034"
    assert shown[0].state is State.WARNING
    assert "limit 0.02" in shown[0].note_more


def test_what_could_not_be_fitted_is_said_and_never_a_number():
    figures = dict(made_up_view().figures)
    figures["calibration_slope"] = measured(None, "fewer than 5 rows of a class")
    slope = draw.headline(made_up_view(figures=figures))[1]
    assert slope.value == "–"
    assert "fewer than 5" in slope.help


def test_every_plot_has_the_table_of_its_numbers():
    table = draw.groups_table(CURVE, name="reliability")
    assert len(csv_text(table).splitlines()) == 1 + len(CURVE.n)
    assert "0.41" in csv_text(table)
    over_time = csv_text(draw.series_table(series()))
    assert over_time.splitlines()[1].startswith("2024-03-01,0.03")
    assert over_time.splitlines()[4].endswith("False")
