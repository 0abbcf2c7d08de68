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
