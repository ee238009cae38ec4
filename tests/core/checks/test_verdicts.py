import json
from datetime import date

import pytest

from core.checks.limits import load_limits
from core.checks.verdicts import Verdict, limit_shown, not_applicable, p_words, packed, short, unpacked
from core.states import State

VERDICT = Verdict(
    check="feature_drift", family="drift", segment={"origin": "JFK", "carrier": "EV"}, feature="temp",
    state=State.WARNING, raw_state=State.CRITICAL, value=0.2, limit=0.1, ci_low=0.1, ci_high=0.3, n=500,
    window_start=date(2024, 1, 1), window_end=date(2024, 1, 2), reason="why", detail="PSI 0.34", significant=True,
    adjusted_p=0.001, false_alarms_month=0.2, since=date(2023, 12, 30),
)  # fmt: skip


def test_the_document_has_exactly_the_fields_of_the_command_line():
    fields = "check family segment feature state raw_state value limit ci_low ci_high n window_start window_end reason"
    assert list(VERDICT.document()) == fields.split()
    assert VERDICT.document(start="7", end="9")["window_start"] == "7"
    assert VERDICT.document()["window_end"] == "2024-01-02"


def test_a_verdict_survives_json():
    assert unpacked(json.loads(json.dumps(packed(VERDICT)))) == VERDICT


def test_the_key_does_not_depend_on_the_order_of_the_segment():
    assert VERDICT.key == "feature_drift|temp|carrier=EV&origin=JFK"


def test_a_verdict_that_cannot_judge_has_no_value_and_a_reason():
    found = not_applicable(
        load_limits()["missing_share"],
        "fewer than 50 rows",
        n=7,
        window_start=date(2024, 1, 1),
        window_end=date(2024, 1, 2),
    )
    assert found.state is State.NOT_APPLICABLE
    assert found.value is None
    assert found.document()["reason"] == "fewer than 50 rows"


def test_the_limit_beside_a_value_is_the_one_that_decides():
    limit = load_limits()["feature_drift"]
    assert [limit_shown(limit, state) for state in (State.HEALTHY, State.WARNING, State.CRITICAL)] == [0.10, 0.10, 0.25]


@pytest.mark.parametrize(
    ("number", "digits", "text"),
    [
        (0.7123, 3, "0.712"),
        (-0.05, 2, "−0.05"),
        (0.0, 2, "0.00"),
        (-0.001, 2, "0.00"),
        (12.0, 1, "12.0"),
        (0.999, 2, "1.00"),
        (10.2, 2, "10.20"),
    ],
)
def test_numbers_are_written_as_on_screen(number, digits, text):
    assert short(number, digits=digits) == text


def test_p_values_are_written_in_words():
    assert [p_words(p) for p in (1e-9, 0.25, float("nan"))] == ["p < 0.001", "p = 0.250", "p unknown"]
