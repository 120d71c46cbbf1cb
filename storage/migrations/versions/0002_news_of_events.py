"""Whoever listens is told which subject has news, when its transaction commits."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A subject's first event tells nobody: a stream opens on subjects that are known already.

    A request that ends without a cancellation leaves no event, so it is told by its row.
    """
    op.execute("""
        CREATE FUNCTION tell_of_event() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_notify('rescind_events', NEW.subject_id || ' ' || NEW.sequence);
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE FUNCTION tell_of_request() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_notify('rescind_events', NEW.subject_id || ' 0');
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER tell_of_event AFTER INSERT ON events
        FOR EACH ROW WHEN (NEW.sequence > 1) EXECUTE FUNCTION tell_of_event()
    """)
    op.execute("""
        CREATE TRIGGER tell_of_request AFTER UPDATE OF state ON requests
        FOR EACH ROW WHEN (NEW.state IN ('joined', 'refused', 'closed'))
        EXECUTE FUNCTION tell_of_request()
    """)


def downgrade() -> None:
    op.execute("DROP TRIGGER tell_of_request ON requests")
    op.execute("DROP TRIGGER tell_of_event ON events")
    op.execute("DROP FUNCTION tell_of_request()")
    op.execute("DROP FUNCTION tell_of_event()")
