"""The risk tier of a model: how it is computed, part by part, beside what somebody set in its place."""

from datetime import timedelta
from functools import partial

import streamlit as st

from app import persona, style, tiles, words
from app.governed import acts, panel, queries, told
from app.governed.panel import Panel
from app.governed.rights import why_not
from app.record import controls
from app.tiles import Tile
from core.access.matrix import Action
from core.inventory.fields import TIERS
from core.inventory.record import GovernedModel
from core.inventory.tiers import TIER_FROM, WEIGHTS, TierScore, missing_inputs

OVERRIDE, END = "tier.override", "tier.end"
USUAL_DAYS, LONGEST_DAYS = 90, 366
WIDTHS = {"part": 130, "points": 60, "of at most": 84, "share": 200}


def draw(home: str, model: str) -> None:
    """Draw the tiers side by side, the score by part, and the buttons to set or end an override."""
    found = queries.governed(home, model)
    tiles.row(_tiles(found), key="tier.tiles")
    computed = found.tier.computed
    if computed is None:
        labels = ", ".join(field.label for field in missing_inputs(found.record.document))
        st.warning(f"**No tier can be computed yet.** The record does not say: {words.plain(labels)}.")
    else:
        _score(computed)
    _override(found)
    _buttons(home, found)
    controls.draw(home, model)


def _tiles(found: GovernedModel) -> list[Tile]:
    standing = found.tier
    computed, override = standing.computed, standing.override if standing.source == "override" else None
    return [
        Tile(
            label="tier in force",
            value=str(standing.in_force),
            note=told.SOURCES[standing.source],
            help="Decides which controls a release must pass. 1 is the strictest.",
        ),
        Tile(
            label="computed",
            value=str(computed.tier) if computed else words.NONE,
            note=f"score {computed.score} of 100" if computed else "inputs are missing",
            help="From the risk fields of the record.",
        ),
        Tile(
            label="overridden",
            value=str(override.tier) if override else "no",
            note=f"until {words.day(override.expires_at.date())}" if override else "nobody set another",
            help="What somebody put in the place of the computed tier, for a while.",
        ),
        Tile(
            label="declared",
            value=str(standing.declared),
            note="in model.yaml",
            help="Counts only until a tier can be computed.",
        ),
    ]


def _score(computed: TierScore) -> None:
    st.dataframe(
        {
            "part": [part.capitalize() for part in computed.parts],
            "points": list(computed.parts.values()),
            "of at most": [WEIGHTS[part] for part in computed.parts],
            "share": [100 * points / WEIGHTS[part] for part, points in computed.parts.items()],
        },
        hide_index=True,
        height="content",
        row_height=style.ROW_HEIGHT,
        column_config={
            **{name: st.column_config.Column(width=width) for name, width in WIDTHS.items()},
            "share": st.column_config.ProgressColumn(
                "share of its most", width=WIDTHS["share"], min_value=0, max_value=100, format="%.0f %%"
            ),
        },
        key="tier.score",
        alt="The score by part",
    )
    bands = ", ".join(f"tier {tier} from {lowest}" for lowest, tier in TIER_FROM[:-1])
    floors = "; ".join(computed.floors)
    st.caption(
        words.plain(
            f"Score {computed.score}: tier {computed.tier}. {bands[0].upper()}{bands[1:]}, tier 4 below. "
            + (f"Floors that hold: {floors}." if floors else "No floor holds.")
        )
    )


def _override(found: GovernedModel) -> None:
    override = found.tier.override
    if override is None:
        return
    stands = found.tier.source == "override"
    until = f"{'until' if stands else 'lapsed on'} {words.day(override.expires_at.date())}"
    said = f"Tier {override.tier} set by {override.set_by} on {words.day(override.set_at.date())}, {until}: "
    st.info(words.plain(f"{said}{override.reason}"), icon=":material/front_hand:")


def _buttons(home: str, found: GovernedModel) -> None:
    closed = why_not(persona.acting(home), Action.TIER_OVERRIDE)
    with st.container(horizontal=True, gap="small", key="tier.buttons"):
        st.button(
            "Override the tier…",
            icon=":material/front_hand:",
            disabled=bool(closed),
            key=OVERRIDE,
            on_click=partial(panel.begin, OVERRIDE, found.model),
        )
        if found.tier.source == "override":
            st.button(
                "End the override…",
                icon=":material/undo:",
                disabled=bool(closed),
                key=END,
                on_click=partial(panel.begin, END, found.model),
            )
    st.caption(
        f":material/lock: {words.plain(closed)}" if closed else "You may raise it; lowering it needs a validator."
    )


def drawer(home: str, model: str) -> None:
    """Draw the form that is open."""
    asked = panel.asked(OVERRIDE, END)
    if asked is None or asked.about != model:
        return
    form, verb = (
        (_override_form, "Override the tier of") if asked.kind == OVERRIDE else (_end_form, "End the override of")
    )
    st.dialog(f"{verb} {words.plain(model)}", position="right", width="medium", on_dismiss=panel.close)(form)(
        home, asked
    )


def _override_form(home: str, asked: Panel) -> None:
    today = queries.today(home)
    standing = queries.governed(home, asked.about).tier
    st.markdown(f"In force: **tier {words.plain(told.tier(standing))}**.")
    tier = st.radio(
        "Tier", TIERS, index=standing.in_force - 1, horizontal=True, key=f"{asked.key}.tier", help="1 is the strictest."
    )
    expires = st.date_input(
        "Until the end of",
        today + timedelta(days=USUAL_DAYS),
        min_value=today,
        max_value=today + timedelta(days=LONGEST_DAYS),
        format="YYYY-MM-DD",
        key=f"{asked.key}.until",
    )
    reason = st.text_area("Why", key=f"{asked.key}.why", placeholder="Kept with the override, and shown with the tier")
    panel.confirm(
        f"Put tier {tier} in force", lambda: acts.override_tier(home, asked, tier=tier, expires=expires, reason=reason)
    )


def _end_form(home: str, asked: Panel) -> None:
    computed = queries.governed(home, asked.about).tier.computed
    st.markdown(f"Then tier **{computed.tier if computed else 'as declared'}** is in force.")
    reason = st.text_area("Why", key=f"{asked.key}.why")
    panel.confirm("End the override", lambda: acts.end_override(home, asked, reason=reason))
