"""Files that customers send with a request."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evidence",
        sa.Column("number", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column(
            "digest",
            sa.LargeBinary(),
            sa.Computed("sha256(content)", persisted=True),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.id"], name=op.f("fk_evidence_request_id_requests")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_evidence")),
        sa.UniqueConstraint("request_id", "digest", name=op.f("uq_evidence_request_id_digest")),
    )
    op.execute("ALTER TABLE evidence ALTER COLUMN content SET STORAGE EXTERNAL")
    op.create_index(
        "ix_requests_joined",
        "requests",
        ["joined_id"],
        postgresql_where=sa.text("joined_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_requests_joined", "requests")
    op.drop_table("evidence")
