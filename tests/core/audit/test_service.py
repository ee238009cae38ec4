import io
import json
import zipfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from core.access.principal import LOCAL, Principal, Role
from core.access.service import add_person
from core.audit import service as audit
from core.audit.actions import AuditAction
from core.audit.offline import verify_export
from core.audit.service import record
from core.audit.sought import Sought
from core.errors import BadInputError, BusyError, ConflictError, NotFoundError, RefusedError
from core.store import anchors
from core.store.database import Store
from tests.audited import newest
from tests.tampering import tampered

FILES = ["anchor.pub", "audit.jsonl", "manifest.json", "verify.py"]


def add(store: Store, n: int, principal: Principal = LOCAL) -> None:
    for i in range(n):
        with store.write() as session:
            record(session, principal, AuditAction.MODEL_ADDED, object_type="model", object_id=str(i))


def test_an_entry_says_who_did_what_to_which_object(both):
    principal = Principal("Zoë", frozenset({Role.VIEWER, Role.OWNER}))
    with both.write() as session:
        entry = record(
            session,
            principal,
            AuditAction.CHAMPION_SET,
            object_type="version",
            object_id="flights/v2",
            before={"champion": "v1"},
            after={"champion": "v2", "auc": 0.7},
            reason="better",
        )
    assert newest(both) == (entry,)
    assert (entry.actor, entry.roles, entry.action) == ("Zoë", "owner,viewer", "model:version:champion")
    assert (entry.before, entry.after, entry.reason) == ('{"champion":"v1"}', '{"auc":"0.7","champion":"v2"}', "better")
    assert (entry.seq, entry.prev_hash, entry.app_version) == (1, "0" * 64, "0.1.0")


def test_entries_have_the_systems_time_also_when_the_stores_clock_is_frozen(frozen_store):
    add(frozen_store, 1)
    at = datetime.fromisoformat(newest(frozen_store)[0].at)
    assert datetime.now(UTC) - at < timedelta(minutes=1)


def test_repeating_a_key_returns_the_first_entry(both, admin):
    entries = []
    for reason in ("first", "second"):
        with both.write() as session:
            entries.append(
                record(
                    session,
                    admin,
                    AuditAction.MODEL_ADDED,
                    object_type="model",
                    object_id="flights",
                    reason=reason,
                    idempotency_key="once",
                )
            )
    assert entries[0] == entries[1]
    assert len(newest(both)) == 1


def test_the_last_number_moves_with_every_change_and_with_nothing_else(both, admin):
    assert audit.last_seq(both) == 0
    add(both, 2)
    assert audit.verify(both).entries == audit.last_seq(both) == 2


def test_a_key_cannot_be_used_for_something_else(both, admin):
    with both.write() as session:
        record(session, admin, AuditAction.MODEL_ADDED, object_type="model", object_id="a", idempotency_key="k")
    with pytest.raises(ConflictError, match="used before, for model:model:add a"), both.write() as session:
        record(session, admin, AuditAction.MODEL_ADDED, object_type="model", object_id="b", idempotency_key="k")


def test_text_that_no_file_can_keep_undoes_the_whole_change(both, admin):
    with pytest.raises(BadInputError, match="no file can keep"), both.write() as session:
        record(session, admin, AuditAction.MODEL_ADDED, object_type="model", object_id="\ud800")
    assert newest(both) == ()


def test_an_untouched_chain_verifies(both):
    add(both, 5)
    report = audit.verify(both)
    assert (report.ok, report.entries, report.first_bad, report.why) == (True, 5, None, "")
    assert report.anchor_age_s is not None
    assert 0 <= report.anchor_age_s < 60


def test_an_empty_chain_verifies(both):
    assert audit.verify(both).as_json() == {
        "ok": True,
        "entries": 0,
        "first_bad": None,
        "anchor_age_s": None,
        "why": "",
    }


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("UPDATE audit SET reason = 'x' WHERE seq = 4", 4),
        ("UPDATE audit SET after = replace(after, '{', '{ ') WHERE seq = 2", 2),
        ("DELETE FROM audit WHERE seq = 1", 1),
        ("DELETE FROM audit WHERE seq = 3", 3),
        ("UPDATE audit SET seq = seq + 1 WHERE seq = 5", 5),
    ],
)
def test_a_change_of_the_file_is_found_at_its_exact_entry(both, statement, first_bad):
    add(both, 5)
    tampered(both, statement)
    report = audit.verify(both)
    assert (report.ok, report.first_bad, report.entries) == (False, first_bad, first_bad - 1)


def test_a_deleted_tail_is_found_by_the_anchor_and_would_not_be_without(both, monkeypatch):
    monkeypatch.setattr(anchors, "EVERY_ENTRIES", 3)
    add(both, 8)
    assert [anchor.seq for anchor in anchors.load(both.home)] == [1, 4, 7]
    tampered(both, "DELETE FROM audit WHERE seq > 5")
    report = audit.verify(both)
    assert (report.ok, report.first_bad) == (False, 6)
    assert "an anchor saw 7 entries" in report.why
    (both.home / anchors.FILE).unlink()
    assert audit.verify(both).ok


def test_a_deleted_chain_is_found(both):
    add(both, 2)
    tampered(both, "DELETE FROM audit")
    assert audit.verify(both).first_bad == 1


def test_four_processes_append_without_a_fork_or_a_gap(both):
    from benchmarks.prove_audit import appended_by_many

    assert appended_by_many(both, writers=4, each=50)[:2] == (0, 0)
    assert audit.verify(both).entries == 200


def test_an_export_holds_every_entry_and_is_itself_the_last(both, admin, tmp_path):
    add(both, 3)
    folder = audit.export(both, admin, tmp_path / "a" / "export")
    assert sorted(path.name for path in folder.iterdir()) == FILES
    entries = [json.loads(line) for line in (folder / "audit.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [entry["seq"] for entry in entries] == [1, 2, 3, 4]
    assert (entries[-1]["action"], entries[-1]["object_id"]) == ("audit:chain:export", str(folder))
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["entries"], manifest["last_hash"]) == (4, entries[-1]["hash"])
    assert manifest["anchors"][0]["seq"] == 1


def test_an_export_overwrites_nothing(both, admin, tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(BadInputError, match="not empty"):
        audit.export(both, admin, tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "keep"
    assert newest(both) == ()


def test_an_export_to_where_nothing_can_be_written_is_one_sentence(both, admin, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(BadInputError, match="cannot be written"):
        audit.export(both, admin, tmp_path / "file" / "export")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.BUSINESS, Role.ENGINEER])
def test_who_may_not_export_is_refused(both, tmp_path, role):
    with pytest.raises(RefusedError, match="audit export"):
        audit.export(both, Principal("eve", frozenset({role})), tmp_path / "export")
    assert not (tmp_path / "export").exists()


def test_what_happened_to_a_model_is_found_by_its_name(fleet):
    actions = [entry.action for entry in audit.about_model(fleet, "churn")]
    assert actions[-1] == "model:model:add"
    assert "log:batch:ingest" in actions
    with pytest.raises(NotFoundError):
        audit.about_model(fleet, "nobody")


# Anchors and what was verified


def test_a_chain_that_holds_is_remembered_and_only_what_is_new_is_looked_at(both):
    add(both, 5)
    assert audit.verify(both).ok
    add(both, 3)
    report = audit.verify(both, only_new=True)
    assert (report.ok, report.entries, report.checked_from) == (True, 8, 6)
    assert report.checked_before
    assert audit.verify(both, only_new=True).checked_from == 9


def test_what_was_verified_before_is_believed_and_found_by_the_full_check(both):
    add(both, 5)
    audit.verify(both)
    tampered(both, "UPDATE audit SET actor = 'eve' WHERE seq = 3")
    assert audit.verify(both, only_new=True).ok
    assert audit.verify(both).first_bad == 3


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("UPDATE audit SET actor = 'eve' WHERE seq = 7", 7),
        ("DELETE FROM audit WHERE seq = 6", 6),
        ("UPDATE audit SET actor = 'eve' WHERE seq = 5", 5),
        ("DELETE FROM audit WHERE seq >= 4", 4),
    ],
)
def test_looking_at_what_is_new_finds_a_change_of_it_and_of_its_beginning(both, statement, first_bad):
    add(both, 5)
    audit.verify(both)
    add(both, 3)
    tampered(both, statement)
    report = audit.verify(both, only_new=True)
    assert (report.ok, report.first_bad) == (False, first_bad)


def test_a_cut_tail_is_found_by_what_was_verified_and_stays_found(both):
    add(both, 5)
    audit.verify(both)
    tampered(both, "DELETE FROM audit WHERE seq >= 4")
    for _ in range(3):
        assert audit.verify(both).first_bad == 4
        assert audit.verify(both, only_new=True).first_bad == 4
    (both.home / anchors.VERIFIED).unlink()
    assert audit.verify(both).ok  # the only anchor is that of entry 1: without the mark it cannot be seen


def test_after_a_break_was_found_every_quick_check_looks_at_everything_until_it_is_mended(both):
    add(both, 5)
    audit.verify(both)
    tampered(both, "UPDATE audit SET actor = 'eve' WHERE seq = 3")
    assert not audit.verify(both).ok
    assert audit.verify(both, only_new=True).first_bad == 3
    tampered(both, "UPDATE audit SET actor = 'local' WHERE seq = 3")
    assert audit.verify(both, only_new=True).checked_from == 1
    assert audit.verify(both, only_new=True).checked_from == 6


def test_a_mark_that_nobody_signed_is_not_believed(both):
    add(both, 5)
    audit.verify(both)
    path = both.home / anchors.VERIFIED
    path.write_text(path.read_text().replace('"seq":5', '"seq":4'))
    assert audit.verify(both, only_new=True).checked_from == 1


def test_an_anchor_cannot_be_shown_as_a_mark_of_what_was_verified(both):
    add(both, 1)
    (both.home / anchors.VERIFIED).write_bytes((both.home / anchors.FILE).read_bytes())
    assert anchors.last_verified(both.home) is None


def test_behind_a_bad_entry_is_said_what_still_holds_between_anchors(both, monkeypatch):
    monkeypatch.setattr(anchors, "EVERY_ENTRIES", 5)
    add(both, 30)
    assert [anchor.seq for anchor in anchors.load(both.home)] == [1, 6, 11, 16, 21, 26]
    tampered(both, "UPDATE audit SET actor = 'eve' WHERE seq = 8", "UPDATE audit SET actor = 'eve' WHERE seq = 23")
    report = audit.verify(both)
    assert (report.first_bad, report.entries, report.intact) == (8, 7, ((11, 21), (26, 30)))


def test_a_forged_anchor_is_told_and_not_believed(both):
    add(both, 3)
    path = both.home / anchors.FILE
    path.write_text(path.read_text().replace('"at":"2', '"at":"1'))
    report = audit.verify(both)
    assert (report.ok, report.first_bad) == (False, None)
    assert "the anchor of entry 1" in report.why


def test_anchors_of_an_earlier_watchroom_count_and_are_called_unsigned(both, monkeypatch):
    monkeypatch.setattr(anchors, "EVERY_ENTRIES", 3)
    add(both, 5)
    path = both.home / anchors.FILE
    stripped = [json.loads(line) for line in path.read_text().splitlines()]
    for one in stripped:
        del one["signature"]
    path.write_text("".join(json.dumps(one) + "\n" for one in stripped))
    report = audit.verify(both)
    assert (report.ok, report.why) == (True, "the anchors up to entry 4 are unsigned: an earlier Watchroom wrote them")
    tampered(both, "DELETE FROM audit WHERE seq > 2")
    assert audit.verify(both).first_bad == 3


def test_a_cut_tail_is_found_through_a_folder_outside_when_the_stores_own_anchors_were_cut_too(
    both, monkeypatch, tmp_path
):
    outside = tmp_path / "outside"
    outside.mkdir()
    monkeypatch.setenv(anchors.VARIABLE, str(outside))
    monkeypatch.setattr(anchors, "EVERY_ENTRIES", 3)
    add(both, 8)
    assert audit.verify(both).anchored_outside == 7
    tampered(both, "DELETE FROM audit WHERE seq > 2")
    own = both.home / anchors.FILE
    own.write_text(own.read_text().splitlines(keepends=True)[0])
    (both.home / anchors.VERIFIED).unlink()
    assert audit.verify(both).first_bad == 3
    monkeypatch.delenv(anchors.VARIABLE)
    assert audit.verify(both).ok


def test_a_new_key_in_the_store_is_noticed_outside(both, monkeypatch, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    monkeypatch.setenv(anchors.VARIABLE, str(outside))
    add(both, 1)
    for name in (anchors.KEY, anchors.PUBLIC, anchors.FILE):
        (both.home / name).unlink()
    add(both, 1)
    report = audit.verify(both)
    assert not report.ok
    assert "signed by another key than this store's" in report.why


# A hundred of each kind on 5,000 entries (make prove: 2,000 of each on 100,000)


@pytest.fixture
def long_chain(both) -> Store:
    from benchmarks.prove_audit import filled

    filled(both, 5_000)
    return both


def test_a_hundred_edits_deletes_inserts_swaps_and_cut_tails_are_all_located(long_chain):
    from benchmarks.prove_audit import KINDS, located

    found = located(long_chain, n=100, seed=11, really=10)
    assert {kind: (one.tried, one.located) for kind, one in found.items()} == dict.fromkeys(KINDS, (100, 100))
    assert found["cut tail"].located_without_anchors == 0


# Denied attempts

VIEWER = Principal("vic", frozenset({Role.VIEWER}))


def denied(store: Store) -> list[tuple[str, str, str, dict[str, object]]]:
    found = audit.about(store, Sought(action=AuditAction.ATTEMPT_DENIED.value))
    return [(one.actor, one.object_type, one.object_id, json.loads(one.after)) for one in reversed(found)]


def test_who_is_refused_is_written_down_with_what_was_asked_and_why(both):
    with pytest.raises(RefusedError) as refused:
        add_person(both, VIEWER, "eve", ["administrator"])
    assert refused.value.recorded
    after = {"asked": "access.add_person", "code": "not_allowed", "why": refused.value.why, "times": 1}
    assert denied(both) == [("vic", "person", "eve", after)]
    assert audit.verify(both).ok


def test_the_refused_change_is_undone_and_its_refusal_is_not(both):
    @audit.refusals_recorded
    def approve(store: Store, principal: Principal, *, release_id: int) -> None:
        with store.write() as session:
            record(session, principal, AuditAction.MODEL_ADDED, object_type="model", object_id="half done")
            raise RefusedError("self_approval", "You requested it.")

    with pytest.raises(RefusedError):
        approve(both, VIEWER, release_id=7)
    assert [entry.action for entry in newest(both)] == ["access:attempt:deny"]
    assert denied(both)[0][1:3] == ("release", "7")


def test_a_denied_attempt_repeated_a_thousand_times_is_a_few_entries(both):
    for _ in range(1_000):
        with pytest.raises(RefusedError):
            add_person(both, VIEWER, "eve", ["viewer"])
    times = [after["times"] for *_, after in denied(both)]
    assert set(times) <= {1, 10, 100, 1_000}
    assert len(times) <= 8  # the minute may have turned once in between


def test_who_tries_everything_cannot_fill_the_chain(both):
    for n in range(300):
        with pytest.raises(RefusedError):
            add_person(both, VIEWER, f"eve {n}", ["viewer"])
    assert 31 <= len(denied(both)) <= 70
    assert ("person", "vic") in {(kind, name) for _, kind, name, _ in denied(both)}


def test_a_refusal_inside_a_refusal_is_one_entry(both):
    @audit.refusals_recorded
    def outer(store: Store, principal: Principal) -> None:
        add_person(store, principal, "eve", ["viewer"])

    with pytest.raises(RefusedError):
        outer(both, VIEWER)
    assert len(denied(both)) == 1


def test_an_attempt_that_cannot_be_written_down_is_refused_all_the_same(both, monkeypatch):
    @contextmanager
    def busy(store: Store):
        raise BusyError("The store is busy.")
        yield

    monkeypatch.setattr(Store, "write", busy)
    with pytest.raises(RefusedError):
        add_person(both, VIEWER, "eve", ["viewer"])
    monkeypatch.undo()
    assert denied(both) == []


def test_a_name_that_no_file_can_keep_hides_no_attempt(both):
    with pytest.raises(RefusedError):
        add_person(both, VIEWER, "eve\ud800\x00", ["viewer"])
    assert len(denied(both)) == 1


def test_a_read_of_groups_that_is_refused_is_written_down(both):
    from core.fairness.service import fairness_release
    from core.selection import MetricQuery

    with pytest.raises(RefusedError):
        fairness_release(both, VIEWER, MetricQuery(model="churn", version="v1"))
    assert denied(both)[0][:3] == ("vic", "version", "churn/v1")


def test_denied_attempts_and_exports_leave_the_pages_caches_as_they_are(both, admin, tmp_path):
    from core.inventory.service import change_token

    add(both, 1)
    token = change_token(both)
    with pytest.raises(RefusedError):
        add_person(both, VIEWER, "eve", ["viewer"])
    audit.export(both, admin, tmp_path / "export")
    assert (change_token(both), audit.last_seq(both)) == (token, 3)


# Taking it away, searching


def test_a_download_is_the_same_export_in_one_file_and_is_audited(both, admin, tmp_path):
    add(both, 3)
    packed = audit.export_zip(both, admin)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "watchroom-audit"
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert verify_export(folder)["ok"]
    assert [(one.action, one.object_id) for one in newest(both, n=1)] == [("audit:chain:export", "download")]
    with pytest.raises(RefusedError):
        audit.export_zip(both, VIEWER)


def test_an_export_after_the_key_was_lost_still_verifies(both, admin, tmp_path, monkeypatch):
    monkeypatch.setattr(anchors, "EVERY_ENTRIES", 2)
    add(both, 3)
    (both.home / anchors.KEY).unlink()
    add(both, 3)
    assert len(anchors.public_keys(both.home)) == 2
    assert audit.verify(both).ok
    assert verify_export(audit.export(both, admin, tmp_path / "export"))["ok"]


def test_a_damaged_key_is_a_sentence_and_no_export(both, admin, tmp_path):
    add(both, 1)
    (both.home / anchors.KEY).write_text("nothing")
    with pytest.raises(BadInputError, match="cannot be signed"):
        audit.export(both, admin, tmp_path / "export")


@pytest.mark.parametrize("text", ["\ud800", "a\x00b", "x" * 100_000])
def test_what_no_entry_can_hold_is_found_nowhere(both, text):
    add(both, 3)
    for asked in ("text", "person", "object_type", "object_id", "action"):
        assert audit.about(both, Sought(**{asked: text})) == ()


def test_the_search_hands_on_what_is_asked_to_whoever_may_read(both, admin):
    add(both, 3)
    assert [one.seq for one in audit.search(both, admin, Sought(object_type="model", before_seq=3), n=1)] == [2]
    assert audit.facets(both) == {"actor": ("local",), "object_type": ("model",), "action": ("model:model:add",)}
    with pytest.raises(RefusedError, match="audit read"):
        audit.search(both, VIEWER, Sought())
    assert [one.action for one in newest(both, n=1)] == ["access:attempt:deny"]
