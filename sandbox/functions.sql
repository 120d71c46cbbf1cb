-- How scripted faults are used up. The sandbox has a clock of its own, as a processor has.

-- Use up one scripted fault: a payment's own before those for any payment, the oldest first. A
-- repeat under a known key can lose its way, but its outcome is settled.
CREATE OR REPLACE FUNCTION sandbox.next_fault(doing text, payment text, is_repeat boolean)
RETURNS sandbox.faults LANGUAGE plpgsql AS $$
DECLARE
    fault sandbox.faults;
BEGIN
    IF NOT EXISTS (
        SELECT FROM sandbox.faults WHERE operation = doing AND remaining IS DISTINCT FROM 0
    ) THEN
        RETURN NULL;
    END IF;
    LOCK TABLE sandbox.faults IN SHARE ROW EXCLUSIVE MODE;
    SELECT * INTO fault FROM sandbox.faults
    WHERE operation = doing AND (ref = payment OR ref IS NULL)
        AND remaining IS DISTINCT FROM 0
        AND (NOT is_repeat
            OR behaviour IN ('hangs', 'unavailable', 'loses_reply', 'answers_late', 'rate_limited',
                'conflict'))
    ORDER BY ref IS NULL, id LIMIT 1;
    UPDATE sandbox.faults SET remaining = remaining - 1 WHERE id = fault.id;
    RETURN fault;
END $$;

-- A call over the wire has arrived: note it, use up what is scripted for it, and find what was
-- answered under its key before.
CREATE OR REPLACE FUNCTION sandbox.arrive(
    doing text, my_key text, payment_ref text, refund_id text, my_amount bigint, my_currency text,
    OUT behaviour text, OUT failure text, OUT retryable boolean, OUT seconds double precision,
    OUT asked text, OUT status integer, OUT body text, OUT moves_due boolean
) LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz := sandbox.now();
    fault sandbox.faults;
BEGIN
    IF refund_id IS NOT NULL THEN
        SELECT ref INTO payment_ref FROM sandbox.refunds WHERE id = refund_id;
    END IF;
    IF my_key IS NOT NULL THEN
        SELECT k.asked, k.status, k.body INTO asked, status, body FROM sandbox.keys k
        WHERE key = my_key AND created_at > moment - interval '24 hours';
    END IF;
    fault := sandbox.next_fault(doing, payment_ref, status IS NOT NULL);
    behaviour := fault.behaviour;
    failure := fault.failure;
    retryable := fault.retryable;
    seconds := fault.seconds;
    INSERT INTO sandbox.calls (at, operation, key, ref, amount, currency, behaviour)
    VALUES (moment, doing, my_key, payment_ref, my_amount, my_currency, fault.behaviour);
    moves_due := EXISTS (SELECT FROM sandbox.moves WHERE at <= moment);
END $$;

-- Use up what is scripted for a webhook about a payment: its own before any, the oldest first.
CREATE OR REPLACE FUNCTION sandbox.next_delivery_fault(payment text, event_type text)
RETURNS sandbox.faults LANGUAGE sql AS $$
    UPDATE sandbox.faults SET remaining = remaining - 1 WHERE id = (
        SELECT id FROM sandbox.faults
        WHERE operation = 'webhook' AND (ref = payment OR ref IS NULL)
            AND (event = event_type OR event IS NULL) AND remaining IS DISTINCT FROM 0
        ORDER BY ref IS NULL, id LIMIT 1 FOR UPDATE
    ) RETURNING *
$$;
