"""What the tier of a model asks for, control by control, as the policy of the store says it."""

import streamlit as st

from app import words
from app.governed import queries
from core.inventory.controls import BLOCK, CONDITION, Controls

EFFECTS = {BLOCK: "blocks a release", CONDITION: "takes a condition of the approval", "note": "is noted"}
GATES = {"worst_segment": "worst segment", "fairness": "fairness", "calibration": "calibration"}
SCOPES = {"full": "full", "targeted": "targeted", "self_attest": "the owner attests it"}


def draw(home: str, model: str) -> None:
    """Draw the controls that hold for a model, with the name of their policy."""
    held, named = queries.controls(home, model), queries.policy(home)
    with st.expander(f"What tier {held.tier} asks for", key="tier.controls"):
        told = rows(held)
        st.table(
            {"control": list(told), f"tier {held.tier}": [words.plain(one) for one in told.values()]},
            border="horizontal",
            hide_index=True,
        )
        st.caption(words.plain(f"Policy {named.name}, version {named.version}: {named.told}."))


def rows(controls: Controls) -> dict[str, str]:
    """Return the controls of a tier in words."""
    shares = ", ".join(f"{100 * share:g} %" for share in controls.rollout.shares)
    days = controls.rollout.shadow_days
    return {
        "approvals": " and ".join(f"{one.rule} ({' or '.join(sorted(one.roles))})" for one in controls.quorum),
        "validation before going live": _validation(controls),
        "validation again": _months(controls.validation.months, never="when something changes"),
        "overdue validation": _overdue(controls),
        "rollout": f"{words.plural(days, 'day')} in shadow, then {shares}" if days else f"{shares} at once",
        "evidence beside what all show": ", ".join(GATES[one] for one in GATES if one in controls.gates) or "none",
        "evidence at an approval": f"at most {controls.freshness.total_seconds() / 3600:g} hours old",
        "an approval holds": words.plural(controls.ttl.days, "day"),
        "wait before execution": f"{controls.wait.total_seconds() / 3600:g} hours" if controls.wait else "none",
        "open finding of high severity": EFFECTS[controls.findings["high"]],
        "the log is judged": controls.monitoring.cadence,
        "owner's review": _months(controls.monitoring.owner_review_months),
        "rollback drill": _months(controls.drill_months, never="not asked"),
        "audit trail is kept": f"at least {controls.retention_years} years; Watchroom deletes none of it",
    }


def _validation(controls: Controls) -> str:
    by = ", by somebody independent" if controls.validation.independent else ""
    return f"{SCOPES[controls.validation.scope]}{by}"


def _overdue(controls: Controls) -> str:
    rule = controls.overdue
    if rule.effect != BLOCK:
        return "a warning"
    return f"blocks every release; {rule.exceptions} exception of at most {rule.exception_days} days"


def _months(months: int | None, *, never: str = "") -> str:
    return never if months is None else "every month" if months == 1 else f"every {months} months"
