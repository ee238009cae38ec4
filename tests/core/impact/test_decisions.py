from core.impact.decisions import decisions_of
from core.selection import MetricQuery
from core.store.series import load_series


def series_of(store, model):
    with store.read() as session:
        return load_series(session, MetricQuery(model=model), store.clock.now())


def test_a_binary_model_counts_its_positive_decisions_of_all_decided_rows(valued):
    series = series_of(valued, "loans")
    made, rate = decisions_of(series.layout, series.current.ints)
    assert made.value.shape == (len(series.current.days),)
    assert (made.value <= rate.n).all()
    assert (rate.low < rate.value).all()
    assert (rate.value < rate.high).all()


def test_other_tasks_count_the_rows_that_got_an_answer(valued):
    for model in ("sales", "tickets"):
        series = series_of(valued, model)
        made, rate = decisions_of(series.layout, series.current.ints)
        assert (made.value == 60).all()
        assert (rate.value == 1).all()


def test_segments_add_up_to_the_whole(valued):
    series = series_of(valued, "loans")
    whole = decisions_of(series.layout, series.current.ints)[0].value
    parts = decisions_of(series.layout, series.current.ints, by_segment=True)[0]
    assert (sum(parts.value[:, place] for place in range(2)) == whole).all()


def test_a_window_without_rows_has_no_decisions_and_says_so(valued):
    series = series_of(valued, "loans")
    made, rate = decisions_of(series.layout, series.current.ints[:0].sum(axis=0))
    assert str(made.reason) == str(rate.reason) == "not applicable: no predictions in this window"
