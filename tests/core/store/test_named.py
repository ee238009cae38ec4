from datetime import date

from core.findings.finding import Line, new_finding
from core.reviews.review import ReviewKind
from core.store import findings, reviews
from core.store.governed_tables import FindingRow, ReviewRow
from core.store.named import named
from tests.governed import NOW, with_model


def test_what_is_about_a_version_comes_with_its_name_and_what_is_about_the_model_alone_without(both):
    store = with_model(with_model(both), name="other")
    new = new_finding(
        severity="low", category="use", title="t", text="", owner="Omar", due=None, today=date(2026, 1, 1)
    )
    with store.write() as session:
        for model, version in ((1, 2), (2, None), (1, None)):
            findings.add_finding(session, new, model_id=model, line=Line.FIRST, by="Vera", at=NOW, version_id=version)
        reviews.owe_review(session, ReviewKind.AFTER_ROLLBACK, model_id=2, by="Omar", at=NOW, version_id=None)
        read = [(row.id, model, version) for row, model, version in session.execute(named(FindingRow))]
        assert read == [(1, "churn", "v2"), (2, "other", None), (3, "churn", None)]
        wanted = named(FindingRow, FindingRow.model_id == 2)
        assert [model for _, model, _ in session.execute(wanted)] == ["other"]
        assert [(model, version) for _, model, version in session.execute(named(ReviewRow))] == [("other", None)]
