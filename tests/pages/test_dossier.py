"""The release dossier: what it shows of the frozen evidence, who may press what, and every refusal as a sentence."""

from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.delivering import deliver_due
from app.releases import queries
from core.audit.service import about
from core.audit.sought import Sought
from core.errors import RefusedError
from core.executors.service import set_executor
from core.findings.service import findings, raise_finding
from core.releases.acknowledging import service as acknowledging
from core.releases.deciding import service as deciding
from core.releases.dossier import dossier_html, dossier_json
from core.releases.executing import service as executing
from core.releases.judging import service as judging
from core.releases.plan import Plan, PlanStep, StepKind
from core.releases.requesting import service as requesting
from core.releases.rollback import service as rollback
from core.releases.service import find_release, release_detail
from core.releases.states import ReleaseState
from core.releases.talking import service as talking
from core.store.database import Store
from tests.pages.dossiers import HOSTILE, acting, governed_home, keys, pending, said, settled
from tests.pages.test_pages import opened
from tests.release_kit import ADAM, ANA, DANA, OMAR, VERA, governed, later, requested

REASON = "The evidence holds for every segment"


@pytest.fixture
def store(tmp_path: Path, empty_home: Path) -> Store:
    return governed_home(empty_home, tmp_path / "home")


@pytest.fixture
def strict(tmp_path: Path, empty_home: Path) -> Store:
    return governed_home(empty_home, tmp_path / "home", tier=2)


@pytest.fixture
def shown(monkeypatch):
    def show(store: Store, name: str, **query: str) -> AppTest:
        at = opened(store.home, "dossier", monkeypatch, **query)
        return acting(at, name)

    return show


def confirmed(at: AppTest, reason: str = REASON) -> AppTest:
    """Fill in the reason of the open drawer and press its button."""
    area = next(one for one in at.text_area if one.key and one.key.startswith("panel.reason."))
    area.set_value(reason)
    return at.button(key="panel.confirm").click().run()


def test_without_a_release_the_page_says_how_one_begins(store, shown):
    at = shown(store, "Dana")
    assert not at.exception
    assert at.title[0].value == "churn has no release yet"
    assert "dossier.request" in keys(at)
    assert "dossier.request" not in keys(acting(at, "Vic"))


def test_the_head_says_what_is_wanted_who_asked_when_it_expires_and_by_which_policy(strict, shown):
    release = pending(strict)
    at = shown(strict, "Omar")
    assert not at.exception
    assert at.title[0].value == "churn v2 wants to replace v1"
    text = said(at)
    assert "waits for 2 of 2 approvals" in text
    assert "requested by Dana just now · expires in 7 d · tier 2 · policy demo/2" in text
    assert f"{release.digest[:4]}…{release.digest[-4:]}" in text
    assert "It waits for “owner” and “second line or peer”" in text


def test_what_gets_worse_stands_first_and_its_text_is_no_markup(store, shown):
    pending(store, failed=("worst_segment",))
    at = shown(store, "Omar")
    worse = at.table[0].value
    assert worse.iloc[0, 1] == ":red-badge[■ over 0.030]"
    assert worse.iloc[1, 1] == ":gray-badge[◌ may be chance]"
    assert worse.iloc[2, 1] == ":orange-badge[▲ not judged]"
    assert "\\*bold\\*" in worse.iloc[0, 0]
    changed = at.table[1].value
    assert changed.loc["features"].iloc[0].startswith("+1 −0, 3 kept")
    assert changed.loc["training sample"].iloc[0] == "100 rows → 200 rows"
    assert "threshold" not in changed.index


def test_a_loss_is_red_only_where_its_gate_fails(store, shown):
    pending(store, unclear=("worst_segment",))
    assert shown(store, "Omar").table[0].value.iloc[0, 1] == ":orange-badge[▲ limit 0.030]"


def test_gates_that_fail_stand_above_those_without_an_answer_with_number_limit_and_interval(store, shown):
    pending(store, failed=("latency",), unclear=("calibration",))
    at = shown(store, "Omar")
    gates = at.table[2].value
    assert list(gates["gate"])[:2] == ["latency", "calibration"]
    assert gates["verdict"].iloc[0] == ":red-badge[■ fails]"
    row = gates.iloc[0].str.replace("\N{NO-BREAK SPACE}", " ")
    assert (row["value"], row["limit"], row["95 % interval"], row["n"]) == ("0.054", "≤ 0.010", "0.050 to 0.060", "900")
    assert "Gates: 1 fails, 1 inconclusive, 10 pass" in said(at)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("metrics", "actuals are known of 100 % of those decided negative and 75.0 % of those decided positive"),
        ("curves", "Precision and recall"),
        ("segments", "of 40 searched; at most 0.030 is allowed"),
        ("fairness", "region"),
        ("reasons", "income changes most in what moves the scores"),
    ],
)
def test_champion_and_challenger_stand_side_by_side(part, expected, store, shown):
    pending(store)
    at = shown(store, "Omar", compared=part)
    assert not at.exception
    assert at.segmented_control(key="compared").value == part
    assert expected in said(at)


def test_the_metric_that_gets_worse_is_the_first_row(store, shown):
    pending(store)
    at = shown(store, "Omar")
    table = next(one.value for one in at.dataframe if "worse by" in one.value)
    assert list(table["metric"]) == ["accuracy", "ROC AUC", "recall"]
    assert list(table["worse by"]) == ["0.054", "−0.010", "–"]


@pytest.mark.parametrize("part", ["history", "card", "findings", "evidence"])
def test_what_lies_beside_the_numbers_can_be_shown(part, store, shown):
    release = pending(store)
    at = shown(store, "Omar")
    at.segmented_control(key="beside").set_value(part).run()
    assert not at.exception
    if part == "evidence":
        assert any(code.value == release.digest for code in at.code)
        assert "policy" in at.table[3].value.index


def test_who_requested_it_sees_why_they_cannot_approve_and_no_button_for_it(store, shown):
    pending(store)
    at = shown(store, "Dana")
    assert "You (Dana) cannot approve:" in said(at)
    assert "dossier.decide" not in keys(at)


def test_an_owner_who_requested_is_told_that_somebody_else_has_to_approve(store, shown):
    pending(store, by=OMAR)
    at = shown(store, "Omar")
    assert "You asked for this release: somebody else has to approve it" in said(at)


def test_a_viewer_sees_everything_and_may_press_nothing(store, shown):
    pending(store)
    at = shown(store, "Vic")
    assert not at.exception
    assert not {key for key in keys(at) if key.startswith(("dossier.", "header."))}
    assert not at.text_area


def test_two_people_approve_and_the_button_says_which_approval_it_is(strict, shown):
    release = pending(strict)
    at = shown(strict, "Omar")
    at.button(key="dossier.decide").click().run()
    assert at.button(key="panel.confirm").label == "Approve: the first of two; 1 more approval is needed"
    confirmed(at)
    assert not at.exception
    assert "waits for 1 of 2 approvals" in said(at)
    assert "Omar approved as “owner”" in said(at)
    acting(at, "Ana")
    at.button(key="dossier.decide").click().run()
    assert at.button(key="panel.confirm").label == "Approve: the second of two; v2 can then be executed"
    confirmed(at)
    assert at.title[0].value == "churn v2 is approved and not yet executed"
    assert find_release(strict, release.id).state is ReleaseState.APPROVED


def test_the_same_person_is_told_that_they_have_approved(strict, shown):
    release = pending(strict)
    deciding.approve(strict, OMAR, release.id, digest=release.digest, reason=REASON)
    at = shown(strict, "Omar")
    assert "You have approved this release already; others have to" in said(at)


def test_an_approval_without_a_reason_is_refused_in_the_drawer(store, shown):
    release = pending(store)
    at = shown(store, "Omar")
    at.button(key="dossier.decide").click().run()
    confirmed(at, " ")
    assert "The reason is needed" in at.error[0].value
    assert find_release(store, release.id).state is ReleaseState.PENDING_APPROVAL


def test_every_gate_that_did_not_pass_needs_a_note(store, shown):
    release = pending(store, unclear=("latency",))
    judging.accept(store, VERA, release.id, reason="It is fast enough by hand")
    at = shown(store, "Omar")
    at.button(key="dossier.decide").click().run()
    confirmed(at)
    assert "an approval needs a note on each: latency" in at.error[0].value.replace("\\", "")
    note = next(one for one in at.text_input if one.key and one.key.startswith("panel.note.latency"))
    note.set_value("measured by *hand*")
    confirmed(at)
    assert find_release(store, release.id).state is ReleaseState.APPROVED
    assert "latency: the interval holds the limit. Omar: measured by *hand*" in said(at).replace("**", "")


def test_conditions_become_findings_with_an_owner_and_a_day(store, shown):
    release = pending(store)
    at = shown(store, "Ana")
    at.button(key="dossier.decide").click().run()
    choice = next(one for one in at.radio if one.key and one.key.startswith("panel.choice"))
    choice.set_value("Approve with conditions").run()
    at.button(key="panel.more").click().run()
    texts = [one for one in at.text_input if one.key and one.key.startswith("panel.text.")]
    owners = [one for one in at.selectbox if one.key and one.key.startswith("panel.owner.")]
    assert len(texts) == len(owners) == 2
    for place, text in enumerate(("watch the north", "log the latency")):
        texts[place].set_value(text)
        owners[place].set_value("Omar")
    confirmed(at)
    assert not at.exception
    made = findings(store, model="churn")
    assert {one.title for one in made} == {"watch the north", "log the latency"}
    assert {one.owner for one in made} == {"Omar"}
    assert find_release(store, release.id).state is ReleaseState.APPROVED


@pytest.mark.parametrize(
    ("choice", "state", "title"),
    [
        ("Ask for changes", ReleaseState.DRAFT, "churn v2 wants to replace v1"),
        ("Reject", ReleaseState.REJECTED, "churn v2 was rejected"),
    ],
)
def test_a_release_is_sent_back_or_refused(choice, state, title, store, shown):
    release = pending(store)
    at = shown(store, "Vera")
    at.button(key="dossier.decide").click().run()
    next(one for one in at.radio if one.key and one.key.startswith("panel.choice")).set_value(choice).run()
    assert at.button(key="panel.confirm").label.startswith(choice)
    confirmed(at)
    assert find_release(store, release.id).state is state
    assert at.title[0].value == title
    assert REASON in said(at)


def test_whoever_comes_second_reads_who_decided_what_and_when(store, shown):
    release = pending(store)
    at = shown(store, "Omar")
    at.button(key="dossier.decide").click().run()
    deciding.reject(store, VERA, release.id, reason="not now")
    assert "already decided by Vera at 2026-11-20 09:30 UTC: rejected" in decided_late(at)


def decided_late(at: AppTest) -> str:
    confirmed(at)
    return said(at)


def test_evidence_that_was_gathered_anew_meanwhile_is_not_approved(store, shown):
    release = pending(store)
    at = shown(store, "Omar")
    at.button(key="dossier.decide").click().run()
    deciding.ask_changes(store, VERA, release.id, reason="add the north")
    settled(store, requesting.submit(store, DANA, release.id, reason="added"))
    confirmed(at)
    assert "Your screen showed the evidence" in said(at)
    assert find_release(store, release.id).state is ReleaseState.PENDING_APPROVAL


def test_what_changed_since_the_evidence_is_shown_and_makes_an_approval_stale(store, shown):
    release = pending(store)
    raise_finding(
        store, VERA, model="churn", severity="critical", category="data", title="wrong income", owner="Omar", text="x"
    )
    at = shown(store, "Omar")
    text = said(at)
    assert "1 field changed" in text
    assert "an approval is refused" in text
    at.button(key="dossier.decide").click().run()
    confirmed(at)
    assert f"Release {release.id} is stale: changed since the evidence was frozen" in said(at)
    assert find_release(store, release.id).state is ReleaseState.STALE


def test_a_validator_accepts_what_the_gates_could_not_judge(store, shown):
    release = pending(store, unclear=("latency",))
    at = shown(store, "Omar")
    assert "cannot judge:" in said(at)
    acting(at, "Vera")
    at.button(key="dossier.judge").click().run()
    assert at.button(key="panel.confirm").label == "Accept: puts it to the vote"
    confirmed(at)
    assert find_release(store, release.id).state is ReleaseState.PENDING_APPROVAL


def test_the_owner_breaks_the_glass_with_a_reason_of_twenty_characters_and_it_is_red(store, shown):
    release = pending(store, failed=("latency",))
    at = shown(store, "Dana")
    assert "dossier.break" not in keys(at)
    acting(at, "Omar")
    at.button(key="dossier.break").click().run()
    confirmed(at, "too short")
    assert "The reason has 9 characters" in said(at)
    confirmed(at, "The desk is down and cannot wait")
    assert find_release(store, release.id).broken_glass
    assert "glass broken" in said(at)


def test_execution_is_requested_not_confirmed_until_the_executor_has_answered(store, shown):
    release = pending(store)
    deciding.approve(store, OMAR, release.id, digest=release.digest, reason=REASON)
    at = shown(store, "Omar")
    at.button(key="dossier.execute").click().run()
    at.button(key="panel.confirm").click().run()
    assert at.title[0].value == "churn v2 was sent out, and is not confirmed"
    assert "requested, not confirmed · 0 s" in said(at)
    assert "To be sent to the embedded executor" in said(at)
    assert "dossier.acknowledge" not in keys(at)
    deliver_due(store)
    at.run()
    assert at.title[0].value == "churn v2 is live"
    assert "not confirmed" not in said(at)


def test_a_step_that_has_to_stand_says_until_when_and_who_may_not_go_on_says_so(store, shown):
    steps = (PlanStep(kind=StepKind.SHADOW, share=0.0, days=3.0), PlanStep(kind=StepKind.FULL, share=1.0))
    release = settled(store, requested(store, plan=Plan(steps=steps)))
    deciding.approve(store, OMAR, release.id, digest=release.digest, reason=REASON)
    executing.execute(store, OMAR, release.id)
    deliver_due(store)
    at = shown(store, "Omar")
    assert "dossier.advance" not in keys(at)
    assert "You (Omar) cannot advance:** Step 1 (shadow) stands until" in said(at)
    assert "The next step of its plan is all of the traffic." in said(at)
    assert "dossier.rollback" in keys(at)
    assert at.title[0].value == "churn v2 runs in shadow"
    assert "In shadow since" in said(at)
    assert "Your roles (viewer) do not allow this" in said(acting(at, "Vic"))


def test_the_same_click_twice_is_one_act(store, shown):
    release = pending(store)
    at = shown(store, "Omar")
    at.button(key="dossier.decide").click().run()
    key = at.session_state["release.panel"].key
    more = {"digest": release.digest, "reason": REASON, "idempotency_key": f"approve:{key}"}
    deciding.approve(store, OMAR, release.id, **more)
    confirmed(at)
    assert not at.error
    assert len(about(store, Sought(action="releases:release:approve"))) == 1


def test_nobody_knows_what_happened_and_a_person_says_it(store, shown):
    release = pending(store)
    deciding.approve(store, OMAR, release.id, digest=release.digest, reason=REASON)
    executing.execute(store, OMAR, release.id)
    acknowledging.time_out(later(store, minutes=20), DANA, within=timedelta(minutes=15))
    at = shown(store, "Omar")
    assert at.title[0].value == "Nobody knows whether churn v2 is live"
    at.button(key="dossier.acknowledge").click().run()
    confirmed(at, "The desk sees its scores")
    assert find_release(store, release.id).state is ReleaseState.LIVE


def test_a_word_about_what_was_asked_before_does_not_answer_for_a_rollback_asked_for_meanwhile(store, shown):
    release = pending(store)
    deciding.approve(store, OMAR, release.id, digest=release.digest, reason=REASON)
    executing.execute(store, OMAR, release.id)
    acknowledging.time_out(later(store, minutes=20), DANA, within=timedelta(minutes=15))
    at = shown(store, "Omar")
    at.button(key="dossier.acknowledge").click().run()
    acknowledging.fail(store, DANA, release.id, reason="the host was down")
    rollback.request_rollback(store, VERA, model="churn", reason="it may serve in part")
    acknowledging.sent(store, DANA, release.id)
    confirmed(at, "The desk sees its scores")
    assert find_release(store, release.id).state is ReleaseState.ROLLING_BACK


def test_a_release_is_withdrawn_and_one_that_was_sent_back_is_submitted_again(store, shown):
    release = pending(store)
    deciding.ask_changes(store, VERA, release.id, reason="add the north")
    at = shown(store, "Dana")
    assert "Vera asks for changes: add the north" in said(at)
    at.button(key="dossier.submit").click().run()
    confirmed(at, "added")
    assert not at.exception
    assert find_release(store, release.id).state is ReleaseState.PENDING_EVIDENCE
    assert "Working out the evidence" in " ".join(one.proto.text for one in at.get("progress"))
    at.button(key="dossier.cancel").click().run()
    confirmed(at, "not wanted")
    assert at.title[0].value == "The release of churn v2 was withdrawn"


def test_a_comment_of_somebody_else_is_new_since_the_last_visit(store, shown, monkeypatch):
    release = pending(store)
    at = shown(store, "Omar")
    assert "new since" not in said(at)

    talking.comment(later(store, minutes=5), ANA, release.id, text=HOSTILE)
    again = shown(store, "Omar")
    assert "1 new since your last visit" in said(again)
    assert HOSTILE in said(again)


def test_a_comment_is_said_once(store, shown):
    release = pending(store)
    at = shown(store, "Bea")
    area = next(one for one in at.text_area if one.key and one.key.startswith("comment."))
    area.set_value("what of the north?")
    at.button(key="dossier.say").click().run()
    assert not at.exception
    assert [one.text for one in release_detail(store, OMAR, release.id).comments] == ["what of the north?"]
    assert next(one for one in at.text_area if one.key and one.key.startswith("comment.")).value == ""


def test_a_link_wins_over_the_header_and_the_header_follows_it(store, shown):
    pending(store)
    governed(store, model="another", tier=3)
    at = shown(store, "Omar", release="1", model="another")
    assert not at.exception
    assert at.title[0].value == "churn v2 wants to replace v1"
    at.selectbox(key="model").set_value("another").run()
    assert at.title[0].value == "another has no release yet"


def test_a_number_that_is_no_release_shows_the_models_own(store, shown):
    pending(store)
    for nonsense in ("99", "x", "9" * 30):
        assert shown(store, "Omar", release=nonsense).title[0].value == "churn v2 wants to replace v1"


def test_an_attached_file_is_handed_out_to_who_may_comment_and_to_nobody_else(store, shown):
    release = pending(store)
    content = b"\x89PNG\r\n\x1a\n" + b"0" * 2_000
    made = talking.attach(store, ANA, release.id, file="north.png", content=content, text="as seen in the north")
    at = shown(store, "Omar")
    assert not at.exception
    assert "as seen in the north" in said(at)
    button = next(one for one in at.get("download_button") if "north" in one.proto.label)
    assert not button.proto.disabled
    assert queries.file_of(str(store.home), "Omar", "owner", made.id) == content
    with pytest.raises(RefusedError):
        queries.file_of(str(store.home), "Vic", "viewer", made.id)


def test_the_dossier_is_taken_away_as_one_page_as_json_and_with_its_packed_profiles(store, shown):
    release = pending(store)
    at = shown(store, "Omar")
    assert {"One HTML page", "JSON", "Packed profiles"} <= {one.proto.label for one in at.get("download_button")}
    document = release_detail(store, OMAR, release.id).pack.document
    assert release.digest in dossier_html(document, digest=release.digest)
    assert "http://x.example" in dossier_json(document)
    assert 'href="http' not in dossier_html(document, digest=release.digest)


def test_who_may_not_read_fairness_sees_neither_groups_nor_card_and_is_told_so(store, shown):
    pending(store)
    at = shown(store, "Vic", compared="fairness")
    assert not at.exception
    assert "region" not in said(at)
    assert said(at).count("Figures of protected groups are for those who may read fairness. ") == 2
    at.segmented_control(key="beside").set_value("card").run()
    assert "The card is not shown" in said(at)
    assert not at.code
    assert "region" in said(shown(store, "Vera", compared="fairness"))


def test_the_word_of_a_person_is_asked_for_where_a_webhook_may_never_say_it(store, shown):
    set_executor(store, ADAM, executor="https://deploy.example/hook", hosts=("deploy.example",))
    release = pending(store)
    deciding.approve(store, OMAR, release.id, digest=release.digest, reason=REASON)
    at = shown(store, "Omar")
    at.button(key="dossier.execute").click().run()
    assert "https://deploy.example/hook is asked" in said(at)
    at.button(key="panel.confirm").click().run()
    assert "To be sent to https://deploy.example/hook" in said(at)
    at.button(key="dossier.acknowledge").click().run()
    choice = next(one for one in at.radio if one.key and one.key.startswith("panel.choice"))
    choice.set_value("It did not happen").run()
    confirmed(at, "the host was down")
    assert find_release(store, release.id).state is ReleaseState.FAILED
    assert at.title[0].value == "churn v2 could not be made live"
