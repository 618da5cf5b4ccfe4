-- The tables as they are today, for reading. migrations/ is how they came to be; a test holds both equal.
-- functions/ and grants.sql are not versioned step by step: each migration restates them whole.
--
-- Nothing here is finer than a day about a source, and the only day is that of its newest submission. Ids are random,
-- there is no sequence, and an item's position counts inside one conversation only.

CREATE TABLE sealdrop.migration (
    name text PRIMARY KEY,   -- file name of a migration, or 'functions' for what is restated whole
    sha256 text NOT NULL     -- of the text applied: an edited past is refused
);

CREATE TABLE sealdrop.source (
    id uuid PRIMARY KEY,
    lookup_id bytea NOT NULL UNIQUE CHECK (octet_length(lookup_id) = 32),   -- the capability of the source's functions
    reply_recipient text NOT NULL,          -- the source's own age recipient, public
    card bytea NOT NULL,                    -- the worker's signature over id and recipient
    designation text NOT NULL UNIQUE,       -- two words, drawn at random; says nothing about the source
    newest_day date NOT NULL,               -- UTC day of the newest submission
    starred boolean NOT NULL DEFAULT false,
    next_position integer NOT NULL DEFAULT 1 CHECK (next_position > 0)      -- grows only: positions are never used twice
);

CREATE TABLE sealdrop.item (
    id uuid PRIMARY KEY,
    source_id uuid NOT NULL REFERENCES sealdrop.source ON DELETE CASCADE,
    submission_id uuid NOT NULL,            -- the upload id; a reply is an upload of one item
    kind text NOT NULL CHECK (kind IN ('message', 'file', 'reply')),
    position integer NOT NULL CHECK (position > 0),     -- in the conversation; gaps are deletions
    size_class bigint NOT NULL CHECK (size_class > 0),  -- bytes of the padded ZIP inside: all that is known of its size
    payload_bytes bigint NOT NULL CHECK (payload_bytes > 0),
    chunk_count integer NOT NULL CHECK (chunk_count > 0),
    header bytea NOT NULL,                  -- age header; header and payload together are the age file
    payload_sha256 bytea NOT NULL CHECK (octet_length(payload_sha256) = 32),
    file_sha256 bytea NOT NULL CHECK (octet_length(file_sha256) = 32),
    UNIQUE (source_id, position)
);

CREATE INDEX item_submission ON sealdrop.item (submission_id);

CREATE TABLE sealdrop.receipt (
    submission_id uuid PRIMARY KEY,
    source_id uuid NOT NULL REFERENCES sealdrop.source ON DELETE CASCADE,
    body bytea NOT NULL                     -- signed by the worker
);

CREATE INDEX receipt_source ON sealdrop.receipt (source_id);

-- The vault: the payload of item or pending_item `item_id`, cut to exactly 256 KiB; only the last chunk is shorter.
-- No foreign key: it would have to point at two tables. Two triggers in functions/vault.sql stand in for it.
CREATE TABLE sealdrop.vault_chunk (
    item_id uuid,
    seq integer CHECK (seq >= 0),
    sealed bytea NOT NULL CHECK (octet_length(sealed) BETWEEN 1 AND 262144),
    PRIMARY KEY (item_id, seq)
);

-- Sealed bytes do not compress: trying costs time and, in the WAL, tells nothing.
ALTER TABLE sealdrop.vault_chunk ALTER COLUMN sealed SET STORAGE EXTERNAL;

-- Uploads under way. `instance` is the session advisory lock of the worker process that writes this upload; 0 stands for
-- nobody: what is left of a discarded upload or a deleted item, too large to go at once. The sweep removes it in steps.
CREATE TABLE sealdrop.pending (
    upload_id uuid PRIMARY KEY,
    instance bigint NOT NULL
);

CREATE TABLE sealdrop.pending_item (
    item_id uuid PRIMARY KEY,
    upload_id uuid NOT NULL REFERENCES sealdrop.pending ON DELETE CASCADE
);

CREATE INDEX pending_item_upload ON sealdrop.pending_item (upload_id);

-- The fence: the primary key lets exactly one of the two words be written for an upload.
CREATE TABLE sealdrop.outcome (
    upload_id uuid PRIMARY KEY,
    state text NOT NULL CHECK (state IN ('stored', 'given_up')),
    receipt bytea,
    card bytea,
    is_old boolean NOT NULL DEFAULT false,  -- seen by an earlier sweep: stands in for a time, of which we keep none
    CHECK ((state = 'stored') = (receipt IS NOT NULL))
);

CREATE TABLE sealdrop.journalist (
    id uuid PRIMARY KEY,
    username text NOT NULL UNIQUE CHECK (username ~ '^[a-z0-9][a-z0-9._-]{0,31}$'),
    passphrase_hash text NOT NULL CHECK (passphrase_hash LIKE '$argon2id$%'),
    totp_sealed bytea NOT NULL,             -- under a key file of journalist-api; the database cannot open it
    totp_step bigint NOT NULL DEFAULT 0,    -- the last step used: a code works once
    is_admin boolean NOT NULL DEFAULT false
);

CREATE TABLE sealdrop.journalist_session (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    journalist_id uuid NOT NULL REFERENCES sealdrop.journalist ON DELETE CASCADE,
    idle interval NOT NULL,
    idle_at timestamptz NOT NULL,           -- staff, not sources: times are allowed here
    expires_at timestamptz NOT NULL
);

CREATE INDEX journalist_session_journalist ON sealdrop.journalist_session (journalist_id);

-- The planner's statistics are copies of values: of ids, lookup ids and days, kept in a catalogue long after their rows were
-- deleted. Every query of ours finds its rows by a key, and plans the same without them.

ALTER TABLE sealdrop.source
    ALTER COLUMN id SET STATISTICS 0,
    ALTER COLUMN lookup_id SET STATISTICS 0,
    ALTER COLUMN reply_recipient SET STATISTICS 0,
    ALTER COLUMN card SET STATISTICS 0,
    ALTER COLUMN designation SET STATISTICS 0,
    ALTER COLUMN newest_day SET STATISTICS 0,
    ALTER COLUMN starred SET STATISTICS 0,
    ALTER COLUMN next_position SET STATISTICS 0;

ALTER TABLE sealdrop.item
    ALTER COLUMN id SET STATISTICS 0,
    ALTER COLUMN source_id SET STATISTICS 0,
    ALTER COLUMN submission_id SET STATISTICS 0,
    ALTER COLUMN kind SET STATISTICS 0,
    ALTER COLUMN position SET STATISTICS 0,
    ALTER COLUMN size_class SET STATISTICS 0,
    ALTER COLUMN payload_bytes SET STATISTICS 0,
    ALTER COLUMN chunk_count SET STATISTICS 0,
    ALTER COLUMN header SET STATISTICS 0,
    ALTER COLUMN payload_sha256 SET STATISTICS 0,
    ALTER COLUMN file_sha256 SET STATISTICS 0;

ALTER TABLE sealdrop.receipt
    ALTER COLUMN submission_id SET STATISTICS 0,
    ALTER COLUMN source_id SET STATISTICS 0,
    ALTER COLUMN body SET STATISTICS 0;

ALTER TABLE sealdrop.vault_chunk
    ALTER COLUMN item_id SET STATISTICS 0,
    ALTER COLUMN seq SET STATISTICS 0,
    ALTER COLUMN sealed SET STATISTICS 0;

ALTER TABLE sealdrop.pending
    ALTER COLUMN upload_id SET STATISTICS 0,
    ALTER COLUMN instance SET STATISTICS 0;

ALTER TABLE sealdrop.pending_item
    ALTER COLUMN item_id SET STATISTICS 0,
    ALTER COLUMN upload_id SET STATISTICS 0;

ALTER TABLE sealdrop.outcome
    ALTER COLUMN upload_id SET STATISTICS 0,
    ALTER COLUMN state SET STATISTICS 0,
    ALTER COLUMN receipt SET STATISTICS 0,
    ALTER COLUMN card SET STATISTICS 0,
    ALTER COLUMN is_old SET STATISTICS 0;
