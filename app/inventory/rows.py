"""A row of the Inventory, from what the services say of a model; and the rows as texts, for the screen and the file."""

from collections.abc import Sequence
from datetime import date

from app import words
from app.governed import told
from app.inventory.views import InventoryRow, PastRow
from app.tables import Cell
from core.checks.day_state import UnitHeadline
from core.findings.finding import Finding
from core.inventory.record import GovernedModel, shown_status
from core.inventory.records import ModelState
from core.inventory.service import ModelDetail
from core.reviews.calendar import Due, Duty, last_done
from core.reviews.review import Review, ReviewKind
from core.states import State


def inventory_row(
    detail: ModelDetail,
    held: GovernedModel,
    *,
    headline: UnitHeadline | None,
    contract: str,
    duties: Sequence[Duty],
    reviews: Sequence[Review],
    findings: Sequence[Finding],
    card: tuple[int, int],
    release: str,
) -> InventoryRow:
    """Return the row of a model.

    Parameters
    ----------
    headline : its last judged unit
    card : parts of the live version's card that are there, and that are required
    """
    model, document = detail.model, held.record.document
    retired = model.state is ModelState.RETIRED
    return InventoryRow(
        model=model.name,
        owner=str(document.get("owner", model.owner)),
        status=shown_status(held.record.status, live=detail.champion is not None, retired=retired),
        tier=held.tier,
        n_missing=len(held.missing),
        state=headline.state if headline else State.NOT_APPLICABLE,
        champion=detail.champion.name if detail.champion else "",
        champion_since=model.champion_since,
        contract=contract,
        validation=next((one for one in duties if one.kind is ReviewKind.VALIDATION), None),
        glass=next((one for one in duties if one.kind is ReviewKind.AFTER_BREAK_GLASS), None),
        overdue=tuple(one for one in duties if one.state is Due.OVERDUE),
        findings=tuple(findings),
        card_written=card[0],
        card_required=card[1],
        release=release,
        last_drill=last_done(reviews, ReviewKind.DRILL),
        last_unit=headline.day if headline else None,
        staged=detail.schema.staged or document.get("staged") is True,
        retired=retired,
        grain=detail.schema.grain,
    )


def validation(duty: Duty | None) -> str:
    """Return by when a model is validated again, or since when that is overdue."""
    if duty is None or duty.state is Due.NOT_ASKED:
        return words.NONE
    when = words.NONE if duty.due is None else words.day(duty.due)
    match duty.state:
        case Due.OVERDUE:
            return "■ never" if duty.last is None else f"■ overdue, {when}"
        case Due.EXCEPTED:
            return f"▲ excepted, {when}"
        case Due.SOON:
            return f"▲ {when}"
    return when


def findings(found: Sequence[Finding], today: date) -> str:
    """Return open findings by severity; a square where one is overdue."""
    late = any(one.is_overdue(today) for one in found)
    return f"■ {told.severities(found)}" if late else told.severities(found)


def release(row: InventoryRow) -> str:
    """Return where the newest release stands; a broken glass stays red until it is reviewed."""
    if row.glass is None:
        return row.release or words.NONE
    return f"■ glass broken{f', {row.release}' if row.release else ''}"


def texts(row: InventoryRow, today: date) -> dict[str, Cell]:
    """Return a row in words, by heading."""
    complete = row.card_written == row.card_required
    return {
        "state": words.NONE if row.retired else words.state(row.state),
        "model": row.model,
        "status": f"{row.status.replace('_', ' ')}{f', {row.n_missing} missing' if row.n_missing else ''}",
        "tier": told.tier_cell(row.tier),
        "owner": row.owner,
        "live version": row.champion or words.NONE,
        "live since": words.day(row.champion_since.date()) if row.champion_since else words.NONE,
        "validation due": validation(row.validation),
        "open findings": findings(row.findings, today),
        "card": f"{'' if complete else '▲ '}{row.card_written} of {row.card_required}",
        "release": release(row),
        "last drill": words.day(row.last_drill) if row.last_drill else "never",
        "log to": words.unit(row.last_unit, row.grain) if row.last_unit else "no log yet",
        "contract": row.contract,
        "staged": "yes" if row.staged else "no",
    }


def past_texts(row: PastRow) -> dict[str, Cell]:
    """Return a past row in words, by heading."""
    return {
        "model": row.model,
        "status": row.status.replace("_", " "),
        "tier": told.tier_cell(row.tier),
        "owner": row.owner,
        "live version": row.champion or "none",
        "live since": words.day(row.champion_since.date()) if row.champion_since else words.NONE,
        "fields missing": row.n_missing,
    }
