import numpy as np
import pyarrow as pa
import pytest

from core.errors import NotEnoughDataError
from core.estimation.direct_loss import SUMS, fit_loss_model, model_basis
from core.estimation.regression import regression_estimated

NAMES = ("wild", "shop")


def rows(rng, n, *, shift=0.0, shops=("north", "south")):
    """Return rows whose noise grows with the feature `wild`, and not with the prediction."""
    wild = rng.normal(shift, 1, n)
    prediction = rng.normal(100, 10, n)
    actual = prediction + rng.normal(0, 1, n) * np.exp(0.7 * wild)
    shop = pa.array(rng.choice(shops, n)).dictionary_encode()
    return pa.table({"score": prediction, "actual": actual, "wild": wild, "shop": shop})


def mae(table):
    return float(np.abs(table["score"].to_numpy() - table["actual"].to_numpy()).mean())


@pytest.fixture(scope="module")
def fitted():
    return fit_loss_model(rows(np.random.default_rng(0), 20_000), NAMES)


@pytest.mark.parametrize("shift", [0.0, 0.5, 1.0])
def test_the_row_model_follows_a_feature_that_makes_errors_larger(fitted, shift):
    now = rows(np.random.default_rng(1), 10_000, shift=shift)
    told = regression_estimated(fitted.sums(now)[None], fitted.reference_sums)
    assert float(told["mae"].value[0]) == pytest.approx(mae(now), rel=0.05)
    assert float(told["rmse"].value[0]) == pytest.approx(
        float(np.sqrt(((now["score"].to_numpy() - now["actual"].to_numpy()) ** 2).mean())), rel=0.12
    )


def test_bins_of_the_prediction_would_not_do():
    reference, now = rows(np.random.default_rng(0), 20_000), rows(np.random.default_rng(1), 10_000, shift=1.0)
    blind = fit_loss_model(reference, ()).sums(now)
    assert blind[1] / blind[0] < 0.75 * mae(now)


def test_the_band_holds_the_realised_error(fitted):
    rng = np.random.default_rng(2)
    inside = 0
    for _ in range(40):
        now = rows(rng, 500)
        one = regression_estimated(fitted.sums(now)[None], fitted.reference_sums)["mae"]
        inside += bool(one.low[0] <= mae(now) <= one.high[0])
    assert inside >= 35


def test_the_same_reference_gives_the_same_model(fitted):
    again = fit_loss_model(rows(np.random.default_rng(0), 20_000), NAMES)
    now = rows(np.random.default_rng(5), 300)
    assert again.sums(now).tolist() == fitted.sums(now).tolist()
    assert again.reference_sums.tolist() == fitted.reference_sums.tolist()


def test_the_reference_is_told_by_models_that_have_not_seen_it(fitted):
    named = dict(zip(SUMS, fitted.reference_sums, strict=True))
    assert named["n"] == 20_000
    assert named["abs_e"] == pytest.approx(named["true_abs_e"], rel=0.03)
    assert named["abs_e_missed"] > 0


def test_units_add_up_and_an_unknown_level_or_a_missing_prediction_breaks_nothing(fitted):
    now = rows(np.random.default_rng(3), 400, shops=("north", "moon"))
    halves = fitted.sums(now.slice(0, 150)) + fitted.sums(now.slice(150))
    np.testing.assert_allclose(fitted.sums(now), halves, rtol=1e-12)
    lacking = now.set_column(0, "score", pa.array([None, *now["score"].to_pylist()[1:]], pa.float64()))
    assert fitted.sums(lacking)[0] == 399
    assert fitted.sums(now.slice(0, 0)).tolist() == [0.0] * len(SUMS)


def test_a_small_reference_teaches_nothing():
    with pytest.raises(NotEnoughDataError, match="999 rows with an actual, 1,000 are needed"):
        fit_loss_model(rows(np.random.default_rng(0), 999), NAMES)


def test_the_basis_changes_with_what_the_model_is_made_of():
    first = model_basis("abc", NAMES, "1.0")
    assert first == model_basis("abc", NAMES, "1.0")
    assert len({first, model_basis("abd", NAMES, "1.0"), model_basis("abc", NAMES[:1], "1.0")}) == 3
