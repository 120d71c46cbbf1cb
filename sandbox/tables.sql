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
    key text NOT NULL UNIQUE,
    ref text NOT NULL REFERENCES sandbox.payments,
    amount bigint NOT NULL CHECK (amount > 0),
    currency text NOT NULL,
    reason text,
    state text NOT NULL,
    failure text,
    retryable boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    -- an announced move, made at the first look after its moment
    next_state text,
    next_failure text,
    next_retryable boolean,
    next_at timestamptz
);
CREATE INDEX IF NOT EXISTS refunds_ref ON sandbox.refunds (ref);

-- The first answer under each key, rejections included. Until ready_at the call is still at work.
CREATE TABLE IF NOT EXISTS sandbox.answers (
    key text PRIMARY KEY,
    operation text NOT NULL,
    ref text NOT NULL,
    amount bigint,
    currency text,
    failure text,
    retryable boolean,
    ready_at timestamptz NOT NULL
);

-- Scripted behaviour. No ref: any payment. No remaining: it stays.
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
