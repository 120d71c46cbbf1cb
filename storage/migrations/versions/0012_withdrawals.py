"""Declarations of withdrawal as they came in, never changed, and the letters that tell of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
STATES = ("held", "due", "sent", "parked", "needless")


def upgrade() -> None:
    _make_withdrawals()
    _make_letters()
    op.execute("""
        CREATE FUNCTION withdrawal_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'a declaration of withdrawal is never changed'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'withdrawal_is_final';
        END $$
    """)
    op.execute("""
        CREATE TRIGGER is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON withdrawals
        FOR EACH STATEMENT EXECUTE FUNCTION withdrawal_is_final()
    """)


def downgrade() -> None:
    op.drop_table("withdrawal_letters")
    op.drop_table("withdrawals")
    op.execute("DROP FUNCTION withdrawal_is_final()")


def _make_withdrawals() -> None:
    op.create_table(
        "withdrawals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("lines", JSONB(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("fk_withdrawals_subject_id_subjects")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawals")),
    )
    op.create_index("ix_withdrawals_subject_id", "withdrawals", ["subject_id"])


def _make_letters() -> None:
    op.create_table(
        "withdrawal_letters",
        sa.Column("withdrawal_id", sa.Uuid(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="letterstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("claimed_at", INSTANT, nullable=True),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["withdrawal_id"],
            ["withdrawals.id"],
            name=op.f("fk_withdrawal_letters_withdrawal_id_withdrawals"),
        ),
        sa.PrimaryKeyConstraint("withdrawal_id", "audience", name=op.f("pk_withdrawal_letters")),
    )
    op.create_index(
        "ix_withdrawal_letters_waiting",
        "withdrawal_letters",
        ["created_at"],
        postgresql_where=sa.text("state in ('held', 'due')"),
    )
