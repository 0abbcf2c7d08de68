-- Before a ticket is written, unless the statement found the places of all its tickets by itself
-- (set_config('tickets.places', 'given', true): two look-ups a row cost more than everything else of a ticket).
-- The feed's coordinate, else its location's, else its cluster's, else none.
create or replace function tickets.place_ticket() returns trigger
language plpgsql
as $$
declare
    given double precision[] := tickets.feed_coord(new.raw);
begin
    if given is not null then
        new.geo_lat := given[1];
        new.geo_lng := given[2];
        new.geo_source := 'feed';
        return new;
    end if;
    select l.lat, l.lng, 'location' into new.geo_lat, new.geo_lng, new.geo_source
    from tickets.geo_locations as l
    where l.cluster_key = new.cluster_key and l.location_key = new.location_key and l.status in ('ok', 'manual');
    if not found then
        select c.lat, c.lng, 'cluster' into new.geo_lat, new.geo_lng, new.geo_source
        from tickets.geo_clusters as c
        where c.cluster_key = new.cluster_key and c.status in ('ok', 'manual');
    end if;
    return new;
end
$$;
