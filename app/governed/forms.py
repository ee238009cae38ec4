"""The forms about findings: raise, extend, close, reopen."""

from datetime import timedelta

import streamlit as st

from app import words
from app.governed import acts, panel, queries
from app.governed.panel import Panel
from core.findings.finding import DUE_DAYS, Category, Severity

RAISE, EXTEND, CLOSE, REOPEN = "finding.raise", "finding.extend", "finding.close", "finding.reopen"
KINDS = (RAISE, EXTEND, CLOSE, REOPEN)
WHOLE_MODEL = "the model as a whole"


def drawer(home: str, asked: Panel) -> None:
    """Draw the form that is open."""
    titles = {RAISE: "Raise a finding", EXTEND: "Extend finding", CLOSE: "Close finding", REOPEN: "Reopen finding"}
    forms = {RAISE: _raise, EXTEND: _extend, CLOSE: _close, REOPEN: _reopen}
    title = titles[asked.kind] if asked.kind == RAISE else f"{titles[asked.kind]} {asked.about}"
    st.dialog(title, position="right", width="medium", on_dismiss=panel.close)(forms[asked.kind])(home, asked)


def _raise(home: str, asked: Panel) -> None:
    models, people, today = queries.model_names(home), queries.names(home), queries.today(home)
    at = models.index(asked.about) if asked.about in models else 0
    model = st.selectbox("Model", models, index=at, key=f"{asked.key}.model")
    about = st.selectbox("About", [WHOLE_MODEL, *queries.versions(home, model)], key=f"{asked.key}.version.{model}")
    severity = Severity(str(st.selectbox("Severity", list(Severity), index=2, key=f"{asked.key}.severity")))
    category = st.selectbox(
        "Category", list(Category), format_func=lambda one: one.replace("_", " "), key=f"{asked.key}.category"
    )
    title = st.text_input("Title", key=f"{asked.key}.title", placeholder="What is wrong, in one line")
    text = st.text_area("Text", key=f"{asked.key}.text", placeholder="What was seen, where, and what would mend it")
    held = queries.governed(home, model).record.document.get("owner")
    owner = st.selectbox(
        "Owner",
        people,
        index=people.index(held) if held in people else None,
        accept_new_options=not people,
        key=f"{asked.key}.owner.{model}",
        help="Who mends it",
    )
    latest = today + timedelta(days=DUE_DAYS[severity])
    due = st.date_input(
        "Due",
        latest,
        min_value=today,
        max_value=latest,
        format="YYYY-MM-DD",
        key=f"{asked.key}.due.{severity}",
        help=f"A {severity} finding is mended within {DUE_DAYS[severity]} days.",
    )
    said = {
        "severity": severity.value,
        "category": str(category),
        "title": title,
        "text": text,
        "owner": owner or "",
        "due": due,
        "version": None if about == WHOLE_MODEL else about,
    }
    panel.confirm("Raise the finding", lambda: acts.raise_finding(home, asked, model=model, said=said))


def _extend(home: str, asked: Panel) -> None:
    found = next(one for one in queries.all_findings(home) if str(one.id) == asked.about)
    days = DUE_DAYS[found.severity]
    st.markdown(words.plain(f"Due {words.day(found.due)}; a {found.severity} finding gets at most {days} days more."))
    latest = found.due + timedelta(days=days)
    earliest = min(max(found.due + timedelta(days=1), queries.today(home)), latest)
    until = st.date_input(
        "Until", latest, min_value=earliest, max_value=latest, format="YYYY-MM-DD", key=f"{asked.key}.until"
    )
    why = st.text_area("Why it takes longer", key=f"{asked.key}.why")
    panel.confirm("Extend the finding", lambda: acts.extend(home, asked, until=until, why=why))


def _close(home: str, asked: Panel) -> None:
    closure = st.text_area("What shows that it is mended", key=f"{asked.key}.closure")
    panel.confirm("Close the finding", lambda: acts.close(home, asked, closure=closure))


def _reopen(home: str, asked: Panel) -> None:
    st.caption("It is due again as its severity says, and counts how often it was reopened.")
    why = st.text_area("Why it is not mended", key=f"{asked.key}.why")
    panel.confirm("Reopen the finding", lambda: acts.reopen(home, asked, why=why))
