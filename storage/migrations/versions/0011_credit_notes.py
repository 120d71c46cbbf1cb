"""Credit notes: numbered without gaps, and never changed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Refunds that landed before have no note: what was decided of their tax wasn't kept."""
    op.create_table(
        "credit_note_series",
        sa.Column("series", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_credit_note_series")),
    )
    op.create_table(
        "credit_notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("reverses", sa.Uuid(), nullable=True),
        sa.Column("refund_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("cancellation_id", sa.Uuid(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "(reverses IS NULL) = (kind <> 'reversal')", name=op.f("ck_credit_notes_reverses")
        ),
        sa.CheckConstraint("net_minor + tax_minor = gross_minor", name=op.f("ck_credit_notes_sum")),
        sa.ForeignKeyConstraint(
            ["reverses"], ["credit_notes.id"], name=op.f("fk_credit_notes_reverses")
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refunds.id"], name=op.f("fk_credit_notes_refund_id")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("fk_credit_notes_subject_id")
        ),
        sa.ForeignKeyConstraint(
            ["cancellation_id"], ["cancellations.id"], name=op.f("fk_credit_notes_cancellation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_notes")),
        sa.UniqueConstraint("number", name=op.f("uq_credit_notes_number")),
        sa.UniqueConstraint("reverses", name=op.f("uq_credit_notes_reverses")),
        sa.UniqueConstraint("series", "position", name=op.f("uq_credit_notes_series_position")),
    )
    op.create_index("ix_credit_notes_refund_id", "credit_notes", ["refund_id"])
    op.create_index(op.f("ix_credit_notes_subject_id"), "credit_notes", ["subject_id"])
    op.create_index("ix_credit_notes_listing", "credit_notes", ["issued_at", "id"])
    op.execute("""
        CREATE FUNCTION credit_note_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'a credit note is never changed: issue a reversal'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'credit_note_is_final';
        END $$
    """)
    op.execute("""
        CREATE TRIGGER is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON credit_notes
        FOR EACH STATEMENT EXECUTE FUNCTION credit_note_is_final()
    """)


def downgrade() -> None:
    op.drop_table("credit_notes")
    op.drop_table("credit_note_series")
    op.execute("DROP FUNCTION credit_note_is_final()")
