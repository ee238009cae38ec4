"""What the figures draw is made from the results and nothing else."""

from core.attribution.attribution import Amount, Change, SegmentPart
from core.attribution.display import (
    BETWEEN,
    CHANGE,
    INPUTS,
    MIX,
    MOST_BARS,
    RELATION,
    WITHIN,
    auc_series,
    cause_steps,
    change_steps,
    error_series,
    segment_bars,
)
from core.attribution.multivariate import Limits, MultivariateDrift, MultivariatePoint
from core.attribution.shift import Shift, Verdict
from core.windows import Grain


def amount(value):
    return Amount(value=value, low=value - 0.01, high=value + 0.01)


def part(name, mix=0.01, within=0.02, between=None):
    return SegmentPart(
        name=name, n_reference=100, n_current=90, weight_reference=0.1, weight_current=0.1, value_reference=0.5,
        value_current=0.4, mix=amount(mix), within=amount(within), between=between,
    )  # fmt: skip


def change(n=15, between=None):
    return Change(
        metric="roc_auc", column="plan", weight="rows", before=0.7, now=0.6, change=amount(-0.1), mix=amount(-0.02),
        within=amount(-0.08), between=between, parts=tuple(part(f"s{number}", between=between) for number in range(n)),
        pooled=(),
    )  # fmt: skip


def shift(**how):
    fixed = {"covariate": amount(-0.02), "concept": amount(-0.08)} | how
    return Shift(
        metric="roc_auc", verdict=Verdict.RELATION, why="", before=0.7, now=0.6, weighted=0.68, change=amount(-0.1),
        ess=900.0, ess_share=0.9, overlap=1.0, auc=0.6, classifier="logistic regression", clipped=None, moved=(),
        n_reference=1_000, n_current=1_000, **fixed,
    )  # fmt: skip


def test_the_last_step_is_the_change():
    assert [one.name for one in change_steps(change(), share=False).steps] == [MIX, WITHIN, CHANGE]
    assert [one.name for one in change_steps(change(between=amount(0)), share=False).steps][2] == BETWEEN


def test_causes_that_cannot_be_told_apart_have_no_steps():
    assert cause_steps(shift(covariate=None, concept=None), share=False) is None
    assert [one.name for one in cause_steps(shift(), share=False).steps] == [INPUTS, RELATION, CHANGE]


def test_at_most_twelve_segments_are_drawn():
    shown = segment_bars(change(), share=True)
    assert len(shown.names) == MOST_BARS
    assert [name for name, _ in shown.parts] == [MIX, WITHIN]


def test_both_measures_share_their_windows():
    limits = Limits(mean=1.0, low=0.8, high=1.2, rule="mean ± 3 sd", chunks=20)
    points = (MultivariatePoint(start="2024-01", end="2024-02", n=500, error=1.3, auc=None, reason="few"),)
    found = MultivariateDrift(
        points=points, error_limits=limits, auc_limits=limits, n_components=2, n_columns=4, kept=0.9,
        n_reference=8_000, chunk_rows=200,
    )  # fmt: skip
    errors, areas = error_series(found, Grain.MONTH), auc_series(found, Grain.MONTH)
    assert errors.beyond == (True,)
    assert areas.value == (None,)
    assert errors.two_sided
    assert not areas.two_sided
