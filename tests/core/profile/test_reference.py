from datetime import date

import pyarrow as pa

from core.profile.records import UNDATED
from core.profile.reference import by_day


def test_rows_are_cut_by_their_day_in_order():
    days = pa.array([date(2013, 1, 2), None, date(2013, 1, 1), date(2013, 1, 2)])
    parts = by_day(pa.table({"day": days, "score": [0.1, 0.2, 0.3, 0.4]}))
    assert [day for day, _ in parts] == [UNDATED, date(2013, 1, 1), date(2013, 1, 2)]
    assert [sorted(part["score"].to_pylist()) for _, part in parts] == [[0.2], [0.3], [0.1, 0.4]]


def test_rows_without_days_are_one_unit():
    rows = pa.table({"day": pa.nulls(3, pa.date32()), "score": [0.1, 0.2, 0.3]})
    assert [(day, part.num_rows) for day, part in by_day(rows)] == [(UNDATED, 3)]
    assert [(day, part.num_rows) for day, part in by_day(rows.drop_columns(["day"]))] == [(UNDATED, 3)]


def test_coded_text_survives_the_cut():
    days = pa.array([date(2013, 1, 2), date(2013, 1, 1)])
    chunks = pa.chunked_array([pa.array(["a"]).dictionary_encode(), pa.array(["b"]).dictionary_encode()])
    parts = by_day(pa.table({"day": days, "f_0001": chunks}))
    assert [part["f_0001"].to_pylist() for _, part in parts] == [["b"], ["a"]]
