"""What must always be true of the data. Tests ask after every scenario, operators when they like.

Each query finds what breaks one promise; a sound database answers all of them with nothing.
"""

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


class Violation(NamedTuple):
    """`promise` is the name of what is broken, `where` the ids that show it."""

    promise: str
    where: str


AT_REST = "('cancelled', 'declined', 'undone', 'restored')"

PROMISES = {
    "money pending and returned on a tender is that of its refunds": """
        SELECT t.subject_id || ' ' || t.id
        FROM tenders t
        LEFT JOIN refunds r ON r.subject_id = t.subject_id AND r.tender_id = t.id
        GROUP BY t.subject_id, t.id
        HAVING t.pending_minor <> coalesce(sum(r.amount_minor) FILTER (
                 WHERE r.state IN ('requested', 'pending', 'requires_action')), 0)
            OR t.returned_minor <> coalesce(sum(r.amount_minor) FILTER (
                 WHERE r.state IN ('succeeded', 'paid_otherwise')), 0)
    """,
    "never more is returned than was paid": """
        SELECT subject_id || ' ' || id FROM tenders
        WHERE returned_minor + pending_minor + returned_elsewhere_minor > captured_minor
    """,
    "a cancellation refunds each tender once": """
        SELECT cancellation_id || ' ' || tender_id FROM refunds
        WHERE cancellation_id IS NOT NULL
        GROUP BY cancellation_id, tender_id HAVING count(*) > 1
    """,
    "a cancelled one returns what it decided": """
        SELECT c.id::text FROM cancellations c
        JOIN decisions d ON d.cancellation_id = c.id
        LEFT JOIN refunds r ON r.cancellation_id = c.id
        WHERE c.state = 'cancelled' AND d.document ->> 'refund' <> 'none'
        GROUP BY c.id HAVING coalesce(sum(r.amount_minor), 0) <> c.refund_minor
    """,
    "only a cancelled one returns money": f"""
        SELECT c.id::text FROM cancellations c
        JOIN refunds r ON r.cancellation_id = c.id AND r.state <> 'failed'
        WHERE c.state IN {AT_REST} AND c.state <> 'cancelled'
    """,
    "each refund on our ledger is booked once": """
        SELECT r.id::text FROM refunds r
        LEFT JOIN ledger_transactions x ON x.refund_id = r.id
        LEFT JOIN ledger_postings p ON p.transaction_id = x.id
            AND p.account NOT LIKE 'counter:%'
        WHERE r.handling = 'ledger' OR x.id IS NOT NULL
        GROUP BY r.id HAVING coalesce(sum(p.amount_minor), 0)
            <> CASE WHEN r.handling = 'ledger' AND r.state = 'succeeded'
                    THEN r.amount_minor ELSE 0 END
    """,
    "what the ledger books adds up to nothing": """
        SELECT coalesce(x.refund_id, x.id)::text FROM ledger_transactions x
        LEFT JOIN ledger_postings p ON p.transaction_id = x.id
        GROUP BY x.id HAVING count(p.id) <> x.size
        UNION ALL
        SELECT transaction_id::text FROM ledger_postings
        GROUP BY transaction_id, currency HAVING sum(amount_minor) <> 0
    """,
    "a balance is what was booked": """
        SELECT a.id FROM ledger_accounts a
        LEFT JOIN ledger_postings p ON p.account = a.id
        LEFT JOIN ledger_balances b ON b.account = a.id AND b.currency = p.currency
        WHERE a.kind <> 'counter'
        GROUP BY a.id, b.currency, b.balance_minor
        HAVING coalesce(sum(p.amount_minor), 0) <> coalesce(b.balance_minor, 0)
    """,
    "a card held for what is cancelled whole is settled, or is about to be": """
        SELECT t.subject_id || ' ' || t.id FROM tenders t
        JOIN subjects s ON s.id = t.subject_id
        LEFT JOIN card_holds h ON h.subject_id = t.subject_id AND h.tender_id = t.id
        WHERE s.cancellation_state = 'cancelled' AND s.cancelled_elsewhere_at IS NULL
            AND t.handling = 'held' AND t.captured_minor = 0 AND t.authorised_minor > 0
            AND h.id IS NULL
    """,
    "a held card is settled only with what was cancelled": """
        SELECT h.id::text FROM card_holds h
        JOIN cancellations c ON c.id = h.cancellation_id WHERE c.state <> 'cancelled'
    """,
    "what held cards gave is what their dues got": """
        SELECT s.id::text FROM subjects s
        JOIN LATERAL (SELECT sum(captured_minor) AS minor FROM card_holds h
            WHERE h.subject_id = s.id AND h.state = 'done') given ON given.minor IS NOT NULL
        LEFT JOIN LATERAL (SELECT sum(taken_minor) AS minor FROM dues d
            WHERE d.subject_id = s.id) got ON true
        WHERE given.minor <> coalesce(got.minor, 0)
    """,
    "never more is captured than was held": """
        SELECT h.id::text FROM card_holds h
        JOIN tenders t ON t.subject_id = h.subject_id AND t.id = h.tender_id
        WHERE h.captured_minor > h.authorised_minor
            OR (h.state = 'done' AND t.captured_minor <> h.captured_minor)
    """,
    "a cancelled one has written down what it is due": """
        SELECT c.id::text FROM cancellations c
        LEFT JOIN dues d ON d.cancellation_id = c.id
        WHERE c.state = 'cancelled'
        GROUP BY c.id HAVING coalesce(sum(d.amount_minor), 0) <> c.due_minor
    """,
    "credit notes are numbered without gaps": """
        SELECT coalesce(n.series, s.series)::text
        FROM credit_notes n FULL JOIN credit_note_series s ON s.series = n.series
        GROUP BY n.series, s.series, s.last
        HAVING count(n.id) <> coalesce(s.last, 0) OR max(n.position) IS DISTINCT FROM s.last
    """,
    "credit notes add up to what their refund returned": """
        SELECT r.id::text FROM refunds r JOIN credit_notes n ON n.refund_id = r.id
        GROUP BY r.id HAVING sum(n.gross_minor)
            <> CASE WHEN r.state IN ('succeeded', 'paid_otherwise') THEN r.amount_minor ELSE 0 END
    """,
    "a refund that landed has its credit note": """
        SELECT r.id::text FROM refunds r
        WHERE r.state IN ('succeeded', 'paid_otherwise')
            AND r.settled_at > (SELECT min(issued_at) FROM credit_notes)
            AND NOT EXISTS (SELECT FROM credit_notes n WHERE n.refund_id = r.id)
    """,
    "a credit note adds up": """
        SELECT n.refund_id::text FROM credit_notes n
        CROSS JOIN LATERAL (
            SELECT sum((line ->> 'gross_minor')::bigint) AS gross,
                sum((line ->> 'tax_minor')::bigint) AS tax
            FROM jsonb_array_elements(n.lines) line
        ) sums
        WHERE sums.gross <> n.gross_minor OR sums.tax <> n.tax_minor
    """,
    "no slot is held twice": """
        SELECT a.id || ' ' || b.id FROM reservations a
        JOIN reservations b ON a.resource_id = b.resource_id AND a.unit = b.unit AND a.id < b.id
            AND a.during && b.during
        WHERE a.state <> 'released' AND b.state <> 'released'
    """,
    "nothing at rest is half released": f"""
        SELECT v.id::text FROM reservations v
        JOIN cancellations c ON c.id = v.cancellation_id
        WHERE v.state = 'releasing' AND c.state IN {AT_REST}
    """,
    "a slot is released only by what was cancelled": """
        SELECT v.id::text FROM reservations v
        JOIN cancellations c ON c.id = v.cancellation_id
        WHERE v.state = 'released' AND c.state <> 'cancelled'
    """,
    "goods go back only with what was cancelled": f"""
        SELECT m.cancellation_id || ' ' || m.line_id FROM stock_moves m
        JOIN cancellations c ON c.id = m.cancellation_id
        WHERE (m.state = 'final' AND c.state <> 'cancelled')
           OR (m.state = 'tentative' AND c.state IN {AT_REST})
    """,
    "a hold belongs to work that is not at rest": f"""
        SELECT h.subject_id::text FROM holds h
        JOIN cancellations c ON c.id = h.holder_id
        WHERE c.state IN {AT_REST}
    """,
    "work that is not at rest has its hold": f"""
        SELECT c.id::text FROM cancellations c
        LEFT JOIN holds h ON h.holder_id = c.id
        WHERE c.state NOT IN {AT_REST} AND h.subject_id IS NULL
    """,
    "a subject says that it is being cancelled while it is": f"""
        SELECT s.id::text FROM subjects s
        LEFT JOIN cancellations c ON c.subject_id = s.id AND c.state NOT IN {AT_REST}
        WHERE (s.cancellation_state IN ('requested', 'cancelling')) <> (c.id IS NOT NULL)
    """,
    "a line counts what its cancellations took": """
        SELECT l.subject_id || ' ' || l.id FROM lines l
        JOIN subjects s ON s.id = l.subject_id AND s.cancelled_elsewhere_at IS NULL
        LEFT JOIN cancellations c ON c.subject_id = l.subject_id AND c.state = 'cancelled'
        LEFT JOIN LATERAL jsonb_array_elements(c.lines) taken ON taken ->> 'id' = l.id
        WHERE s.order_id IS NULL
        GROUP BY l.subject_id, l.id
        HAVING l.quantity_cancelled <> coalesce(sum((taken ->> 'quantity')::int), 0)
            OR l.refunded_minor <> coalesce(sum((taken ->> 'refund_minor')::bigint), 0)
    """,
    "history has no gaps": """
        SELECT s.id::text FROM subjects s
        LEFT JOIN events e ON e.subject_id = s.id
        GROUP BY s.id HAVING count(e.id) <> s.event_sequence
            OR coalesce(max(e.sequence), 0) <> s.event_sequence
    """,
    "history tells how each cancellation ended": f"""
        SELECT c.id::text FROM cancellations c
        LEFT JOIN events e ON e.cancellation_id = c.id AND e.subject_id = c.subject_id
            AND e.type IN ('cancelled', 'cancellation_declined', 'cancellation_undone',
                           'cancellation_restored')
        WHERE c.state IN {AT_REST}
        GROUP BY c.id HAVING count(e.id) <> 1
    """,
    "each event is in the outbox": """
        SELECT e.id::text FROM events e
        LEFT JOIN outbox o ON o.event_id = e.id WHERE o.event_id IS NULL
    """,
    "a subject's cancellations are numbered without gaps": """
        SELECT subject_id::text FROM cancellations
        GROUP BY subject_id HAVING max(n) <> count(*)
    """,
}


async def violations(session: AsyncSession, limit: int = 20) -> list[Violation]:
    """Look for broken promises, at most so many of each kind. It reads the whole database."""
    found = []
    for promise, query in PROMISES.items():
        rows = await session.scalars(text(f"{query} LIMIT {int(limit)}"))
        found += [Violation(promise, where) for where in rows]
    return found
