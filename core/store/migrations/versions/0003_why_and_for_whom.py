"""Results of long work, sums that need a model, saved segments, and the groups that people chose to compare with.

Stored states are forgotten: they are functions of profiles, limits and clock, and the next run judges by more checks.
"""

import sqlalchemy as sa
from alembic import op

from core.store.tables import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM day_states")
    _create_results()
    _create_saved_segments()
    op.create_table(
        "group_choices",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("model_id", sa.Integer(), sa.ForeignKey("models.id"), nullable=False),
        sa.Column("column", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("chosen_by", sa.String(length=200), nullable=False),
        sa.Column("chosen_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_group_choices_model_id", "group_choices", ["model_id"])


def _create_results() -> None:
    op.create_table(
        "analyses",
        sa.Column("id", sa.String(length=64), primary_key=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("version_id", sa.Integer(), sa.ForeignKey("versions.id"), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("data_version", sa.String(length=64), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("rows", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
    )
    op.create_index("ix_analyses_version_id", "analyses", ["version_id"])
    op.create_table(
        "unit_sums",
        sa.Column("version_id", sa.Integer(), sa.ForeignKey("versions.id"), primary_key=True),
        sa.Column("role", sa.String(length=16), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("kind", sa.String(length=32), primary_key=True),
        sa.Column("basis", sa.String(length=64), nullable=False),
        sa.Column("sums", sa.LargeBinary(), nullable=False),
    )


def _create_saved_segments() -> None:
    op.create_table(
        "saved_segments",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("model_id", sa.Integer(), sa.ForeignKey("models.id"), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("filter", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
    )
    op.create_index("ix_saved_segments_model_id", "saved_segments", ["model_id"])
    op.create_index(
        "one_standing_segment_per_name",
        "saved_segments",
        ["model_id", "name"],
        unique=True,
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_table(
        "segment_profiles",
        sa.Column("segment_id", sa.Integer(), sa.ForeignKey("saved_segments.id"), primary_key=True),
        sa.Column("version_id", sa.Integer(), sa.ForeignKey("versions.id"), primary_key=True),
        sa.Column("role", sa.String(length=16), primary_key=True),
        sa.Column("binning_id", sa.String(length=64), sa.ForeignKey("binnings.id"), primary_key=True),
        sa.Column("grain", sa.String(length=8), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("blob", sa.LargeBinary(), nullable=False),
        sa.Column("n_rows", sa.BigInteger(), nullable=False),
        sa.Column("n_labelled", sa.BigInteger(), nullable=False),
        sa.Column("provenance_id", sa.String(length=32), nullable=False),
        sa.Column("built_at", UtcDateTime(), nullable=False),
    )
