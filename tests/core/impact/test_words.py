from dataclasses import replace
from datetime import date

from core.impact.periods import Period
from core.impact.words import BASELINES, told
from core.log.document import ValueDocument
from core.windows import Window

VALUE = ValueDocument(kind="confusion", tp=1, currency="USD", source="assumed")
PERIOD = Period(
    window=Window(date(2024, 3, 1), date(2024, 4, 1)),
    impact=None,
    n_units=31,
    n_left_out=0,
    why_left_out="",
    provisional=False,
    provenance_id="p",
)


def test_source_baseline_and_coverage_are_always_told():
    assert told(VALUE, PERIOD, coverage=0.974) == (
        "assumed values in USD, baseline all_negative (deciding against every one); "
        "over the 97.4 % of rows whose actual is known and settled"
    )


def test_units_left_out_and_what_is_known_so_far_are_told():
    left = replace(PERIOD, n_left_out=2, why_left_out="labels still arriving")
    assert told(VALUE, left, coverage=0.9).endswith("2 of 31 units left out: labels still arriving")
    assert "so far: labels" in told(VALUE, replace(left, provisional=True), coverage=0.9)


def test_every_named_baseline_has_its_words():
    assert set(BASELINES) == {"all_negative", "all_positive", "reference_median"}
