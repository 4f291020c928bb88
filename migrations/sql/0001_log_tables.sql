CREATE SCHEMA log;

-- The head row of each ledger. Writers of one ledger queue here; writers of different ledgers never meet.
-- changed_at is real time and only a hint for followers; last_us is the recorded time of the last event. Neither has an
-- index: it would make every append write two index entries and meet all others at its newest page. With none, the new
-- version of a head row stays on its page, and reading 10,000 head rows takes a follower a millisecond.
CREATE TABLE log.ledgers (
    ledger_id  uuid PRIMARY KEY,
    kind       text NOT NULL CHECK (kind IN ('organisation', 'alliance')),
    size       bigint NOT NULL DEFAULT 0,
    last_us    bigint NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);

-- Who may read a ledger, and for a party that has left, up to which seq.
CREATE TABLE log.readers (
    ledger_id uuid NOT NULL,
    org_id    uuid NOT NULL,
    until_seq bigint,
    PRIMARY KEY (ledger_id, org_id)
);
CREATE INDEX readers_by_organisation ON log.readers (org_id);

CREATE TABLE log.events (
    ledger_id   uuid NOT NULL,
    seq         bigint NOT NULL,
    recorded_us bigint NOT NULL,
    event_id    uuid NOT NULL,
    stream      text NOT NULL,
    version     bigint NOT NULL,
    type        text NOT NULL,
    body        bytea NOT NULL CHECK (octet_length(body) <= 65518),
    leaf        bytea NOT NULL,
    PRIMARY KEY (ledger_id, seq),
    CONSTRAINT events_stream_version UNIQUE (ledger_id, stream, version),
    CONSTRAINT events_event_id UNIQUE (ledger_id, event_id)
);

-- One AES-256 key for each person in each ledger; without it the person's disclosures are noise.
CREATE TABLE log.person_keys (
    ledger_id uuid NOT NULL,
    person_id uuid NOT NULL,
    key       bytea NOT NULL CHECK (octet_length(key) = 32),
    PRIMARY KEY (ledger_id, person_id)
);

-- The values of erasable fields, beside the events that hold only their digests. sealed is null once erased.
CREATE TABLE log.disclosures (
    ledger_id uuid NOT NULL,
    seq       bigint NOT NULL,
    name      text NOT NULL,
    digest    text NOT NULL,
    person_id uuid NOT NULL,
    sealed    bytea,
    PRIMARY KEY (ledger_id, seq, name)
);
CREATE INDEX disclosures_by_person ON log.disclosures (person_id, ledger_id);

CREATE TABLE log.attachments (
    ledger_id  uuid NOT NULL,
    sha256     text NOT NULL CHECK (sha256 = encode(sha256(content), 'hex')),
    media_type text NOT NULL,
    content    bytea NOT NULL,
    PRIMARY KEY (ledger_id, sha256)
);

-- The first answer to each idempotency key, written in the transaction of the write it answers.
CREATE TABLE log.idempotency (
    org_id      uuid NOT NULL,
    sub         text NOT NULL,
    key         text NOT NULL,
    fingerprint bytea NOT NULL,
    status      int NOT NULL,
    headers     jsonb NOT NULL,
    answer      bytea NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, sub, key)
);

-- How far each follower has come in each ledger: next is the seq it will apply next. failure stops it there, visibly.
CREATE TABLE log.places (
    follower  text NOT NULL,
    ledger_id uuid NOT NULL,
    next      bigint NOT NULL DEFAULT 0,
    failure   text,
    PRIMARY KEY (follower, ledger_id)
);

-- Empty in production. One row makes every process of a test or a demonstration live at that moment.
CREATE TABLE log.test_clock (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    now_us   bigint NOT NULL
);
