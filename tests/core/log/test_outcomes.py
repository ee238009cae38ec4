from datetime import UTC, datetime

from core.log.outcomes import BatchInfo, BatchState, FileOutcome, Kind, RevertOutcome


def test_the_json_of_predictions_has_exactly_the_promised_keys():
    document = FileOutcome(file="f", batch=1, accepted=2, days=("2013-07-01",)).as_json()
    assert list(document) == ["file", "batch", "duplicate", "accepted", "quarantined", "refused", "reason", "days"]
    assert document["days"] == ["2013-07-01"]


def test_the_json_of_actuals_adds_how_they_matched():
    document = FileOutcome(file="f", matched=1, unmatched=2, corrected=3, too_late=4).as_json()
    assert (document["matched"], document["unmatched"], document["corrected"], document["too_late"]) == (1, 2, 3, 4)


def test_a_batch_is_listed_and_summed_up():
    at = datetime(2013, 7, 1, tzinfo=UTC)
    batch = BatchInfo(
        id=3,
        model_id=1,
        version_id=2,
        version="v1",
        kind=Kind.PREDICTIONS,
        role="served",
        file="f.csv",
        content_hash="ab",
        state=BatchState.LANDED,
        accepted=5,
        quarantined=1,
        details={"days": ["2013-07-01"]},
        created_at=at,
        created_by="ana",
        reverted_reason=None,
    )
    assert batch.as_json()["batch"] == 3
    assert batch.as_json()["state"] == "LANDED"
    assert batch.as_json()["days"] == ["2013-07-01"]
    assert batch.summary() == {
        "version": "v1",
        "role": "served",
        "file": "f.csv",
        "content": "ab",
        "accepted": 5,
        "quarantined": 1,
    }


def test_a_revert_says_what_went():
    document = RevertOutcome(model="m", batch=3, file="f", rows=5, days=("2013-07-01",)).as_json()
    assert document == {"model": "m", "batch": 3, "file": "f", "rows": 5, "days": ["2013-07-01"], "state": "REVERTED"}
