"""Mails about a refund that was asked for without a cancellation belong to the request for it."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

UNIQUE = "uq_notifications_request_id_template_audience_occasion"
FOREIGN = "fk_notifications_request_id_refund_requests"
ABOUT = "ck_notifications_about_one"


def upgrade() -> None:
    op.alter_column("notifications", "cancellation_id", nullable=True)
    op.add_column("notifications", sa.Column("request_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f(FOREIGN), "notifications", "refund_requests", ["request_id"], ["id"])
    op.create_unique_constraint(
        op.f(UNIQUE), "notifications", ["request_id", "template", "audience", "occasion"]
    )
    op.create_check_constraint(
        op.f(ABOUT), "notifications", "num_nonnulls(cancellation_id, request_id) = 1"
    )


def downgrade() -> None:
    op.execute("DELETE FROM notifications WHERE cancellation_id IS NULL")
    op.drop_constraint(op.f(ABOUT), "notifications")
    op.drop_constraint(op.f(UNIQUE), "notifications")
    op.drop_constraint(op.f(FOREIGN), "notifications")
    op.drop_column("notifications", "request_id")
    op.alter_column("notifications", "cancellation_id", nullable=False)
