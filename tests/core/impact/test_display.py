from core.impact.display import value_series
from core.impact.service import impact_report
from core.selection import Every
from core.windows import Grain


def test_amounts_of_periods_stand_beside_what_they_leave_out(valued):
    report = impact_report(valued, model="loans", every=Every.DAY)
    series = value_series(report.periods, "net_value", Grain.DAY, "EUR")
    assert series.labels[-1] == "2024-04-02"
    assert (series.settled[-1], series.value[-1]) == (False, None)
    assert all(series.settled[:-1])
    assert len(series.value) == len(series.n) == len(series.coverage) == 14
