"""Title and sentence of the Model page."""

from app import words
from app.record.views import RecordView
from core.states import State


def title(view: RecordView) -> str:
    """Return what is live, of which tier and whose."""
    live = f"{view.champion} is live" if view.champion else "no version is live"
    return words.plain(f"{view.model}: {live}, tier {view.tier}, owned by {view.owner}")


def sentence(view: RecordView) -> str:
    """Return since when it is live, on how much it was judged, and what is missing."""
    told = []
    if view.state in (State.CRITICAL, State.WARNING) and view.state_reason:
        told.append(f"{words.state(view.state)}: {view.state_reason}.")
    if view.champion_since:
        told.append(f"Live since {words.day(view.champion_since.date())}.")
    told.append(f"{view.n_predictions:,} {view.rows_word} taken in.")
    if view.contract is None:
        told.append("No contract is accepted for this version yet: accept one on Data quality.")
    if view.n_undescribed:
        told.append(f"{view.n_undescribed} of {view.n_features} features have no meaning in words.")
    return words.plain(" ".join(told))
