"""Fleet: which models need attention, and why."""

import streamlit as st

from app import chosen, findings, fleet_table, navigation, notice, queries, tiles
from core.errors import CoreError

try:
    view = queries.fleet(chosen.home())
except CoreError as error:
    st.title("The fleet cannot be shown", anchor=False)
    notice.cannot_show(error)
    st.stop()

if not view.rows:
    st.title("No model is watched yet", anchor=False)
    st.markdown("Watchroom reads the prediction log that you already have. Three steps to the first verdict:")
    notice.begin(chosen.home())
    st.stop()

st.title(findings.fleet_title(view), anchor=False)
st.markdown(findings.fleet_sentence(view))
tiles.row(tiles.fleet(view), key="fleet.tiles")
fleet_table.draw(view)
worst = view.rows[0]
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    st.caption("A click on a state opens its page with that model selected.", width="content")
    st.space("stretch")
    st.page_link(
        navigation.path("drift"),
        label=findings.open_drift(worst),
        icon=":material/waves:",
        query_params=fleet_table.link(worst),
    )
