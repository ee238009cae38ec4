"""The contract, the rows that were kept out, and the batches with the way to take one back."""

import uuid

import streamlit as st

from app import actions, chosen, notice, persona, tables, words
from app.quality import findings, queries
from app.quality.rows import file_name
from app.quality.views import BatchRow, IntakeView
from app.reading import opened
from core.errors import CoreError
from core.log.outcomes import QuarantinedRow

PAGE = 20
PAGE_KEY = "quality.page"
BATCH_KEY = "quality.batch"
DIALOG_KEY = "quality.reverting"
LANDED = "LANDED"
STATES = {
    "STAGED": "being written",
    "LANDED": "in the log",
    "REVERTING": "being taken back",
    "REVERTED": "taken back",
}


def contract(view: IntakeView) -> None:
    """Draw the rules of the contract, and who accepted it."""
    st.markdown(findings.contract_sentence(view))
    if not view.contract:
        notice.nothing_here("No contract", "A version gets one with its reference.", key="quality.no_contract")
        return
    st.dataframe(
        {
            "feature": [tables.cell(one.feature) for one in view.contract],
            "allowed": [one.allowed for one in view.contract],
            "missing": [one.missing for one in view.contract],
            "a row that breaks it": [one.on_violation for one in view.contract],
        },
        hide_index=True,
        height="content",
        key="quality.contract",
        alt="Rules of the contract",
    )


def quarantine(view: IntakeView, model: str) -> None:
    """Draw the rows that were kept out, a page at a time, with file, row, column, rule and fix."""
    if not view.n_entries:
        notice.nothing_here(
            "Nothing was kept out", "Every row of every landed file was read.", key="quality.nothing_out"
        )
        return
    st.markdown(
        "Most rows: "
        + ", ".join(
            f"{words.plain(column or 'the whole row')}, {words.plain(rule.replace('_', ' '))} ({n:,})"
            for column, rule, n in view.kept_out[:3]
        )
    )
    pages = -(-view.n_entries // PAGE)
    number = 1
    if pages > 1:
        number = int(st.number_input(f"page of {pages:,}", 1, pages, 1, key=PAGE_KEY, width=140))
    rows = queries.quarantine(chosen.home(), model=model, offset=(number - 1) * PAGE, count=PAGE)
    st.dataframe(
        {
            "file": [tables.cell(file_name(file)) for file, _ in rows],
            "row": ["" if row.row is None else f"{row.row:,}" for _, row in rows],
            "column": [tables.cell(row.column or "whole row") for _, row in rows],
            "rule": [row.rule.replace("_", " ") for _, row in rows],
            "value": [tables.cell(_value(row)) for _, row in rows],
            "fix": [row.fix for _, row in rows],
        },
        column_config={
            "file": st.column_config.TextColumn(width=170),
            "row": st.column_config.TextColumn(width=64),
            "column": st.column_config.TextColumn(width=110),
            "rule": st.column_config.TextColumn(width=120),
            "value": st.column_config.TextColumn(width=160),
            "fix": st.column_config.TextColumn(width=420),
        },
        hide_index=True,
        height="content",
        key="quality.quarantined",
        alt="Rows that were kept out",
    )


def batches(view: IntakeView, model: str) -> None:
    """Draw the batches, newest first, and the button that takes one back."""
    if not view.batches:
        notice.nothing_here("No batches", "No file was handed in yet.", key="quality.no_batches")
        return
    _told()
    st.dataframe(
        {
            "batch": [one.id for one in view.batches],
            "file": [tables.cell(one.file) for one in view.batches],
            "state": [STATES.get(one.state, one.state.lower()) for one in view.batches],
            "holds": [f"{one.kind}{f', {one.role}' if one.role else ''}" for one in view.batches],
            "version": [one.version or words.NONE for one in view.batches],
            "rows": [one.accepted for one in view.batches],
            "kept out": [one.quarantined for one in view.batches],
            "windows": [one.days for one in view.batches],
            "when": [words.moment(one.at) for one in view.batches],
            "who": [one.by for one in view.batches],
            **(
                {"why taken back": [one.reason for one in view.batches]}
                if any(one.reason for one in view.batches)
                else {}
            ),
        },
        column_config={
            "batch": st.column_config.NumberColumn(width=54),
            "file": st.column_config.TextColumn(width=236),
            "state": st.column_config.TextColumn(width=92),
            "holds": st.column_config.TextColumn(width=120),
            "version": st.column_config.TextColumn(width=56),
            "rows": st.column_config.NumberColumn(width=66, format="localized"),
            "kept out": st.column_config.NumberColumn(width=62, format="localized"),
            "windows": st.column_config.TextColumn(width=156),
            "when": st.column_config.TextColumn(width=166),
            "who": st.column_config.TextColumn(width=56),
        },
        hide_index=True,
        height="content" if len(view.batches) <= PAGE else 700,
        key="quality.batches",
        alt="Batches, newest first",
    )
    landed = {one.id: one for one in view.batches if one.state == LANDED}
    if landed:
        _choice(landed, model)
    if st.session_state.get(DIALOG_KEY):
        _open(landed, model)


def _choice(landed: dict[int, BatchRow], model: str) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="quality.revert_row"):
        st.selectbox(
            "Take a batch back",
            list(landed),
            key=f"{BATCH_KEY}.{model}",
            format_func=lambda number: f"{number}: {landed[number].file} ({landed[number].accepted:,} rows)",
            width=420,
        )
        st.button("Take back…", icon=":material/undo:", key="quality.revert", on_click=_begin, args=(model,))


def _begin(model: str) -> None:
    """Remember which batch the dialog is about, with a key that lets the same request count only once."""
    batch = st.session_state.get(f"{BATCH_KEY}.{model}")
    st.session_state[DIALOG_KEY] = {"batch": batch, "model": model, "key": str(uuid.uuid4())}


def _open(landed: dict[int, BatchRow], model: str) -> None:
    asked = st.session_state[DIALOG_KEY]
    one = landed.get(asked["batch"])
    if one is None or asked["model"] != model:
        _close()
        return
    revert(one, str(asked["key"]))


def _close() -> None:
    st.session_state.pop(DIALOG_KEY, None)


@st.dialog("Take a batch back", position="right", width="medium", on_dismiss=_close)
def revert(one: BatchRow, key: str) -> None:
    """Ask for the reason, say what will happen, and do it."""
    st.markdown(
        f"**{words.plain(one.file)}**, {words.plural(one.accepted, 'row')}, handed in by {words.plain(one.by)} on "
        f"{words.plain(words.moment(one.at))}"
    )
    st.markdown(
        "Its rows leave the log, every number of its windows is computed again, and the same file can be handed in "
        "again. The audit trail keeps who did it and why."
    )
    reason = st.text_area("Reason", key=f"quality.reason.{key}", placeholder="e.g. amounts in cents instead of euros")
    if not st.button("Take the batch back", type="primary", icon=":material/undo:", key="quality.confirm"):
        return
    if not reason.strip():
        st.error("Say why, in a few words: the reason is kept in the audit trail.")
        return
    store = opened(chosen.home())
    try:
        with st.spinner("Taking its rows out and computing its windows again"):
            done = actions.revert_batch(
                store, persona.acting(chosen.home()), batch=one.id, reason=reason, idempotency_key=key
            )
    except CoreError as error:
        st.error(words.plain(str(error)))
        return
    _close()
    st.session_state["quality.reverted"] = {"file": one.file, "rows": done["rows"], "state": done["state"]}
    st.rerun()


def _told() -> None:
    """Say once what became of the batch, as the store has it."""
    done = st.session_state.pop("quality.reverted", None)
    if done is not None:
        state = STATES.get(done["state"], str(done["state"]).lower())
        st.success(f"{words.plain(done['file'])}: {words.plural(done['rows'], 'row')}, {state}.")


def _value(row: QuarantinedRow) -> str:
    """Return the offending value, or how many further rows broke the same rule."""
    return row.value if row.row is not None else f"{row.count:,} further rows"
