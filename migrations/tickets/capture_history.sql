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
