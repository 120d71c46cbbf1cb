"""A version of a policy keeps the text that its author wrote beside what it became."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Versions from before have no text: they were written as the document says."""
    op.add_column("policy_versions", sa.Column("source", sa.Text(), nullable=True))
    op.add_column("policy_versions", sa.Column("media_type", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("policy_versions", "media_type")
    op.drop_column("policy_versions", "source")
