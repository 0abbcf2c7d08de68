-- Where a ticket is: the feed's coordinate, else its location's, else its cluster's; no row of values, if none is known.
create or replace function tickets.place_of(
    raw jsonb, in_cluster text, in_location text, out lat double precision, out lng double precision, out source text
)
language plpgsql stable parallel safe
as $$
declare
    given double precision[] := tickets.feed_coord(raw);
begin
    if given is not null then
        lat := given[1];
        lng := given[2];
        source := 'feed';
        return;
    end if;
    if in_location is not null then
        select l.lat, l.lng, 'location' into lat, lng, source from tickets.geo_locations as l
        where l.cluster_key = in_cluster and l.location_key = in_location and l.status in ('ok', 'manual');
    end if;
    if source is null and in_cluster is not null then
        select c.lat, c.lng, 'cluster' into lat, lng, source from tickets.geo_clusters as c
        where c.cluster_key = in_cluster and c.status in ('ok', 'manual');
    end if;
end
$$;
