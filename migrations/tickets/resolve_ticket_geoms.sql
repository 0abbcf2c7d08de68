-- Brings the places of all tickets up to what the geocoder's cache knows now; gives the number of rows changed.
-- p_only_missing leaves tickets alone that have a place.
create or replace function tickets.resolve_ticket_geoms(p_only_missing boolean default false) returns bigint
language plpgsql
as $$
declare
    changed bigint := 0;
    more    bigint;
begin
    with place as (
        select t.ticket_id,
            coalesce(f.at[1], l.lat, c.lat) as lat,
            coalesce(f.at[2], l.lng, c.lng) as lng,
            case when f.at is not null then 'feed' when l.lat is not null then 'location'
                when c.lat is not null then 'cluster' end as source
        from tickets.inc as t
        cross join lateral (select tickets.feed_coord(t.raw) as at offset 0) as f
        left join tickets.geo_locations as l on l.cluster_key = t.cluster_key and l.location_key = t.location_key
            and l.status in ('ok', 'manual')
        left join tickets.geo_clusters as c on c.cluster_key = t.cluster_key and c.status in ('ok', 'manual')
        where not p_only_missing or t.geo_source is null
    )
    update tickets.inc as t set geo_lat = place.lat, geo_lng = place.lng, geo_source = place.source
    from place
    where place.ticket_id = t.ticket_id
        and (t.geo_lat, t.geo_lng, t.geo_source) is distinct from (place.lat, place.lng, place.source);
    get diagnostics changed = row_count;

    with place as (
        select t.ticket_id,
            coalesce(f.at[1], l.lat, c.lat) as lat,
            coalesce(f.at[2], l.lng, c.lng) as lng,
            case when f.at is not null then 'feed' when l.lat is not null then 'location'
                when c.lat is not null then 'cluster' end as source
        from tickets.crq as t
        cross join lateral (select tickets.feed_coord(t.raw) as at offset 0) as f
        left join tickets.geo_locations as l on l.cluster_key = t.cluster_key and l.location_key = t.location_key
            and l.status in ('ok', 'manual')
        left join tickets.geo_clusters as c on c.cluster_key = t.cluster_key and c.status in ('ok', 'manual')
        where not p_only_missing or t.geo_source is null
    )
    update tickets.crq as t set geo_lat = place.lat, geo_lng = place.lng, geo_source = place.source
    from place
    where place.ticket_id = t.ticket_id
        and (t.geo_lat, t.geo_lng, t.geo_source) is distinct from (place.lat, place.lng, place.source);
    get diagnostics more = row_count;
    return changed + more;
end
$$;
