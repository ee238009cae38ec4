"""Cached reads of the Inventory, now and on a past day."""

from dataclasses import dataclass
from datetime import date, datetime

import streamlit as st

from app.cards.known import parts_known
from app.inventory.rows import inventory_row
from app.inventory.views import InventoryRow, InventoryView, PastRow
from app.reading import now, opened
from app.releases import told as released
from core.cards.card import completeness
from core.cards.service import standing
from core.checks.service import recent_headlines
from core.findings.finding import Finding
from core.findings.service import findings
from core.inventory.record import GovernedModel, shown_status
from core.inventory.recording.service import governed_models, inventory_as_of
from core.inventory.records import ModelInfo, ModelState
from core.inventory.service import ModelDetail, model_detail, models, version_contract
from core.releases.release import PRODUCTION
from core.releases.service import releases
from core.reviews.calendar import Duty
from core.reviews.review import Review
from core.reviews.service import all_duties, reviews
from core.store.database import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class _Governance:
    """What is written about all models, read once: records, duties, reviews, open findings, newest releases."""

    records: dict[str, GovernedModel]
    duties: dict[str, tuple[Duty, ...]]
    reviews: tuple[Review, ...]
    findings: tuple[Finding, ...]
    releases: dict[str, str]


def inventory(home: str) -> InventoryView:
    """Return every model of the store, retired ones last."""
    _, token, at = now(home)
    return _inventory(home, token, at)


@st.cache_resource(max_entries=16, show_spinner=False)
def _inventory(home: str, token: int, at: str) -> InventoryView:
    store = opened(home)
    written = _governance(store)
    rows = [_row(home, at[:13], model, written) for model in models(store)]
    rows.sort(key=lambda row: (row.retired, row.tier.in_force, row.model))
    return InventoryView(rows=tuple(rows), as_of=datetime.fromisoformat(at))


def _governance(store: Store) -> _Governance:
    newest: dict[str, str] = {}
    for one in releases(store):
        if one.release.environment == PRODUCTION:
            said = f"{one.release.version} {released.state(one)[1]}"
            newest.setdefault(one.release.model, said)
    return _Governance(
        records={one.model: one for one in governed_models(store)},
        duties=all_duties(store),
        reviews=reviews(store),
        findings=findings(store, only_open=True),
        releases=newest,
    )


def _row(home: str, hour: str, model: ModelInfo, written: _Governance) -> InventoryRow:
    store = opened(home)
    detail, held = model_detail(store, model.name), written.records[model.name]
    headline = next(iter(recent_headlines(store, model=model.name, count=1)), None)
    moment = f"{hour} {headline.day if headline else ''}"
    return inventory_row(
        detail,
        held,
        headline=headline,
        contract=_contract(store, detail),
        duties=written.duties[model.name],
        reviews=[one for one in written.reviews if one.model_id == model.id],
        findings=[one for one in written.findings if one.model_id == model.id],
        card=_card(home, moment, detail, held),
        release=written.releases.get(model.name, ""),
    )


def _card(home: str, moment: str, detail: ModelDetail, held: GovernedModel) -> tuple[int, int]:
    """Return how many parts of the live version's card are there, and how many its tier requires."""
    model, tier, live = detail.model.name, held.tier.in_force, detail.champion
    if live is None:
        return 0, completeness((), (), tier).n_required
    known = _known(home, moment, model, live.name, live.row_version)
    found = standing(opened(home), model=model, version=live.name, tier=tier, known=known)
    return found.n_required - len(found.missing), found.n_required


@st.cache_resource(max_entries=512, show_spinner=False)
def _known(home: str, moment: str, model: str, version: str, row_version: int) -> frozenset[str]:
    """Return which parts of a version's card are known: read from its log, so kept while other models change."""
    store = opened(home)
    detail = model_detail(store, model)
    return parts_known(store, model, next(one for one in detail.versions if one.name == version))


def _contract(store: Store, detail: ModelDetail) -> str:
    if detail.champion is None:
        return "no version yet"
    found = version_contract(store, detail.champion)
    return f"revision {found.revision}, {found.accepted_by}" if found else "none accepted yet"


def past(home: str, day: date) -> tuple[PastRow, ...]:
    """Return the inventory as it stood at the end of a day (UTC, by the clock of the store), from the audit trail."""
    _, token, _ = now(home)
    return _past(home, token, day)


@st.cache_resource(max_entries=16, show_spinner=False)
def _past(home: str, token: int, day: date) -> tuple[PastRow, ...]:
    rows = [
        PastRow(
            model=one.model,
            owner=str(one.document.get("owner", one.owner)),
            status=shown_status(
                str(one.document.get("status", "proposed")),
                live=one.champion is not None,
                retired=one.state is ModelState.RETIRED,
            ),
            tier=one.tier,
            champion=one.champion or "",
            champion_since=one.champion_since,
            n_missing=len(one.missing),
            retired=one.state is ModelState.RETIRED,
        )
        for one in inventory_as_of(opened(home), day).values()
    ]
    return tuple(sorted(rows, key=lambda row: (row.retired, row.tier.in_force, row.model)))


def today(home: str) -> date:
    """Return the day by the clock of the store."""
    return opened(home).clock.now().date()
