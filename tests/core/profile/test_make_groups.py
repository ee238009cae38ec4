from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from core.profile.make_binning import make_binning
from core.profile.make_groups import made_groups
from core.profile.plan import GroupPlan, Plan

AGE = GroupPlan(name="age", source="f_0001", numeric=True)


def plan(*groups, **others):
    return Plan(kinds={}, sources={}, groups=groups, **others)


def test_words_are_groups_by_frequency_up_to_twenty():
    values = [f"v{i:02d}" for i in range(25) for _ in range(25 - i)]
    columns, left_out = made_groups(pa.table({"c_1": values}), plan(GroupPlan(name="race", source="c_1")), 0)
    assert columns[0].levels == tuple(f"v{i:02d}" for i in range(20))
    assert left_out == ("'race' has 25 values; the 20 most frequent are groups, the rest is other.",)


def test_numbers_without_declared_bands_are_cut_at_the_quartiles_of_the_reference():
    columns, left_out = made_groups(pa.table({"f_0001": np.arange(1.0, 101.0)}), plan(AGE), 0)
    assert columns[0].cuts == (25.0, 50.0, 75.0)
    assert columns[0].levels == ("under 25", "25 to 49", "50 to 74", "75 and over")
    assert left_out == ()


def test_a_quartile_that_is_the_smallest_value_or_stands_twice_makes_no_empty_band():
    values = np.array([0.0] * 60 + [1.5] * 40)
    columns, _ = made_groups(pa.table({"f_0001": values}), plan(AGE), 0)
    assert columns[0].levels == ("under 1.5", "1.5 and over")


def test_declared_bands_are_taken_as_they_are():
    declared = GroupPlan(name="age", source="f_0001", numeric=True, cuts=(25.0, 40.0))
    columns, _ = made_groups(pa.table({"f_0001": [20.0, 33.0]}), plan(declared), 0)
    assert (columns[0].cuts, columns[0].levels) == ((25.0, 40.0), ("under 25", "25 to 39", "40 and over"))


def test_a_reference_without_the_column_gives_one_group():
    columns, _ = made_groups(pa.table({"score": [0.5]}), plan(AGE), 0)
    assert (columns[0].cuts, columns[0].labels) == ((), ("any value", "other", "not stated"))


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_only_models_of_two_classes_count_groups_and_the_others_say_so(task):
    columns, left_out = made_groups(pa.table({"f_0001": [1.0]}), plan(AGE, task=task), 3)
    assert columns == ()
    assert left_out == ("Protected groups are counted for models of two classes only, so not by 'age'.",)


def test_tables_with_too_many_cells_are_left_out_and_said():
    values = {f"c_{k}": [f"v{i}" for i in range(20)] for k in (1, 2)}
    groups = [GroupPlan(name=f"g{k}", source=f"c_{k}") for k in (1, 2)]
    _, left_out = made_groups(pa.table(values), plan(*groups), 200)
    assert left_out == (
        "'g1' and 'g2' are not counted together: 484 pairs of groups, at most 400.",
        "'g1' is not counted by segment: 4,400 pairs of group and segment, at most 4,000.",
        "'g2' is not counted by segment: 4,400 pairs of group and segment, at most 4,000.",
    )


def test_what_groups_leave_out_is_said_by_the_binning(rows, plan):
    values = pa.array([f"v{i}" for i in range(30)] * 10)
    log = rows(300, 1).append_column("c_0020", values)
    made = make_binning(log, replace(plan, groups=(GroupPlan(name="race", source="c_0020"),)))
    assert made.group_columns[0].n == 22
    assert any("'race' has 30 values" in said for said in made.left_out)
