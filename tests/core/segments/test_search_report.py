import pytest

from core.segments.filters import words
from core.segments.search_losses import LossKind
from core.segments.search_report import search_report
from core.segments.search_result import from_document
from core.segments.search_rows import RowSource
from tests.core.segments.test_search_rows import source  # noqa: F401 - a fixture
from tests.weak_fleet import UNKNOWN, WEEK


@pytest.fixture
def made(source):  # noqa: F811
    said = []
    found = search_report(
        RowSource(**source), WEEK, LossKind.ERROR, n_rows=1_050, say=lambda share, _: said.append(share)
    )
    assert said == sorted(said)
    return found


def test_the_report_holds_the_segments_the_heat_maps_and_what_was_searched(made):
    result = made.result
    assert words(result.segments[0].where).startswith("plan = plus and age > 5")
    assert (result.n_columns, result.n_paired, result.n_reference, result.sampled_from) == (3, 3, 6_000, 0)
    assert (result.window_start, result.next_start) == (str(WEEK.start), str(WEEK.end))
    assert made.table.num_rows > 30


def test_its_document_gives_the_result_back(made):
    document = made.document()
    assert from_document(document["result"]) == made.result
    assert list(document["levels"]) == document["columns"] == ["plan", "income", "age"]


def test_a_window_that_cannot_be_searched_has_a_reason_and_no_table(source):  # noqa: F811
    found = search_report(RowSource(**source), UNKNOWN, LossKind.ERROR, n_rows=150, say=lambda *_: None)
    assert found.table is None
    assert found.result.reason == "no actuals are known yet"
