-- What the card sandbox remembers. Amounts are in its own units, which may differ from ours.
CREATE SCHEMA IF NOT EXISTS sandbox;

CREATE TABLE IF NOT EXISTS sandbox.payments (
    ref text PRIMARY KEY,
    currency text NOT NULL,
    authorised bigint NOT NULL DEFAULT 0 CHECK (authorised >= 0),
    captured bigint NOT NULL DEFAULT 0 CHECK (captured >= 0),
    refunded bigint NOT NULL DEFAULT 0 CHECK (refunded >= 0),
    voided boolean NOT NULL DEFAULT false,
    CONSTRAINT refunded_within_captured CHECK (refunded <= captured)
);

CREATE TABLE IF NOT EXISTS sandbox.refunds (
    id text PRIMARY KEY,
    key text,
    ref text NOT NULL REFERENCES sandbox.payments,
    amount bigint NOT NULL CHECK (amount > 0),
    currency text NOT NULL,
    reason text,
    state text NOT NULL,
    failure text,
    retryable boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS refunds_ref ON sandbox.refunds (ref);

-- Scripted behaviour. No ref: any payment. No remaining: it stays. Only webhooks have an event.
CREATE TABLE IF NOT EXISTS sandbox.faults (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    operation text NOT NULL,
    ref text,
    behaviour text NOT NULL,
    failure text,
    retryable boolean NOT NULL DEFAULT false,
    seconds double precision NOT NULL DEFAULT 0,
    remaining integer CHECK (remaining >= 0)
);

CREATE TABLE IF NOT EXISTS sandbox.calls (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    operation text NOT NULL,
    key text,
    ref text,
    amount bigint,
    currency text,
    behaviour text
);
CREATE INDEX IF NOT EXISTS calls_ref ON sandbox.calls (ref);
CREATE INDEX IF NOT EXISTS calls_key ON sandbox.calls (key);

-- The sandbox's own clock: so far ahead of the machine's. It can be moved on, never back.
CREATE TABLE IF NOT EXISTS sandbox.clock (
    ahead interval NOT NULL DEFAULT '0',
    one boolean PRIMARY KEY DEFAULT true CHECK (one)
);
INSERT INTO sandbox.clock DEFAULT VALUES ON CONFLICT DO NOTHING;

CREATE OR REPLACE FUNCTION sandbox.now() RETURNS timestamptz LANGUAGE sql AS $$
    SELECT clock_timestamp() + (SELECT ahead FROM sandbox.clock)
$$;

ALTER TABLE sandbox.payments
    ADD COLUMN IF NOT EXISTS amount bigint CHECK (amount > 0),
    ADD COLUMN IF NOT EXISTS capture_method text NOT NULL DEFAULT 'automatic',
    ADD COLUMN IF NOT EXISTS payment_method text,
    ADD COLUMN IF NOT EXISTS destination text,
    ADD COLUMN IF NOT EXISTS cancellation_reason text,
    ADD COLUMN IF NOT EXISTS metadata jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN IF NOT EXISTS created_at timestamptz NOT NULL DEFAULT sandbox.now(),
    ADD COLUMN IF NOT EXISTS seq bigint GENERATED ALWAYS AS IDENTITY;
CREATE INDEX IF NOT EXISTS payments_seq ON sandbox.payments (seq);

ALTER TABLE sandbox.refunds
    ADD COLUMN IF NOT EXISTS pending_reason text,
    ADD COLUMN IF NOT EXISTS reverse_transfer boolean NOT NULL DEFAULT false,
    ADD COLUMN IF NOT EXISTS metadata jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN IF NOT EXISTS seq bigint GENERATED ALWAYS AS IDENTITY;
ALTER TABLE sandbox.refunds ALTER COLUMN key DROP NOT NULL;
ALTER TABLE sandbox.refunds DROP CONSTRAINT IF EXISTS refunds_key_key;
CREATE INDEX IF NOT EXISTS refunds_key ON sandbox.refunds (key);
CREATE INDEX IF NOT EXISTS refunds_seq ON sandbox.refunds (seq);

-- What a refund will become, and when; made at the first look after its moment.
CREATE TABLE IF NOT EXISTS sandbox.moves (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    refund_id text NOT NULL REFERENCES sandbox.refunds,
    state text NOT NULL,
    reason text,
    retryable boolean NOT NULL DEFAULT false,
    at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS moves_at ON sandbox.moves (at);

-- The first answer under each idempotency key, kept for a day of the sandbox's clock.
CREATE TABLE IF NOT EXISTS sandbox.keys (
    key text PRIMARY KEY,
    asked text NOT NULL,
    status integer NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS keys_created_at ON sandbox.keys (created_at);

CREATE TABLE IF NOT EXISTS sandbox.events (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text NOT NULL UNIQUE,
    type text NOT NULL,
    ref text NOT NULL,
    created_at timestamptz NOT NULL,
    object jsonb NOT NULL,
    previous jsonb,
    key text
);

CREATE TABLE IF NOT EXISTS sandbox.endpoints (
    id text PRIMARY KEY,
    url text NOT NULL UNIQUE,
    secret text NOT NULL,
    enabled_events text[] NOT NULL,
    created_at timestamptz NOT NULL
);

-- One sending of an event. A shaped one has met what was scripted for it; a held one waits for
-- the next event of its payment. No due_at: it is over.
CREATE TABLE IF NOT EXISTS sandbox.deliveries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id text NOT NULL REFERENCES sandbox.events (id),
    endpoint_id text NOT NULL REFERENCES sandbox.endpoints ON DELETE CASCADE,
    due_at timestamptz,
    shaped text,
    held boolean NOT NULL DEFAULT false,
    attempts integer NOT NULL DEFAULT 0,
    status integer,
    sent_at timestamptz
);
CREATE INDEX IF NOT EXISTS deliveries_due_at ON sandbox.deliveries (due_at);
ALTER TABLE sandbox.faults ADD COLUMN IF NOT EXISTS event text;

-- What it had before it spoke HTTP.
DROP FUNCTION IF EXISTS sandbox.ask, sandbox.work, sandbox.objection, sandbox.announce,
    sandbox.settle, sandbox.move;
DROP TABLE IF EXISTS sandbox.answers;
ALTER TABLE sandbox.refunds
    DROP COLUMN IF EXISTS next_state, DROP COLUMN IF EXISTS next_failure,
    DROP COLUMN IF EXISTS next_retryable, DROP COLUMN IF EXISTS next_at;
