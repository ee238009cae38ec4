"""Every case of the shared oracles is either computed here or named with the reason why not."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.stats import norm, t

from core.attribution.auc import decompose_auc
from core.attribution.decomposition import Ratio, decompose
from core.attribution.shift import effective_sample_size
from core.drift.chi_square import ChiSquare, chi_square, cramers_v, cramers_v_balanced, pooled_chi_square
from core.drift.divergence import js_distance, kl_divergence
from core.drift.feature import with_infinities
from core.drift.ks import ks_bound, ks_p_value, ks_statistic
from core.drift.psi import psi, psi_excess, psi_excess_interval, psi_null_quantile
from core.drift.slow import ewma, ewma_variance_factor, shift_auc
from core.drift.wasserstein import feature_wasserstein, wasserstein
from core.performance.binary import binary_performance
from core.performance.confusion import f1, f1_interval, mcc, mcc_interval
from core.performance.multiclass import multiclass_estimates
from core.performance.ranking import average_precision, newcombe_auc_interval, roc_auc
from core.performance.regression import r2, r2_interval, regression_estimates
from core.profile.bins import FeatureCounts, NumericBins
from core.profile.build_bins import numeric_bins
from core.profile.counts import PerformanceCounts, RegressionCounts
from core.profile.features import numeric_counts
from core.segments.search_tests import hypergeometric_p
from core.segments.search_winner import conditional_mle
from core.stats.intervals import Z95, Interval, logit_interval, mean_interval, wilson
from core.stats.multiplicity import benjamini_hochberg
from tests.core.performance.counted import multiclass_counts, regression_counts
from tests.oracles import calibration_cases, estimation_cases, fairness_cases

Inputs = dict[str, Any]
Case = dict[str, Any]

NOT_OURS = "not one of our metrics (shared/README.md)"
OTHER_DEFINITION = "another definition of the metric (shared/README.md)"
LATER = "its domain comes with its own issue"


def left(reason: str, ids: str) -> dict[str, str]:
    return dict.fromkeys(ids.split(), reason)


LEFT_OUT: dict[str, dict[str, str]] = {
    "drift_statistics": {
        **left(
            OTHER_DEFINITION,
            "ev_chi2_1 ev_chi2_2 sp_kl sp_js_2 sp_wass_2 sp_wass_3 fr_psi_far fr_psi_same fr_js fr_chi2_cat fr_emd",
        ),
        **left(
            NOT_OURS,
            "ev_hellinger_1 ev_hellinger_2 ev_anderson ev_ttest ev_gtest ev_cvm ev_mannwhitney ev_epps "
            "ev_energy_0 ev_energy_5 ev_fisher_0 ev_fisher_1 ev_fisher_2 ev_fisher_3 ev_tvd_0 ev_tvd_1 "
            "ev_tvd_2 ev_tvd_3 sp_energy_1 sp_energy_2 sp_gtest_cont sp_fisher sp_mwu sp_binomtest "
            "fr_energy fr_hellinger fr_bhatt fr_hi fr_hell_same fr_bhatt_same fr_elec2_mwu fr_elec2_cvm "
            "fr_elec2_ad fr_elec2_welch",
        ),
    },
    "statistics_checks": {
        **left(
            LATER,
            "mcnemar_01 obf_01 confseq_01 srm_chi2_01 srm_seq_01",
        ),
    },
    "performance_calibration": {
        **left("our MCE needs 30 rows a group (shared/README.md)", "tm_bin_max tm_multi_max"),
        **left("fewer than 5 of a class: withheld (shared/README.md)", "sk_ap sk_mcc"),
        "md_decompose": "isotonic decomposition (shared/README.md)",
        **left(NOT_OURS, "tm_bin_l2 tm_multi_l2 sk_kappa md_poisson md_gamma md_pinball"),
    },
    "fairness": {
        **left("to overall; ours is between groups (shared/README.md)", "fl_diff_overall fl_ratio_overall"),
        "fl_intersect": "a share of nothing: there 0, here not applicable (shared/README.md)",
        **left(
            NOT_OURS,
            "aif_gei_1 aif_gei_2 aif_theil aif_between aif_edf_adult aif_edf_adult_5races aif_kl aif_ci",
        ),
    },
}
WHOLE_FILES_LEFT_OUT = {
    "streaming_detectors": "none is ours yet (shared/README.md)",
    "streams": "inputs of the streaming detectors (shared/README.md)",
}


def cells(inputs: Inputs) -> tuple[list[float], list[float]]:
    return inputs["reference"], inputs["current"]


def ends(interval: Interval) -> list[float]:
    return [float(interval.low), float(interval.high)]


def full(test: ChiSquare) -> list[float]:
    return [float(test.statistic), int(test.df), float(test.p_value())]


def counted(bins: NumericBins, values: list[float]) -> FeatureCounts:
    ints, tails = numeric_counts(np.asarray(values, np.float64), 0, bins, (None, None))
    extra = ints[bins.n_bins :]
    return FeatureCounts(
        fine=ints[: bins.n_bins], null=extra[0], nan=extra[1], neg_inf=extra[2], pos_inf=extra[3], tail_sums=tails,
        violations=extra[4],
    )  # fmt: skip


def both(reference: list[float], current: list[float]) -> tuple[NumericBins, FeatureCounts, FeatureCounts]:
    bins = numeric_bins(np.asarray(reference, np.float64))
    return bins, counted(bins, reference), counted(bins, current)


def rows_distance(reference: list[float], current: list[float]) -> float:
    return float(feature_wasserstein(*both(reference, current)))


def exact_distance(reference: list[float], current: list[float]) -> float:
    """Return the distance with a bin for each value of either side, where it is exact."""
    lower_bound = rows_distance(reference, current)
    bins = numeric_bins(np.asarray([*reference, *current], np.float64))
    exact = float(feature_wasserstein(bins, counted(bins, reference), counted(bins, current)))
    assert lower_bound <= exact
    return exact


def rows_ks(reference: list[float], current: list[float]) -> float:
    bins, r, c = both(reference, current)
    r, c = with_infinities(r), with_infinities(c)
    assert float(ks_bound(r, c, bins.is_atom)) == 0.0
    return float(ks_statistic(r, c))


def elec2_ks(inputs: Inputs) -> float:
    path = shared_folder() / "data" / inputs["dataset"]
    column = pl.read_parquet(path)[inputs["column"]].to_numpy().astype(inputs["cast"]).astype(np.float64)
    bins, r, c = both(column[: inputs["split"]], column[inputs["split"] :])
    r, c = with_infinities(r), with_infinities(c)
    assert float(ks_bound(r, c, bins.is_atom)) < 0.005
    return float(ks_statistic(r, c))


def right_closed(inputs: Inputs) -> list[list[int]]:
    plain = numeric_bins(np.asarray(inputs["reference"]))
    n_bins = len(inputs["edges"]) + 1
    bins = replace(plain, edges=np.asarray(inputs["edges"]), is_atom=np.zeros(n_bins, bool))
    return [counted(bins, inputs[side]).fine.tolist() for side in ("reference", "current")]


def binned_distance(inputs: Inputs) -> float:
    return float(
        wasserstein(
            inputs["edges"],
            inputs["centre"],
            reference_counts=inputs["ref_counts"],
            reference_sums=inputs["ref_sums"],
            current_counts=inputs["cur_counts"],
            current_sums=inputs["cur_sums"],
        )
    )


def population_effects(expected: list[list[float]]) -> list[list[float]]:
    """Return the effect sizes of ten cells from population shares, its own definition: no rows, no outside cells."""
    rows = []
    for mu, sd, *_ in expected:
        edges = norm.ppf(np.arange(1, 10) / 10)
        p, q = np.full(10, 0.1) * 1e12, np.diff(np.r_[0, norm.cdf((edges - mu) / sd), 1]) * 1e12
        rows.append([mu, sd, float(psi(p, q)), float(js_distance(p, q)), float(cramers_v_balanced(p, q))])
    return rows


def delong(inputs: Inputs) -> list[float]:
    found = roc_auc(inputs["pos"], inputs["neg"])
    return [float(found.value), float(found.error), *ends(found.interval), float(found.above)]


def boyd(inputs: Inputs) -> list[float]:
    error = np.sqrt(inputs["ap"] * (1 - inputs["ap"]) / inputs["P"])
    return ends(logit_interval(inputs["ap"], error))


def matrix(inputs: Inputs) -> tuple[int, int, int, int]:
    return inputs["tp"], inputs["fp"], inputs["fn"], inputs["tn"]


def loss(inputs: Inputs, *, squared: bool) -> list[float]:
    y, p = np.asarray(inputs["y"]), np.asarray(inputs["p"])
    values = (p - y) ** 2 if squared else -np.log(np.where(y == 1, p, 1 - p))
    interval = mean_interval(values.sum(), (values**2).sum(), len(values))
    return [float(values.mean()), *ends(interval)]


def performance(y: list[int], s: list[float], threshold: float = 0.5) -> dict[str, float]:
    """Return every metric of rows whose scores all have a bin of their own."""
    actual, score = np.asarray(y), np.asarray(s, np.float64)
    edges = np.unique(score)
    counts, confusion = np.zeros((3, len(edges) + 1), np.int64), np.zeros((3, 3), np.int64)
    np.add.at(counts, (actual, np.searchsorted(edges, score, side="left")), 1)
    np.add.at(confusion, ((score >= threshold).astype(int), actual), 1)
    log = -np.log(np.clip(np.where(actual == 1, score, 1 - score), 1e-15, None))
    parts = ((score - actual) ** 2, (score - actual) ** 4, log, log**2)
    losses = np.array([[part[actual == one].sum() for part in parts] for one in (0, 1)])
    found = binary_performance(
        PerformanceCounts(
            edges=edges, score_counts=counts, score_sums=None, score_squares=None, confusion=confusion, losses=losses,
            n_eff_share=np.ones(()),
        )
    )  # fmt: skip
    return {name: float(one.value) for name, one in found.estimates.items()}


def classification(inputs: Inputs) -> list[float]:
    found = performance(inputs["y_true"], inputs["y_prob"], inputs["threshold"])
    names = "accuracy precision recall f1 recall specificity false_positive_rate false_negative_rate roc_auc log_loss"
    return [found[name] for name in names.split()]


def residuals(y: list[float], prediction: list[float]) -> RegressionCounts:
    return regression_counts(y, prediction, edges=np.linspace(0.01, 9, 90))


def rmse_interval(inputs: Inputs) -> list[float]:
    found = regression_estimates(residuals(inputs["y"], inputs["pred"]))["rmse"]
    return [float(found.value), float(found.low), float(found.high)]


def r2_with_interval(inputs: Inputs) -> list[float]:
    """Return R² by its own definition: the estimate itself withholds it below 30 rows."""
    value, error = r2(residuals(inputs["y"], inputs["pred"]))
    return [float(value), *ends(r2_interval(value, error, np.asarray(float(len(inputs["y"])))))]


def bias_with_test(inputs: Inputs) -> list[float]:
    found = regression_estimates(residuals(inputs["y_obs"], inputs["y_pred"]))["bias"]
    n = len(inputs["y_obs"])
    return [float(found.value), float(found.error), 2 * float(t.sf(abs(found.value / found.error), n - 1))]


def brier_of_classes(inputs: Inputs) -> float:
    y = np.array([inputs["classes"].index(name) for name in inputs["y_true"]])
    return float(multiclass_estimates(multiclass_counts(y, inputs["y_prob"]))["brier_score"].value)


def attributed(inputs: Inputs) -> dict[str, Any]:
    """Return mix, within and total of a weighted mean."""
    sides = (Ratio.of(np.multiply(inputs[f"n{at}"], inputs[f"r{at}"]), inputs[f"n{at}"]) for at in (0, 1))
    parts = decompose(*sides)
    return {"mix": parts.mix.tolist(), "within": parts.within.tolist(), "total": float(parts.total)}


def auc_attributed(inputs: Inputs) -> dict[str, Any]:
    """Return both areas, mix and within by segment; within is that of pairs inside and of half of those between."""
    parts = decompose_auc(inputs["pos0"], inputs["neg0"], inputs["pos1"], inputs["neg1"])
    changed = (parts.within + parts.between).tolist()
    return {"auc0": float(parts.before), "auc1": float(parts.now), "mix": parts.mix.tolist(), "within": changed}


def adjusted(inputs: Inputs) -> Any:
    values = benjamini_hochberg(inputs["p"])
    return {"rejected": int((values <= inputs["q"]).sum()), "adjusted": values.tolist()}


COMPUTED: dict[str, dict[str, Callable[[Inputs], Any]]] = {
    "drift_statistics": {
        "sp_wass_1": lambda x: rows_distance(x["u"], x["v"]),
        "sp_js_1": lambda x: float(js_distance(x["p"], x["q"])),
        "sp_chi2_cont": lambda x: [full(chi_square(*x["table"]))[place] for place in (0, 2, 1)],
        "bh1995": lambda x: benjamini_hochberg(x["p_values"]).tolist(),
        "fr_elec2_ks": elec2_ks,
    },
    "statistics_checks": {
        "psi_01": lambda x: float(psi(*cells(x))),
        "psi_empty_bin": lambda x: float(psi(*cells(x))),
        "psi_excess_01": lambda x: float(psi_excess(*cells(x))),
        "psi_null_q99_01": lambda x: float(psi_null_quantile(x["n"], x["m"], x["cells"])),
        "psi_ci_01": lambda x: ends(psi_excess_interval(*cells(x))),
        "kl_01": lambda x: float(kl_divergence(*cells(x))),
        "js_01": lambda x: float(js_distance(*cells(x))),
        "chi2_01": lambda x: full(chi_square(*cells(x))),
        "cramers_v_01": lambda x: float(cramers_v(*cells(x))),
        "cramers_v_balanced_01": lambda x: float(cramers_v_balanced(*cells(x))),
        "chi2_phi_01": lambda x: float(
            ChiSquare(statistic=np.asarray(x["statistic"]), df=np.asarray(x["dof"])).p_value(phi=x["phi"])
        ),
        "chi2_pooled_01": lambda x: full(pooled_chi_square(*cells(x))),
        "bins_right_closed": right_closed,
        "w1_binned_01": binned_distance,
        "w1_exact_01": lambda x: exact_distance(*cells(x)),
        "ks_binned_01": lambda x: float(ks_statistic(x["ref_counts"], x["cur_counts"])),
        "ks_exact_01": lambda x: rows_ks(*cells(x)),
        "ks_p_01": lambda x: float(ks_p_value(x["D"], x["n"], x["m"])),
        "ks_p_01_exact": lambda x: float(ks_p_value(x["D"], 2_000, 10_000)),
        "bh_01": adjusted,
        "ewma_01": lambda x: ewma(x["x"]).tolist(),
        "ewma_sd_factor": lambda x: float(ewma_variance_factor(x["rho"], weight=x["lam"])),
        "shift_auc_01": lambda x: float(shift_auc(*cells(x))),
        "wilson_01": lambda x: ends(wilson(x["k"], x["n"])),
        "wilson_02": lambda x: ends(wilson(x["k"], x["n"])),
        "f1_ci_01": lambda x: [float(f1(*matrix(x)[:3])), *ends(f1_interval(*matrix(x)[:3]))],
        "mcc_ci_01": lambda x: [float(mcc(*matrix(x))), *ends(mcc_interval(*matrix(x)))],
        "auc_delong_01": delong,
        "auc_newcombe_01": lambda x: ends(newcombe_auc_interval(x["auc"], x["P"], x["N"])),
        "auc_newcombe_02": lambda x: ends(newcombe_auc_interval(x["auc"], x["P"], x["N"])),
        "ap_01": lambda x: float(average_precision(x["pos"], x["neg"]).value),
        "ap_ci_01": boyd,
        "segment_p_01": lambda x: float(hypergeometric_p(x["k"], x["n"], x["K"], x["N"])),
        "winner_cmle_01": lambda x: float(conditional_mle(x["z"], x["c"])),
        "winner_cmle_02": lambda x: float(conditional_mle(x["z"], x["c"])),
        "logloss_ci": lambda x: loss(x, squared=False),
        "brier_ci": lambda x: loss(x, squared=True),
        **calibration_cases.STATISTICS,
        "attribution_01": attributed,
        "auc_attribution_01": auc_attributed,
        "ess_01": lambda x: effective_sample_size(x["w"]),
        **fairness_cases.STATISTICS,
        **estimation_cases.STATISTICS,
        "rmse_ci": rmse_interval,
        "r2_ci": r2_with_interval,
    },
    "performance_calibration": {
        "sk_brier": lambda x: performance(x["y_true"], x["y_prob"])["brier_score"],
        "sk_logloss": lambda x: performance(x["y_true"], x["p1"])["log_loss"],
        "ev_cls": classification,
        **calibration_cases.PERFORMANCE,
        "sk_brier_multi": brier_of_classes,
        "md_bias": bias_with_test,
    },
    "fairness": fairness_cases.FAIRLEARN,
}
WIDER = {"ks_p_01_exact": (1e-3, "our rule is asymptotic: the case itself says within 0.001")}
OWN_SHAPE = {"effect_map"}


def shared_folder() -> Path:
    return (Path(__file__).parents[2] / os.environ.get("WATCHROOM_SHARED", "../shared")).resolve()


@cache
def cases(name: str) -> dict[str, Case]:
    found = json.loads((shared_folder() / "oracles" / f"{name}.json").read_text(encoding="utf-8"))
    return {case["id"]: case for case in found}


def flat(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for key in sorted(value) for number in flat(value[key])]
    if isinstance(value, list | tuple):
        return [number for one in value for number in flat(one)]
    return [float(value)]


@pytest.mark.parametrize(
    ("name", "case_id"), [(name, case_id) for name, known in COMPUTED.items() for case_id in known]
)
def test_the_value_is_the_checked_one(shared, name, case_id):
    case = cases(name)[case_id]
    tolerance = WIDER.get(case_id, (case["abs_tol"], ""))[0]
    assert np.allclose(flat(COMPUTED[name][case_id](case["inputs"])), flat(case["expected"]), rtol=0, atol=tolerance)


def test_the_effect_map_of_the_population_is_the_checked_one(shared):
    case = cases("statistics_checks")["effect_map"]
    expected = [row[:5] for row in case["expected"]]
    assert np.allclose(population_effects(expected), expected, rtol=0, atol=1e-7)


@pytest.mark.parametrize("name", COMPUTED)
def test_every_case_is_computed_or_left_out_with_a_reason_and_none_is_both(shared, name):
    known = set(cases(name))
    computed, left_out = set(COMPUTED[name]) | (OWN_SHAPE & known), set(LEFT_OUT[name])
    assert computed | left_out == known
    assert not computed & left_out


def test_every_file_is_read_or_left_out_with_a_reason(shared):
    files = {path.stem for path in (shared / "oracles").glob("*.json")}
    assert files == set(COMPUTED) | set(WHOLE_FILES_LEFT_OUT)


def test_the_z_of_the_intervals_is_that_of_the_document():
    assert pytest.approx(1.959964, abs=1e-6) == Z95
