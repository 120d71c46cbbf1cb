"""A refund's deadline, what it waits for and who can mend it; events of providers."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Refunds from before have no deadline, and ask the customer if they fail for good."""
    instant = sa.DateTime(timezone=True)
    for column in (
        sa.Column("mender", sa.String(), nullable=True),
        sa.Column("late_failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("pending_reason", sa.String(), nullable=True),
        sa.Column("action", sa.String(), nullable=True),
        sa.Column("expected_by", sa.Date(), nullable=True),
        sa.Column("due_by", instant, nullable=True),
        sa.Column("escalated_at", instant, nullable=True),
        sa.Column("if_refund_fails", sa.String(32), nullable=False, server_default="ask"),
    ):
        op.add_column("refunds", column)
    op.create_table(
        "webhook_events",
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("provider_ref", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("occurred_at", instant, nullable=True),
        sa.Column("received_at", instant, nullable=False),
        sa.Column("told_at", instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refunds.id"], name=op.f("fk_webhook_events_refund_id_refunds")
        ),
        sa.PrimaryKeyConstraint("provider", "event_id", name=op.f("pk_webhook_events")),
    )
    op.create_index(
        op.f("ix_webhook_events_received_at"), "webhook_events", ["received_at"], unique=False
    )


def downgrade() -> None:
    op.drop_table("webhook_events")
    for name in (
        *("if_refund_fails", "escalated_at", "due_by", "expected_by"),
        *("action", "pending_reason", "late_failures", "mender"),
    ):
        op.drop_column("refunds", name)
