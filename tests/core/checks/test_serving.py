from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from core.checks.evidence import Evidence, Outline
from core.checks.limits import load_limits
from core.checks.serving import FINDINGS, prepare, verdicts
from core.performance.maturity import Maturity
from core.profile.flags import latency_places
from core.profile.records import REFERENCE_ROLE
from core.states import State
from core.store.models import model_by_name, version_by_id
from core.store.profiles import summaries
from core.store.series import live_units, load_history
from core.windows import Window
from tests.value_fleet import FAILING_DAY, SERVED_START, SLOW_FROM

MATURE = Maturity(mature=True, coverage=1.0, reason="")


def evidence_of(store, model, overrides=None):
    with store.read() as session:
        version = version_by_id(session, model_by_name(session, model).champion_id)
        history = load_history(session, version)
        outline = Outline(
            schema=history.schema,
            limits=load_limits(overrides),
            binning_id=version.binning_id,
            reference=summaries(session, version_id=version.id, binning_id=version.binning_id, roles=(REFERENCE_ROLE,)),
            log=live_units(session, version),
        )
    return Evidence(
        outline=outline, layout=history.layout, reference=history.reference, log=history.log, dated=history.dated
    )


def judged(evidence, row):
    day = evidence.log.days[row]
    found = verdicts(prepare(evidence), row, Window(day, day + timedelta(days=1)), MATURE)
    return {one.check: one for one in found}


def with_latency(evidence, draw):
    """Return the evidence with other latencies: `draw(day)` gives those of a day."""
    block = evidence.layout.ints["latency"]
    ints = evidence.log.ints.copy()
    for row in range(len(ints)):
        ints[row, block.start : block.stop] = latency_places(draw(row))
    return replace(evidence, log=replace(evidence.log, ints=ints))


def test_a_day_on_which_many_requests_fail_is_critical_and_the_others_are_not(valued):
    evidence = evidence_of(valued, "loans")
    assert evidence.log.days[FAILING_DAY] == SERVED_START + timedelta(days=FAILING_DAY)
    bad = judged(evidence, FAILING_DAY)["error_rate"]
    assert (bad.raw_state, bad.family) == (State.CRITICAL, "service")
    assert bad.ci_low > 0.05
    assert "requests in error" in bad.reason
    for row in (0, FAILING_DAY - 1, FAILING_DAY + 1, 61):
        assert judged(evidence, row)["error_rate"].raw_state is State.HEALTHY


def test_few_requests_are_healthy_and_not_enough_evidence(valued):
    one = judged(evidence_of(valued, "loans"), 5)["error_rate"]
    assert one.inconclusive
    assert "not enough evidence" in one.reason


def test_expected_false_alarms_of_errors_rest_on_the_units_before(valued):
    evidence = evidence_of(valued, "loans")
    assert judged(evidence, 0)["error_rate"].false_alarms_month is None
    assert 0 <= judged(evidence, 30)["error_rate"].false_alarms_month < 1


def test_a_latency_twice_as_long_is_critical_and_noise_from_day_to_day_is_not(valued):
    rng = np.random.default_rng(3)
    level = np.exp(rng.normal(0, 0.03, 62))
    evidence = evidence_of(valued, "loans")
    shifted = with_latency(
        evidence, lambda row: rng.lognormal(np.log(80 * level[row] * (2 if row >= SLOW_FROM else 1)), 0.3, 800)
    )
    slow = judged(shifted, SLOW_FROM)["latency_p95_change"]
    assert slow.raw_state is State.CRITICAL
    assert slow.value == pytest.approx(1.0, abs=0.25)
    assert "the 28 units before" in slow.reason
    assert all(judged(shifted, row)["latency_p95_change"].raw_state is State.HEALTHY for row in range(30, SLOW_FROM))


def test_without_change_the_latency_check_hardly_ever_alarms(valued):
    rng = np.random.default_rng(5)
    alarms = 0
    evidence = evidence_of(valued, "loans")
    for _ in range(10):
        level = np.exp(rng.normal(0, 0.15, 62))
        quiet = with_latency(evidence, lambda row, level=level: rng.lognormal(np.log(80 * level[row]), 0.4, 300))
        prepared = prepare(quiet)
        for row in range(30, 62):
            window = Window(quiet.log.days[row], quiet.log.days[row] + timedelta(days=1))
            found = {one.check: one for one in verdicts(prepared, row, window, MATURE)}
            alarms += found["latency_p95_change"].raw_state in (State.WARNING, State.CRITICAL)
    assert alarms <= 0.02 * 10 * 32


def test_the_first_days_and_few_requests_are_not_judged(valued):
    evidence = evidence_of(valued, "loans")
    assert "fewer than 100 requests" in judged(evidence, 40)["latency_p95_change"].reason
    many = with_latency(evidence, lambda row: np.full(300, 80.0 + row))
    early = judged(many, 1)["latency_p95_change"]
    assert (early.raw_state, "fewer than" in early.reason) == (State.NOT_APPLICABLE, True)


def test_declared_limits_are_compared_with_the_whole_interval(valued):
    limits = {"latency_p50": {"warning": 50, "critical": 500}, "latency_p99": 400}
    evidence = with_latency(evidence_of(valued, "loans", limits), lambda row: np.full(2_000, 80.0))
    found = judged(evidence, 20)
    assert (found["latency_p50"].raw_state, found["latency_p50"].limit) == (State.WARNING, 50)
    assert found["latency_p99"].raw_state is State.HEALTHY
    assert "limit 50.0 ms" in found["latency_p50"].detail


def test_a_log_without_errors_and_latency_is_not_applicable(valued):
    found = judged(evidence_of(valued, "sales"), 3)
    assert {code: one.reason for code, one in found.items()} == {
        "error_rate": "errors are not logged",
        "latency_p95_change": "latency is not logged",
    }
    assert {one.raw_state for one in found.values()} == {State.NOT_APPLICABLE}


def test_every_service_check_has_its_finding():
    assert set(FINDINGS) == {code for code, limit in load_limits().checks.items() if limit.family == "service"}


def test_a_rate_of_a_field_that_is_mostly_empty_is_not_judged(valued):
    evidence = evidence_of(valued, "loans")
    block = evidence.layout.ints["totals"]
    ints = evidence.log.ints.copy()
    ints[:, block.start + 4 : block.start + 6] = (3, 40)
    ints[:, block.start] = 1000
    mostly_empty = replace(evidence, log=replace(evidence.log, ints=ints, days=evidence.log.days))
    assert "empty in 96.0 % of the rows" in judged(mostly_empty, 4)["error_rate"].reason
    assert judged(mostly_empty, 4)["error_rate"].raw_state is State.NOT_APPLICABLE
