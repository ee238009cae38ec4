"""Overview: what each model is worth, in money and plain words; no command is shown, nothing can be changed here.

The choice of the period is drawn before the title that it decides, and stands below it.
"""

import streamlit as st

from app import chosen, notice, words
from app.overview import draw, findings, queries
from core.errors import CoreError

head = st.container()
bar = st.container(horizontal=True, vertical_alignment="center", gap="small", key="overview.bar")
selection = chosen.selection()
if selection is None:
    head.title("No model is watched yet", anchor=False)
    with head:
        notice.nothing_here(
            "There is nothing to tell",
            "The team that runs your models adds them; this page then fills itself.",
            key="overview.empty",
        )
    st.stop()

with bar:
    every = draw.choose_period()
try:
    view = queries.overview(chosen.home(), every, selection.model, selection.segment)
except CoreError as error:
    head.title("The overview cannot be shown", anchor=False)
    notice.cannot_show(error)
    st.stop()

head.title(words.plain(findings.title(view)), anchor=False)
head.markdown(words.plain(findings.total_sentence(view)))
with bar:
    st.space("stretch")
    draw.take_away(view)
for one in view.stories:
    draw.card(one)
if view.others:
    named = words.enumerate_names([words.plain(name) for name in view.others], 12)
    st.caption(f"Not told here: {named}. Choose one in the header to see it.")
draw.words_used(view)
