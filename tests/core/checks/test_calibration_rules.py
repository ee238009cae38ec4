from datetime import date

import numpy as np
import pytest
from scipy import special

from core.calibration.calibration import essentials
from core.calibration.drift import calibration_change
from core.calibration.recalibration import Line
from core.calibration.score_bins import score_bins
from core.checks.calibration_rules import JudgedCalibration, calibration_verdicts, direction, false_alarms
from core.checks.limits import load_limits
from core.performance.maturity import Maturity
from core.states import State
from core.windows import Window
from tests.core.calibration.made_up import counted

WINDOW = Window(date(2024, 3, 1), date(2024, 3, 2))
MATURE = Maturity(mature=True, coverage=1.0, reason="")
LIMITS = load_limits()


def judged(rng, *, intercept=0.0, slope=1.0, n=3_000, phi=1.0, segment=None):
    p = rng.beta(2, 3, n)
    y = (rng.random(n) < special.expit(intercept + slope * special.logit(p))).astype(int)
    q = rng.beta(2, 3, 20_000)
    reference = score_bins(counted((rng.random(20_000) < q).astype(int), q))
    bins = score_bins(counted(y, p))
    return JudgedCalibration(
        segment=segment or {},
        calibration=essentials(bins),
        change=calibration_change(reference, bins),
        phi=phi,
        maturity=MATURE,
    )


@pytest.mark.parametrize(
    ("intercept", "slope", "n", "state"),
    [
        (0.0, 1.0, 3_000, State.HEALTHY),
        (0.05, 1.0, 100_000, State.HEALTHY),
        (0.18, 1.0, 20_000, State.WARNING),
        (0.6, 1.0, 3_000, State.CRITICAL),
        (0.0, 0.4, 3_000, State.CRITICAL),
    ],
)
def test_error_and_line_must_both_be_off(intercept, slope, n, state):
    one = judged(np.random.default_rng(5), intercept=intercept, slope=slope, n=n)
    assert calibration_verdicts([one], WINDOW, LIMITS)[0].raw_state is state


def test_what_the_reference_bears_from_day_to_day_is_no_alarm():
    loud, borne = (judged(np.random.default_rng(5), intercept=0.3, n=1_000, phi=phi) for phi in (1.0, 20.0))
    assert calibration_verdicts([loud], WINDOW, LIMITS)[0].raw_state is not State.HEALTHY
    quiet = calibration_verdicts([borne], WINDOW, LIMITS)[0]
    assert quiet.raw_state is State.HEALTHY
    assert "20.0 times as much as chance" in quiet.reason


def test_drift_is_a_shift_in_multiples_of_its_floors():
    one = judged(np.random.default_rng(6), intercept=0.5)
    verdict = calibration_verdicts([one], WINDOW, LIMITS)[1]
    assert verdict.raw_state is State.WARNING
    assert verdict.value == pytest.approx(abs(float(one.change.intercept)) / 0.2)
    assert "→" in verdict.detail


def test_p_values_are_adjusted_over_the_segments():
    rng = np.random.default_rng(7)
    weak = judged(rng, intercept=0.14, n=1_500)
    calm = [judged(rng, n=500, segment={"plan": str(place)}) for place in range(20)]
    alone = calibration_verdicts([weak], WINDOW, LIMITS)[0].adjusted_p
    together = calibration_verdicts([weak, *calm], WINDOW, LIMITS)[0].adjusted_p
    assert together > alone


def test_fewer_than_thirty_rows_are_not_judged():
    one = judged(np.random.default_rng(8), n=29)
    assert "fewer than 30" in calibration_verdicts([one], WINDOW, LIMITS)[0].reason


def test_without_a_change_single_windows_are_rarely_called_miscalibrated():
    rng = np.random.default_rng(9)
    alarms = 0
    for _ in range(60):
        alarms += calibration_verdicts([judged(rng, n=400)], WINDOW, LIMITS)[0].raw_state is not State.HEALTHY
    assert alarms <= 3
    assert false_alarms(LIMITS.rules) == pytest.approx(0.006)


def test_the_direction_is_named():
    def line(a, b):
        one = np.asarray(0.1)
        return Line(
            intercept=np.asarray(a), slope=np.asarray(b), intercept_error=one, slope_error=one, log_likelihood=one
        )

    assert direction(line(0.4, 1.0)) == "scores are too low"
    assert direction(line(-0.4, 1.3)) == "scores are not extreme enough and too high"
    assert direction(line(0.01, 1.0)) == "scores are too low"
