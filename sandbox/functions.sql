-- How the card sandbox answers: one call, one round trip. It has a clock of its own, as a
-- processor has, so these read it.

CREATE OR REPLACE FUNCTION sandbox.move(
    moved sandbox.refunds, new_state text, new_failure text, new_retryable boolean
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF moved.state IN ('failed', 'cancelled') OR (moved.state = 'succeeded' AND new_state <> 'failed')
    THEN
        RAISE EXCEPTION 'refund % is % and can''t become %', moved.id, moved.state, new_state
            USING ERRCODE = 'SB001';
    END IF;
    UPDATE sandbox.refunds
    SET state = new_state, failure = new_failure, retryable = new_retryable, next_state = NULL,
        next_failure = NULL, next_retryable = NULL, next_at = NULL
    WHERE id = moved.id;
    IF new_state IN ('failed', 'cancelled') THEN
        UPDATE sandbox.payments SET refunded = refunded - moved.amount WHERE ref = moved.ref;
    END IF;
END $$;

-- Make the announced moves of one payment's refunds that are due. Locks the payment first, as
-- every writer does, so writers take turns and never block each other crosswise.
CREATE OR REPLACE FUNCTION sandbox.settle(payment text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    due sandbox.refunds;
BEGIN
    IF NOT EXISTS (
        SELECT FROM sandbox.refunds WHERE ref = payment AND next_at <= clock_timestamp()
    ) THEN
        RETURN;
    END IF;
    PERFORM FROM sandbox.payments WHERE ref = payment FOR UPDATE;
    FOR due IN
        SELECT * FROM sandbox.refunds WHERE ref = payment AND next_at <= clock_timestamp()
    LOOP
        PERFORM sandbox.move(due, due.next_state, due.next_failure, due.next_retryable);
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION sandbox.announce(
    refund_id text, new_state text, new_failure text, new_retryable boolean, seconds double precision
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    payment text := (SELECT ref FROM sandbox.refunds WHERE id = refund_id);
BEGIN
    PERFORM FROM sandbox.payments WHERE ref = payment FOR UPDATE;
    UPDATE sandbox.refunds
    SET next_state = new_state, next_failure = new_failure, next_retryable = new_retryable,
        next_at = clock_timestamp() + make_interval(secs => seconds)
    WHERE id = refund_id;
    PERFORM sandbox.settle(payment);
    RETURN payment IS NOT NULL;
END $$;

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

-- Why this can't be done; null: it can.
CREATE OR REPLACE FUNCTION sandbox.objection(
    doing text, payment sandbox.payments, amount bigint, currency text
) RETURNS text LANGUAGE sql AS $$
    SELECT CASE
        WHEN payment.ref IS NULL THEN 'payment_unknown'
        WHEN currency <> payment.currency THEN 'currency_mismatch'
        WHEN amount <= 0 THEN 'amount_invalid'
        WHEN payment.voided THEN 'payment_voided'
        WHEN doing = 'create' AND payment.captured = 0 THEN 'payment_not_captured'
        WHEN doing = 'create' AND payment.refunded = payment.captured
            THEN 'payment_already_refunded'
        WHEN doing = 'create' AND amount > payment.captured - payment.refunded
            THEN 'amount_too_large'
        WHEN doing IN ('void', 'capture') AND payment.captured > 0
            THEN 'payment_already_captured'
        WHEN doing = 'capture' AND amount > payment.authorised THEN 'amount_too_large'
    END
$$;

-- Do the work of a create, a void or a capture, once, under the locks of its key and payment.
CREATE OR REPLACE FUNCTION sandbox.work(
    doing text, my_key text, payment_ref text, my_amount bigint, my_currency text, my_reason text,
    fault sandbox.faults
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    payment sandbox.payments;
    moment timestamptz := clock_timestamp();
    refusal text;
    outcome text := 'succeeded';
    later interval := make_interval(secs => coalesce(fault.seconds, 0));
BEGIN
    SELECT * INTO payment FROM sandbox.payments WHERE ref = payment_ref FOR UPDATE;
    refusal := sandbox.objection(doing, payment, my_amount, my_currency);
    IF fault.behaviour = 'rejects' THEN
        refusal := coalesce(fault.failure, 'declined');
    END IF;
    INSERT INTO sandbox.answers
    VALUES (my_key, doing, payment_ref, my_amount, my_currency, refusal,
        fault.behaviour = 'rejects' AND fault.retryable,
        moment + CASE WHEN fault.behaviour = 'answers_late' THEN later ELSE '0' END);
    IF refusal IS NOT NULL THEN
        RETURN;
    END IF;
    IF doing = 'void' THEN
        UPDATE sandbox.payments SET voided = true WHERE ref = payment_ref;
    ELSIF doing = 'capture' THEN
        UPDATE sandbox.payments SET captured = my_amount WHERE ref = payment_ref;
    ELSE
        outcome := CASE fault.behaviour
            WHEN 'accepts_pending' THEN 'pending'
            WHEN 'requires_action' THEN 'requires_action'
            WHEN 'fails' THEN 'failed' ELSE 'succeeded' END;
        INSERT INTO sandbox.refunds (id, key, ref, amount, currency, reason, state, failure,
            retryable, created_at, next_state, next_retryable, next_at)
        SELECT 're_' || replace(gen_random_uuid()::text, '-', ''), my_key, payment_ref, my_amount,
            my_currency, my_reason, outcome,
            CASE WHEN outcome = 'failed' THEN coalesce(fault.failure, 'declined') END,
            outcome = 'failed' AND fault.retryable, moment,
            CASE WHEN arrives THEN 'succeeded' END, CASE WHEN arrives THEN false END,
            CASE WHEN arrives THEN moment + later END
        FROM (SELECT outcome = 'pending' AND fault.seconds > 0 AS arrives) AS pending;
        IF outcome <> 'failed' THEN
            UPDATE sandbox.payments SET refunded = refunded + my_amount WHERE ref = payment_ref;
        END IF;
    END IF;
END $$;

-- The one door: note the call, meet what is scripted, do the work or find what was done.
CREATE OR REPLACE FUNCTION sandbox.ask(
    doing text, my_key text, payment_ref text, my_amount bigint, my_currency text, my_reason text,
    refund_id text
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    stored sandbox.answers;
    fault sandbox.faults;
    writes boolean := doing IN ('create', 'void', 'capture');
BEGIN
    IF writes THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('sandbox/' || my_key, 0));
    ELSIF refund_id IS NOT NULL THEN
        SELECT key, ref INTO my_key, payment_ref FROM sandbox.refunds WHERE id = refund_id;
    ELSE
        SELECT ref INTO payment_ref FROM sandbox.calls
        WHERE key = my_key AND ref IS NOT NULL ORDER BY id LIMIT 1;
    END IF;
    SELECT * INTO stored FROM sandbox.answers WHERE key = my_key;
    fault := sandbox.next_fault(doing, payment_ref, writes AND stored.key IS NOT NULL);
    INSERT INTO sandbox.calls (at, operation, key, ref, amount, currency, behaviour)
    VALUES (clock_timestamp(), doing, my_key, payment_ref, my_amount, my_currency, fault.behaviour);
    IF fault.behaviour IN ('hangs', 'unavailable') THEN
        RETURN jsonb_build_object('behaviour', fault.behaviour, 'seconds', fault.seconds);
    END IF;
    PERFORM sandbox.settle(payment_ref);
    IF writes AND stored.key IS NULL THEN
        PERFORM sandbox.work(
            doing, my_key, payment_ref, my_amount, my_currency, my_reason, fault);
        SELECT * INTO stored FROM sandbox.answers WHERE key = my_key;
    ELSIF writes AND (stored.operation, stored.ref, stored.amount, stored.currency)
        IS DISTINCT FROM (doing, payment_ref, my_amount, my_currency) THEN
        RETURN jsonb_build_object('conflict', 'key_reused');
    ELSIF stored.ready_at > clock_timestamp() THEN
        RETURN jsonb_build_object('conflict', 'in_progress');
    END IF;
    RETURN jsonb_build_object(
        'behaviour', fault.behaviour, 'seconds', fault.seconds,
        'failure', stored.failure, 'retryable', stored.retryable,
        'refund', (SELECT to_jsonb(r) FROM sandbox.refunds r
            WHERE r.key = my_key AND doing IN ('create', 'find', 'get')),
        'payment', (SELECT to_jsonb(p) FROM sandbox.payments p
            WHERE p.ref = payment_ref AND doing IN ('void', 'capture')));
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
