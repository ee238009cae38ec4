"""The Segments page in words."""

from dataclasses import replace
from datetime import date

import pytest

from app.segments import findings
from app.segments.losses import LOSSES
from app.segments.views import SegmentsView, text_of
from core.segments.search_losses import LossKind, losses_of
from core.segments.search_reference import Before, Standing
from core.segments.search_result import Later, NextWindow, not_searched
from core.windows import Grain, Window
from tests.core.segments.test_search_result import FOUND, RESULT

KNOWN = replace(FOUND, before=Before(standing=Standing.KNOWN, n=900, deficit=0.3))


def view(worst=RESULT, loss=LossKind.ERROR, **changes):
    shown = {
        "model": "churn",
        "version": "v1",
        "rows": "customers",
        "grain": Grain.DAY,
        "window": Window(date(2024, 1, 8), date(2024, 1, 15)),
        "segment": "all",
        "losses": losses_of("binary", probability=True),
        "loss": loss,
        "n_rows": 1_000,
        "worst": worst,
        "columns": ("plan", "income"),
        "job": {},
        "provisional": False,
    }
    return SegmentsView(**(shown | changes))


def plain(text):
    return text.replace("\\", "")


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (LossKind.ERROR, "50.0 % decided wrongly, 20.0 % elsewhere, 120 customers"),
        (LossKind.MISSED_POSITIVES, "50.0 % of its positives missed, 20.0 % elsewhere, 120 customers"),
        (LossKind.LOG_LOSS, "2.5 × the usual log loss, 120 customers"),
        (LossKind.ABSOLUTE_ERROR, "2.5 × the usual absolute error, 120 customers"),
        (LossKind.EXCESS_LOG_LOSS, "excess log loss 0.500, 0.200 elsewhere, 120 customers"),
    ],
)
def test_the_title_is_the_first_news_with_its_size(loss, expected):
    found = plain(findings.title(view(replace(RESULT, loss=loss), loss)))
    assert found == f"10 < income ≤ 20 and plan is one of a, b: {expected}"


def test_without_news_the_title_says_that_it_is_as_in_training():
    found = findings.title(view(replace(RESULT, segments=(KNOWN,))))
    assert found == "No segment is worse than in training: 5 kinds of customers are weak, as there"


def test_where_the_reference_has_no_actuals_the_first_one_is_the_finding():
    unclear = replace(FOUND, before=Before(standing=Standing.UNCLEAR, n=0, deficit=None, reason="no actuals"))
    shown = view(replace(RESULT, segments=(unclear,), n_reference=0))
    assert "decided wrongly" in findings.title(shown)
    assert "no actuals" in plain(findings.sentence(shown))


def test_the_designed_states_say_how_many_were_searched_and_why_not():
    nothing = view(replace(RESULT, segments=(), n_significant=0))
    assert findings.title(nothing) == "No segment is worse than chance would show: 400 searched"
    few = not_searched(("a", "b"), LossKind.ERROR, n_rows=150, n_labelled=0, reason="no actuals are known yet")
    assert findings.title(view(few)) == "Too few actuals to search for weak segments"
    assert "No actuals are known yet" in findings.sentence(view(few))
    assert findings.title(view(None)) == "Where churn is worst"


def test_the_sentence_says_what_it_carries_whether_it_is_news_and_whether_it_held():
    found = plain(findings.sentence(view()))
    assert "It carries 27.8 % of all errors with 13.3 % of the rows that count." in found
    assert "In the reference it was no worse than the rest." in found
    assert "It held in the next window" in found
    early = replace(FOUND, later=NextWindow(outcome=Later.TOO_FEW, n=0, reason="no actuals"))
    assert "cannot tell yet" in findings.sentence(view(replace(RESULT, segments=(early,))))


def test_what_was_searched_and_left_out_is_said():
    found = plain(findings.searched(view()))
    assert "400 segments of 6 columns searched, 5 worse than chance would show" in found
    assert "4 of them only repeat a segment of the list" in found
    assert "90.0 % of the rows have their actual" in found


def test_the_plot_says_now_and_before():
    history = tuple(
        replace(FOUND.history[0], start=f"2024-01-0{day}", mean=mean) for day, mean in ((1, 0.2), (2, 0.3), (8, 0.5))
    )
    one = replace(FOUND, history=history)
    found = findings.over_windows(one, LossKind.ERROR, searched="2024-01-08")
    assert found == "Error rate 50.0 % in this window; 20.0 % to 30.0 % in the 2 windows before"
    assert "no earlier window" in findings.over_windows(FOUND, LossKind.ERROR, searched="2024-01-01")


def test_every_loss_is_spoken_of():
    assert set(LOSSES) == set(LossKind)
    assert LOSSES[LossKind.ERROR].plus(0.12) == "+12.0 points"
    assert LOSSES[LossKind.LOG_LOSS].plus(-0.12) == "−0.120"
    assert text_of(FOUND).startswith('[{"column":"income"')
