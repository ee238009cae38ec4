"""Everything known of a version, for the tests of cards."""

from datetime import date

from core.cards.card import KNOWN
from core.cards.facts import CardFacts, FeatureFact, GapFact, LimitFact, ResultFact

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
    window="1 to 2 Nov 2026",
    results=(
        ResultFact(metric="roc_auc", name="ROC AUC", reference=0.81, value=0.79, ci_low=0.77, ci_high=0.81, n=1_000),
    ),
    limits=(LimitFact(title="Feature drift", warning=0.1, critical=None),),
    protected=("sex",),
    fairness=(GapFact(column="sex", name="gap in selection rates", value=0.02, ci_low=0.0, ci_high=0.05),),
    fairness_why="",
    explanation="SHAP values of a sample.",
    known=frozenset(KNOWN),
)
