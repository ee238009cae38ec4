import threading
from datetime import date

import polars as pl
import pytest
from filelock import FileLock

from core.access.principal import LOCAL, Principal, Role
from core.audit.service import verify
from core.errors import BadInputError, ConflictError, NotFoundError, RefusedError
from core.inventory.service import accept_contract, add_model, retire_model
from core.log import service as log
from core.log.contract import Contract, FeatureRule, to_document
from core.log.delta import PREDICTIONS, commit, open_log
from core.log.intake import Stamp
from core.log.outcomes import BatchState, Kind, LogRole
from core.log.schema import load_schema
from core.log.taking import examine, take_predictions
from core.store import batches as stored
from core.store.audit import entries
from core.store.columns import column_ids
from core.store.dirty import dirty_days
from tests.log_kit import KEY, MODEL, SCHEMA, YAML, actuals, content, data_files, predictions, saved, watched

DAY = date(2013, 7, 1)
VIEWER = Principal("vic", frozenset({Role.VIEWER}))


@pytest.fixture
def store(both):
    return both


@pytest.fixture
def known(frozen_store):
    return watched(frozen_store, versions=("v1", "v2"))


def take(store, path, version="v1", role="served"):
    return log.ingest_file(store, LOCAL, model=MODEL, version=version, file=path, role=role)


def actions_of(store):
    with store.read() as session:
        return [entry.action for entry in entries(session)]


def test_a_file_lands_marks_its_days_and_is_audited(known, tmp_path):
    outcome = take(known, saved(predictions(30), tmp_path / "p.parquet"))
    assert (outcome.batch, outcome.accepted, outcome.quarantined, outcome.refused) == (1, 30, 0, False)
    assert outcome.days == ("2013-07-01", "2013-07-02")
    (batch,) = log.batches(known, MODEL)
    assert (batch.state, batch.version, batch.role, batch.created_by) == (BatchState.LANDED, "v1", "served", "local")
    with known.read() as session:
        assert [(one.version_id, one.role, one.day.day) for one in dirty_days(session, 1)] == [
            (1, "served", 1),
            (1, "served", 2),
        ]
    assert actions_of(known)[-1] == "log:batch:ingest"
    assert verify(known).ok


def test_the_same_content_again_changes_nothing(known, tmp_path):
    first = take(known, saved(predictions(3), tmp_path / "p.csv"))
    before, audited = content(known), actions_of(known)
    again = take(known, saved(predictions(3), tmp_path / "copy.csv"))
    assert (again.duplicate, again.batch, again.accepted, again.reason) == (True, first.batch, 0, "already ingested")
    assert again.days == first.days
    assert (content(known), actions_of(known)) == (before, audited)


def test_the_same_file_for_a_challenger_or_another_role_is_other_content(known, tmp_path):
    path = saved(predictions(3), tmp_path / "p.csv")
    take(known, path)
    assert take(known, path, version="v2", role="shadow").accepted == 3
    again = take(known, path, role="replay")
    assert (again.duplicate, again.accepted, again.quarantined) == (False, 0, 3), (
        "the key of a prediction holds no role"
    )


def test_a_revert_frees_the_content_and_is_audited_with_its_reason(known, tmp_path):
    path = saved(predictions(30), tmp_path / "p.csv")
    batch = take(known, path).batch
    reverted = log.revert_batch(known, LOCAL, batch_id=batch, reason=" wrong file ")
    assert reverted.as_json()["state"] == "REVERTED"
    assert (reverted.model, reverted.rows, reverted.days) == (MODEL, 30, ("2013-07-01", "2013-07-02"))
    assert content(known) == {}
    assert log.batches(known, MODEL)[0].reverted_reason == "wrong file"
    assert actions_of(known)[-1] == "log:batch:revert"
    assert take(known, path).accepted == 30
    with known.read() as session:
        assert {one.mark for one in dirty_days(session, 1)} == {3}


def test_a_revert_needs_a_reason_a_batch_and_happens_once(known, tmp_path):
    batch = take(known, saved(predictions(3), tmp_path / "p.csv")).batch
    with pytest.raises(BadInputError, match="needs a reason"):
        log.revert_batch(known, LOCAL, batch_id=batch, reason="  ")
    with pytest.raises(NotFoundError, match="no batch 99"):
        log.revert_batch(known, LOCAL, batch_id=99, reason="x")
    log.revert_batch(known, LOCAL, batch_id=batch, reason="x")
    with pytest.raises(BadInputError, match="is reverted already"):
        log.revert_batch(known, LOCAL, batch_id=batch, reason="x")


def test_who_may_not_change_the_log_is_refused(known, tmp_path):
    path = saved(predictions(3), tmp_path / "p.csv")
    for attempt in (
        lambda: log.ingest_file(known, VIEWER, model=MODEL, version="v1", file=path),
        lambda: log.ingest_actuals(known, VIEWER, model=MODEL, file=path),
        lambda: log.revert_batch(known, VIEWER, batch_id=1, reason="x"),
        lambda: log.compact(known, VIEWER, model=MODEL),
        lambda: log.settle(known, VIEWER, model=MODEL),
        lambda: log.prepare_reference(known, VIEWER, model=MODEL, file=path),
    ):
        with pytest.raises(RefusedError, match="may not do this"):
            attempt()
    assert log.batches(known, MODEL) == ()


@pytest.mark.parametrize(
    "name", ["nope", "../../etc/passwd", "'; DROP TABLE models;--", "x" * 10_000, "\u202e", "a\x00b", ""]
)
def test_names_that_nobody_has_are_refused_in_one_sentence(known, tmp_path, name):
    path = saved(predictions(3), tmp_path / "p.csv")
    for model, version, role in ((name, "v1", "served"), (MODEL, name, "served"), (MODEL, "v1", name)):
        with pytest.raises(BadInputError) as caught:
            log.ingest_file(known, LOCAL, model=model, version=version, file=path, role=role)
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 500
    with pytest.raises(BadInputError):
        add_model(known, LOCAL, load_schema(YAML.replace("model: flights", "model: ../flights")))


def test_a_retired_model_takes_no_files(known, tmp_path):
    retire_model(known, LOCAL, MODEL)
    with pytest.raises(BadInputError, match="is retired"):
        take(known, saved(predictions(3), tmp_path / "p.csv"))


def test_a_refused_file_does_not_stop_the_next_one(known, tmp_path):
    assert take(known, tmp_path / "none.csv").refused
    assert take(known, saved(predictions(3), tmp_path / "p.csv")).accepted == 3


def staged(store, path, *, committed):
    """Leave a batch behind as a crash before or after its Delta commit does."""
    examined = examine(path, Kind.PREDICTIONS, (KEY, "1", "served"), SCHEMA)
    take(store, saved(predictions(1, prefix="first"), path.parent / "first.csv"))
    with store.write() as session:
        number = stored.stage(
            session,
            model_id=1,
            version_id=1,
            kind=Kind.PREDICTIONS,
            role=LogRole.SERVED,
            file=str(path),
            content_hash=examined.content,
            by="ana",
            at=store.clock.now(),
        )
    with store.read() as session:
        ids = {key.split(":", 1)[1]: column for key, column in column_ids(session, 1).items()}
    stamp = Stamp(version_id=1, role="served", batch_id=number, intake_at=store.clock.now())
    taken = take_predictions(examined.source, SCHEMA, store.log_dir(KEY), ids=ids, removals=(), stamp=stamp)
    with store.write() as session:
        changes = {"accepted": taken.outcome.accepted, "details": taken.details()}
        stored.move(session, number, seen=BatchState.STAGED, to=BatchState.STAGED, changes=changes)
    if committed:
        commit(store.log_dir(KEY) / PREDICTIONS, taken.actions, transaction=str(number))
    return number


def test_a_batch_cut_off_before_its_commit_is_taken_back(known, tmp_path):
    path = saved(predictions(30), tmp_path / "p.csv")
    number = staged(known, path, committed=False)
    assert any(f"/b{number}/" in name for name in data_files(known))
    assert log.settle(known, LOCAL, model=MODEL) == 1
    assert not any(f"/b{number}/" in name for name in data_files(known))
    assert [batch.id for batch in log.batches(known, MODEL)] == [1]
    assert take(known, path).accepted == 30


def test_a_batch_cut_off_after_its_commit_is_finished_by_the_next_intake(known, tmp_path):
    path = saved(predictions(30), tmp_path / "p.csv")
    number = staged(known, path, committed=True)
    again = take(known, path)
    assert (again.duplicate, again.batch) == (True, number)
    assert log.batches(known, MODEL)[0].state is BatchState.LANDED
    assert actions_of(known)[-1] == "log:batch:ingest"
    with known.read() as session:
        assert {one.day.day for one in dirty_days(session, 1)} == {1, 2}
    assert log.settle(known, LOCAL, model=MODEL) == 0


def test_a_revert_cut_off_is_finished_by_settling(known, tmp_path):
    path = saved(predictions(3), tmp_path / "p.csv")
    batch = take(known, path).batch
    with known.write() as session:
        changes = {"reverted_reason": "wrong", "details": {"revert_dirty": [[1, "served", "2013-07-01"]]}}
        stored.move(session, batch, seen=BatchState.LANDED, to=BatchState.REVERTING, changes=changes)
    assert log.settle(known, LOCAL, model=MODEL) == 1
    assert content(known) == {}
    assert take(known, path).accepted == 3


def test_an_error_while_writing_leaves_nothing_behind(known, tmp_path):
    take(known, saved(predictions(3), tmp_path / "p.csv"))
    before = data_files(known)
    root = known.log_dir(KEY) / PREDICTIONS
    (root / "b2").write_text("a file where the batch's folder should be")
    with pytest.raises(ConflictError, match="cannot be written"):
        take(known, saved(predictions(3, prefix="q"), tmp_path / "q.csv"))
    (root / "b2").unlink()
    assert data_files(known) == before
    assert len(log.batches(known, MODEL)) == 1
    assert take(known, saved(predictions(3, prefix="q"), tmp_path / "q.csv")).accepted == 3


def test_whoever_waits_too_long_for_the_log_is_told_so(known, tmp_path, monkeypatch):
    monkeypatch.setattr(log, "LOCK_SECONDS", 0.05)
    path = saved(predictions(3), tmp_path / "p.csv")
    known.log_dir(KEY).mkdir(parents=True, exist_ok=True)
    with FileLock(known.log_dir(KEY) / ".intake.lock"):
        held: list[Exception] = []

        def attempt():
            try:
                take(known, path)
            except ConflictError as error:
                held.append(error)

        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join(20)
    assert "try again when it is done" in str(held[0])


def test_an_explicit_rule_of_the_contract_removes_rows_and_says_how_many(known, tmp_path):
    strict = Contract(
        model=MODEL,
        rules={
            "temp": FeatureRule(low=0.0, high=100.0, on_violation="quarantine"),
            "carrier": FeatureRule(levels=frozenset({"UA"})),
        },
    )
    accept_contract(known, LOCAL, model=MODEL, version="v1", document=to_document(strict))
    rows = predictions(4).with_columns(temp=pl.Series([50.0, 500.0, 50.0, 50.0]), carrier=pl.lit("ZZ"))
    outcome = take(known, saved(rows, tmp_path / "p.csv"))
    assert (outcome.accepted, outcome.quarantined, outcome.removed) == (3, 1, {"2013-07-01": 1})
    assert [row.rule for row in log.quarantined(known, outcome.batch)] == ["contract_range"]
    assert take(known, saved(rows, tmp_path / "p.csv"), version="v2").accepted == 4, "the contract of v1 only"


def test_compaction_is_audited_when_it_did_something(known, tmp_path):
    take(known, saved(predictions(3), tmp_path / "a.csv"))
    assert log.compact(known, LOCAL, model=MODEL) == 0
    take(known, saved(predictions(3, prefix="q"), tmp_path / "b.csv"))
    before = content(known)
    assert log.compact(known, LOCAL, model=MODEL) == 1
    assert actions_of(known)[-1] == "log:days:compact"
    assert content(known) == before
    assert len(open_log(known.log_dir(KEY)).predictions.files) == 1


def test_a_reference_is_read_and_stored_with_the_contract_that_it_fulfils(known, tmp_path):
    path = saved(predictions(50).with_columns(late=pl.lit(1)), tmp_path / "r.parquet")
    reference = log.prepare_reference(known, LOCAL, model=MODEL, file=path)
    assert reference.n_rows == 50
    assert reference.path.name == f"{reference.sha256}.parquet"
    assert reference.contract["kind"] == "DataContract"
    assert set(reference.columns) == {"temp", "carrier", "origin"}
    assert log.prepare_reference(known, LOCAL, model=MODEL, file=path).sha256 == reference.sha256


def test_waiting_actuals_of_a_crashed_intake_are_matched_when_it_is_settled(known, tmp_path):
    path = saved(predictions(30), tmp_path / "p.csv")
    log.ingest_actuals(known, LOCAL, model=MODEL, file=saved(actuals(["p000001"], [1]), tmp_path / "y.csv"))
    staged(known, path, committed=True)
    log.settle(known, LOCAL, model=MODEL)
    rows = content(known)[DAY, 1, "served"]
    assert [row["actual"] for row in rows if row["id"] == "p000001"] == [1]


def test_ids_that_no_database_text_may_hold_are_kept_out_with_their_picture(known, tmp_path):
    take(known, saved(predictions(4), tmp_path / "p.parquet"))
    repeated = actuals(["\x00", "\x00", "p000001"], [1, 0, 1])
    outcome = log.ingest_actuals(
        known, LOCAL, model=MODEL, file=saved(repeated, tmp_path / "a.parquet"), all_days=False
    )
    (row,) = [row for row in log.quarantined(known, outcome.batch) if row.rule == "id_repeated"]
    assert row.value == "\\x00"
