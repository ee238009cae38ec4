from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from core.checks.attribution import AttributionEvidence, moved_words, prepare, verdicts
from core.checks.limits import load_limits
from core.errors import BadInputError
from core.explain.attribution_drift import ShapSeries, attribution_drift
from core.explain.global_importance import sums_of
from core.performance.maturity import Maturity
from core.states import State
from core.windows import Window

DAYS = tuple(date(2024, 1, 1) + timedelta(days=i) for i in range(20))
SCALE = 0.7 ** np.arange(6)
GONE = np.array([0.0, *SCALE[1:]])
NAMES = tuple("abcdef")


def sums(scale: np.ndarray, n: int, seed: int) -> np.ndarray:
    return sums_of(np.random.default_rng(seed).gamma(0.7, 1.0, (n, len(scale))) * scale)


def evidence(scales: list[np.ndarray], n: int = 100, names: tuple[str, ...] = NAMES) -> AttributionEvidence:
    size = len(names)
    shap = ShapSeries(
        features=names,
        reference_sums=sums(SCALE[:size], 2000, 0),
        reference_n=np.full(size, 2000),
        days=DAYS,
        sums=np.stack([sums(scale[:size], n, at + 1) for at, scale in enumerate(scales)]),
        n=np.full((len(DAYS), size), n),
    )
    return AttributionEvidence(shap=shap, limits=load_limits(), days=DAYS)


def judged(found: AttributionEvidence, row: int):
    window = Window(DAYS[row], DAYS[row] + timedelta(days=1))
    return verdicts(found, row, window, SimpleNamespace(mature=True, reason=""))  # type: ignore[arg-type]


def test_the_same_importance_is_healthy_and_tells_its_interval():
    (one,) = judged(evidence([SCALE] * 20), 19)
    assert (one.state, one.check, one.family, one.n) == (State.HEALTHY, "attribution_drift", "attribution", 700)
    assert (one.window_start, one.window_end) == (DAYS[13], DAYS[19] + timedelta(days=1))
    assert one.ci_low is not None
    assert one.ci_low <= one.value <= one.ci_high


def test_a_leading_feature_that_falls_out_is_a_warning_that_names_it_and_never_critical():
    (one,) = judged(evidence([GONE] * 20), 19)
    assert (one.state, one.significant) == (State.WARNING, True)
    assert one.ci_high < 0.95
    assert "a 34 % → 0 %" in one.reason


def test_a_feature_that_fell_out_yesterday_is_not_yet_seen():
    (one,) = judged(evidence([SCALE] * 19 + [GONE]), 19)
    assert one.state is State.HEALTHY


def test_what_nothing_explains_has_no_verdict():
    assert (
        verdicts(AttributionEvidence(shap=None, limits=load_limits(), days=DAYS), 3, Window(DAYS[3], DAYS[4]), Maturity)
        == ()
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (evidence([SCALE] * 20, n=20), r"fewer than 200 explained rows in 7 units \(140\)"),
        (evidence([SCALE[:1]] * 20, names=("a",)), "one feature has no order"),
    ],
)
def test_what_cannot_be_judged_says_why(found, words):
    (one,) = judged(found, 19)
    assert one.state is State.NOT_APPLICABLE
    assert one.value is None
    assert pytest.importorskip("re").search(words, one.reason)


def test_a_reference_in_which_nothing_moves_is_not_applicable():
    found = evidence([SCALE] * 20)
    still = ShapSeries(
        features=NAMES,
        reference_sums=np.zeros((6, 2)),
        reference_n=np.full(6, 2000),
        days=DAYS,
        sums=found.shap.sums,
        n=found.shap.n,
    )
    (one,) = judged(AttributionEvidence(shap=still, limits=load_limits(), days=DAYS), 19)
    assert one.reason == "no feature moves the score in the reference"


def test_evidence_is_prepared_from_the_version():
    held = evidence([SCALE] * 20).shap
    given = SimpleNamespace(shap=held, limits=load_limits(), log=SimpleNamespace(days=DAYS))
    assert prepare(given).days == DAYS  # type: ignore[arg-type]


def test_the_limit_is_a_level_of_ndcg_and_a_critical_one_lies_below_the_warning():
    assert load_limits({"attribution_drift": {"critical": 0.8}})["attribution_drift"].critical == 0.8
    with pytest.raises(BadInputError, match="must lie below"):
        load_limits({"attribution_drift": {"critical": 0.99}})


def test_what_moved_is_told_as_shares_of_all_importance():
    n = np.full(2, 1000)
    found = attribution_drift(
        ("a", "b"), (np.array([[600.0, 500], [400, 300]]), n), (np.array([[200.0, 90], [800, 900]]), n)
    )
    assert set(moved_words(found).split(", ")) == {"a 60 % → 20 %", "b 40 % → 80 %"}
