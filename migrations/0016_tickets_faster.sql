-- Tickets: the same answers for less: dashboards and maps by a fifth, change files by a twentieth (docs/tickets-sql.md).

-- What tickets.feed_coord gives for a ticket with both values. The box is checked on exact numbers, and the rounding
-- keeps the cast from an underflow.
create or replace function tickets.feed_coord_given(latitude text, longitude text) returns double precision[]
language plpgsql immutable strict parallel safe
as $$
declare
    lat numeric := tickets.to_num(latitude);
    lng numeric := tickets.to_num(longitude);
begin
    if lat between -5.0 and 5.5 and lng between 33.5 and 42.0 then
        return array[round(lat, 30)::double precision, round(lng, 30)::double precision];
    end if;
    return null;
end
$$;

-- {latitude, longitude} that the feed gave, if both are numbers and inside Kenya's box; else NULL. So 0/0 and a swapped
-- pair are ignored. It is called seven times a row, and most tickets have none: this function is inlined.
create or replace function tickets.feed_coord(raw jsonb) returns double precision[]
language sql immutable parallel safe
return tickets.feed_coord_given(raw ->> 'latitude', raw ->> 'longitude');

-- A ticket that has a place, as the text of a GeoJSON feature (RFC 7946: longitude, then latitude). It is put together
-- by hand, which takes a third of the time that the functions for JSON need: a dashboard has thousands of them. Keys
-- stand in the order in which jsonb keeps them, the shortest first: what is in order already is not sorted again.
create or replace function tickets.feature(
    dataset text, ticket_id text, latitude double precision, longitude double precision, cluster text, region text,
    location_name text, status text, raw_status text, is_actionable boolean, owner text, team text, geo_source text,
    age_minutes integer, sla_state text
) returns text
language sql stable parallel safe
return '{"id":' || to_json(ticket_id)
    || ',"type":"Feature","geometry":{"type":"Point","coordinates":[' || longitude || ',' || latitude
    || ']},"properties":{"team":' || coalesce(to_json(team)::text, 'null')
    || ',"owner":' || coalesce(to_json(owner)::text, 'null')
    || ',"region":' || coalesce(to_json(region)::text, 'null')
    || ',"status":' || coalesce(to_json(status)::text, 'null')
    || ',"cluster":' || coalesce(to_json(cluster)::text, 'null')
    || ',"dataset":"' || dataset || '","sla_state":' || coalesce('"' || sla_state || '"', 'null')
    || ',"ticket_id":' || to_json(ticket_id)
    || ',"geo_source":' || coalesce('"' || geo_source || '"', 'null')
    || ',"raw_status":' || coalesce(to_json(raw_status)::text, 'null')
    || ',"age_minutes":' || coalesce(age_minutes::text, 'null')
    || ',"is_actionable":' || coalesce(is_actionable::text, 'null')
    || ',"location_name":' || coalesce(to_json(location_name)::text, 'null') || '}}';

drop function tickets.feature_collection(text);

-- Features, as text and separated by commas, as the text of a GeoJSON FeatureCollection; `behind` is what follows the
-- list: the brace that closes the collection, and before it what else it is to hold. The text becomes jsonb once, as
-- part of the whole answer. In brackets from the right, so that the long list is copied as seldom as can be.
create or replace function tickets.feature_collection(features text, behind text) returns text
language sql immutable parallel safe
return '{"type":"FeatureCollection","features":[' || (coalesce(features, '') || (']' || behind));

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
begin
    if p_dataset not in ('inc', 'crq') then
        raise exception 'unknown dataset: %', p_dataset using errcode = 'invalid_parameter_value';
    elsif p_status is null or p_status not in ('open', 'closed', 'all') then
        raise exception 'unknown status: %', p_status using errcode = 'invalid_parameter_value';
    elsif p_limit is null or p_limit < 0 then
        raise exception 'bad limit: %', p_limit using errcode = 'invalid_parameter_value';
    end if;
    -- Returned at once: a variable would be one more copy of some megabytes.
    return (with fits as materialized (
        select t.dataset, t.ticket_id, t.is_open, t.opened_at, t.latitude, t.longitude, t.geo_source, t.cluster,
            t.region, t.location_name, t.normalized_status, t.raw_status, t.is_actionable, t.owner, t.assigned_team
        from tickets.all_tickets as t
        where (p_dataset is null or t.dataset = p_dataset)
            and (p_status = 'all' or t.is_open = (p_status = 'open'))
            and (p_cluster is null or t.cluster_key = wanted)
    ), shown as (
        -- What is sorted is small; a feature's text is not.
        select fits.*, case when fits.is_open then tickets.age_minutes(fits.opened_at, at.now) end as age_minutes,
            p.target_minutes, p.at_risk_fraction
        from fits
        cross join (select tickets.now() as now offset 0) as at
        left join tickets.sla_policy as p on p.dataset = fits.dataset
        where fits.latitude is not null
        order by fits.ticket_id limit p_limit
    ), features as (
        select string_agg(tickets.feature(dataset, ticket_id, latitude, longitude, cluster, region, location_name,
            normalized_status, raw_status, is_actionable, owner, assigned_team, geo_source, age_minutes,
            case when is_open then tickets.sla_state(age_minutes, target_minutes, at_risk_fraction) end), ',') as list
        from shown
    ), counts as (
        select count(*) as total, count(latitude) as mapped,
            jsonb_build_object('inc', count(*) filter (where dataset = 'inc'),
                'crq', count(*) filter (where dataset = 'crq')) as by_dataset,
            jsonb_build_object('feed', count(*) filter (where geo_source = 'feed'),
                'location', count(*) filter (where geo_source = 'location'),
                'cluster', count(*) filter (where geo_source = 'cluster')) as by_geo_source
        from fits
    )
    select tickets.feature_collection(f.list, ',"summary":'::text || jsonb_build_object(
        'total', c.total, 'mapped', c.mapped, 'unmapped', c.total - c.mapped, 'truncated', c.mapped > p_limit,
        'by_dataset', c.by_dataset, 'by_geo_source', c.by_geo_source,
        'freshness', jsonb_build_object('inc', tickets.freshness('inc'), 'crq', tickets.freshness('crq')))
        || '}')::jsonb
    from features as f cross join counts as c);
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
begin
    select * into span from tickets.dashboard_window(p_window, p_from, p_to);
    -- Both lists are in the order of their features; what is sorted there is small, a feature's text is not.
    -- Returned at once: a variable would be one more copy of some megabytes.
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
            ',') as list
        from open where latitude is not null
    ), closed_features as (
        select string_agg(tickets.feature(dataset, ticket_id, latitude, longitude, cluster, region, location_name,
            normalized_status, raw_status, is_actionable, owner, assigned_team, geo_source, null, null),
            ',') as list
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
    select ('{"open":' || tickets.feature_collection((select list from open_features), '},"closed":'
        || tickets.feature_collection((select list from closed_features), '},' || ltrim(jsonb_build_object(
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
            'freshness', tickets.freshness(p_dataset))::text, '{'))))::jsonb
    from of_open as o cross join of_closed as c);
end
$$;
