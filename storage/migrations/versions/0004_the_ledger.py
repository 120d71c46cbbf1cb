"""The ledger of gift cards and store credit becomes double entry."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was booked before is carried over, each entry as a transaction of its own.

    The triggers that wait for the commit come last: a table with such checks under way can't be
    altered by the migrations that follow in the same transaction.
    """
    _make_tables()
    _move_balances()
    _carry_over()
    op.drop_table("credit_entries")
    _refuse_imbalance()
    _refuse_changes()


def downgrade() -> None:
    """A reversal and what it reversed stay as entries that are about no refund."""
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
    op.execute("""
        INSERT INTO credit_entries (id, account, amount_minor, currency, refund_id, memo, at)
        SELECT x.id, p.account, p.amount_minor, p.currency,
            CASE WHEN x.occasion = 'refund' AND r.id IS NULL THEN x.refund_id END, x.occasion, x.at
        FROM ledger_transactions x
        JOIN ledger_postings p ON p.transaction_id = x.id
        JOIN ledger_accounts a ON a.id = p.account AND a.kind <> 'counter'
        LEFT JOIN ledger_transactions r ON r.reverses = x.id
    """)
    for table in ("balances", "postings", "transactions", "accounts"):
        op.drop_table(f"ledger_{table}")
    for function in ("balance", "is_balanced", "is_final", "is_derived"):
        op.execute(f"DROP FUNCTION ledger_{function}()")


def _make_tables() -> None:
    op.create_table(
        "ledger_accounts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "gift_card",
                "store_credit",
                "counter",
                name="accountkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_accounts")),
    )
    op.create_table(
        "ledger_transactions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "occasion",
            sa.Enum("refund", "opening", "reversal", name="occasion", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("reverses", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size >= 2", name=op.f("ck_ledger_transactions_size")),
        sa.CheckConstraint(
            "(reverses IS NULL) = (occasion <> 'reversal')",
            name=op.f("ck_ledger_transactions_reverses"),
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refunds.id"], name=op.f("fk_ledger_transactions_refund_id")
        ),
        sa.ForeignKeyConstraint(
            ["reverses"], ["ledger_transactions.id"], name=op.f("fk_ledger_transactions_reverses")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transactions")),
        sa.UniqueConstraint("reverses", name=op.f("uq_ledger_transactions_reverses")),
    )
    op.create_index("ix_ledger_transactions_refund_id", "ledger_transactions", ["refund_id"])
    op.create_table(
        "ledger_postings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("transaction_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_ledger_postings_something")),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["ledger_transactions.id"],
            name=op.f("fk_ledger_postings_transaction_id"),
        ),
        sa.ForeignKeyConstraint(
            ["account"], ["ledger_accounts.id"], name=op.f("fk_ledger_postings_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_postings")),
    )
    op.create_index("ix_ledger_postings_account", "ledger_postings", ["account", "id"])
    op.create_index("ix_ledger_postings_transaction_id", "ledger_postings", ["transaction_id"])
    op.create_table(
        "ledger_balances",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("balance_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("balance_minor >= 0", name=op.f("ck_ledger_balances_not_negative")),
        sa.ForeignKeyConstraint(
            ["account"], ["ledger_accounts.id"], name=op.f("fk_ledger_balances_account")
        ),
        sa.PrimaryKeyConstraint("account", "currency", name=op.f("pk_ledger_balances")),
    )


def _move_balances() -> None:
    """A posting moves the balance itself, so that no code can forget to.

    The update comes first: an insert that meets its row is checked before it becomes an update.
    """
    op.execute("""
        CREATE FUNCTION ledger_balance() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (SELECT kind FROM ledger_accounts WHERE id = NEW.account) = 'counter' THEN
                RETURN NULL;
            END IF;
            UPDATE ledger_balances SET balance_minor = balance_minor + NEW.amount_minor
            WHERE account = NEW.account AND currency = NEW.currency;
            IF NOT FOUND THEN
                INSERT INTO ledger_balances AS held (account, currency, balance_minor)
                VALUES (NEW.account, NEW.currency, NEW.amount_minor)
                ON CONFLICT (account, currency)
                DO UPDATE SET balance_minor = held.balance_minor + excluded.balance_minor;
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER moves_balance AFTER INSERT ON ledger_postings
        FOR EACH ROW EXECUTE FUNCTION ledger_balance()
    """)


def _carry_over() -> None:
    op.execute("""
        INSERT INTO ledger_accounts (id, kind, opened_at)
        SELECT account,
            CASE WHEN account LIKE 'credit/%' THEN 'store_credit' ELSE 'gift_card' END, min(at)
        FROM credit_entries WHERE amount_minor <> 0 GROUP BY account
        UNION ALL
        SELECT CASE WHEN refund_id IS NULL THEN 'counter:opening' ELSE 'counter:refunds' END,
            'counter', min(at)
        FROM credit_entries WHERE amount_minor <> 0 GROUP BY refund_id IS NULL
    """)
    op.execute("""
        INSERT INTO ledger_transactions (id, occasion, size, refund_id, at)
        SELECT id, CASE WHEN refund_id IS NULL THEN 'opening' ELSE 'refund' END, 2, refund_id, at
        FROM credit_entries WHERE amount_minor <> 0
    """)
    op.execute("""
        INSERT INTO ledger_postings (transaction_id, account, amount_minor, currency)
        SELECT e.id, side.account, side.amount_minor, e.currency
        FROM credit_entries e CROSS JOIN LATERAL (VALUES
            (e.account, e.amount_minor),
            (CASE WHEN e.refund_id IS NULL THEN 'counter:opening' ELSE 'counter:refunds' END,
             -e.amount_minor)
        ) side (account, amount_minor)
        WHERE e.amount_minor <> 0 ORDER BY e.at, e.amount_minor DESC, e.id
    """)


def _refuse_imbalance() -> None:
    op.execute("""
        CREATE FUNCTION ledger_is_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE booked uuid := CASE TG_TABLE_NAME
            WHEN 'ledger_transactions' THEN (to_jsonb(NEW) ->> 'id')::uuid
            ELSE (to_jsonb(NEW) ->> 'transaction_id')::uuid END;
        BEGIN
            IF (SELECT size FROM ledger_transactions WHERE id = booked)
                <> (SELECT count(*) FROM ledger_postings WHERE transaction_id = booked)
            OR EXISTS (SELECT FROM ledger_postings WHERE transaction_id = booked
                       GROUP BY currency HAVING sum(amount_minor) <> 0) THEN
                RAISE EXCEPTION 'ledger transaction % is not balanced', booked
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_is_balanced';
            END IF;
            RETURN NULL;
        END $$
    """)
    for table in ("transactions", "postings"):
        op.execute(f"""
            CREATE CONSTRAINT TRIGGER is_balanced AFTER INSERT ON ledger_{table}
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_is_balanced()
        """)


def _refuse_changes() -> None:
    op.execute("""
        CREATE FUNCTION ledger_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the ledger is never changed: book a reversal'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_is_final';
        END $$
    """)
    op.execute("""
        CREATE FUNCTION ledger_is_derived() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF pg_trigger_depth() < 2 THEN
                RAISE EXCEPTION 'a balance follows from its postings'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_is_derived';
            END IF;
            RETURN NULL;
        END $$
    """)
    for table in ("accounts", "transactions", "postings"):
        op.execute(f"""
            CREATE TRIGGER is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_{table}
            FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_final()
        """)
    op.execute("""
        CREATE TRIGGER is_derived BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON ledger_balances
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_derived()
    """)
