"""Release dossier: one release with the evidence in front of whoever decides, and the buttons to decide.

Everything but where it stands comes from the frozen pack: the core decides, the page shows.
"""

import streamlit as st

from app import chosen, notice
from app.releases import beside, compared, decide, delivery, dossier, findings, panel, queries, request
from core.errors import CoreError

home, selection = chosen.home(), chosen.selection()
if selection is None:
    st.title("There is nothing to decide on yet", anchor=False)
    st.markdown("A dossier holds the evidence of a release. Three steps to the first version:")
    notice.begin(home)
    st.stop()

request.follow()
try:
    number = dossier.asked(home, selection)
    detail = None if number is None else queries.detail(home, number)
except CoreError as error:
    st.title("The dossier cannot be shown", anchor=False)
    notice.cannot_show(error)
    st.stop()

if detail is None:
    st.title(findings.none_yet(selection.model), anchor=False)
    notice.nothing_here("No dossier", findings.HOW_TO_BEGIN, key="dossier.nothing")
    if request.may(home):
        request.button(home, selection.model, key="dossier.request")
    request.drawer(home)
    st.stop()

with st.container(horizontal=True, vertical_alignment="center", key="dossier.heading"):
    st.title(findings.title(detail), anchor=False, width="content")
    st.space("stretch")
    dossier.choose(home, detail)
    beside.downloads(home, detail)
dossier.head(home, detail)
panel.say(home)
delivery.draw(home, detail.release)
dossier.overtaken(detail)
if dossier.gathered(home, detail):
    assert detail.pack is not None
    dossier.cards(detail.pack.document)
    dossier.gates(detail, detail.pack.document)
    compared.draw(detail, detail.pack.document)
beside.draw(home, detail)
decide.bar(home, detail)
decide.drawer(home, detail)
