import numpy as np
import pyarrow as pa

from core.profile import profile as read
from core.profile.kernel import profile, profile_in_parts
from core.profile.layout import Layout


def test_absolute_values_and_squares_are_summed_over_finite_values(grouped):
    log = grouped.make(700, 4)
    made = profile(log, grouped.binning)
    found = read.shap_sums(Layout(grouped.binning), made.ints, made.floats)
    assert found.features == ("amount", "carrier")
    for place, column in enumerate(grouped.binning.shap_sources):
        values = log[column].to_numpy()
        values = values[np.isfinite(values)]
        assert found.n[place] == values.size < 700
        np.testing.assert_allclose(found.absolute[place], np.abs(values).sum(), rtol=1e-12)
        np.testing.assert_allclose(found.squared[place], (values**2).sum(), rtol=1e-12)
        np.testing.assert_allclose(found.mean_absolute[place], np.abs(values).mean(), rtol=1e-12)


def test_a_file_without_the_columns_counts_no_value(grouped):
    log = grouped.make(80, 4).drop_columns(list(grouped.binning.shap_sources))
    made = profile(log, grouped.binning)
    assert read.shap_sums(Layout(grouped.binning), made.ints, made.floats).n.tolist() == [0, 0]


def test_features_that_come_in_parts_bring_their_shap_values(grouped):
    log, binning = grouped.make(300, 4), grouped.binning
    layout = Layout(binning)
    names = tuple(binning.features)
    outcome = ("score", "decision", "actual")
    parts = [(part, log.select([*binning.columns_of(part), *outcome])) for part in (names[:1], names[1:])]
    base = log.select([*dict.fromkeys((*binning.columns_of(()), *outcome, "intake_at", "at", "actual_at"))])
    made = profile_in_parts(base, parts, layout)
    assert made.ints.tobytes() == profile(log, binning).ints.tobytes()
    assert made.floats.tobytes() == profile(log, binning).floats.tobytes()


def test_the_sums_are_the_same_for_any_order(grouped):
    log = grouped.make(500, 4)
    turned = log.take(pa.array(np.arange(500)[::-1].copy()))
    assert profile(log, grouped.binning).floats.tobytes() == profile(turned, grouped.binning).floats.tobytes()
