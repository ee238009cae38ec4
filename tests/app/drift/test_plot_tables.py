from app.drift.plot_tables import distribution_table, series_table, where_table
from app.tables import csv_text
from core.drift.detail import SegmentShare, Where


def test_the_table_of_a_plot_holds_what_is_drawn(feature_view):
    cells = distribution_table(feature_view.distribution, name="m-x")
    assert cells.name == "m-x-distribution"
    assert cells.columns["current share"] == feature_view.distribution.current_share
    assert {len(column) for column in cells.columns.values()} == {11}
    windows = series_table(feature_view.series, name="m-x")
    assert windows.columns["PSI above chance"] == feature_view.series.excess
    assert csv_text(windows).count("\n") == 61


def test_segments_are_written_with_their_share_and_rows():
    one = SegmentShare(column="plan", value="=cmd", n=60, m=900, excess=0.4, low=0.2, high=0.6, share=1.0)
    text = csv_text(where_table(Where(segments=(one,), n_suppressed=0), name="m-x"))
    assert text.splitlines()[1] == "plan,'=cmd,1.0,0.4,0.2,0.6,60,900"
