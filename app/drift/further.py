"""What is over a limit and stands in no row of the Drift page's table: drift within segments, and slow drift."""

from collections.abc import Sequence

import streamlit as st

from app import words
from app.drift.views import DriftView, Further
from app.findings import ALARMING, told
from core.checks.drift import FINDINGS
from core.checks.verdicts import Verdict
from core.profile.binning import SCORE
from core.states import SEVERITY

FAMILY = "drift"
SHOWN = 5


def further(verdicts: Sequence[Verdict]) -> tuple[Further, ...]:
    """Return what is over a limit slowly or in segments alone, worst first; segments of one finding together.

    What is over its limit for all rows at once stands in the table and is not told again.

    Parameters
    ----------
    verdicts : of one unit, history applied
    """
    found = [one for one in verdicts if one.family == FAMILY and one.state in ALARMING]
    told_of = {one.feature for one in found if not one.segment and one.check in OF_A_ROW}
    beside = [one for one in found if one.feature not in told_of]
    ranked = sorted(beside, key=lambda one: (-SEVERITY[one.state], bool(one.segment), str(one.since), one.key))
    groups: dict[tuple[str, bool], list[Verdict]] = {}
    for one in ranked:
        groups.setdefault((_what(one), bool(one.segment)), []).append(one)
    return tuple(_together(what, group) for (what, _), group in groups.items())


def _together(what: str, group: Sequence[Verdict]) -> Further:
    first = group[0]
    named = (", ".join(f"{column} = {level}" for column, level in sorted(one.segment.items())) for one in group)
    return Further(
        what=what,
        segments=tuple(name for name in named if name),
        state=first.state,
        reason=told(first.reason, first.grain),
        since=min((one.since for one in group if one.since), default=None),
        grain=first.grain,
    )


OF_A_ROW = ("feature_drift", "prediction_drift", "decision_drift", "label_drift")


def _what(verdict: Verdict) -> str:
    named = "the predictions" if verdict.feature == SCORE else verdict.feature or ""
    return FINDINGS.get(verdict.check, "{feature} drifted").format(feature=named)


def words_of(one: Further) -> str:
    """Return a finding in words: ``origin drifted within carrier = DL since 4 Sep 2013``; escaped for markdown."""
    within = f" within {words.enumerate_names(list(one.segments), 2)}" if one.segments else ""
    since = f" since {words.unit(one.since, one.grain)}" if one.since else ""
    return words.plain(f"{one.what}{within}{since}")


def draw(view: DriftView) -> None:
    """Draw what is over a limit beside the rows of the table."""
    for one in view.further[:SHOWN]:
        st.markdown(f"{words.badge(one.state)} {words_of(one)}", help=words.plain(one.reason) or None)
    rest = len(view.further) - SHOWN
    if rest > 0:
        st.caption(f"and {words.plural(rest, 'more finding')}: choose a segment in the header")
