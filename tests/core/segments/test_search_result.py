import json

from core.segments.filters import Condition, Filter
from core.segments.search_losses import LossKind
from core.segments.search_reference import Before, Standing
from core.segments.search_result import (
    FoundSegment,
    Later,
    NextWindow,
    Point,
    WorstSegments,
    from_document,
    not_searched,
)

WHERE = Filter(
    conditions=(
        Condition(column="income", low=10.0, high=20.0),
        Condition(column="plan", levels=("a", "b")),
    )
)
FOUND = FoundSegment(
    where=WHERE,
    n=120,
    mean=0.5,
    low=0.4,
    high=0.6,
    rest=0.2,
    harm=36.0,
    p=1e-9,
    adjusted_p=1e-7,
    shrunk=0.28,
    shrunk_low=0.2,
    shrunk_high=0.36,
    before=Before(standing=Standing.NEW, n=900, deficit=0.01),
    later=NextWindow(outcome=Later.HELD, n=110, mean=0.5, rest=0.2),
    n_shadows=3,
    history=(Point(start="2024-01-01", end="2024-01-08", n=0, mean=None, low=None, high=None, rest=None),),
)
RESULT = WorstSegments(
    window_start="2024-01-08",
    window_end="2024-01-15",
    loss=LossKind.ERROR,
    n_rows=1_000,
    n_labelled=900,
    n=900,
    mean=0.24,
    n_searched=400,
    n_significant=5,
    n_columns=6,
    n_paired=6,
    n_children=1,
    n_more=0,
    n_reference=5_000,
    sampled_from=0,
    next_start="2024-01-15",
    next_end="2024-01-22",
    segments=(FOUND,),
)


def test_a_result_survives_its_document():
    assert from_document(json.loads(json.dumps(RESULT.document()))) == RESULT


def test_a_segment_knows_its_deficit_and_whether_it_is_news():
    assert FOUND.deficit == 0.3
    assert FOUND.is_news
    assert RESULT.coverage == 0.9


def test_what_could_not_be_searched_says_why_and_has_no_number():
    found = not_searched(("a", "b"), LossKind.ERROR, n_rows=10, n_labelled=0, reason="no actuals are known yet")
    assert (found.mean, found.segments, found.n_searched, found.coverage) == (None, (), 0, 0.0)
    assert from_document(found.document()) == found
