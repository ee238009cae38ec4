import numpy as np
import pytest
from scipy import stats

from core.releases.gates.calibration import calibration_of_pairs
from core.releases.gates.cells import f1_influence, f1_of_cells
from core.releases.gates.changes import changes, wider_p
from core.releases.gates.delong import auc_influence, paired_auc
from core.releases.gates.units import unit_errors, widened, widening
from tests.core.releases.gates.paired_rows import pairs_of, side


def of_days(rng: np.random.Generator, *, days: int = 40, rows: int = 100):
    """Return two versions that are equally good, and whose errors on the logit are shared by the rows of a day."""
    unit = np.repeat(np.arange(days), rows)
    weather = rng.normal(size=days)
    logit = rng.normal(0, 1.2, len(unit)) + weather[unit]
    shift = (0.5 * rng.normal(size=days)[unit] - weather[unit] * rng.random(days)[unit] for _ in range(2))
    ours, theirs = (1 / (1 + np.exp(-(logit + one + rng.normal(0, 0.3, len(unit))))) for one in shift)
    return pairs_of(rng.random(len(unit)) < 1 / (1 + np.exp(-logit)), side(ours), side(theirs), unit=unit)


def test_the_factor_is_the_error_by_units_over_that_by_rows():
    rng = np.random.default_rng(1)
    unit = np.repeat(np.arange(30), 50)
    values = rng.normal(size=1_500) + 0.5 * rng.normal(size=30)[unit]
    values -= values.mean()
    by_unit = [values[unit == one].sum() for one in range(30)]
    by_hand = np.sqrt(np.square(by_unit).sum() * 30 / 29) / np.sqrt(np.square(values).sum())
    assert widening(values, unit) == pytest.approx(by_hand * stats.t.ppf(0.975, 29) / 1.959964, rel=1e-6)


@pytest.mark.parametrize(("unit", "n_units"), [(np.zeros(1_400, int), 1), (np.repeat(np.arange(13), 100), 13)])
def test_of_few_units_nothing_is_known(unit: np.ndarray, n_units: int):
    values = np.repeat(np.linspace(-1, 1, n_units), len(unit) // n_units)
    assert widening(values, unit[: len(values)]) == 1.0


def test_the_same_scores_and_independent_rows_need_no_widening():
    assert widening(np.zeros(1_400), np.repeat(np.arange(20), 70)) == 1.0
    rng = np.random.default_rng(2)
    factors = [widening(rng.normal(size=9_000), np.repeat(np.arange(60), 150)) for _ in range(200)]
    assert 1.0 <= np.mean(factors) < 1.1


def test_errors_of_means_by_units_are_those_of_a_loop():
    rng = np.random.default_rng(3)
    unit, part, values = rng.integers(0, 20, 3_000), rng.integers(0, 2, 3_000), rng.exponential(size=3_000)
    sums, n = np.zeros((2, 20)), np.zeros((2, 20), np.int64)
    np.add.at(sums, (part, unit), values)
    np.add.at(n, (part, unit), 1)
    for place, error in enumerate(unit_errors(sums, n)):
        own, days = values[part == place], unit[part == place]
        apart = [(own[days == one] - own.mean()).sum() for one in range(20)]
        assert error == pytest.approx(np.sqrt(np.square(apart).sum() * 20 / 19) / len(own))
    assert (unit_errors(sums[:, :13], n[:, :13]) == 0).all()


def test_what_a_row_adds_to_the_areas_gives_delongs_variance():
    rng = np.random.default_rng(4)
    y = (rng.random(2_000) < 0.3).astype(float)
    first, second = y + rng.normal(size=2_000), y + rng.normal(size=2_000)
    influence = auc_influence(y, first, second)
    assert influence.sum() == pytest.approx(0, abs=1e-12)
    assert np.sqrt(np.square(influence).sum()) == pytest.approx(paired_auc(y, first, second).error, rel=2e-3)


def test_what_a_row_adds_to_f1_is_its_derivative():
    cells = np.array([500.0, 40, 30, 60, 50, 20, 25, 200])
    told = f1_influence(cells)
    for cell in range(8):
        more = cells + 0.001 * np.eye(8)[cell]
        moved = [f1_of_cells(more, side).item() - f1_of_cells(cells, side).item() for side in (0, 1)]
        assert told[cell] == pytest.approx((moved[1] - moved[0]) / 0.001, abs=1e-6)
    assert told @ cells == pytest.approx(0, abs=1e-12)


def test_intervals_hold_where_the_rows_of_a_day_err_together():
    rng = np.random.default_rng(5)
    inside: dict[str, list[bool]] = {}
    narrow: list[bool] = []
    for _ in range(120):
        pairs = of_days(rng)
        for one in changes(pairs, probability=True, value=None):
            inside.setdefault(one.metric, []).append(one.low <= 0 <= one.high)
            if one.metric == "log_loss":
                ends = widened(one.harm, one.low, one.high, 1 / one.widened)
                narrow.append(ends[0] <= 0 <= ends[1])
        calibration = calibration_of_pairs(pairs)
        inside.setdefault("calibration", []).append(calibration.low <= 0 <= calibration.high)
    assert {name: np.mean(held) for name, held in inside.items() if np.mean(held) < 0.89} == {}
    assert np.mean(narrow) < 0.75  # what rows taken as independent would hold


def test_a_p_value_loses_what_its_interval_gains():
    assert wider_p(0.01, 1.0) == 0.01
    assert wider_p(2 * stats.norm.sf(3.0), 1.5) == pytest.approx(2 * stats.norm.sf(2.0))
