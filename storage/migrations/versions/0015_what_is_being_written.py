"""What customers write on the way, kept for a while: a note beside its quote, and declarations of
withdrawal that aren't confirmed yet."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("quotes", sa.Column("note", sa.String(), nullable=True))
    op.create_index(
        "ix_quotes_noted", "quotes", ["expires_at"], postgresql_where=sa.text("note IS NOT NULL")
    )
    op.create_table(
        "withdrawal_drafts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("document", JSONB(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawal_drafts")),
    )
    op.create_index("ix_withdrawal_drafts_expires_at", "withdrawal_drafts", ["expires_at"])
    op.create_index("ix_withdrawal_drafts_holder", "withdrawal_drafts", ["holder", "number"])


def downgrade() -> None:
    op.drop_table("withdrawal_drafts")
    op.drop_index("ix_quotes_noted", "quotes")
    op.drop_column("quotes", "note")
