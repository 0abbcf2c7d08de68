-- Tickets: how far each dataset is, what became of each change file, and the stage that files are copied into.

create table tickets.import_meta (
    dataset         text primary key check (dataset in ('inc', 'crq')),
    last_run_at     timestamptz,
    last_success_at timestamptz,
    last_status     text,
    -- source_max_key, files_applied_total, rows_upserted_total, content_max_ts, last_run
    metadata        jsonb not null default '{}'
);

insert into tickets.import_meta (dataset) values ('inc'), ('crq');

-- One row per version of a change file that landed and was looked at.
create table tickets.import_files (
    id               bigint generated always as identity primary key,
    dataset          text not null check (dataset in ('inc', 'crq')),
    source_key       text collate "C" not null,
    version          text collate "C" not null,
    -- Null if it was never read.
    sha256           bytea check (length(sha256) = 32),
    etag             text,
    size_bytes       bigint,
    last_modified    timestamptz,
    object_id        bigint references ingest.object on delete set null,
    status           text not null check (status in (
        'applied', 'failed', 'late', 'reuploaded', 'archived_leftover', 'duplicate', 'skipped')),
    rows_read        bigint not null default 0,
    dropped_alarm    bigint not null default 0,
    dropped_sentinel bigint not null default 0,
    rejected         bigint not null default 0,
    deduped          bigint not null default 0,
    inserted         bigint not null default 0,
    updated          bigint not null default 0,
    truncated        boolean not null default false,
    started_at       timestamptz not null,
    finished_at      timestamptz,
    error            text,
    unique (dataset, source_key, version)
);

create index import_files_by_content on tickets.import_files (dataset, source_key, sha256);
create index import_files_by_status on tickets.import_files (dataset, status, finished_at);

-- Rows of applied files that could not be stored.
create table tickets.row_rejects (
    dataset    text not null check (dataset in ('inc', 'crq')),
    source_key text collate "C" not null,
    version    text collate "C" not null,
    line_no    bigint not null,
    reason     text not null,
    raw_line   text,
    at         timestamptz not null,
    primary key (dataset, source_key, version, line_no)
);

-- What a run has read of one file and not yet applied. A crash may empty it: the file is then read again.
create unlogged table tickets.stage (
    run          uuid not null,
    line_no      bigint not null,
    ticket_id    text collate "C" not null,
    raw          jsonb not null,
    cluster_key  text collate "C",
    location_key text collate "C"
);

-- What an operator should know, told of once: a second one with the same key is not stored.
create table ops.alerts (
    id        bigint generated always as identity primary key,
    -- tickets/inc, tickets/crq
    feed      text collate "C" not null,
    -- file_failed, late, reuploaded, truncated, ...
    code      text collate "C" not null,
    -- What it is about: key and version, a day, a run.
    subject   text collate "C" not null default '',
    message   text not null,
    detail    jsonb not null default '{}',
    raised_at timestamptz not null,
    unique (feed, code, subject)
);

create index alerts_by_time on ops.alerts (raised_at);
