"""The forms of the calendar: record a validation or an owner's review, finish one that is owed, give an exception."""

from datetime import timedelta

import streamlit as st

from app import words
from app.governed import acts, panel, queries, told
from app.governed.panel import Panel
from core.reviews.review import Outcome, Scope

VALIDATE, OWNER, FINISH, EXCEPT = "review.validate", "review.owner", "review.finish", "review.except"
KINDS = (VALIDATE, OWNER, FINISH, EXCEPT)
USUAL_DAYS = 30
SCOPES = {
    Scope.SELF_ATTEST: "the owner attests it",
    Scope.TARGETED: "what changed was looked at",
    Scope.FULL: "everything was looked at",
}
OUTCOME_WORDS = {one.value: said.partition(" ")[2] for one, said in told.OUTCOMES.items()}


def drawer(home: str, asked: Panel) -> None:
    """Draw the form that is open."""
    titles = {VALIDATE: "Validation of", OWNER: "Owner's review of", FINISH: "Finish review", EXCEPT: "Exception for"}
    forms = {VALIDATE: _validate, OWNER: _owner, FINISH: _finish, EXCEPT: _except}
    title = f"{titles[asked.kind]} {words.plain(asked.about)}"
    st.dialog(title, position="right", width="medium", on_dismiss=panel.close)(forms[asked.kind])(home, asked)


def _outcome(asked: Panel) -> tuple[str, str]:
    outcome = st.radio(
        "It came to", [one.value for one in Outcome], format_func=OUTCOME_WORDS.__getitem__, key=f"{asked.key}.outcome"
    )
    notes = st.text_area("What was looked at, and found", key=f"{asked.key}.notes")
    return str(outcome), notes


def _validate(home: str, asked: Panel) -> None:
    needed = queries.controls(home, asked.about).validation
    who = ", by an independent validator" if needed.independent else ""
    st.caption(f"Its tier asks for the scope “{needed.scope.replace('_', ' ')}”{who}.")
    version = st.selectbox("Version", queries.versions(home, asked.about), key=f"{asked.key}.version")
    scope = st.radio(
        "Scope",
        [one.value for one in SCOPES],
        format_func=lambda one: one.replace("_", " "),
        captions=list(SCOPES.values()),
        index=list(Scope).index(Scope(needed.scope)),
        key=f"{asked.key}.scope",
    )
    outcome, notes = _outcome(asked)
    said = {"kind": "validation", "version": version, "scope": scope, "outcome": outcome, "notes": notes}
    panel.confirm("Record the validation", lambda: acts.record_review(home, asked, said=said))


def _owner(home: str, asked: Panel) -> None:
    outcome, notes = _outcome(asked)
    said = {"kind": "owner_review", "outcome": outcome, "notes": notes}
    panel.confirm("Record the owner's review", lambda: acts.record_review(home, asked, said=said))


def _finish(home: str, asked: Panel) -> None:
    owed = next((one for one in queries.all_reviews(home) if str(one.id) == asked.about), None)
    if owed is None:
        return
    about = f" (release {owed.release_id})" if owed.release_id else ""
    st.markdown(
        words.plain(f"{told.kind(owed.kind)} of {owed.model}{about}, owed since {words.day(owed.created_at.date())}.")
    )
    st.caption(words.plain(f"{owed.created_by} did it: somebody else looks."))
    outcome, notes = _outcome(asked)
    panel.confirm("Finish the review", lambda: acts.finish_review(home, asked, outcome=outcome, notes=notes))


def _except(home: str, asked: Panel) -> None:
    allowed, today = queries.controls(home, asked.about).overdue, queries.today(home)
    if allowed.exception_days:
        st.caption(f"Its tier allows {allowed.exceptions or 'any number'} of at most {allowed.exception_days} days.")
    longest = today + timedelta(days=allowed.exception_days) if allowed.exception_days else None
    usual = today + timedelta(days=USUAL_DAYS)
    until = st.date_input(
        "Until",
        min(longest or usual, usual),
        min_value=today,
        max_value=longest,
        format="YYYY-MM-DD",
        key=f"{asked.key}.until",
    )
    why = st.text_area("Why", key=f"{asked.key}.why")
    panel.confirm("Give the exception", lambda: acts.except_validation(home, asked, until=until, why=why))
