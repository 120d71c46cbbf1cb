"""The first schema."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("scopes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("name", name=op.f("uq_api_keys_name")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_api_keys_secret_hash")),
    )
    op.create_table(
        "effects",
        sa.Column("cancellation_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "begun", "done", "compensated", name="effectstate", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("cancellation_id", "step", name=op.f("pk_effects")),
    )
    op.create_table(
        "policies",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kinds", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policies")),
    )
    op.create_table(
        "reasons",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("labels", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("kinds", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note_required", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_reasons")),
    )
    op.create_table(
        "resources",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("weekly_hours", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("buffer_before_minutes", sa.Integer(), nullable=False),
        sa.Column("buffer_after_minutes", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "buffer_before_minutes >= 0 AND buffer_after_minutes >= 0",
            name=op.f("ck_resources_buffers"),
        ),
        sa.CheckConstraint("capacity >= 1", name=op.f("ck_resources_capacity")),
        sa.CheckConstraint(
            "slot_minutes BETWEEN 1 AND 1440", name=op.f("ck_resources_slot_minutes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resources")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
    )
    op.create_table(
        "stock",
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("on_hand >= 0", name=op.f("ck_stock_on_hand")),
        sa.PrimaryKeyConstraint("sku", name=op.f("pk_stock")),
    )
    op.create_table(
        "subjects",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("order", "appointment", name="kind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("order_line_id", sa.String(), nullable=True),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column(
            "cancellation_state",
            sa.Enum(
                "none",
                "requested",
                "cancelling",
                "partly_cancelled",
                "cancelled",
                name="subjectstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("cancelled_elsewhere_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("original_starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("original_starts_on", sa.Date(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reschedules", sa.Integer(), nullable=False),
        sa.Column("customer_ref", sa.String(), nullable=True),
        sa.Column("customer_name", sa.String(), nullable=True),
        sa.Column("customer_email", sa.String(), nullable=True),
        sa.Column("customer_language", sa.String(), nullable=True),
        sa.Column("customer_zone", sa.String(), nullable=True),
        sa.Column("customer_counters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("brand", sa.String(), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("attributes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("consents", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("policy_id", sa.String(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("cancellable_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("terms_change_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("window_closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_sequence", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["subjects.id"], name=op.f("fk_subjects_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subjects")),
        sa.UniqueConstraint("kind", "ref", name=op.f("uq_subjects_kind_ref")),
    )
    op.create_index(op.f("ix_subjects_customer_ref"), "subjects", ["customer_ref"], unique=False)
    op.create_index("ix_subjects_listing", "subjects", ["kind", "created_at", "id"], unique=False)
    op.create_index(
        "ix_subjects_window",
        "subjects",
        ["cancellable_until"],
        unique=False,
        postgresql_where=sa.text("window_closed_at IS NULL AND cancellable_until IS NOT NULL"),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("cancellation_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_events_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("subject_id", "sequence", name=op.f("uq_events_subject_id_sequence")),
    )
    op.create_index("ix_events_analytics", "events", ["type", "at"], unique=False)
    op.create_index("ix_events_cancellation_id", "events", ["cancellation_id"], unique=False)
    op.create_table(
        "holds",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column(
            "mode",
            sa.Enum("shared", "exclusive", name="holdmode", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_holds_subject_id")),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_holds")),
    )
    op.create_table(
        "lines",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "goods", "service", "fee", "shipping", name="linekind", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("component", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("quantity_cancelled", sa.Integer(), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("attributes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "discount_minor <= unit_price_minor * quantity", name=op.f("ck_lines_discount")
        ),
        sa.CheckConstraint("quantity >= 1", name=op.f("ck_lines_quantity")),
        sa.CheckConstraint(
            "quantity_cancelled BETWEEN 0 AND quantity", name=op.f("ck_lines_quantity_cancelled")
        ),
        sa.CheckConstraint(
            "unit_price_minor >= 0 AND discount_minor >= 0 AND tax_minor >= 0",
            name=op.f("ck_lines_price"),
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_lines_subject_id")),
        sa.PrimaryKeyConstraint("subject_id", "id", name=op.f("pk_lines")),
    )
    op.create_table(
        "policy_versions",
        sa.Column("policy_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("in_force_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["policies.id"], name=op.f("fk_policy_versions_policy_id")
        ),
        sa.PrimaryKeyConstraint("policy_id", "version", name=op.f("pk_policy_versions")),
    )
    op.create_table(
        "quotes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("facts_hash", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_quotes_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotes")),
    )
    op.create_index(op.f("ix_quotes_subject_id"), "quotes", ["subject_id"], unique=False)
    op.create_table(
        "requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "decided",
                "joined",
                "refused",
                "closed",
                name="requeststate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body_hash", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("asker", sa.String(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_id", sa.Uuid(), nullable=True),
        sa.Column("refusal", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("fk_requests_subject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
        sa.UniqueConstraint(
            "actor", "idempotency_key", name=op.f("uq_requests_actor_idempotency_key")
        ),
    )
    op.create_index(
        "ix_requests_open",
        "requests",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(op.f("ix_requests_subject_id"), "requests", ["subject_id"], unique=False)
    op.create_table(
        "reservations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.String(), nullable=False),
        sa.Column("unit", sa.Integer(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "active",
                "releasing",
                "released",
                name="reservationstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("cancellation_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("resource_id"), "="),
            (sa.column("unit"), "="),
            (sa.column("during"), "&&"),
            where=sa.text("state IN ('active', 'releasing')"),
            using="gist",
            name="ex_reservations_no_double_booking",
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resources.id"], name=op.f("fk_reservations_resource_id")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("fk_reservations_subject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservations")),
    )
    op.create_index(
        "ix_reservations_subject", "reservations", ["subject_id", "line_id"], unique=False
    )
    op.create_table(
        "tenders",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column(
            "handling",
            sa.Enum(
                "provider",
                "ledger",
                "manual",
                "held",
                name="handling",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("provider", sa.String(), nullable=True),
        sa.Column("payment_ref", sa.String(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("authorised_minor", sa.BigInteger(), nullable=False),
        sa.Column("captured_minor", sa.BigInteger(), nullable=False),
        sa.Column("pending_minor", sa.BigInteger(), nullable=False),
        sa.Column("returned_minor", sa.BigInteger(), nullable=False),
        sa.Column("returned_elsewhere_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "authorised_minor >= 0 AND captured_minor >= 0 AND pending_minor >= 0 AND returned_minor >= 0 AND returned_elsewhere_minor >= 0",
            name=op.f("ck_tenders_not_negative"),
        ),
        sa.CheckConstraint(
            "returned_minor + pending_minor + returned_elsewhere_minor <= captured_minor",
            name=op.f("ck_tenders_returned_within_captured"),
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("fk_tenders_subject_id")
        ),
        sa.PrimaryKeyConstraint("subject_id", "id", name=op.f("pk_tenders")),
    )
    op.create_index("ix_tenders_payment_ref", "tenders", ["payment_ref"], unique=False)
    op.create_table(
        "cancellations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "awaiting_approval",
                "undo_window",
                "working",
                "cancelled",
                "declined",
                "undone",
                "restored",
                "needs_attention",
                name="cancellationstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("cause", sa.String(), nullable=True),
        sa.Column(
            "initiator",
            sa.Enum(
                "customer",
                "staff",
                "business",
                "system",
                "agent",
                name="initiator",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "right",
            sa.Enum("contract", "law", "goodwill", name="right", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("refund_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("due_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("restores_to", sa.String(), nullable=False),
        sa.Column("approval_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undo_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retry_quote_id", sa.Uuid(), nullable=True),
        sa.Column("attention", sa.String(), nullable=True),
        sa.Column("attention_failure", sa.String(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["requests.id"], name=op.f("fk_cancellations_id")),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("fk_cancellations_subject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cancellations")),
        sa.UniqueConstraint("subject_id", "n", name=op.f("uq_cancellations_subject_id_n")),
    )
    op.create_index(
        "ix_cancellations_listing", "cancellations", ["requested_at", "id"], unique=False
    )
    op.create_index(
        "ix_cancellations_unrest",
        "cancellations",
        ["updated_at"],
        unique=False,
        postgresql_where=sa.text("state NOT IN ('cancelled', 'declined', 'undone', 'restored')"),
    )
    op.create_table(
        "outbox",
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_outbox_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_unsent",
        "outbox",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("delivered_at IS NULL"),
    )
    op.create_table(
        "decisions",
        sa.Column("cancellation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "allowed",
                "needs_approval",
                "declined",
                "hand_over",
                name="outcome",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("policy_id", sa.String(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("quote_id", sa.Uuid(), nullable=True),
        sa.Column("terms_hash", sa.String(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("verdict", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["cancellation_id"], ["cancellations.id"], name=op.f("fk_decisions_cancellation_id")
        ),
        sa.PrimaryKeyConstraint("cancellation_id", name=op.f("pk_decisions")),
    )
    op.create_table(
        "dues",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("cancellation_id", sa.Uuid(), nullable=True),
        sa.Column("tender_id", sa.String(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_dues_positive")),
        sa.ForeignKeyConstraint(
            ["cancellation_id"], ["cancellations.id"], name=op.f("fk_dues_cancellation_id")
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_dues_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dues")),
    )
    op.create_index(op.f("ix_dues_subject_id"), "dues", ["subject_id"], unique=False)
    op.create_table(
        "notifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("cancellation_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("occasion", sa.String(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "due", "sent", "parked", name="notificationstate", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["cancellation_id"], ["cancellations.id"], name=op.f("fk_notifications_cancellation_id")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("fk_notifications_subject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint(
            "cancellation_id",
            "template",
            "audience",
            "occasion",
            name=op.f("uq_notifications_cancellation_id_template_audience_occasion"),
        ),
    )
    op.create_index(
        "ix_notifications_due",
        "notifications",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("state = 'due'"),
    )
    op.create_table(
        "refunds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("cancellation_id", sa.Uuid(), nullable=True),
        sa.Column("tender_id", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column(
            "handling",
            sa.Enum(
                "provider",
                "ledger",
                "manual",
                "held",
                name="handling",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("timing", sa.String(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "owed",
                "requested",
                "pending",
                "requires_action",
                "succeeded",
                "failed",
                "paid_otherwise",
                "waived",
                name="refundstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("attempt_begun", sa.Boolean(), nullable=False),
        sa.Column("provider", sa.String(), nullable=True),
        sa.Column("payment_ref", sa.String(), nullable=True),
        sa.Column("provider_ref", sa.String(), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("may_retry", sa.Boolean(), nullable=False),
        sa.Column("attention", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refunds_positive")),
        sa.ForeignKeyConstraint(
            ["cancellation_id"], ["cancellations.id"], name=op.f("fk_refunds_cancellation_id")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("fk_refunds_subject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
    )
    op.create_index(
        op.f("ix_refunds_cancellation_id"), "refunds", ["cancellation_id"], unique=False
    )
    op.create_index(
        "ix_refunds_provider_ref", "refunds", ["provider", "provider_ref"], unique=False
    )
    op.create_index(op.f("ix_refunds_subject_id"), "refunds", ["subject_id"], unique=False)
    op.create_index(
        "ix_refunds_unrest",
        "refunds",
        ["updated_at"],
        unique=False,
        postgresql_where=sa.text("state NOT IN ('succeeded', 'paid_otherwise', 'waived')"),
    )
    op.create_table(
        "stock_moves",
        sa.Column("cancellation_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "tentative", "final", "void", name="stockmovestate", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["cancellation_id"], ["cancellations.id"], name=op.f("fk_stock_moves_cancellation_id")
        ),
        sa.ForeignKeyConstraint(["sku"], ["stock.sku"], name=op.f("fk_stock_moves_sku")),
        sa.PrimaryKeyConstraint("cancellation_id", "line_id", name=op.f("pk_stock_moves")),
    )
    op.create_table(
        "credit_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("memo", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refunds.id"], name=op.f("fk_credit_entries_refund_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_entries")),
        sa.UniqueConstraint("refund_id", name=op.f("uq_credit_entries_refund_id")),
    )
    op.create_index(op.f("ix_credit_entries_account"), "credit_entries", ["account"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_credit_entries_account"), table_name="credit_entries")
    op.drop_table("credit_entries")
    op.drop_table("stock_moves")
    op.drop_index(
        "ix_refunds_unrest",
        table_name="refunds",
        postgresql_where=sa.text("state NOT IN ('succeeded', 'paid_otherwise', 'waived')"),
    )
    op.drop_index(op.f("ix_refunds_subject_id"), table_name="refunds")
    op.drop_index("ix_refunds_provider_ref", table_name="refunds")
    op.drop_index(op.f("ix_refunds_cancellation_id"), table_name="refunds")
    op.drop_table("refunds")
    op.drop_index(
        "ix_notifications_due",
        table_name="notifications",
        postgresql_where=sa.text("state = 'due'"),
    )
    op.drop_table("notifications")
    op.drop_index(op.f("ix_dues_subject_id"), table_name="dues")
    op.drop_table("dues")
    op.drop_table("decisions")
    op.drop_index(
        "ix_outbox_unsent", table_name="outbox", postgresql_where=sa.text("delivered_at IS NULL")
    )
    op.drop_table("outbox")
    op.drop_index(
        "ix_cancellations_unrest",
        table_name="cancellations",
        postgresql_where=sa.text("state NOT IN ('cancelled', 'declined', 'undone', 'restored')"),
    )
    op.drop_index("ix_cancellations_listing", table_name="cancellations")
    op.drop_table("cancellations")
    op.drop_index("ix_tenders_payment_ref", table_name="tenders")
    op.drop_table("tenders")
    op.drop_index("ix_reservations_subject", table_name="reservations")
    op.drop_table("reservations")
    op.drop_index(op.f("ix_requests_subject_id"), table_name="requests")
    op.drop_index(
        "ix_requests_open", table_name="requests", postgresql_where=sa.text("state = 'open'")
    )
    op.drop_table("requests")
    op.drop_index(op.f("ix_quotes_subject_id"), table_name="quotes")
    op.drop_table("quotes")
    op.drop_table("policy_versions")
    op.drop_table("lines")
    op.drop_table("holds")
    op.drop_index("ix_events_cancellation_id", table_name="events")
    op.drop_index("ix_events_analytics", table_name="events")
    op.drop_table("events")
    op.drop_index(
        "ix_subjects_window",
        table_name="subjects",
        postgresql_where=sa.text("window_closed_at IS NULL AND cancellable_until IS NOT NULL"),
    )
    op.drop_index("ix_subjects_listing", table_name="subjects")
    op.drop_index(op.f("ix_subjects_customer_ref"), table_name="subjects")
    op.drop_table("subjects")
    op.drop_table("stock")
    op.drop_table("staff")
    op.drop_table("resources")
    op.drop_table("reasons")
    op.drop_table("policies")
    op.drop_table("effects")
    op.drop_table("api_keys")
