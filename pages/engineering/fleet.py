"""Fleet: which models need attention, and why.

The owner stands in the governance lens: beside five families of checks there is no room for it at 1440 pixels.
"""

import streamlit as st

from app import chosen, notice, tiles
from app.fleet import attention, findings, queries, table
from app.fleet import tiles as fleet_tiles
from app.inventory import draw as inventory_table
from app.inventory import queries as inventory
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
tiles.row(fleet_tiles.fleet(view), key="fleet.tiles")
lens = st.segmented_control(
    "Lens",
    ("health", "governance"),
    default="health",
    required=True,
    key="lens",
    bind="query-params",
    label_visibility="collapsed",
)
if lens == "governance":
    governed = inventory.inventory(chosen.home())
    inventory_table.broken_glass(governed)
    inventory_table.draw(governed, inventory_table.LENS)
    st.caption(inventory_table.LEGEND)
else:
    table.draw(view)
    st.caption(table.legend(view))
    attention.draw(view)
