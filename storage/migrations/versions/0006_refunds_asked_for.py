"""Refunds that are asked for on their own, and what people pay out by hand."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_INITIATORS = ("customer", "staff", "business", "system", "agent")
_OUTCOMES = ("allowed", "needs_approval", "declined", "hand_over")


def upgrade() -> None:
    _make_requests()
    _make_payouts()
    op.add_column("refunds", sa.Column("request_id", sa.Uuid(), nullable=True))
    op.add_column("refunds", sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(
        op.f("fk_refunds_request_id"), "refunds", "refund_requests", ["request_id"], ["id"]
    )
    op.create_index(op.f("ix_refunds_request_id"), "refunds", ["request_id"], unique=False)
    op.create_index("ix_refunds_listing", "refunds", ["created_at", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_refunds_listing", table_name="refunds")
    op.drop_index(op.f("ix_refunds_request_id"), table_name="refunds")
    op.drop_constraint(op.f("fk_refunds_request_id"), "refunds", type_="foreignkey")
    op.drop_column("refunds", "answer_by")
    op.drop_column("refunds", "request_id")
    op.drop_table("payouts")
    op.drop_table("refund_requests")


def _make_requests() -> None:
    op.create_table(
        "refund_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("cancellation_id", sa.Uuid(), nullable=True),
        sa.Column(
            "initiator",
            sa.Enum(*_INITIATORS, name="initiator", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("asker", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("form", sa.String(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(*_OUTCOMES, name="outcome", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("body_hash", sa.String(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["cancellation_id"],
            ["cancellations.id"],
            name=op.f("fk_refund_requests_cancellation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("fk_refund_requests_subject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_requests")),
        sa.UniqueConstraint(
            "actor", "idempotency_key", name=op.f("uq_refund_requests_actor_idempotency_key")
        ),
    )
    op.create_index(
        "ix_refund_requests_cancellation_id", "refund_requests", ["cancellation_id"], unique=False
    )
    op.create_index(
        op.f("ix_refund_requests_subject_id"), "refund_requests", ["subject_id"], unique=False
    )


def _make_payouts() -> None:
    op.create_table(
        "payouts",
        sa.Column("refund_id", sa.Uuid(), nullable=False),
        sa.Column("details", sa.String(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("proposed_by", sa.String(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.String(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("fk_payouts_refund_id")),
        sa.PrimaryKeyConstraint("refund_id", name=op.f("pk_payouts")),
    )
