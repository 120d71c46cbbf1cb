"""The tax of a line in full, what went back for it, and the promotions of a purchase."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_LINES = ("tax_included_minor", "refunded_minor")


def upgrade() -> None:
    """What went back for a line so far is read from the cancellations that took of it."""
    for name in _LINES:
        op.add_column("lines", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("lines", sa.Column("tax_rate", sa.String(), nullable=True))
    op.create_check_constraint(
        op.f("ck_lines_tax_and_refunded"),
        "lines",
        "tax_included_minor >= 0 AND refunded_minor >= 0",
    )
    op.add_column("subjects", sa.Column("promotions", JSONB(), nullable=False, server_default="[]"))
    op.add_column(
        "subjects", sa.Column("carried_minor", sa.BigInteger(), nullable=False, server_default="0")
    )
    for name in _LINES:
        op.alter_column("lines", name, server_default=None)
    for name in ("promotions", "carried_minor"):
        op.alter_column("subjects", name, server_default=None)
    op.execute(_REFUNDED)


_REFUNDED = """
    UPDATE lines SET refunded_minor = given.minor
    FROM (
        SELECT c.subject_id, line ->> 'id' AS id, sum((line ->> 'refund_minor')::bigint) AS minor
        FROM cancellations c, jsonb_array_elements(c.lines) line
        WHERE c.state = 'cancelled' GROUP BY c.subject_id, line ->> 'id'
    ) given
    WHERE lines.subject_id = given.subject_id AND lines.id = given.id
"""


def downgrade() -> None:
    op.drop_column("subjects", "carried_minor")
    op.drop_column("subjects", "promotions")
    op.drop_constraint(op.f("ck_lines_tax_and_refunded"), "lines")
    for name in ("tax_rate", *_LINES):
        op.drop_column("lines", name)
