"""A point of the what-if beside an open release: chosen here, and laid there as a comment in plain words."""

import uuid
from functools import partial

import streamlit as st

from app import words
from app.fairness import findings
from app.fairness.views import FairnessView, WhatIf
from app.reading import opened
from app.releases import acts
from core.errors import CoreError
from core.fairness.frontier import LIMITS, UNLAWFUL, Frontier
from core.fairness.thresholds import Consequence
from core.releases.release import Release
from core.releases.service import releases

POINT, BUTTON, KEYS, SAID = "fairness.point", "fairness.attach", "fairness.attach.keys", "fairness.attach.said"


def draw(home: str, view: FairnessView, found: WhatIf, curve: Frontier) -> None:
    """Draw the choice of a point and, where the model has an open release, the button that attaches it."""
    places = list(range(len(curve.points)))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="fairness.attaching"):
        picked = st.selectbox(
            "Chosen point", places, format_func=lambda place: _short(curve.points[place]), key=POINT, width=320
        )
        release = next((one.release for one in releases(opened(home), model=view.model, only_open=True)), None)
        if release is None:
            st.caption("The model has no open release to attach a point to.")
            return
        text = told(view, found, curve.points[int(picked or 0)])
        st.button(
            f"Attach to release {release.id}",
            icon=":material/attach_file:",
            key=BUTTON,
            on_click=partial(_attach, home, release, text),
            help="As a comment in plain words. Whoever can open the release can read it.",
        )
    said = st.session_state.pop(SAID, None)
    if said is not None:
        st.info(words.plain(said))


def told(view: FairnessView, found: WhatIf, point: Consequence) -> str:
    """Return a point as the comment tells it: thresholds, gap, cost, n, window and source, and that nothing changed."""
    curve = found.frontier
    assert curve is not None
    present = curve.present
    lines = [
        f"Fairness what-if, nothing was applied: thresholds of their own for the groups of {view.column}, "
        f"{view.model} {view.version}.",
        f"{findings.capital(findings.NAMES[curve.constraint])}: {findings.points(point.gap)} instead of "
        f"{findings.points(present.gap)} as decided now.",
        f"Accuracy: {words.percent(point.accuracy)} "
        f"({words.percent(point.accuracy_low)} to {words.percent(point.accuracy_high)}) instead of "
        f"{words.percent(present.accuracy)}.",
        *_money(found, point, present),
        f"Thresholds: {'; '.join(_thresholds(curve, point))}.",
        f"Over {point.n:,} rows with their actual, {words.window(view.answer.window, view.grain)}.",
        f"Source: the released counts of protected groups, data version {view.provenance_id}.",
        f"Limits: {'; '.join(LIMITS)}. Thresholds that differ by a protected group {UNLAWFUL}.",
    ]
    return "\n".join(lines)


def _short(point: Consequence) -> str:
    return f"gap {findings.points(point.gap)}, accuracy {words.percent(point.accuracy)}"


def _money(found: WhatIf, point: Consequence, present: Consequence) -> list[str]:
    if point.value is None or present.value is None:
        return []
    now, then = (words.money(one, found.currency) for one in (present.value, point.value))
    return [f"Net value: {then} instead of {now}."]


def _thresholds(curve: Frontier, point: Consequence) -> list[str]:
    words_of = {float("inf"): "nobody", float("-inf"): "everyone"}
    named = zip(curve.labels, point.thresholds, strict=True)
    kept = [(group, cut) for group, cut in named if cut is not None]
    return [f"{group} {words_of.get(cut, f'from {cut:.3f}')}" for group, cut in kept] or ["as they are"]


def _attach(home: str, release: Release, text: str) -> None:
    """Lay the point beside the release; the same point again is the same comment."""
    keys: dict[str, str] = st.session_state.setdefault(KEYS, {})
    key = keys.setdefault(f"{release.id} {text}", str(uuid.uuid4()))
    try:
        acts.comment(home, release.id, text=text, key=key)
    except CoreError as error:
        st.session_state[SAID] = str(error)
        return
    st.session_state[SAID] = f"The point is a comment of release {release.id}, {release.model} {release.version}."
