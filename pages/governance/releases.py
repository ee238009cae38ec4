"""Releases: what waits for whoever acts, what is on its way, and the way to request one."""

import streamlit as st

from app import chosen, notice
from app.releases import findings, panel, queries, queue, request
from core.errors import CoreError

request.follow()
home, selection = chosen.home(), chosen.selection()
if selection is None:
    st.title("There is nothing to release yet", anchor=False)
    st.markdown("A release makes a version of a model live. Three steps to the first one:")
    notice.begin(home)
    st.stop()

try:
    items, found, at = queries.my_queue(home), queries.all_releases(home), queries.clock(home)
except CoreError as error:
    st.title("The releases cannot be shown", anchor=False)
    notice.cannot_show(error)
    st.stop()

with st.container(horizontal=True, vertical_alignment="center", key="releases.heading"):
    st.title(findings.queue_title(items), anchor=False, width="content")
    st.space("stretch")
    if request.may(home):
        request.button(home, selection.model, key="releases.request")
panel.say(home)
st.markdown(findings.queue_sentence(items, at))
if items:
    queue.draw(items, at)
else:
    fact = "The last one stands below." if found else "No version was ever released here."
    notice.nothing_here("Nothing is on its way", fact, key="releases.nothing")
queue.earlier(found)
request.drawer(home)
