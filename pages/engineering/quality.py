"""Data quality: whether the data are what they should be, what was kept out, and how to take a file back."""

import streamlit as st

from app import chosen, notice, onward, tiles, words
from app.quality import detail, findings, queries, records, table
from app.quality import tiles as quality_tiles
from core.errors import CoreError

VIEWS = ("Features", "Contract", "Kept out", "Batches")

selection = chosen.selection()
if selection is None:
    st.title("There are no data yet", anchor=False)
    st.markdown("Data quality looks at the prediction log of a version. Hand one in first:")
    notice.begin(chosen.home())
    st.stop()

home = chosen.home()
try:
    intake = queries.intake(home, model=selection.model, version=selection.version)
    view = queries.quality(home, **selection.query())
    history = queries.history(home, **selection.query())
except CoreError as error:
    st.title("Data quality cannot be shown", anchor=False)
    notice.cannot_show(error, title=selection.model)
    st.stop()

st.title(findings.quality_title(view), anchor=False)
st.markdown(findings.quality_sentence(view))
onward.links(selection, here="quality")
if view.removed:
    st.caption(f"▲ {words.plain(view.removed[:1].upper() + view.removed[1:])}: every number here leaves them out.")
if view.provisional:
    st.caption("◌ The reference is provisional: the first windows of the log, not training data.")
tiles.row(quality_tiles.quality(view, intake), key="quality.tiles")
for sentence in view.skew[1:]:
    st.markdown(f":orange-badge[▲ reference and log differ] {words.plain(sentence)}")

shown = st.segmented_control(
    "Part", VIEWS, default=VIEWS[0], required=True, key="quality.view", label_visibility="collapsed"
)
if shown == "Contract":
    records.contract(intake)
    detail.rules(history)
elif shown == "Kept out":
    records.quarantine(intake, selection.model)
elif shown == "Batches":
    records.batches(intake, selection.model)
else:
    row = table.draw(view)
    detail.feature(view, row, history)
    detail.whole(view)
