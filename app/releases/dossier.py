"""The head of a dossier: which release, where it stands, what gets worse first, what changed, and the gates."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from app import waiting, words
from app.releases import findings, queries, told
from app.releases.acts import gathering
from app.releases.jobs import RELEASE_EVIDENCE
from app.views import Selection
from core.access.matrix import Action
from core.releases.gates.gate import GateOutcome
from core.releases.gates.performance import WORDS as METRICS
from core.releases.service import Approval, ReleaseDetail, ReleaseSummary
from core.releases.states import ReleaseState

ASKED, SEEN, CHOICE = "release", "seen.release", "dossier.release"
MOST_WORSE = 5
MOST_NAMES = 6
SHORT_SHA = 8
Document = Mapping[str, Any]


def asked(home: str, selection: Selection) -> int | None:
    """Return which release is shown: the one that the link names, else the model's open or newest one.

    A link wins over the header, which follows it; whoever then chooses another model is shown that model's release.
    """
    text = st.query_params.get(ASKED, "")
    known = queries.find(home, int(text)) if text.isdecimal() and len(text) < 10 else None
    if known is not None and known.model != selection.model and st.session_state.get(SEEN) != text:
        st.session_state[SEEN] = text
        st.query_params["model"] = known.model
        st.rerun()
    if known is None or known.model != selection.model:
        shown = queries.shown(home, selection.model)
        known = None if shown is None else shown.release
    if known is None:
        st.query_params.pop(ASKED, None)
        return None
    st.session_state[SEEN] = st.query_params[ASKED] = str(known.id)
    return known.id


def choose(home: str, detail: ReleaseDetail) -> None:
    """Draw the choice among the model's releases where there are several."""
    mine = {one.release.id: one for one in queries.all_releases(home, detail.release.model)}
    if len(mine) < 2:
        return
    if st.session_state.get(CHOICE) != detail.release.id:
        st.session_state[CHOICE] = detail.release.id
    st.selectbox(
        "Release",
        list(mine),
        key=CHOICE,
        format_func=lambda number: _named(mine[number]),
        on_change=_follow,
        label_visibility="collapsed",
        width=260,
    )


def _named(summary: ReleaseSummary) -> str:
    return f"{summary.release.id}: {summary.release.version}, {told.state(summary)[1]}"


def _follow() -> None:
    st.query_params[ASKED] = str(st.session_state[CHOICE])


def head(home: str, detail: ReleaseDetail) -> None:
    """Draw state, who asked, when it ends, the evidence; and in a sentence what comes next."""
    release = detail.release
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="dossier.facts"):
        st.markdown(told.badge(detail.summary), width="content")
        if release.broken_glass:
            st.markdown(
                ":red-badge[■ glass broken]", width="content", help="It was blocked, and the owner put it to the vote."
            )
        st.markdown(findings.facts(detail, queries.clock(home)), width="content")
        if release.digest:
            st.markdown(f"· evidence `{told.short(release.digest)}`", width="content", help=f"`{release.digest}`")
    st.markdown(findings.sentence(detail))


def overtaken(detail: ReleaseDetail) -> None:
    """Draw what is no longer what it was when the evidence was frozen: an approval of it will be refused."""
    if not detail.differences:
        return
    n = words.plural(len(detail.differences), "field")
    with st.container(border=True, gap="xsmall", key="dossier.differences"):
        st.markdown(f":orange-badge[▲ {n} changed] **since the evidence was frozen: an approval is refused**")
        rows = [
            {
                "what": findings.differs(one.field),
                "then": words.plain(_value(one.was)),
                "now": words.plain(_value(one.now)),
            }
            for one in detail.differences
        ]
        st.table(rows, border="horizontal", hide_index=True)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_value(part)}" for name, part in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(map(_value, value)) or "none"
    return words.NONE if value is None else words.digest(str(value))


def gathered(home: str, detail: ReleaseDetail) -> bool:
    """Say whether there is evidence to show; while it is gathered, draw how far that is."""
    release = detail.release
    if detail.pack is not None:
        return True
    if release.state is ReleaseState.PENDING_EVIDENCE and queries.allowed(home, Action.JOB_SUBMIT):
        job = gathering(release)
        waiting.shown_when_ready(home, RELEASE_EVIDENCE, job, seconds=waiting.AT_ONCE_SECONDS, what="the evidence")
    elif release.state is ReleaseState.PENDING_EVIDENCE:
        st.info("The evidence is being gathered. It stands here when it is done.")
    return False


def cards(document: Document) -> None:
    """Draw what gets worse first, and what changed."""
    left, right = st.columns([1, 1], gap="small")
    with left.container(border=True, height="stretch", gap="xsmall", key="dossier.worse"):
        _worse(document)
    with right.container(border=True, height="stretch", gap="xsmall", key="dossier.changed"):
        st.markdown("**What changed**")
        st.table(changed(document), border="horizontal")


def _worse(document: Document) -> None:
    found = document.get("worse_first") or []
    st.markdown("**What gets worse first**")
    if not found:
        compared = document.get("pairs") and document["pairs"].get("compared")
        st.markdown("Nothing that was compared gets worse." if compared else "Nothing could be compared yet.")
        return
    shown = [
        {
            "figure": words.plain(one["what"]),
            "": _worse_badge(one, _judging(one, document)),
            "worse by": f"{told.amount(one['worse_by'])} :gray[\\[{told.whole(_between(one))}\\]]",
        }
        for one in found[:MOST_WORSE]
    ]
    st.table(shown, border="horizontal", hide_index=True, hide_header=True)
    if len(found) > MOST_WORSE:
        st.caption(f"{len(found) - MOST_WORSE} more get worse, less so: under metrics, segments and fairness below.")


def _between(one: Mapping[str, Any]) -> str:
    return f"{told.amount(one['ci_low'])} to {told.amount(one['ci_high'])}"


def _judging(one: Mapping[str, Any], document: Document) -> str:
    """Return what the gate says that decides on this figure; empty when its tier asks for none that held it."""
    gate = next((gate for gate in document.get("gates", ()) if gate["gate"] == one["gate"]), None)
    if gate is None:
        return ""
    held = [metric["metric"] for metric in gate["details"].get("metrics", ())]
    if one["kind"] == "metric" and one["what"] not in {METRICS.get(metric, metric) for metric in held}:
        return ""
    return str(gate["outcome"])


def _worse_badge(one: Mapping[str, Any], outcome: str) -> str:
    """Return how much a loss counts; red only where its gate fails, which looks at all segments or groups together."""
    if not one["conclusive"]:
        return ":gray-badge[◌ may be chance]"
    if not outcome:
        return ":orange-badge[▲ not judged]"
    if one["ci_low"] > one["limit"] and outcome == GateOutcome.FAILED:
        return f":red-badge[■ over {told.amount(one['limit'])}]"
    return f":orange-badge[▲ limit {told.amount(one['limit'])}]"


def changed(document: Document) -> dict[str, str]:
    """Return what differs between champion and challenger, in words."""
    found = document.get("changed") or {}
    features, sides = found.get("features") or {}, found.get("training") or {}
    told_ = {"features": _features(features)} if features else {}
    rows = [(sides.get(side) or {}).get("reference_rows") for side in ("champion", "challenger")]
    if rows[0] != rows[1]:
        told_["training sample"] = " → ".join("none" if n is None else f"{n:,} rows" for n in rows)
    if found.get("training_data"):
        told_["training data"] = words.plain(str(found["training_data"]))
    model_file = found.get("artifact") or {}
    if model_file.get("champion") != model_file.get("challenger"):
        told_["model file"] = _both({side: (sha or "")[:SHORT_SHA] for side, sha in model_file.items()})
    threshold = found.get("threshold") or {}
    if threshold.get("champion") != threshold.get("challenger"):
        told_["threshold"] = _both({side: "" if cut is None else f"{cut:g}" for side, cut in threshold.items()})
    if found.get("code"):
        told_["code"] = words.plain(str(found["code"]))
    if document.get("plan"):
        told_["rollout"] = words.plain(told.plan(document["plan"]))
    return told_ or {"": "Nothing is known of the versions."}


def _both(sides: Mapping[str, str]) -> str:
    return f"{_code(sides.get('champion', ''))} → {_code(sides.get('challenger', ''))}"


def _code(text: str) -> str:
    return f"`{text}`" if text else "none"


def _features(found: Mapping[str, Any]) -> str:
    added, removed = list(found.get("added", ())), list(found.get("removed", ()))
    named = [f"+ {name}" for name in added] + [f"− {name}" for name in removed]
    listed = f" ({words.plain(words.enumerate_names(named, MOST_NAMES))})" if named else ""
    return f"+{len(added)} −{len(removed)}, {found.get('kept', 0)} kept{listed}"


def gates(detail: ReleaseDetail, document: Document) -> None:
    """Draw the gates, those that fail first; below them why, with what the approvers said of each."""
    found = told.ranked(list(document.get("gates", ())))
    if not found:
        return
    st.subheader(findings.gates_title([dict(one) for one in found]), anchor=False)
    st.table([_gate(one) for one in found], border="horizontal", hide_index=True, alt="Gates, those that fail first")
    notes = _notes(detail.summary.approvals)
    open_ones = [one for one in found if one["outcome"] != GateOutcome.PASSED]
    passed = [one for one in found if one["outcome"] == GateOutcome.PASSED]
    if open_ones:
        st.markdown("\n".join(_reason(one, notes) for one in open_ones))
    if passed:
        with st.expander(f"Why {'the others' if open_ones else 'they'} pass", key="dossier.passed"):
            st.markdown("\n".join(_reason(one, notes) for one in passed))
    further = list(document.get("further_gates") or ())
    if further:
        names = words.enumerate_names([f"{told.gate(one['gate'])} ({one['outcome']})" for one in further], 6)
        st.caption(f"Not asked for at tier {detail.release.tier}, shown for information: {words.plain(names)}.")


def _notes(approvals: Sequence[Approval]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for approval in approvals:
        for gate, text in approval.notes.items():
            found.setdefault(gate, []).append(f"{approval.by}: {text}")
    return found


def _gate(one: Mapping[str, Any]) -> dict[str, str]:
    return {
        "gate": told.gate(one["gate"]),
        "verdict": told.outcome_badge(one["outcome"]),
        "measure": words.plain(one["measure"]),
        "value": told.whole(told.number(one["gate"], one["value"])),
        "limit": told.whole(told.limit(one)),
        "95 % interval": told.whole(told.interval(one)),
        "n": words.NONE if one["n"] is None else f"{one['n']:,}",
    }


def _reason(one: Mapping[str, Any], notes: Mapping[str, Sequence[str]]) -> str:
    said = "".join(f" **{words.plain(note)}.**" for note in notes.get(one["gate"], ()))
    return f"- **{told.gate(one['gate'])}**: {words.plain(one['reason'])}.{said}"
