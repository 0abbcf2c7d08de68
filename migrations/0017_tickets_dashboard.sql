-- Tickets: the same dashboards for a fifteenth less: lists are put together once, breakdowns counted in one go.

-- The dashboard of one dataset; reporting.fn_inc_dashboard and fn_crq_dashboard say what the arguments mean.
create or replace function tickets.dashboard(
    p_dataset text, p_cluster text, p_status text, p_window text, p_from date, p_to date
) returns jsonb
language plpgsql stable
set jit = off
set plan_cache_mode = force_custom_plan
as $$
declare
    wanted text := tickets.place_key(p_cluster);
    span   record;
begin
    select * into span from tickets.dashboard_window(p_window, p_from, p_to);
    -- Both lists are in the order of their features; what is sorted there is small, a feature's text is not. The text of
    -- the answer has some megabytes: it is put together once, of pieces, and returned at once, as each || or variable
    -- would copy it.
    return (with open as materialized (
        select dataset, ticket_id, latitude, longitude, cluster_key, cluster, region, location_name, normalized_status,
            raw_status, is_actionable, owner, assigned_team, geo_source, age_minutes, sla_state, stage
        from tickets.open_sla
        where dataset = p_dataset and (p_cluster is null or cluster_key = wanted)
            and (p_status is null or normalized_status = lower(p_status))
        order by ticket_id
    ), closed as materialized (
        select dataset, ticket_id, latitude, longitude, cluster_key, cluster, region, location_name, normalized_status,
            raw_status, is_actionable, owner, assigned_team, geo_source, sla_status, mttr,
            coalesce(normalized_status in ('cancelled', 'canceled'), false) as is_cancelled
        from tickets.all_tickets
        where dataset = p_dataset and (p_cluster is null or cluster_key = wanted)
            and not is_open and closed_at > span.since and closed_at <= span.until
        order by ticket_id
    ), both_kinds as (
        select cluster_key, cluster, coalesce(assigned_team, 'Unassigned') collate "C" as team,
            coalesce(owner, 'Unassigned') collate "C" as owner, 1 as open, 0 as closed from open
        union all
        select cluster_key, cluster, coalesce(assigned_team, 'Unassigned') collate "C",
            coalesce(owner, 'Unassigned') collate "C", 0, 1 from closed where not is_cancelled
    ), grouped as (
        select grouping(cluster_key, team, owner) as by_others,
            coalesce(min(cluster collate "C"), cluster_key, 'Unknown') as cluster, team, owner,
            sum(open) as open, sum(closed) as closed
        from both_kinds group by grouping sets (cluster_key, team, owner)
    ), by_cluster as (
        select cluster as name, open, closed from grouped where by_others = b'011'::int
    ), by_team as (
        select team as name, open, closed from grouped where by_others = b'101'::int
    ), by_owner as (
        select owner as name, open, closed from grouped where by_others = b'110'::int
    ), of_open as (
        select count(*) as total, count(latitude) as mapped, count(*) filter (where is_actionable) as actionable,
            jsonb_build_object('breached', count(*) filter (where sla_state = 'breached'),
                'at_risk', count(*) filter (where sla_state = 'at_risk'),
                'within', count(*) filter (where sla_state = 'within'),
                'unknown', count(*) filter (where sla_state = 'unknown')) as sla,
            jsonb_build_object('unscheduled', count(*) filter (where stage = 'unscheduled'),
                'scheduled', count(*) filter (where stage = 'scheduled'),
                'overdue', count(*) filter (where stage = 'overdue')) as stage,
            max(age_minutes) as oldest
        from open
    ), of_closed as (
        select count(*) filter (where not is_cancelled) as total, count(*) filter (where is_cancelled) as cancelled,
            count(*) filter (where not is_cancelled and lower(sla_status) = 'met') as met,
            count(*) filter (where not is_cancelled and lower(sla_status) = 'missed') as missed,
            round(avg(mttr) filter (where not is_cancelled), 1) as mttr_avg,
            percentile_cont(0.5) within group (order by mttr) filter (where not is_cancelled) as mttr_median
        from closed
    ), behind as (
        select jsonb_build_object(
            'meta', jsonb_build_object('dataset', p_dataset, 'cluster', p_cluster, 'status', p_status,
                'window', coalesce(p_window, '7d'), 'from', tickets.iso_eat(span.told_from),
                'to', tickets.iso_eat(span.told_to), 'generated_at', tickets.iso_eat(tickets.now())),
            'metrics', jsonb_build_object('open_total', o.total, 'open_mapped', o.mapped,
                'open_actionable', o.actionable, 'sla', o.sla, 'closed_total', c.total,
                'cancelled_total', c.cancelled, 'closed_met', c.met, 'closed_missed', c.missed,
                'mttr_avg_minutes', c.mttr_avg, 'mttr_median_minutes', c.mttr_median, 'oldest_open_minutes', o.oldest,
                'by_cluster', coalesce((select jsonb_agg(
                    jsonb_build_object('cluster', name, 'open', open, 'closed', closed) order by open desc, name)
                    from by_cluster), '[]'),
                'by_team', coalesce((select jsonb_agg(
                    jsonb_build_object('team', name, 'open', open, 'closed', closed) order by open desc, name)
                    from by_team), '[]'),
                'by_owner', coalesce((select jsonb_agg(
                    jsonb_build_object('owner', name, 'open', open, 'closed', closed) order by open desc, name)
                    from by_owner), '[]'))
                || case when p_dataset = 'crq' then jsonb_build_object('stage', o.stage) else '{}' end,
            'freshness', tickets.freshness(p_dataset))::text as text
        from of_open as o cross join of_closed as c
    ), pieces as (
        select '{"open":{"type":"FeatureCollection","features":[' as piece, '' as before
        union all
        select tickets.feature(dataset, ticket_id, latitude, longitude, cluster, region, location_name,
                normalized_status, raw_status, is_actionable, owner, assigned_team, geo_source, age_minutes, sla_state),
            case ticket_id when (select ticket_id from open where latitude is not null limit 1) then '' else ',' end
        from open where latitude is not null
        union all
        select ']},"closed":{"type":"FeatureCollection","features":[', ''
        union all
        select tickets.feature(dataset, ticket_id, latitude, longitude, cluster, region, location_name,
                normalized_status, raw_status, is_actionable, owner, assigned_team, geo_source, null, null),
            case ticket_id when (select ticket_id from closed where latitude is not null limit 1) then '' else ',' end
        from closed where latitude is not null
        union all
        select ']},' || ltrim(text, '{'), '' from behind
    )
    select string_agg(piece, before)::jsonb from pieces);
end
$$;
