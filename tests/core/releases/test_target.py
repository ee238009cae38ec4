import pytest

from core.log.schema import ModelSchema, load_schema
from core.releases.target import Reign, earlier_live, schema_gaps
from tests.small_fleet import MODEL_YAML


def reigns(text: str) -> list[Reign]:
    """`v1 v2 <v1`: v1, then v2 by a release, then v1 by a rollback."""
    return [Reign(version=word.lstrip("<"), by_rollback=word.startswith("<")) for word in text.split()]


@pytest.mark.parametrize(
    ("history", "leaving", "targets"),
    [
        ("v1", "v1", ()),
        ("v1 v2", "v2", ("v1",)),
        ("v1 v2 v3", "v3", ("v2", "v1")),
        ("v1 v2 v3 <v2", "v2", ("v1",)),
        ("v1 v2 v3 <v1", "v1", ()),
        ("v1 v2 v1", "v1", ("v2",)),
        ("v1 v2", "v3", ("v2", "v1")),
        ("v1 v2 <v1 v2", "v2", ("v1",)),
        ("", "v1", ()),
    ],
)
def test_a_rollback_undoes_and_what_was_undone_is_no_target(history, leaving, targets):
    assert earlier_live(reigns(history), leaving) == targets


def schema(old: str = "", new: str = "") -> ModelSchema:
    assert old in MODEL_YAML
    return load_schema(MODEL_YAML.replace(old, new) if old else MODEL_YAML)


INCOME = "income: {kind: numeric, unit: kUSD, importance: 0.6}"


@pytest.mark.parametrize(
    ("arriving", "gap"),
    [
        (schema(), ()),
        (schema("owner: team-crm", "owner: somebody"), ()),
        (schema("importance: 0.3", "importance: 0.9"), ()),
        (schema(INCOME, INCOME + "\n    extra: {kind: numeric}"), ()),
        (schema("income:", "revenue:"), ("'income' no longer arrives",)),
        (schema(INCOME, "income: {kind: categorical}"), ("'income' arrives as text, number is needed",)),
        (schema("unit: kUSD", "unit: USD"), ("'income' arrives in USD, kUSD is needed",)),
    ],
)
def test_a_target_fits_when_every_feature_still_arrives_as_it_was(arriving, gap):
    assert schema_gaps(schema(), arriving) == gap
