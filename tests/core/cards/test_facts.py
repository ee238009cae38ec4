from dataclasses import replace
from datetime import date

import pytest

from core.cards.card import KNOWN
from core.cards.facts import CardFacts, FeatureFact, GapFact, LimitFact, ResultFact, filled

FACTS = CardFacts(
    model="churn",
    version="v2",
    task="binary",
    owner="Omar Haddad",
    tier=2,
    staged=False,
    added=date(2026, 11, 20),
    added_by="Dana Reyes",
    artifact_sha256="a" * 64,
    schema_revision=3,
    target="left",
    label_delay="1 day",
    features=(FeatureFact(name="age", kind="numeric", unit="years", meaning="age | in years", sensitive=True),),
    reference_rows=6_000,
    reference_sha256="b" * 64,
    window="2026-11-01 to 2026-11-02",
    results=(ResultFact(metric="roc_auc", reference=0.81, value=0.79, ci_low=0.77, ci_high=0.81, n=1_000),),
    limits=(LimitFact(check="feature_drift", title="Feature drift", warning=0.1, critical=None),),
    protected=("sex",),
    fairness=(GapFact(column="sex", metric="demographic_parity_difference", value=0.02, ci_low=0.0, ci_high=0.05),),
    fairness_why="",
    explanation="SHAP values of a sample.",
)


def test_a_version_of_which_all_is_known_has_every_part():
    assert filled(FACTS) == set(KNOWN)


@pytest.mark.parametrize(
    ("changes", "gone"),
    [
        ({"features": ()}, {"features"}),
        ({"reference_rows": None}, {"reference"}),
        (
            {"results": (ResultFact(metric="m", reference=None, value=None, ci_low=None, ci_high=None, n=0),)},
            {"results"},
        ),
        ({"results": ()}, {"results"}),
        ({"limits": ()}, {"limits"}),
        ({"explanation": ""}, {"explanation"}),
        ({"fairness": ()}, {"fairness"}),
        ({"fairness": (), "protected": ()}, set()),
    ],
)
def test_a_part_without_anything_is_not_filled_in(changes, gone):
    assert set(KNOWN) - filled(replace(FACTS, **changes)) == gone
