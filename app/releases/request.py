"""Requesting a release: which version of which model, by which plan, and why."""

from dataclasses import replace
from functools import partial

import streamlit as st

from app import navigation, words
from app.releases import acts, panel, queries, told
from app.releases.panel import Panel
from app.releases.queries import Offered
from core.access.matrix import Action
from core.errors import CoreError
from core.log.plain_yaml import read_yaml
from core.releases.plan import AT_ONCE, Plan, PlanStep, StepKind, plan_of

KIND, GO = "request", "release.go"
AT_ONCE_PLAN, BY_TIER, OWN = "at once", "as the tier asks", "own plan"
CAPTIONS = {
    AT_ONCE_PLAN: "one step; the embedded executor moves an alias and has nothing to split",
    OWN: "steps in YAML, held to the tier's least",
}
EXAMPLE = "steps:\n- {kind: canary, share: 0.05, days: 7}\n- {kind: full}"


def button(home: str, model: str, *, key: str) -> None:
    """Draw the button that opens the request, with this model chosen."""
    st.button(
        "Request a release",
        icon=":material/rocket_launch:",
        key=key,
        on_click=partial(_begin, home, model),
        width="content",
    )


def _begin(home: str, model: str) -> None:
    """Open the request for the header's model, or where it has nothing to release, for the first that has."""
    known = [model, *queries.models_with_versions(home)]
    st.session_state["request.model"] = next((one for one in known if not queries.offered(home, one).why), model)
    panel.begin(KIND, None)


def may(home: str) -> bool:
    """Say whether whoever acts may request releases."""
    return queries.allowed(home, Action.RELEASE_REQUEST)


def follow() -> None:
    """Go to the dossier of the release that was just requested."""
    there = st.session_state.pop(GO, None)
    if there is not None:
        st.switch_page(navigation.path("dossier"), query_params=there)


def drawer(home: str) -> None:
    """Draw the request where it was opened."""
    asked = panel.asked()
    if asked is not None and asked.kind == KIND and may(home):
        _form(home, asked)


@st.dialog("Request a release", position="right", width="medium", on_dismiss=panel.close)
def _form(home: str, asked: Panel) -> None:
    known = queries.models_with_versions(home)
    if not known:
        st.markdown("No model has a version yet.")
        return
    if st.session_state.get("request.model") not in known:
        st.session_state["request.model"] = known[0]
    model = st.selectbox("Model", known, key="request.model")
    offered = queries.offered(home, model)
    if offered.why:
        st.warning(words.plain(offered.why))
        return
    version = st.selectbox("Version", offered.versions, key=f"request.version.{model}")
    plan = _plan(offered)
    reason = st.text_area("Reason", key=f"request.reason.{asked.key}", placeholder="What is better, and for whom")
    st.caption(_consequence(offered))
    place = f"in the place of {offered.champion}" if offered.champion else "as its first live version"
    label = f"Request {words.plain(version)} {words.plain(place)}"
    if st.button(label, type="primary", key="request.confirm", disabled=plan is None) and plan is not None:
        _request(home, asked, (model, version, reason), plan)


def _consequence(offered: Offered) -> str:
    controls = offered.controls
    rules = " and ".join(f"“{rule.rule}”" for rule in controls.quorum)
    return (
        f"Tier {controls.tier}: the evidence is gathered first, on the same rows of both versions. Then it waits for "
        f"{words.plain(rules)}. You cannot approve what you requested yourself."
    )


def _plan(offered: Offered) -> Plan | None:
    tiered = _of_tier(offered)
    choices = [AT_ONCE_PLAN, *([BY_TIER] if tiered != AT_ONCE else []), OWN]
    captions = {**CAPTIONS, BY_TIER: told.plan(tiered.as_json())}
    chosen = st.radio("Rollout", choices, captions=[captions[one] for one in choices], key="request.plan")
    if chosen == OWN:
        return _own()
    return tiered if chosen == BY_TIER else AT_ONCE


def _of_tier(offered: Offered) -> Plan:
    """Return the least rollout that the tier asks for: its days in shadow, then its shares of the traffic."""
    steps = [
        PlanStep(kind=StepKind.CANARY if part < 1 else StepKind.FULL, share=part)
        for part in offered.controls.rollout.shares
    ]
    days = offered.controls.rollout.shadow_days
    shadow = [PlanStep(kind=StepKind.SHADOW, share=0.0, days=float(days))] if days and len(steps) > 1 else []
    return replace(AT_ONCE, steps=(*shadow, *steps))


def _own() -> Plan | None:
    written = st.text_area("Steps", EXAMPLE, key="request.steps", height=120)
    try:
        return plan_of(read_yaml(written, "the plan"))
    except CoreError as error:
        st.error(words.plain(str(error)))
        return None


def _request(home: str, asked: Panel, wanted: tuple[str, str, str], plan: Plan) -> None:
    model, version, reason = wanted
    try:
        release = acts.request(home, model=model, version=version, plan=plan, reason=reason, key=asked.key)
    except CoreError as error:
        st.error(words.plain(str(error)))
        return
    st.session_state[GO] = {"model": release.model, "release": str(release.id)}
    panel.done(release)
