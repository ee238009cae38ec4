from datetime import date

import pytest

from core.access.principal import LOCAL
from core.access.service import add_person
from core.errors import BadInputError, RefusedError
from core.inventory.service import add_model, add_version, model_detail
from core.log import service as log
from core.log.schema import load_schema
from core.releases.acknowledging import service as acknowledging
from core.releases.executing import service as executing
from core.releases.plan import plan_of
from core.releases.rollback import service as rollback
from core.releases.states import ReleaseState
from core.reviews.review import ReviewKind
from core.store import outbox, reviews
from tests.audited import newest
from tests.release_kit import (
    ADAM,
    ANA,
    BEA,
    DANA,
    OMAR,
    ROLES,
    VERA,
    VIC,
    approve,
    approved,
    later,
    live,
    now,
    pending,
    requested,
)
from tests.small_fleet import MODEL_YAML, frame

S = ReleaseState


def refusal(call, *given, **named) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        call(*given, **named)
    return caught.value


def taken_back(store, **more):
    release = rollback.request_rollback(store, ANA, model="churn", reason="it misbehaves", **more)
    return acknowledging.acknowledge(store, OMAR, release.id)


def test_without_an_earlier_live_version_nothing_is_promised(governed_store):
    refused = refusal(rollback.request_rollback, governed_store, OMAR, model="churn", reason="bad")
    assert refused.code == "no_target"
    assert refused.why == "churn: nothing was live before v1; no target: use the named fallback."
    assert rollback.target(governed_store, "churn").version is None
    assert "named fallback" in rollback.target(governed_store, "churn").told


@pytest.mark.parametrize("who", [DANA, OMAR, VERA, ANA, ADAM])
def test_one_authorised_person_is_enough_and_it_is_reviewed_afterwards(governed_store, who):
    release = live(governed_store)
    assert rollback.target(governed_store, "churn").told.startswith("v2 → v1, live before;")
    asked = rollback.request_rollback(governed_store, who, model="churn", reason="it misbehaves")
    assert (asked.id, asked.state, asked.why) == (release.id, S.ROLLBACK_REQUESTED, "rollback to v1: it misbehaves")
    with governed_store.read() as session:
        (owed,) = reviews.reviews(session, model_id=release.model_id)
        sent = outbox.by_release(session, release.id)[-1]
    assert (owed.kind, owed.due, owed.created_by) == (ReviewKind.AFTER_ROLLBACK, date(2026, 3, 4), who.name)
    assert (sent.kind, sent.payload["version"]) == ("rollback", "v1")


@pytest.mark.parametrize("who", [BEA, VIC])
def test_others_may_not(governed_store, who):
    live(governed_store)
    assert refusal(rollback.request_rollback, governed_store, who, model="churn", reason="bad").code == "not_allowed"


def test_a_rollback_never_waits_for_the_next_challenger_under_review(governed_store):
    live(governed_store)
    next_one = requested(governed_store, version="v3")
    assert taken_back(governed_store).state is S.ROLLED_BACK
    assert now(governed_store, next_one).state is S.PENDING_EVIDENCE


def test_the_same_click_asks_once_and_a_second_person_is_told_who_did(governed_store):
    release = live(governed_store)
    first = rollback.request_rollback(governed_store, ANA, model="churn", reason="bad", idempotency_key="k")
    assert rollback.request_rollback(governed_store, ANA, model="churn", reason="bad", idempotency_key="k") == first
    refused = refusal(rollback.request_rollback, governed_store, OMAR, model="churn", reason="bad")
    assert (refused.code, "by Ana" in refused.why) == ("already_decided", True)
    with governed_store.read() as session:
        assert len(outbox.by_release(session, release.id)) == 2
        assert len(reviews.reviews(session, model_id=release.model_id)) == 1
    with pytest.raises(BadInputError, match="reason is needed"):
        rollback.request_rollback(governed_store, ANA, model="churn", reason=" ")


def test_a_named_target_must_have_been_live_before(governed_store):
    live(governed_store)
    live(governed_store, version="v3")
    refused = refusal(rollback.request_rollback, governed_store, OMAR, model="churn", to="v9", reason="bad")
    assert (refused.code, "v2, v1 was" in refused.why) == ("no_target", True)
    assert rollback.target(governed_store, "churn").version == "v2"
    assert taken_back(governed_store, to="v1").state is S.ROLLED_BACK
    assert model_detail(governed_store, "churn").champion.name == "v1"


def test_back_to_a_version_whose_release_has_ended_and_from_there_once_more(governed_store):
    live(governed_store)
    live(governed_store, version="v3")
    assert taken_back(governed_store).version == "v3"
    assert model_detail(governed_store, "churn").champion.name == "v2"
    bare = taken_back(governed_store)
    assert (bare.version, bare.state) == ("v2", S.ROLLED_BACK)
    assert model_detail(governed_store, "churn").champion.name == "v1"
    assert refusal(rollback.request_rollback, governed_store, OMAR, model="churn", reason="bad").code == "no_target"


def test_a_failed_release_is_taken_back_to_the_champion_that_still_stands(governed_store):
    release = executing.execute(governed_store, OMAR, approved(governed_store).id)
    assert "being executed" in refusal(rollback.request_rollback, governed_store, OMAR, model="churn", reason="bad").why
    acknowledging.fail(governed_store, OMAR, release.id, reason="half of the servers have it")
    done = taken_back(governed_store)
    assert (done.id, done.state) == (release.id, S.ROLLED_BACK)
    assert model_detail(governed_store, "churn").champion.name == "v1"


def test_a_canary_is_taken_back_to_the_champion(governed_store):
    plan = plan_of({"steps": [{"kind": "shadow", "days": 2}, {"kind": "full"}]})
    release = live(governed_store, plan=plan)
    done = taken_back(governed_store)
    assert (done.id, done.state) == (release.id, S.ROLLED_BACK)
    changes = [entry for entry in newest(governed_store) if entry.action == "model:version:champion"]
    assert len(changes) == 1


def test_a_drill_goes_the_whole_way_and_moves_nothing(governed_store):
    release = live(governed_store)
    asked = rollback.drill(governed_store, DANA, model="churn", idempotency_key="k")
    assert rollback.drill(governed_store, DANA, model="churn", idempotency_key="k") == asked
    assert (asked.environment, asked.state, asked.version) == ("drill", S.ROLLBACK_REQUESTED, "v2")
    done = acknowledging.acknowledge(governed_store, OMAR, asked.id)
    assert done.state is S.ROLLED_BACK
    detail = model_detail(governed_store, "churn")
    assert (detail.champion.name, detail.model.champion_release_id) == ("v2", release.id)
    assert now(governed_store, release).state is S.LIVE
    with governed_store.read() as session:
        (dated,) = reviews.reviews(session, model_id=release.model_id)
        sent = outbox.by_release(session, asked.id)
    assert (dated.kind, dated.done_at, dated.passed) == (ReviewKind.DRILL, governed_store.clock.now(), True)
    assert [one.kind for one in sent] == ["drill"]


def test_a_drill_without_a_target_says_so(governed_store):
    assert refusal(rollback.drill, governed_store, DANA, model="churn").code == "no_target"
    assert refusal(rollback.drill, governed_store, VERA, model="churn").code == "not_allowed"
    assert pending(governed_store).state is S.PENDING_APPROVAL


def test_a_target_whose_schema_no_longer_fits_the_rows_is_no_target(fleet, tmp_path):
    for name, role in ROLES.items():
        add_person(fleet, LOCAL, name, [role.value])
    add_model(fleet, LOCAL, load_schema(MODEL_YAML.replace("income:", "revenue:")))
    add_version(fleet, DANA, model="churn", version="v2", artifact_sha256="2" * 64, has_reference=False)
    release = approve(fleet, VERA, approve(fleet, OMAR, pending(fleet)))
    waited = later(fleet, hours=24)
    acknowledging.acknowledge(waited, OMAR, executing.execute(waited, OMAR, release.id).id)
    assert rollback.target(waited, "churn").told == "v2 → v1, live before; its features arrive in today's rows."
    rows = frame(date(2024, 4, 9), 1, seed=3, prefix="n").rename({"income": "revenue"})
    rows.drop("left").write_parquet(tmp_path / "new.parquet")
    taken = log.ingest_file(waited, DANA, model="churn", version="v2", file=tmp_path / "new.parquet", role="served")
    assert taken.accepted == 150
    refused = refusal(rollback.request_rollback, waited, ANA, model="churn", reason="bad")
    assert (refused.code, "'income' no longer arrives; no target" in refused.why) == ("no_target", True)
    assert refusal(rollback.drill, waited, DANA, model="churn").code == "no_target"
