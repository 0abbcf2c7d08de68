-- Every landed object version, its state, and the history of both.
-- Text keys compare by bytes: the collation is "C" everywhere a key is part of an identity.

create schema ingest;

create table ingest.object (
    object_id       bigint generated always as identity primary key,
    bucket          text collate "C" not null,
    key             text collate "C" not null,
    -- The store's version id, or {etag}@{last-modified seconds}[#{metadata digest}].
    version         text collate "C" not null,
    version_id      text,
    etag            text,
    last_modified   timestamptz,
    size            bigint,
    metadata_digest text,
    sequencer       text,
    state           text not null check (state in (
        'received', 'waiting', 'dispatched', 'blocked', 'done', 'duplicate', 'superseded', 'ignored',
        'invalid', 'rejected', 'quarantined', 'failed', 'gone')),
    reason          text not null,
    reason_text     text,
    feed            text,
    group_key       text,
    content_sha256  bytea check (length(content_sha256) = 32),
    rules_version   text,
    first_seen      timestamptz not null,
    state_since     timestamptz not null,
    run             integer not null default 1,
    attempts        integer not null default 0,
    -- Presence in the bucket is apart from the outcome.
    present         boolean not null default true,
    removed_at      timestamptz,
    unique (bucket, key, version)
);

create index object_by_state on ingest.object (state, state_since);

-- One row per transition. from_state is null for a new object.
create table ingest.event_log (
    event_id      bigint generated always as identity,
    object_id     bigint not null,
    from_state    text,
    to_state      text not null,
    reason        text not null,
    reason_text   text,
    rules_version text,
    run           integer not null,
    at            timestamptz not null,
    primary key (at, event_id)
) partition by range (at);

create index event_log_by_object on ingest.event_log (object_id, at, event_id);
create table ingest.event_log_default partition of ingest.event_log default;

-- One row per finished try of a stage.
create table ingest.attempt (
    attempt_id    bigint generated always as identity,
    object_id     bigint,
    stage         text not null,
    unit          text not null default '',
    run           integer not null,
    attempt       integer not null,
    started       timestamptz not null,
    ended         timestamptz not null,
    outcome       text not null check (outcome in ('ok', 'retry', 'quarantine', 'failed', 'stale')),
    error_code    text,
    error_text    text,
    bytes_read    bigint,
    bytes_inflated bigint,
    primary key (ended, attempt_id)
) partition by range (ended);

create index attempt_by_object on ingest.attempt (object_id, ended, attempt_id);
create table ingest.attempt_default partition of ingest.attempt default;

-- The step ledger: an effect of (object, stage, unit, run) happens once.
create table ingest.step (
    object_id bigint not null references ingest.object on delete cascade,
    stage     text not null,
    unit      text not null default '',
    run       integer not null,
    outcome   text not null,
    at        timestamptz not null,
    primary key (object_id, stage, unit, run)
);
