"""What comparing our refunds with the providers' has found."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reconciliations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("strangers", sa.Integer(), nullable=False),
        sa.Column("differences", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliations")),
    )
    op.create_index("ix_reconciliations_started_at", "reconciliations", ["started_at"])
    op.create_table(
        "refund_differences",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("provider_ref", sa.String(), nullable=False),
        sa.Column("difference", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("payment_ref", sa.String(), nullable=True),
        sa.Column("provider_state", sa.String(), nullable=True),
        sa.Column("provider_minor", sa.BigInteger(), nullable=True),
        sa.Column("ours_state", sa.String(), nullable=True),
        sa.Column("ours_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refunds.id"], name=op.f("fk_refund_differences_refund_id")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("fk_refund_differences_subject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_differences")),
        sa.UniqueConstraint(
            "provider",
            "provider_ref",
            "difference",
            name=op.f("uq_refund_differences_provider_provider_ref_difference"),
        ),
    )
    op.create_index(op.f("ix_refund_differences_subject_id"), "refund_differences", ["subject_id"])
    op.create_index(
        op.f("ix_refund_differences_payment_ref"), "refund_differences", ["payment_ref"]
    )
    op.create_index("ix_refund_differences_listing", "refund_differences", ["found_at", "id"])
    op.create_index(
        "ix_refund_differences_open",
        "refund_differences",
        ["found_at"],
        postgresql_where=sa.text("state = 'open'"),
    )


def downgrade() -> None:
    op.drop_table("refund_differences")
    op.drop_table("reconciliations")
