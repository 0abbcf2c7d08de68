-- Tickets: what maps, dashboards and dispatch read.

-- How fresh a dataset is; times as ISO 8601 text in EAT, the lag in minutes. All keys are there, whatever is known.
create or replace function tickets.freshness(p_dataset text) returns jsonb
language sql stable
as $$
    select jsonb_build_object(
        'source_max_key', max(m.metadata ->> 'source_max_key'),
        'last_success_at', tickets.iso_eat(max(m.last_success_at)),
        'content_max_ts', tickets.iso_eat(max(content.at)),
        'lag_minutes', tickets.age_minutes(max(content.at), tickets.now()))
    from tickets.import_meta as m
    cross join lateral (select tickets.eat_ts(m.metadata ->> 'content_max_ts') as at) as content
    where m.dataset = p_dataset
$$;

-- A ticket that has a place, as the text of a GeoJSON feature (RFC 7946: longitude, then latitude). It is put together
-- by hand, which takes a third of the time that the functions for JSON need: a dashboard has thousands of them.
create or replace function tickets.feature(
    dataset text, ticket_id text, latitude double precision, longitude double precision, cluster text, region text,
    location_name text, status text, raw_status text, is_actionable boolean, owner text, team text, geo_source text,
    age_minutes integer, sla_state text
) returns text
language sql stable parallel safe
return '{"type":"Feature","id":' || to_json(ticket_id)
    || ',"geometry":{"type":"Point","coordinates":[' || longitude || ',' || latitude
    || ']},"properties":{"dataset":"' || dataset || '","ticket_id":' || to_json(ticket_id)
    || ',"cluster":' || coalesce(to_json(cluster)::text, 'null')
    || ',"region":' || coalesce(to_json(region)::text, 'null')
    || ',"location_name":' || coalesce(to_json(location_name)::text, 'null')
    || ',"status":' || coalesce(to_json(status)::text, 'null')
    || ',"raw_status":' || coalesce(to_json(raw_status)::text, 'null')
    || ',"is_actionable":' || coalesce(is_actionable::text, 'null')
    || ',"owner":' || coalesce(to_json(owner)::text, 'null')
    || ',"team":' || coalesce(to_json(team)::text, 'null')
    || ',"geo_source":' || coalesce('"' || geo_source || '"', 'null')
    || ',"age_minutes":' || coalesce(age_minutes::text, 'null')
    || ',"sla_state":' || coalesce('"' || sla_state || '"', 'null') || '}}';

-- Features, as text and separated by commas, as the text of a GeoJSON FeatureCollection. The text becomes jsonb once,
-- as part of the whole answer.
create or replace function tickets.feature_collection(features text) returns text
language sql immutable parallel safe
return '{"type":"FeatureCollection","features":[' || coalesce(features, '') || ']}';

-- Tickets with a place as a GeoJSON FeatureCollection, ordered by id, at most p_limit of them, and a summary of all
-- that fit, with a place or without. p_dataset: inc, crq, NULL for both; p_status: open, closed, all; p_cluster: a
-- cluster's name or key, NULL for all. Any other value raises 22023.
create or replace function reporting.fn_tickets_for_map(
    p_dataset text default null, p_status text default 'open', p_cluster text default null, p_limit integer default 5000
) returns jsonb
language plpgsql stable
set jit = off
set plan_cache_mode = force_custom_plan
as $$
declare
    wanted text := tickets.place_key(p_cluster);
    result jsonb;
begin
    if p_dataset not in ('inc', 'crq') then
        raise exception 'unknown dataset: %', p_dataset using errcode = 'invalid_parameter_value';
    elsif p_status is null or p_status not in ('open', 'closed', 'all') then
        raise exception 'unknown status: %', p_status using errcode = 'invalid_parameter_value';
    elsif p_limit is null or p_limit < 0 then
        raise exception 'bad limit: %', p_limit using errcode = 'invalid_parameter_value';
    end if;
    with fits as materialized (
        select t.dataset, t.ticket_id, t.is_open, t.opened_at, t.latitude, t.longitude, t.geo_source, t.cluster,
            t.region, t.location_name, t.normalized_status, t.raw_status, t.is_actionable, t.owner, t.assigned_team
        from tickets.all_tickets as t
        where (p_dataset is null or t.dataset = p_dataset)
            and (p_status = 'all' or t.is_open = (p_status = 'open'))
            and (p_cluster is null or t.cluster_key = wanted)
    ), shown as (
        select * from fits where latitude is not null order by ticket_id limit p_limit
    ), features as (
        select string_agg(tickets.feature(s.dataset, s.ticket_id, s.latitude, s.longitude, s.cluster, s.region,
            s.location_name, s.normalized_status, s.raw_status, s.is_actionable, s.owner, s.assigned_team, s.geo_source,
            case when s.is_open then tickets.age_minutes(s.opened_at, at.now) end,
            case when s.is_open then
                tickets.sla_state(tickets.age_minutes(s.opened_at, at.now), p.target_minutes, p.at_risk_fraction)
            end), ',' order by s.ticket_id) as list
        from shown as s
        cross join (select tickets.now() as now offset 0) as at
        left join tickets.sla_policy as p on p.dataset = s.dataset
    ), counts as (
        select count(*) as total, count(latitude) as mapped,
            jsonb_build_object('inc', count(*) filter (where dataset = 'inc'),
                'crq', count(*) filter (where dataset = 'crq')) as by_dataset,
            jsonb_build_object('feed', count(*) filter (where geo_source = 'feed'),
                'location', count(*) filter (where geo_source = 'location'),
                'cluster', count(*) filter (where geo_source = 'cluster')) as by_geo_source
        from fits
    )
    select (left(tickets.feature_collection(f.list), -1) || ',"summary":' || jsonb_build_object(
        'total', c.total, 'mapped', c.mapped, 'unmapped', c.total - c.mapped, 'truncated', c.mapped > p_limit,
        'by_dataset', c.by_dataset, 'by_geo_source', c.by_geo_source,
        'freshness', jsonb_build_object('inc', tickets.freshness('inc'), 'crq', tickets.freshness('crq')))
        || '}')::jsonb
    into result from features as f cross join counts as c;
    return result;
end
$$;

-- The window of a dashboard: (since, until], as bounds on closed_at, and the two ends as they are told to the reader.
create or replace function tickets.dashboard_window(
    p_window text, p_from date, p_to date,
    out since timestamptz, out until timestamptz, out told_from timestamptz, out told_to timestamptz
)
language plpgsql stable
as $$
begin
    until := tickets.now();
    case coalesce(p_window, '7d')
        when '24h' then since := until - interval '24 hours';
        when '7d' then since := until - interval '168 hours';
        when '30d' then since := until - interval '720 hours';
        when 'today' then since := tickets.eat_day(until)::timestamp at time zone interval '03:00';
        when 'custom' then
            if p_from is null or p_to is null or p_from > p_to then
                raise exception 'window custom needs p_from and p_to, in this order'
                    using errcode = 'invalid_parameter_value';
            end if;
            told_from := p_from::timestamp at time zone interval '03:00';
            told_to := (p_to + 1)::timestamp at time zone interval '03:00';
            -- Times are whole microseconds: [from, to) is (from - 1, to - 1].
            since := told_from - interval '1 microsecond';
            until := told_to - interval '1 microsecond';
            return;
        else
            raise exception 'unknown window: %', p_window using errcode = 'invalid_parameter_value';
    end case;
    told_from := since;
    told_to := until;
end
$$;

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
    result jsonb;
begin
    select * into span from tickets.dashboard_window(p_window, p_from, p_to);
    with open as materialized (
        select * from tickets.open_sla
        where dataset = p_dataset and (p_cluster is null or cluster_key = wanted)
            and (p_status is null or normalized_status = lower(p_status))
    ), closed as materialized (
        select *, coalesce(normalized_status in ('cancelled', 'canceled'), false) as is_cancelled
        from tickets.all_tickets
        where dataset = p_dataset and (p_cluster is null or cluster_key = wanted)
            and not is_open and closed_at > span.since and closed_at <= span.until
    ), both_kinds as (
        select cluster_key, cluster, assigned_team, owner, 1 as open, 0 as closed from open
        union all
        select cluster_key, cluster, assigned_team, owner, 0, 1 from closed where not is_cancelled
    ), by_cluster as (
        select coalesce(min(cluster collate "C"), cluster_key, 'Unknown') as name, sum(open) as open,
            sum(closed) as closed
        from both_kinds group by cluster_key
    ), by_team as (
        select coalesce(assigned_team, 'Unassigned') collate "C" as name, sum(open) as open, sum(closed) as closed
        from both_kinds group by 1
    ), by_owner as (
        select coalesce(owner, 'Unassigned') collate "C" as name, sum(open) as open, sum(closed) as closed
        from both_kinds group by 1
    ), open_features as (
        select string_agg(tickets.feature(dataset, ticket_id, latitude, longitude, cluster, region, location_name,
            normalized_status, raw_status, is_actionable, owner, assigned_team, geo_source, age_minutes, sla_state),
            ',' order by ticket_id) as list
        from open where latitude is not null
    ), closed_features as (
        select string_agg(tickets.feature(dataset, ticket_id, latitude, longitude, cluster, region, location_name,
            normalized_status, raw_status, is_actionable, owner, assigned_team, geo_source, null, null),
            ',' order by ticket_id) as list
        from closed where latitude is not null
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
    )
    select ('{"open":' || tickets.feature_collection((select list from open_features))
        || ',"closed":' || tickets.feature_collection((select list from closed_features))
        || ',' || ltrim(jsonb_build_object(
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
            'freshness', tickets.freshness(p_dataset))::text, '{'))::jsonb
    into result from of_open as o cross join of_closed as c;
    return result;
end
$$;

-- Open incidents, and those closed in a window. p_cluster: a cluster's name or key, NULL for all;
-- p_status: of the open ones, NULL for all; p_window: 24h, 7d, 30d, today, or custom with p_from and p_to (days in EAT,
-- both included), else 22023 is raised.
create or replace function reporting.fn_inc_dashboard(
    p_cluster text default null, p_status text default null, p_window text default '7d', p_from date default null,
    p_to date default null
) returns jsonb
language sql stable
as $$ select tickets.dashboard('inc', p_cluster, p_status, p_window, p_from, p_to) $$;

-- Open change requests, and those closed in a window. p_cluster: a cluster's name or key, NULL for all;
-- p_status: of the open ones, NULL for all; p_window: 24h, 7d, 30d, today, or custom with p_from and p_to (days in EAT,
-- both included), else 22023 is raised.
create or replace function reporting.fn_crq_dashboard(
    p_cluster text default null, p_status text default null, p_window text default '7d', p_from date default null,
    p_to date default null
) returns jsonb
language sql stable
as $$ select tickets.dashboard('crq', p_cluster, p_status, p_window, p_from, p_to) $$;

-- Open tickets by their distance from a point (degrees), nearest first; kilometres on the spheroid. p_dataset: inc,
-- crq, NULL for both; p_max_km NULL: however far. The index on geog gives the order, so that few tickets are read;
-- those at one point, as a cluster's are, come by their id.
create or replace function tickets.nearest_open(
    p_lat double precision, p_lng double precision, p_limit integer default 20, p_max_km double precision default null,
    p_dataset text default null
)
returns table (
    dataset text, ticket_id text, distance_km double precision, cluster text, location_name text,
    normalized_status text, is_actionable boolean, assigned_team text, owner text, latitude double precision,
    longitude double precision, geo_source text
)
language sql stable parallel safe
begin atomic
    with here as (select st_setsrid(st_makepoint(p_lng, p_lat), 4326)::geography as at),
    near as (
        (select 'inc' as dataset, t.ticket_id, t.geog <-> (select at from here) as metres, t.cluster, t.location_name,
            t.normalized_status, t.is_actionable, t.assigned_team, t.owner, t.latitude, t.longitude, t.geo_source
        from tickets.inc as t
        where t.is_open and t.geog is not null and coalesce(p_dataset, 'inc') = 'inc'
        order by t.geog <-> (select at from here) fetch first (p_limit) rows with ties)
        union all
        (select 'crq', t.ticket_id, t.geog <-> (select at from here), t.cluster, t.location_name,
            t.normalized_status, t.is_actionable, t.assigned_team, t.owner, t.latitude, t.longitude, t.geo_source
        from tickets.crq as t
        where t.is_open and t.geog is not null and coalesce(p_dataset, 'crq') = 'crq'
        order by t.geog <-> (select at from here) fetch first (p_limit) rows with ties)
    )
    select n.dataset, n.ticket_id, n.metres / 1000, n.cluster, n.location_name, n.normalized_status, n.is_actionable,
        n.assigned_team, n.owner, n.latitude, n.longitude, n.geo_source
    from near as n
    where p_max_km is null or n.metres <= p_max_km * 1000
    order by n.metres, n.ticket_id limit p_limit;
end;
