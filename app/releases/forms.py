"""The forms of the drawer: what each act means, what it asks for, and the button that says what will happen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import streamlit as st

from app import words
from app.releases import acts, panel, queries, told
from app.releases.panel import Panel
from core.errors import CoreError
from core.executors.delivery import EMBEDDED
from core.releases.evidence import not_passed
from core.releases.offers import Move
from core.releases.plan import plan_of
from core.releases.policy import SHORTEST_EMERGENCY_REASON, controls_of
from core.releases.release import Condition, Release
from core.releases.service import ReleaseDetail

DECIDE, JUDGE, EXECUTE, ADVANCE, ACKNOWLEDGE, SUBMIT, BREAK_GLASS, CANCEL = (
    "decide",
    "judge",
    "execute",
    "advance",
    "acknowledge",
    "submit",
    "break",
    "cancel",
)
TITLES = {
    DECIDE: "Decide on",
    JUDGE: "Judge",
    EXECUTE: "Execute",
    ADVANCE: "Next step of",
    ACKNOWLEDGE: "What happened with",
    SUBMIT: "Submit",
    BREAK_GLASS: "Break the glass for",
    CANCEL: "Withdraw",
}
CONDITION_DAYS = 30
Act = Callable[[], Release]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way to decide: its name, what follows from it, and what the button says."""

    name: str
    caption: str
    button: str


def roles(release: Release) -> dict[str, str]:
    """Return rule of the quorum → the roles that may fill it, in words."""
    return {rule.rule: " or ".join(sorted(rule.roles)) for rule in controls_of(release).quorum}


def draw(home: str, detail: ReleaseDetail, asked: Panel) -> None:
    """Open the drawer with the form that was asked for."""
    named = words.plain(f"{detail.release.model} {detail.release.version}")
    dialog = st.dialog(f"{TITLES[asked.kind]} {named}", position="right", width="medium", on_dismiss=panel.close)
    form = FORMS[asked.kind]
    dialog(form)(home, detail, asked)


def _confirmed(label: str, act: Act, *, danger: bool = False) -> None:
    """Draw the button; pressed, do the act and say what became of it, or why it was refused."""
    shown = f":red[**{label}**]" if danger else label
    icon = ":material/warning:" if danger else None
    if not st.button(shown, type="secondary" if danger else "primary", icon=icon, key="panel.confirm"):
        return
    try:
        release = act()
    except CoreError as error:
        st.error(words.plain(str(error)), icon=":material/block:")
        return
    panel.done(release)


def _reason(asked: Panel, hint: str, *, label: str = "Reason") -> str:
    return st.text_area(label, key=f"panel.reason.{asked.key}", placeholder=hint)


def _choose(choices: list[Choice], asked: Panel) -> Choice:
    named = {one.name: one for one in choices}
    picked = st.radio(
        "Decision", list(named), captions=[one.caption for one in choices], key=f"panel.choice.{asked.key}"
    )
    return named[picked]


def _decide(home: str, detail: ReleaseDetail, asked: Panel) -> None:
    release = detail.release
    open_moves = {offer.move for offer in detail.offers if offer.is_open}
    st.markdown(f"Your decision binds to the evidence `{told.short(asked.digest)}`.")
    choice = _choose(_ways(detail, open_moves), asked)
    approving = choice.name in (APPROVE, CONDITIONS)
    notes = _notes(detail, asked) if approving else {}
    conditions = _conditions(home, detail, asked) if choice.name == CONDITIONS else []
    reason = _reason(asked, "What you checked, and why this is safe" if approving else "What is missing")
    if approving:
        _confirmed(
            choice.button,
            lambda: acts.approve(
                home,
                release.id,
                digest=asked.digest,
                reason=reason,
                notes=notes,
                conditions=conditions,
                key=f"approve:{asked.key}",
            ),
        )
    elif choice.name == CHANGES:
        _confirmed(choice.button, lambda: acts.ask_changes(home, release.id, reason=reason, key=f"changes:{asked.key}"))
    else:
        _confirmed(choice.button, lambda: acts.reject(home, release.id, reason=reason, key=f"reject:{asked.key}"))


APPROVE, CONDITIONS, CHANGES, REJECT = "Approve", "Approve with conditions", "Ask for changes", "Reject"


def _ways(detail: ReleaseDetail, open_moves: set[Move]) -> list[Choice]:
    follows = consequence(detail)
    ways = []
    if Move.APPROVE in open_moves:
        ways.append(Choice(name=APPROVE, caption=follows, button=f"Approve: {follows}"))
        kept = f"{follows}; each condition becomes a finding with an owner and a date"
        ways.append(Choice(name=CONDITIONS, caption=kept, button=f"Approve with conditions: {follows}"))
    if Move.CHANGES in open_moves:
        back = f"back to {words.plain(detail.release.requested_by)} as a draft"
        ways.append(Choice(name=CHANGES, caption=back, button=f"Ask for changes: {back}"))
    if Move.REJECT in open_moves:
        ways.append(Choice(name=REJECT, caption="ends this request", button="Reject: ends this request"))
    return ways


def consequence(detail: ReleaseDetail) -> str:
    """Return what one approval more does: the how-manyth it is, and what can follow."""
    summary, release = detail.summary, detail.release
    needed = len(summary.rules)
    mine = needed - len(summary.waits_for) + 1
    which = "the only approval" if needed == 1 else f"the {panel.nth(mine)} of {_words(needed)}"
    if mine < needed:
        return f"{which}; {words.plural(needed - mine, 'more approval')} {'is' if needed - mine == 1 else 'are'} needed"
    wait = controls_of(release).wait
    when = f" in {told.span(wait)}" if wait > timedelta(0) else ""
    return f"{which}; {words.plain(release.version)} can then be executed{when}"


def _words(n: int) -> str:
    return ("one", "two", "three", "four", "five")[n - 1] if n <= 5 else str(n)


def _notes(detail: ReleaseDetail, asked: Panel) -> dict[str, str]:
    """Ask for a word on every gate that did not pass; an approval needs each."""
    document = {} if detail.pack is None else detail.pack.document
    silent = not_passed(document)
    reasons = {gate["gate"]: gate["reason"] for gate in document.get("gates", ())}
    if silent:
        st.markdown(f"**{words.plural(len(silent), 'gate')} did not pass: say why that will do**")
    found = {}
    for gate, outcome in silent.items():
        found[gate] = st.text_input(
            f"{told.gate(gate)} ({outcome}): {words.plain(reasons[gate])}", key=f"panel.note.{gate}.{asked.key}"
        )
    return {gate: text for gate, text in found.items() if text.strip()}


def _conditions(home: str, detail: ReleaseDetail, asked: Panel) -> list[Condition]:
    """Ask for the conditions: each with a text, an owner and a day."""
    count = st.session_state.setdefault(f"panel.conditions.{asked.key}", 1)
    people, today = queries.names(home), queries.clock(home).date()
    first = people.index(detail.release.requested_by) if detail.release.requested_by in people else 0
    found = []
    for place in range(count):
        with st.container(border=True, gap="xsmall", key=f"panel.condition.{place}"):
            text = st.text_input(f"Condition {place + 1}", key=f"panel.text.{place}.{asked.key}")
            owner = st.selectbox("Owner", people, index=first, key=f"panel.owner.{place}.{asked.key}")
            due = st.date_input(
                "Due", today + timedelta(days=CONDITION_DAYS), min_value=today, key=f"panel.due.{place}.{asked.key}"
            )
            found.append(Condition(text=text, owner=owner or "", due=due))
    more = partial(_one_more, f"panel.conditions.{asked.key}")
    st.button("One more condition", icon=":material/add:", type="tertiary", key="panel.more", on_click=more)
    return found


def _one_more(key: str) -> None:
    st.session_state[key] += 1


def _judge(home: str, detail: ReleaseDetail, asked: Panel) -> None:
    release, document = detail.release, {} if detail.pack is None else detail.pack.document
    st.markdown("What the gates could not judge:")
    st.markdown("\n".join(f"- {_gate(gate)}" for gate in document.get("gates", ()) if gate["outcome"] != "pass"))
    choice = _choose(
        [
            Choice(name="Accept", caption="it is put to the vote", button="Accept: puts it to the vote"),
            Choice(name="Decline", caption="it is blocked until it is mended", button="Decline: blocks it"),
        ],
        asked,
    )
    reason = _reason(asked, "Why this will do, or why it will not")
    act = acts.accept if choice.name == "Accept" else acts.decline
    key = f"{choice.name.lower()}:{asked.key}"
    _confirmed(choice.button, lambda: act(home, release.id, reason=reason, key=key))


def _gate(gate: Mapping[str, Any]) -> str:
    return f"**{told.gate(gate['gate'])}** {told.outcome_badge(gate['outcome'])} {words.plain(gate['reason'])}"


def _execute(home: str, detail: ReleaseDetail, asked: Panel) -> None:
    release = detail.release
    first = plan_of(release.plan).steps[0].as_json()
    st.markdown(f"{_sent_to(home)} {words.plain(release.version)} gets **{words.plain(told.step(first))}**.")
    st.markdown("Everything the approvals rest on is read once more. Nothing is live before the executor confirms it.")
    label = f"Execute: {words.plain(release.version)} gets {words.plain(told.step(first))}"
    _confirmed(label, lambda: acts.execute(home, release.id, key=f"execute:{asked.key}"))


def _advance(home: str, detail: ReleaseDetail, asked: Panel) -> None:
    release = detail.release
    following = plan_of(release.plan).steps[release.step].as_json()
    st.markdown(f"{_sent_to(home)} {words.plain(release.version)} gets **{words.plain(told.step(following))}**.")
    _confirmed(
        f"Next step: {words.plain(told.step(following))}",
        lambda: acts.advance(home, release.id, key=f"advance:{asked.key}"),
    )


def _sent_to(home: str) -> str:
    executor = queries.executor(home)
    return "The embedded executor is asked." if executor == EMBEDDED else f"{words.plain(executor)} is asked."


def _acknowledge(home: str, detail: ReleaseDetail, asked: Panel) -> None:
    release = detail.release
    back = release.rollback_to_id is not None
    what = "it was taken back" if back else f"{words.plain(release.version)} is live"
    st.markdown(
        "The executor has not said it. Look at what serves; your word with its reason stands in the audit trail."
    )
    choice = _choose(
        [
            Choice(name="It is done", caption=what, button=f"It is done: {what}"),
            Choice(name="It did not happen", caption="the version before serves", button="It did not happen"),
        ],
        asked,
    )
    reason = _reason(asked, "What you saw, and where")
    done = choice.name == "It is done"
    key = f"{'ack' if done else 'fail'}:{asked.key}"
    act = acts.acknowledge if done else acts.fail
    _confirmed(choice.button, lambda: act(home, release.id, event=detail.event, reason=reason, key=key))


def _submit(home: str, detail: ReleaseDetail, asked: Panel) -> None:
    release = detail.release
    round_ = release.round + (release.digest is not None)
    st.markdown("New evidence is gathered under today's tier and policy; approvals of earlier rounds count no longer.")
    reason = _reason(asked, "What was mended")
    label = f"Submit: gathers the evidence of round {round_}"
    _confirmed(label, lambda: acts.submit(home, release.id, reason=reason, key=asked.key))


def _break(home: str, detail: ReleaseDetail, asked: Panel) -> None:
    release = detail.release
    st.error(
        "**It is blocked.** Breaking the glass puts the release to the vote all the same. It is red on the inventory "
        "until somebody has reviewed it, within two working days; the audit trail keeps your name and reason.",
        icon=":material/emergency_home:",
    )
    reason = _reason(
        asked, "The emergency, and why it cannot wait", label=f"Reason, at least {SHORTEST_EMERGENCY_REASON} characters"
    )
    _confirmed(
        "Break the glass: puts it to the vote all the same",
        lambda: acts.break_glass(home, release.id, reason=reason, key=f"break:{asked.key}"),
        danger=True,
    )


def _cancel(home: str, detail: ReleaseDetail, asked: Panel) -> None:
    release = detail.release
    st.markdown("The request ends here. What was gathered and decided stays in the audit trail.")
    reason = _reason(asked, "Why it is not wanted any more")
    _confirmed("Withdraw: ends this request", lambda: acts.cancel(home, release.id, reason=reason, key=asked.key))


FORMS: Mapping[str, Callable[[str, ReleaseDetail, Panel], None]] = {
    DECIDE: _decide,
    JUDGE: _judge,
    EXECUTE: _execute,
    ADVANCE: _advance,
    ACKNOWLEDGE: _acknowledge,
    SUBMIT: _submit,
    BREAK_GLASS: _break,
    CANCEL: _cancel,
}
