"""Findings and reviews: what was found wrong with models, by when it is mended, and which reviews are due."""

import streamlit as st

from app import chosen, notice
from app.governed import calendar, choose, findings, forms, panel, queries, reviewing, table
from core.errors import CoreError

home = chosen.home()
if chosen.selection() is None:
    st.title("There is nothing to find fault with yet", anchor=False)
    st.markdown("Findings are about models and their versions. Three steps to the first one:")
    notice.begin(home)
    st.stop()

try:
    models, today = queries.model_names(home), queries.today(home)
    about = choose.model(models)
    due = calendar.lines(home, about)
    found = [one for one in queries.all_findings(home) if about in ("", one.model)]
except CoreError as error:
    st.title("The findings cannot be shown", anchor=False)
    notice.cannot_show(error)
    st.stop()

st.title(findings.title(found, due, today), anchor=False)
st.markdown(findings.sentence(found, due, today))
panel.say()
part, closed = choose.draw(home, models, about)
if part == "reviews":
    calendar.draw(home, model=about)
else:
    shown = [one for one in found if closed or one.is_open]
    if shown:
        table.detail(home, table.draw(shown, today), today)
    else:
        done = len(found)
        fact = f"{done} closed ones are kept." if done else "Nobody ever raised one here."
        notice.nothing_here("No open finding", fact, key="findings.nothing")
asked = panel.asked(*forms.KINDS, *reviewing.KINDS)
if asked is not None:
    (forms if asked.kind in forms.KINDS else reviewing).drawer(home, asked)
