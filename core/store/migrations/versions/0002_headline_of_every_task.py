"""Stored states are forgotten, since their headline is the task's own metric now; the audit is found by object.

The states of units are functions of profiles, limits and clock, and made again by the next run.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Empty the states of units, and index the audit chain by what its entries are about."""
    op.execute("DELETE FROM day_states")
    op.create_index("ix_audit_object", "audit", ["object_type", "object_id"])
