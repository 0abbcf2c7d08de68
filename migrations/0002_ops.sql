-- The machinery: outbox (which is the queue of a self-hosted system), dead letters, leases, partitions.

create schema ops;

create table ops.outbox (
    id          bigint generated always as identity primary key,
    stage       text not null,
    tenant      text not null default '',
    subject     text not null default '',
    body        text not null,
    created_at  timestamptz not null,
    -- Not to be taken before this. A worker that takes a message moves it ahead by its lease.
    visible_at  timestamptz not null,
    attempts    integer not null default 0,
    lease_owner text
);

create index outbox_due on ops.outbox (stage, visible_at, id);
create index outbox_by_owner on ops.outbox (lease_owner) where lease_owner is not null;

create table ops.dead_letter (
    id          bigint generated always as identity primary key,
    stage       text not null,
    subject     text not null default '',
    body        text not null,
    object_id   bigint,
    -- quarantined: the message itself is bad; failed: its tries are used up.
    kind        text not null check (kind in ('quarantined', 'failed')),
    code        text not null,
    error_text  text,
    attempts    integer not null,
    created_at  timestamptz not null,
    died_at     timestamptz not null,
    redriven_at timestamptz
);

create index dead_letter_open on ops.dead_letter (died_at) where redriven_at is null;
-- A bad message that is delivered twice is stored once.
create unique index dead_letter_once on ops.dead_letter (stage, code, md5(body))
    where kind = 'quarantined' and redriven_at is null;

create table ops.lease (
    name  text primary key,
    owner text not null,
    until timestamptz not null
);

-- Makes the monthly partitions of what grows for ever: the month of `at` and `ahead` months more.
-- Gives the number of partitions made.
create function ops.ensure_partitions(at timestamptz, ahead integer) returns integer
language plpgsql as $$
declare
    parent text;
    month  timestamptz;
    child  text;
    made   integer := 0;
begin
    perform pg_advisory_xact_lock(hashtext('ops.ensure_partitions'));
    foreach parent in array array['ingest.event_log', 'ingest.attempt'] loop
        for step in 0 .. ahead loop
            month := date_trunc('month', at at time zone 'UTC') at time zone 'UTC';
            month := (month at time zone 'UTC' + make_interval(months => step)) at time zone 'UTC';
            child := parent || '_' || to_char(month at time zone 'UTC', 'YYYYMM');
            if to_regclass(child) is null then
                execute format('create table %s partition of %s for values from (%L) to (%L)', child, parent,
                    month, (month at time zone 'UTC' + interval '1 month') at time zone 'UTC');
                made := made + 1;
            end if;
        end loop;
    end loop;
    return made;
end
$$;

select ops.ensure_partitions(now(), 2);
