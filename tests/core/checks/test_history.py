import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.checks.history import QUIET, VerdictMemory, advance, with_history
from core.checks.limits import Persistence, load_limits
from core.checks.verdicts import Verdict
from core.states import State

H, W, C, N = State.HEALTHY, State.WARNING, State.CRITICAL, State.NOT_APPLICABLE
AT_ONCE = Persistence(needed=2, of=3, critical_at_once=True)
PATIENT = Persistence(needed=2, of=3, critical_at_once=False)
LETTERS = {"h": H, "w": W, "c": C, "n": N}


def played(raws, rule=AT_ONCE):
    memory, states = QUIET, ""
    for place, letter in enumerate(raws):
        memory, state = advance(memory, LETTERS[letter], rule=rule, day=date(2024, 1, 1) + timedelta(days=place))
        states += state.value[0]
    return states, memory


@pytest.mark.parametrize(
    ("raws", "states"),
    [
        ("whhh", "hhhh"),  # one warning is none
        ("wwhhh", "hwwwh"),  # 2 of 3 open, 3 quiet windows close
        ("whwhhh", "hhwwwh"),
        ("whhwhh", "hhhhhh"),  # 2 of 4 are not enough
        ("chhh", "ccch"),  # critical at once
        ("cwwwhhh", "cccwwwh"),  # the level falls when the last three hold no critical window
        ("wnw", "hnw"),  # not applicable neither counts nor resets
        ("wwnnnhhh", "hwwwwwwh"),  # an open breach stays open without data
        ("nn", "nn"),  # no data is never green
        ("hnh", "hnh"),
        ("wwhhwhhh", "hwwwwwwh"),  # a new warning begins the count of quiet windows again
    ],
)
def test_states_follow_the_raw_verdicts(raws, states):
    assert played(raws)[0] == states


@pytest.mark.parametrize(
    ("raws", "states"), [("ch", "hh"), ("cc", "hc"), ("cw", "hw"), ("chc", "hhc"), ("cchhh", "hccch")]
)
def test_a_patient_check_needs_two_critical_windows(raws, states):
    assert played(raws, PATIENT)[0] == states


def test_a_breach_knows_its_first_window():
    assert played("hhwhw")[1].since == date(2024, 1, 3)
    assert played("hhwhwhhh")[1].since is None


@given(st.text("hwcn", max_size=30))
def test_a_memory_survives_json(raws):
    memory = played(raws)[1]
    assert VerdictMemory.from_document(json.loads(json.dumps(memory.document()))) == memory


@given(st.text("hwcn", max_size=30))
def test_after_three_quiet_windows_nothing_is_remembered(raws):
    assert played(raws + "hhh")[1] == QUIET


@given(st.text("hwc", max_size=20), st.integers(0, 20))
def test_a_window_without_data_changes_no_later_state(raws, place):
    place = min(place, len(raws))
    with_gap = played(raws[:place] + "n" + raws[place:])[0]
    assert with_gap[:place] + with_gap[place + 1 :] == played(raws)[0]


VERDICT = Verdict(
    check="feature_drift",
    family="drift",
    feature="temp",
    state=W,
    raw_state=W,
    value=0.2,
    limit=0.1,
    n=500,
    window_start=date(2024, 1, 1),
    window_end=date(2024, 1, 2),
    reason="PSI excess .20",
)


def test_verdicts_get_their_states_and_only_restless_series_are_remembered():
    limits = load_limits()
    quiet = replace(VERDICT, feature="wind", state=H, raw_state=H, reason="")
    first, memories = with_history([VERDICT, quiet], {}, limits)
    assert [one.state for one in first] == [H, H]
    assert first[0].reason == "PSI excess .20; not yet in enough windows"
    assert set(memories) == {VERDICT.key}
    later = replace(VERDICT, window_start=date(2024, 1, 2), window_end=date(2024, 1, 3))
    second, memories = with_history([later], memories, limits)
    assert second[0].state is W
    assert second[0].since == date(2024, 1, 1)
    gone = replace(later, state=N, raw_state=N, value=None, reason="fewer than 50 rows")
    third, _ = with_history([gone], memories, limits)
    assert third[0].state is W
    assert third[0].reason == "still open since 2024-01-01; this window: fewer than 50 rows"
    healthy = replace(later, state=H, raw_state=H, reason="")
    fourth, _ = with_history([healthy], memories, limits)
    assert fourth[0].state is W
    assert fourth[0].reason.startswith("open since 2024-01-01: closes after 3 windows")


def test_a_check_of_one_window_forgets_the_window_before():
    fact = Persistence(needed=1, of=1, critical_at_once=True)
    memory, state = advance(QUIET, State.CRITICAL, rule=fact, day=date(2024, 3, 1))
    assert (state, memory.since) == (State.CRITICAL, date(2024, 3, 1))
    assert advance(memory, State.NOT_APPLICABLE, rule=fact) == (QUIET, State.NOT_APPLICABLE)
    assert advance(memory, State.HEALTHY, rule=fact) == (QUIET, State.HEALTHY)
    again, _ = advance(memory, State.WARNING, rule=fact, day=date(2024, 3, 2))
    assert again.since == date(2024, 3, 1)
