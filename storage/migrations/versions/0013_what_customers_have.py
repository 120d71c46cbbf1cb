"""Lists of what is a customer's, quick however much it is, and what mails each of them wants."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
LISTED = "COALESCE(placed_at, created_at)"
AHEAD = (
    "COALESCE(starts_at, ((starts_on + 1)::timestamp without time zone AT TIME ZONE 'UTC'::text))"
)
WAYS = {"ref": "customer_ref", "email": "lower(customer_email)"}


def upgrade() -> None:
    for name, column in WAYS.items():
        op.create_index(
            f"ix_subjects_listed_by_{name}",
            "subjects",
            [sa.text(column), sa.text(LISTED), sa.text("id")],
            postgresql_where=sa.text("order_id IS NULL"),
        )
        op.create_index(
            f"ix_subjects_ahead_by_{name}",
            "subjects",
            [sa.text(column), sa.text(AHEAD), sa.text("id")],
            postgresql_where=sa.text(
                "order_id IS NULL AND (starts_at IS NOT NULL OR starts_on IS NOT NULL)"
            ),
        )
    op.create_table(
        "customer_preferences",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_ref", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("zone", sa.String(), nullable=True),
        sa.Column("unwanted", JSONB(), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_preferences")),
        sa.UniqueConstraint("customer_ref", name=op.f("uq_customer_preferences_customer_ref")),
        sa.UniqueConstraint("email", name=op.f("uq_customer_preferences_email")),
    )


def downgrade() -> None:
    op.drop_table("customer_preferences")
    for name in WAYS:
        op.drop_index(f"ix_subjects_ahead_by_{name}", "subjects")
        op.drop_index(f"ix_subjects_listed_by_{name}", "subjects")
