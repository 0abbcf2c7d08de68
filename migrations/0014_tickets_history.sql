-- Tickets: what was seen over time. The tables of tickets hold the present only.

create table tickets.closure_events (
    id            bigint generated always as identity primary key,
    dataset       text not null check (dataset in ('inc', 'crq')),
    ticket_id     text collate "C" not null,
    -- A ticket that was opened again can be closed again.
    reopen_count  integer not null,
    closed_at     timestamptz not null,
    outcome       text,
    mttr          integer,
    cluster       text,
    region        text,
    assigned_team text,
    owner         text,
    observed_at   timestamptz not null,
    -- Of the first capture: closed at any time before it.
    backfill      boolean not null,
    unique (dataset, ticket_id, reopen_count)
);

create index closure_events_by_time on tickets.closure_events (dataset, closed_at);

-- Refuses to change or remove what was observed once.
create or replace function tickets.keep_closure_event() returns trigger
language plpgsql
as $$
begin
    raise exception 'tickets.closure_events is append-only' using errcode = 'insufficient_privilege';
end
$$;

create trigger keep_closure_event before update or delete on tickets.closure_events
    for each statement execute function tickets.keep_closure_event();

-- One row per day (EAT) on which something was captured. The backlog is that of the day's last capture.
create table tickets.inc_daily_snapshot (
    snapshot_date   date primary key,
    open_total      integer not null,
    open_actionable integer not null,
    breached        integer not null,
    at_risk         integer not null,
    within          integer not null,
    unknown         integer not null,
    opened_count    integer not null default 0,
    closed_count    integer not null default 0,
    by_cluster      jsonb not null default '[]',
    captured_at     timestamptz not null
);

create table tickets.crq_daily_snapshot (like tickets.inc_daily_snapshot including all);

-- The series of both kinds in one list.
create or replace view tickets.daily_snapshots as
select 'inc'::text as dataset, s.* from tickets.inc_daily_snapshot as s
union all
select 'crq'::text, s.* from tickets.crq_daily_snapshot as s;

-- The backlog of this moment, as a row of a daily snapshot; its flow is not counted yet.
create or replace function tickets.backlog(p_dataset text, today date) returns tickets.inc_daily_snapshot
language sql stable
as $$
    with open as (
        select cluster_key, is_actionable, sla_state from tickets.open_sla where dataset = p_dataset
    ), by_cluster as (
        select coalesce(cluster_key, 'Unknown') as cluster, count(*) as open from open group by cluster_key
    )
    select today,
        count(*)::integer,
        (count(*) filter (where is_actionable))::integer,
        (count(*) filter (where sla_state = 'breached'))::integer,
        (count(*) filter (where sla_state = 'at_risk'))::integer,
        (count(*) filter (where sla_state = 'within'))::integer,
        (count(*) filter (where sla_state = 'unknown'))::integer,
        0, 0,
        coalesce((select jsonb_agg(jsonb_build_object('cluster', cluster, 'open', open) order by open desc, cluster)
            from by_cluster), '[]'),
        tickets.now()
    from open
$$;

-- Tickets opened, and closures observed, on each day (EAT) from `first` to `last`.
create or replace function tickets.daily_flow(p_dataset text, first date, last date)
returns table (day date, opened integer, closed integer)
language plpgsql stable
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
    since timestamptz := first::timestamp at time zone interval '03:00';
    until timestamptz := (last + 1)::timestamp at time zone interval '03:00';
begin
    return query
    with opened as (
        select tickets.eat_day(created_at_service) as day from tickets.all_tickets
        where dataset = p_dataset and created_at_service >= since and created_at_service < until
        union all
        select tickets.eat_day(first_seen_at) from tickets.all_tickets
        where dataset = p_dataset and created_at_service is null and first_seen_at >= since and first_seen_at < until
    ), closed as (
        select tickets.eat_day(closed_at) as day from tickets.closure_events
        where dataset = p_dataset and closed_at >= since and closed_at < until
    )
    select d.day,
        (select count(*) from opened as o where o.day = d.day)::integer,
        (select count(*) from closed as c where c.day = d.day)::integer
    from (select first + step as day from generate_series(0, last - first) as step) as d;
end
$$;

-- Writes down what only the present shows: closures not yet seen, and today's (EAT) backlog. The flow of the last seven
-- days is counted again, since content lags by about two days; backlogs of past days are never changed.
-- Joins are hashed: each side is read once, whatever the statistics say of tables that have just been filled.
create or replace function tickets.capture_history(p_dataset text default 'inc') returns jsonb
language plpgsql
set jit = off
set enable_nestloop = off
as $$
declare
    today    date := tickets.eat_day(tickets.now());
    is_first boolean;
    closures bigint;
    backlog  tickets.inc_daily_snapshot;
begin
    if p_dataset is null or p_dataset not in ('inc', 'crq') then
        raise exception 'unknown dataset: %', p_dataset using errcode = 'invalid_parameter_value';
    end if;
    select not exists (select from tickets.daily_snapshots where dataset = p_dataset)
        and not exists (select from tickets.closure_events where dataset = p_dataset) into is_first;

    insert into tickets.closure_events (dataset, ticket_id, reopen_count, closed_at, outcome, mttr, cluster, region,
        assigned_team, owner, observed_at, backfill)
    select t.dataset, t.ticket_id, t.reopen_count, t.closed_at, t.normalized_status, t.mttr, t.cluster, t.region,
        t.assigned_team, t.owner, tickets.now(), is_first
    from tickets.all_tickets as t
    where t.dataset = p_dataset and not t.is_open and t.closed_at is not null
        and not exists (
            select from tickets.closure_events as e
            where e.dataset = p_dataset and e.ticket_id = t.ticket_id and e.reopen_count = t.reopen_count)
    on conflict (dataset, ticket_id, reopen_count) do nothing;
    get diagnostics closures = row_count;

    backlog := tickets.backlog(p_dataset, today);
    if p_dataset = 'inc' then
        insert into tickets.inc_daily_snapshot select backlog.*
        on conflict (snapshot_date) do update set open_total = excluded.open_total,
            open_actionable = excluded.open_actionable, breached = excluded.breached, at_risk = excluded.at_risk,
            within = excluded.within, unknown = excluded.unknown, by_cluster = excluded.by_cluster,
            captured_at = excluded.captured_at;
        update tickets.inc_daily_snapshot as s set opened_count = f.opened, closed_count = f.closed
        from tickets.daily_flow('inc', today - 6, today) as f
        where f.day = s.snapshot_date and (s.opened_count, s.closed_count) is distinct from (f.opened, f.closed);
    else
        insert into tickets.crq_daily_snapshot select backlog.*
        on conflict (snapshot_date) do update set open_total = excluded.open_total,
            open_actionable = excluded.open_actionable, breached = excluded.breached, at_risk = excluded.at_risk,
            within = excluded.within, unknown = excluded.unknown, by_cluster = excluded.by_cluster,
            captured_at = excluded.captured_at;
        update tickets.crq_daily_snapshot as s set opened_count = f.opened, closed_count = f.closed
        from tickets.daily_flow('crq', today - 6, today) as f
        where f.day = s.snapshot_date and (s.opened_count, s.closed_count) is distinct from (f.opened, f.closed);
    end if;
    return jsonb_build_object('new_closures', closures, 'snapshot_date', today, 'open_total', backlog.open_total);
end
$$;
