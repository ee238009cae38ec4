import hashlib
import json
from pathlib import Path

import pytest

from app.cli import run
from core.access.principal import LOCAL
from core.access.service import add_person
from core.audit.chain import content_hash
from core.audit.service import verify
from core.releases.acknowledging import service as acknowledging
from core.releases.executing import service as executing
from core.releases.plan import plan_of
from core.releases.rollback import service as rollback
from core.store import outbox
from core.store.database import open_store
from tests.pages import dossiers
from tests.release_kit import DANA, OMAR, ROLES, gates, governed, live, pending, requested

NOTES = [part for gate in ("latency", "fairness") for part in ("--note", f"{gate}=seen")]


@pytest.fixture
def home(sqlite_store):
    """A store with `churn` of tier 3, where v1 is live."""
    governed(sqlite_store)
    return sqlite_store


@pytest.fixture
def release(home, capsys):
    """Return what runs a release command as somebody: (exit code, its JSON document, what was said as an error)."""

    def command(*arguments, by="Omar"):
        capsys.readouterr()
        code = run(["release", *map(str, arguments), "--as", by, "--home", str(home.home), "--json"])
        told = capsys.readouterr()
        return code, json.loads(told.out) if told.out else None, told.err

    return command


def test_a_release_goes_the_whole_way_by_command(home, release, capsys):
    made = pending(home)
    code, listed, _ = release("list")
    assert (code, listed["releases"][0]["quorum"]) == (
        0,
        {"rules": ["approval"], "needed": 1, "given": 0, "waits_for": ["approval"]},
    )
    code, shown, _ = release("show", made.id)
    assert (shown["digest"], len(shown["gates"]), shown["evidence"]["champion"]) == (made.digest, 12, "v1")
    assert {one["move"]: one["refused"] for one in shown["moves"]}["approve"] is None
    code, gated, _ = release("gates", made.id)
    assert (gated["digest"], gated["gates"][0]["outcome"]) == (made.digest, "pass")
    code, refused, told = release("approve", made.id, "--digest", made.digest, "--reason", "fine", by="Dana")
    assert (code, refused["refused"], refused["why"] in told) == (1, "not_allowed", True)
    code, done, _ = release("approve", made.id, "--digest", made.digest, "--reason", "fine")
    assert (code, done["state"], done["approvals"][0]["by"]) == (0, "APPROVED", "Omar")
    assert set(done["approvals"][0]) == {"by", "rule", "at", "digest"}
    code, done, _ = release("execute", made.id)
    assert (code, done["state"]) == (0, "LIVE")
    capsys.readouterr()
    assert run(["champion", "churn", "--home", str(home.home), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["release"] == made.id
    code, drilled, _ = release("drill", "churn")
    assert (code, drilled["state"], drilled["environment"]) == (0, "ROLLED_BACK", "drill")
    code, back, _ = release("rollback", "churn", "--reason", "it misbehaves", by="Ana")
    assert (code, back["id"], back["state"]) == (0, made.id, "ROLLED_BACK")
    code, refused, _ = release("rollback", "churn", "--reason", "again", by="Ana")
    assert (code, refused["refused"]) == (1, "no_target")
    assert verify(home).ok


def test_a_dossier_is_taken_away_with_the_profiles_it_was_computed_from(home, release, tmp_path):
    made = dossiers.pending(home)
    code, told, _ = release("show", made.id, "--out", tmp_path / "taken")
    page, plain, profiles = (Path(file) for file in told["files"])
    assert (code, page.suffix, plain.suffix) == (0, ".html", ".json")
    assert made.digest in page.read_text(encoding="utf-8")
    document = json.loads(plain.read_text(encoding="utf-8"))
    assert content_hash(document) == made.digest
    assert hashlib.sha256(profiles.read_bytes()).hexdigest() == document["profiles_sha256"]


def test_a_dossier_that_cannot_be_taken_away_is_one_sentence(home, release, tmp_path):
    draft = requested(home)
    code, _, told = release("show", draft.id, "--out", tmp_path / "taken")
    assert (code, told.count("\n"), "has no evidence yet" in told) == (2, 1, True)
    made = dossiers.settled(home, draft)
    (tmp_path / "file").write_text("in the way")
    code, _, told = release("show", made.id, "--out", tmp_path / "file")
    assert (code, told.count("\n"), "cannot be written: " in told) == (2, 1, True)


def test_decisions_against_a_release(home, release):
    made = pending(home)
    assert release("changes", made.id, "--reason", "say more")[1]["state"] == "DRAFT"
    assert release("cancel", made.id, "--reason", "not now", by="Dana")[1]["state"] == "CANCELLED"
    second = pending(home)
    assert release("reject", second.id, "--reason", "unfair")[1]["state"] == "REJECTED"
    code, refused, _ = release("approve", second.id, "--digest", second.digest, "--reason", "x", by="Ana")
    assert (code, refused["refused"]) == (1, "already_decided")


def test_what_gates_could_not_judge_takes_a_validator_and_a_note(home, release):
    made = pending(home, gates(unclear=("latency", "fairness")))
    assert release("accept", made.id, "--reason", "few rows", by="Vera")[1]["state"] == "PENDING_APPROVAL"
    approve = ("approve", made.id, "--digest", made.digest, "--reason", "fine")
    assert release(*approve)[1]["refused"] == "gate_failed"
    conditions = ("--condition", "watch it", "--owner", "Dana", "--due", "2020-01-01")
    code, _, told = release(*approve, *NOTES, *conditions)
    assert (code, "is due between" in told) == (2, True)
    assert release(*approve, *NOTES)[1]["state"] == "APPROVED"


def test_a_blocked_release_takes_an_owner_to_break_the_glass(home, release):
    made = pending(home, gates(failed=("latency",)))
    assert release("break-glass", made.id, "--reason", "short")[0] == 2
    broken = release("break-glass", made.id, "--reason", "customers cannot pay since this morning")[1]
    assert (broken["state"], broken["broken_glass"]) == ("PENDING_APPROVAL", True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "99"), "There is no release 99"),
        (("approve", "1", "--digest", "x", "--reason", "y", "--note", "fairness"), "A note is GATE=TEXT"),
        (("approve", "1", "--digest", "x", "--reason", "y", "--condition", "z"), "takes its own --owner and --due"),
        (
            ("approve", "1", "--digest", "x", "--reason", "y", "--condition", "z", "--owner", "o", "--due", "soon"),
            "--due is a day like",
        ),
        (("request", "churn", "v2", "--plan", "nothing.yaml"), "nothing.yaml"),
        (("rollback", "churn", "--reason", " "), "reason is needed"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_and_exit_code_2(release, arguments, words):
    code, _, told = release(*arguments)
    assert (code, words in told, told.count("\n")) == (2, True, 1)


def test_nothing_is_acknowledged_or_advanced_before_it_was_sent_out(home, release):
    made = pending(home)
    release("approve", made.id, "--digest", made.digest, "--reason", "fine")
    for arguments in (("ack", made.id), ("advance", made.id), ("ack", made.id, "--failed", "--reason", "no")):
        code, refused, _ = release(*arguments)
        assert (code, refused["refused"]) == (1, "illegal_move")


def test_a_person_says_how_it_went_where_no_executor_does(home, release):
    made = pending(home)
    approve_with = ("--digest", made.digest, "--reason", "fine")
    release("approve", made.id, *approve_with)
    executing.execute(home, OMAR, made.id)
    code, _, told = release("ack", made.id, "--failed")
    assert (code, "reason is needed" in told) == (2, True)
    code, failed, _ = release("ack", made.id, "--failed", "--reason", "the gateway was down")
    assert (code, failed["state"], failed["why"]) == (0, "FAILED", "the gateway was down")
    assert release("cancel", made.id, "--reason", "nothing moved")[1]["state"] == "CANCELLED"


def test_what_nobody_waits_for_cannot_have_failed(home, release):
    made = pending(home)
    release("approve", made.id, "--digest", made.digest, "--reason", "fine")
    assert release("execute", made.id)[1]["state"] == "LIVE"
    code, _, told = release("ack", made.id, "--failed", "--reason", "I think it broke")
    assert (code, told.count("\n")) == (2, 1)
    assert f"Release {made.id} is LIVE: no answer of an executor is awaited that could say it failed." in told
    code, found, _ = release("ack", made.id)
    assert (code, found["state"]) == (0, "LIVE")
    code, _, told = release("ack", made.id, "--event", "made up")
    assert (code, told.count("\n"), "has no event 'made up'" in told) == (2, 1, True)


def test_an_acknowledgement_that_names_an_overtaken_event_changes_nothing(home, release):
    made = pending(home)
    release("approve", made.id, "--digest", made.digest, "--reason", "fine")
    executing.execute(home, OMAR, made.id)
    with home.read() as session:
        (event,) = [one.event_id for one in outbox.by_release(session, made.id)]
    assert release("ack", made.id, "--event", event)[1]["state"] == "LIVE"
    rollback.request_rollback(home, OMAR, model="churn", reason="it misbehaves")
    acknowledging.acknowledge(home, OMAR, made.id, event=event)
    assert release("show", made.id)[1]["state"] == "ROLLBACK_REQUESTED"
    assert release("ack", made.id)[1]["state"] == "ROLLED_BACK"


def test_a_plan_says_what_holds_its_next_step(home, release):
    made = live(home, plan=plan_of({"steps": [{"kind": "shadow", "days": 2}, {"kind": "full"}]}))
    (advance,) = [one for one in release("show", made.id)[1]["moves"] if one["move"] == "advance"]
    assert advance["refused"] == "illegal_move"
    assert advance["why"].startswith("Step 1 (shadow) stands until ")
    code, refused, _ = release("advance", made.id)
    assert (code, refused["why"]) == (1, f"Release {made.id} cannot advance: s{advance['why'][1:]}")


def test_a_request_gathers_its_evidence_at_once_and_can_be_submitted_again(fleet, capsys):
    for name, role in ROLES.items():
        add_person(fleet, LOCAL, name, [role.value])
    from core.inventory.service import add_version

    add_version(fleet, DANA, model="churn", version="v2", artifact_sha256=None, has_reference=False)
    home = str(fleet.home)
    capsys.readouterr()
    assert run(["release", "request", "churn", "v2", "--as", "Dana", "--home", home, "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["state"] == "BLOCKED"
    assert made["digest"]
    assert run(["release", "resubmit", str(made["id"]), "--as", "Dana", "--home", home, "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert (again["state"], again["round"]) == ("BLOCKED", 2)
    assert run(["release", "show", str(made["id"]), "--home", home]) == 0
    told = capsys.readouterr().out
    assert "documentation" in told
    assert "waits for owner, second line or peer" in told
    open_store(fleet.home).engine.dispose()


def test_a_release_that_waits_for_evidence_is_gathered_by_resubmit(home, release):
    made = requested(home)
    code, found, _ = release("resubmit", made.id, by="Dana")
    assert (code, found["round"], found["state"]) == (0, 1, "BLOCKED")
