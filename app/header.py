"""The row on top of every page: model, version, window, reference, segment; all of it in the URL.

The URL is kept in step by hand: `bind="query-params"` breaks `switch_page` and links in Streamlit 1.67.
"""

from collections.abc import Callable, Sequence

import streamlit as st

from app import choices, words
from app.views import Choices, ModelChoice, Selection
from core.windows import Grain, label, unit_of

ROW_WIDTH = 702
STAGED = "An invented sample: its rows and its incidents were put in by us, to show what is found and how."

UNDATED = {
    Grain.MONTH: "The chosen window. The log of this model knows months, no days.",
    Grain.YEAR: "The chosen window. The log of this model knows years, no days.",
    Grain.BATCH: "The chosen window. The log of this model is cut into numbered slices: they stand in the order of the "
    "file and are not dates.",
}


def choose(
    offered: Choices,
    segments: Callable[[str], tuple[str, ...]],
    *,
    beside: Callable[[Selection], None] | None = None,
) -> Selection | None:
    """Draw the header and return what is chosen; None when there is no model with a version.

    Parameters
    ----------
    segments : function of a model's name to its segments; called for the chosen model only
    beside : draws what stands behind the state: which version is live, and the way back
    """
    models = {model.name: model for model in offered.models if model.versions}
    if not models:
        with st.container(horizontal=True, key="header"):
            st.space("stretch")
            _clock(offered)
        return None
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="header"):
        with st.container(horizontal=True, wrap=False, gap="xsmall", width=ROW_WIDTH):
            selection = _selectors(models, segments)
        _keep_in_url(selection)
        with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="xsmall", key="header.state"):
            st.space("stretch")
            _standing(offered, models[selection.model], selection, beside)
    return selection


def _standing(
    offered: Choices, chosen: ModelChoice, selection: Selection, beside: Callable[[Selection], None] | None
) -> None:
    """Draw the state and what is live first: on a phone the row goes on to the right, and is not broken."""
    st.markdown(words.badge(chosen.state), width="content", help=_why(chosen))
    if beside is not None:
        beside(selection)
    shown = _window(selection, chosen)
    if shown:
        st.markdown(f":gray-badge[{words.plain(shown)}]", width="content", help=words.plain(UNDATED[chosen.grain]))
    if chosen.staged:
        st.markdown(words.staged(), width="content", help=STAGED)
    _clock(offered)


def _selectors(models: dict[str, ModelChoice], segments: Callable[[str], tuple[str, ...]]) -> Selection:
    name = _pick("Model", "model", list(models), 168, icon=":material/deployed_code:")
    model = models[name]
    asked = st.query_params.get("window") or st.session_state.get("window")
    ranged = st.query_params.get("reference") or st.session_state.get("reference")
    return Selection(
        model=name,
        version=_pick("Version", "version", model.versions, 70),
        window=_pick("Window", "window", choices.windows(model.grain, asked), 154, shown=choices.window_words),
        reference=_pick(
            "Reference",
            "reference",
            choices.references(model.grain, ranged),
            144,
            shown=choices.reference_words,
        ),
        segment=_pick(
            "Segment",
            "segment",
            choices.segments(segments(name)),
            136,
            shown=choices.segment_words,
        ),
    )


def _pick(
    label: str,
    key: str,
    options: Sequence[str],
    width: int,
    *,
    shown: Callable[[str], str] = str,
    icon: str | None = None,
) -> str:
    _sync(key, options)
    picked = st.selectbox(
        label,
        options,
        key=key,
        format_func=shown,
        persist_state="session",
        label_visibility="collapsed",
        width=width,
        icon=icon,
    )
    return str(picked)


def _sync(key: str, options: Sequence[str]) -> None:
    """Let the URL win when it changed from outside (a link, Back), else the session; unknown → the first option."""
    asked = st.query_params.get(key)
    if asked in options and asked != st.session_state.get(f"seen.{key}"):
        st.session_state[key] = asked
    if st.session_state.get(key) not in options:
        st.session_state[key] = options[0]


def _keep_in_url(selection: Selection) -> None:
    query = selection.query()
    if any(st.query_params.get(key) != value for key, value in query.items()):
        st.query_params.update(query)
    for key, value in query.items():
        st.session_state[f"seen.{key}"] = value


def _clock(offered: Choices) -> None:
    if offered.frozen:
        shown = f":violet-badge[frozen {words.day(offered.as_of.date())}]"
        why = (
            f"The clock of this store is frozen at {words.plain(words.moment(offered.as_of))}, as sample data need it."
        )
    else:
        shown = f":small[:gray[as of {offered.as_of:%H\\:%M} {words.plain(offered.as_of.tzname() or '')}]]"
        why = f"Windows are closed as of {words.plain(words.moment(offered.as_of))}."
    st.markdown(shown, width="content", help=why)


def _window(selection: Selection, chosen: ModelChoice) -> str:
    """Return the chosen window of a log without days: ``2018``, ``slice 7 of 40``; else nothing.

    The selectors of such a log say "last year", "last slice": nobody can see on a calendar which one that is.
    """
    if chosen.grain is Grain.DAY or chosen.last_unit is None:
        return ""
    newest = unit_of(chosen.last_unit, chosen.grain)
    shown = words.window(choices.to_window(selection.window, newest, chosen.grain), chosen.grain)
    if chosen.grain is not Grain.BATCH:
        return shown
    return f"{shown} of {label(newest, chosen.grain)}"


def _why(chosen: ModelChoice) -> str:
    reason = words.plain(chosen.state_reason)
    if chosen.last_unit is None:
        return f"No state yet: {reason}."
    when = words.plain(words.unit(chosen.last_unit, chosen.grain))
    return f"State of the last closed window, {when}{f': {reason}' if reason else ''}."
