from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from core.profile.binning import KERNEL_VERSION, Segment
from core.profile.bins import CategoricalBins, NumericBins
from core.profile.make_binning import make_binning
from core.profile.plan import Plan


def test_a_binning_holds_every_feature_in_order_and_the_score_last(binning):
    assert list(binning.features) == ["amount", "hour", "carrier", "score"]
    assert isinstance(binning.features["score"], NumericBins)
    assert isinstance(binning.features["carrier"], CategoricalBins)
    assert binning.columns == ("f_0001", "f_0002", "f_0003", "c_0001")
    assert KERNEL_VERSION == 3


def test_segments_are_levels_by_frequency_then_other_then_missing(binning):
    carriers = [segment for segment in binning.segments if segment.column == "carrier"]
    assert carriers == [
        Segment("carrier", "AA"),
        Segment("carrier", "UA"),
        Segment("carrier", "DL"),
        Segment("carrier", None),
        Segment("carrier", None, missing=True),
    ]
    assert [segment.label for segment in carriers[-2:]] == ["other", "missing"]


def test_the_id_depends_on_the_rows_and_not_on_their_order(rows, plan):
    log = rows(2_000, 4)
    order = np.random.default_rng(0).permutation(2_000)
    one, other = make_binning(log, plan), make_binning(log.take(pa.array(order)), plan)
    assert one.id == other.id
    assert make_binning(log.slice(1), plan).id != one.id


@pytest.mark.parametrize(
    "change",
    [
        {"threshold": 0.41},
        {"segments": ("carrier",)},
        {"ranges": {}},
        {"categories": {}},
        {"provisional": True},
        {"weight": "c_0009"},
        {"score_kind": "ranking"},
        {"latency": "c_0011"},
        {"error": "c_0012"},
        {"amount": "c_0010"},
        {"task": "regression"},
    ],
)
def test_the_id_depends_on_everything_that_decides_a_count(rows, plan, change):
    log = rows(1_000, 4)
    assert make_binning(log, plan).id != make_binning(log, replace(plan, **change)).id


def many(n_columns, n_levels):
    values = [f"v{i:03d}" for i in range(n_levels)]
    sources = {f"s{k}": f"c_{k:04d}" for k in range(n_columns)}
    plan = Plan(kinds={}, sources=sources, segments=tuple(sources))
    return pa.table(dict.fromkeys(sources.values(), values)), plan


def test_a_segment_column_has_at_most_50_levels_and_says_so():
    made = make_binning(*many(1, 80))
    assert len(made.segments) == 52
    assert made.left_out == ("'s0' has 80 values; the 50 most frequent are segments, the rest is other.",)


def test_a_model_has_at_most_200_segments_and_says_what_is_left_out():
    made = make_binning(*many(6, 50))
    assert len(made.segments) <= 200
    assert len([s for s in made.segments if s.column == "s3"]) == 200 - 3 * 52
    assert any("'s3' has 50 values; the 42 most frequent" in said for said in made.left_out)
    assert any("'s4' is not counted by segment" in said for said in made.left_out)


@pytest.mark.parametrize(("n_levels", "expected"), [(10, 12), (11, 0)])
def test_the_request_source_is_a_segment_up_to_ten_values(n_levels, expected):
    rows, plan = many(1, n_levels)
    made = make_binning(rows, replace(plan, segments=(), automatic_segments=("s0",)))
    assert len(made.segments) == expected


def test_the_twenty_most_important_features_are_counted_by_segment():
    names = [f"x{i:02d}" for i in range(30)]
    sources = {name: f"f_{i:04d}" for i, name in enumerate(names)} | {"region": "c_0001"}
    plan = Plan(
        kinds=dict.fromkeys(names, "numeric"),
        sources=sources,
        segments=("region",),
        importance={"x29": 5.0, "x25": 1.0},
    )
    made = make_binning(pa.table({"c_0001": ["a", "b"]}), plan)
    assert made.segment_features == (*names[:18], "x25", "x29")
    assert made.left_out[-1].startswith("10 of 30 features are not counted by segment")


def test_over_500_features_have_64_fine_bins():
    values = np.random.default_rng(0).normal(size=3_000)
    names = [f"x{i}" for i in range(501)]
    plan = Plan(kinds=dict.fromkeys(names, "numeric"), sources={name: f"f_{i:04d}" for i, name in enumerate(names)})
    rows = pa.table({"f_0000": values})
    assert make_binning(rows, plan).features["x0"].n_bins < 80
    assert make_binning(rows, replace(plan, kinds={"x0": "numeric"})).features["x0"].n_bins > 500


def test_a_reference_without_actuals_has_no_quantiles_of_positives(rows, plan):
    log = rows(2_000, 4)
    without = make_binning(log.drop_columns(["actual"]), plan)
    assert without.score_edges.size < make_binning(log, plan).score_edges.size


def test_columns_that_the_reference_lacks_get_one_bin(plan):
    made = make_binning(pa.table({"score": [0.5]}), plan)
    assert made.features["amount"].n_bins == 1
    assert made.features["carrier"].levels == ()
    assert made.features["score"].constant


def test_numeric_segment_columns_are_read_as_text():
    plan = Plan(kinds={"hour": "numeric"}, sources={"hour": "f_0001"}, segments=("hour",))
    made = make_binning(pa.table({"f_0001": [6.0, 6.0, 23.0, None]}), plan)
    assert [segment.label for segment in made.segments] == ["6", "23", "other", "missing"]


def test_the_order_of_the_classes_is_part_of_the_id(multiclass):
    log, plan = multiclass.make(500, 4), multiclass.plan
    turned = replace(plan, classes=plan.classes[::-1], class_sources=plan.class_sources[::-1])
    assert make_binning(log, plan).id != make_binning(log, turned).id


def test_a_binning_depends_on_the_rows_and_not_on_their_order_in_every_task(case):
    log = case.make(800, 4)
    order = np.random.default_rng(0).permutation(800)
    assert make_binning(log, case.plan).id == make_binning(log.take(pa.array(order)), case.plan).id


def test_a_regression_bins_its_actual_last(regression):
    assert list(regression.binning.features) == ["amount", "hour", "carrier", "score", "actual"]
