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
