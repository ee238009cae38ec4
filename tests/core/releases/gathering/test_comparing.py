from dataclasses import replace

from core.releases.gates.limits import gate_limits
from core.releases.gathering.comparing import compare, empty_features, rows_of, sampled_features

LIMITS = gate_limits()


def test_segments_are_never_made_of_a_protected_column(facts):
    found = compare(facts, {}, LIMITS)
    assert found.pairs is not None
    assert set(found.pairs.rows.column_names) == {"plan", "income", "age"}


def test_only_groups_that_may_be_shown_are_read(facts):
    found = compare(facts, {"sex": (True, True, True, True)}, LIMITS)
    assert found.pairs is not None
    assert "sex" in found.pairs.rows.column_names
    assert "region" not in found.pairs.rows.column_names
    assert {one.column for one in found.gaps} == {"sex"}


def test_without_a_champion_nothing_is_compared(facts):
    assert compare(replace(facts, champion=None), {}, LIMITS).pairs is None


def test_without_mature_rows_the_comparison_is_empty_and_nothing_breaks(facts):
    found = compare(replace(facts, days=()), {}, LIMITS)
    assert found.pairs is not None
    assert (found.pairs.n, found.changes, found.segments) == (0, (), None)


def test_a_score_that_is_no_probability_has_no_calibration(facts):
    ranking = replace(facts.challenger, schema=_ranking(facts.challenger.schema))
    assert "not declared a probability" in compare(replace(facts, challenger=ranking), {}, LIMITS).why_no_calibration


def _ranking(schema):
    return replace(schema, columns=schema.columns.model_copy(update={"score_kind": "ranking"}))


def test_the_sample_reaches_back_over_units_until_it_is_large_enough(facts):
    rows = sampled_features(facts, facts.challenger, n=400)
    assert rows is not None
    assert rows.num_rows == 400
    assert len(set(rows["day"].to_pylist())) == 3


def test_a_version_without_a_log_is_sampled_from_its_reference(facts):
    rows = sampled_features(facts, replace(facts.challenger, units=()), n=50)
    assert rows is not None
    assert rows.num_rows == 50


def test_every_feature_arrives_with_a_value(facts):
    assert empty_features(facts) == ()
    assert rows_of(facts, facts.challenger, ("plan",), at_most=10).num_rows == 10
