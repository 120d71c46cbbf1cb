"""A card that is only held has a row that says how it is settled; a due says what a card gave."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _tenders()
    _dues()
    op.create_table(
        "card_holds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("cancellation_id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=True),
        sa.Column("payment_ref", sa.String(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("authorised_minor", sa.BigInteger(), nullable=False),
        sa.Column("take_minor", sa.BigInteger(), nullable=False),
        sa.Column("captured_minor", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("attention", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "take_minor >= 0 AND take_minor <= authorised_minor",
            name=op.f("ck_card_holds_take_within_held"),
        ),
        sa.CheckConstraint(
            "captured_minor >= 0 AND captured_minor <= take_minor",
            name=op.f("ck_card_holds_captured_within_take"),
        ),
        sa.ForeignKeyConstraint(
            ["cancellation_id"], ["cancellations.id"], name=op.f("fk_card_holds_cancellation_id")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("fk_card_holds_subject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_holds")),
        sa.UniqueConstraint(
            "subject_id", "tender_id", name=op.f("uq_card_holds_subject_id_tender_id")
        ),
    )
    op.create_index(op.f("ix_card_holds_cancellation_id"), "card_holds", ["cancellation_id"])
    op.create_index(
        "ix_card_holds_unrest",
        "card_holds",
        ["updated_at"],
        postgresql_where=sa.text("state NOT IN ('done', 'waived')"),
    )
    op.execute(_LEFT_BEHIND)


def _tenders() -> None:
    op.add_column(
        "tenders",
        sa.Column("hold_settled", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.alter_column("tenders", "hold_settled", server_default=None)
    op.execute(
        "UPDATE tenders SET authorised_minor = captured_minor"
        " WHERE handling = 'held' AND captured_minor > authorised_minor"
    )
    op.create_check_constraint(
        op.f("ck_tenders_captured_within_held"),
        "tenders",
        "handling <> 'held' OR captured_minor <= authorised_minor",
    )


def _dues() -> None:
    op.add_column(
        "dues", sa.Column("taken_minor", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.alter_column("dues", "taken_minor", server_default=None)
    op.alter_column("dues", "state", type_=sa.String(length=32))
    op.add_column("dues", sa.Column("settled_by", sa.String(), nullable=True))
    op.add_column("dues", sa.Column("reason", sa.String(), nullable=True))
    op.create_check_constraint(
        op.f("ck_dues_taken_within_amount"),
        "dues",
        "taken_minor >= 0 AND taken_minor <= amount_minor",
    )
    op.create_index(
        "ix_dues_owed", "dues", ["created_at", "id"], postgresql_where=sa.text("state = 'owed'")
    )


_LEFT_BEHIND = """
    INSERT INTO card_holds
        (id, subject_id, cancellation_id, tender_id, method, provider, payment_ref, currency,
         authorised_minor, take_minor, captured_minor, state, attempt, created_at, updated_at)
    SELECT gen_random_uuid(), t.subject_id, last.id, t.id, t.method, t.provider, t.payment_ref,
        t.currency, t.authorised_minor,
        greatest(0, least(t.authorised_minor, coalesce(due.minor, 0)
            - sum(t.authorised_minor) OVER (PARTITION BY t.subject_id ORDER BY t.position)
            + t.authorised_minor)),
        0, 'owed', 1, last.ended_at, last.ended_at
    FROM tenders t
    JOIN subjects s ON s.id = t.subject_id
    JOIN LATERAL (
        SELECT id, ended_at FROM cancellations c
        WHERE c.subject_id = s.id AND c.state = 'cancelled' ORDER BY n DESC LIMIT 1
    ) last ON true
    LEFT JOIN LATERAL (
        SELECT sum(amount_minor)::bigint AS minor FROM dues d
        WHERE d.subject_id = s.id AND d.state = 'owed'
    ) due ON true
    WHERE s.cancellation_state = 'cancelled' AND s.cancelled_elsewhere_at IS NULL
        AND t.handling = 'held' AND t.captured_minor = 0 AND t.authorised_minor > 0
"""
"""Cards still held for what was cancelled before there was anything to settle them."""


def downgrade() -> None:
    op.drop_index("ix_card_holds_unrest", table_name="card_holds")
    op.drop_index(op.f("ix_card_holds_cancellation_id"), table_name="card_holds")
    op.drop_table("card_holds")
    op.drop_index("ix_dues_owed", table_name="dues")
    op.drop_constraint(op.f("ck_dues_taken_within_amount"), "dues")
    for column in ("reason", "settled_by", "taken_minor"):
        op.drop_column("dues", column)
    op.alter_column("dues", "state", type_=sa.String())
    op.drop_constraint(op.f("ck_tenders_captured_within_held"), "tenders")
    op.drop_column("tenders", "hold_settled")
