-- The tickets of this run that are stored. With $3, what came with a later file stays.
update {table} as t
set raw = s.raw, source_key = $2, cluster_key = s.cluster_key, location_key = s.location_key, ingested_at = now(),
    geo_lat = coalesce(s.feed[1], l.lat, c.lat), geo_lng = coalesce(s.feed[2], l.lng, c.lng),
    geo_source = case when s.feed is not null then 'feed' when l.lat is not null then 'location'
        when c.lat is not null then 'cluster' end
from (select *, tickets.feed_coord(raw) as feed from tickets.stage where run = $1 offset 0) as s
left join tickets.geo_locations as l on l.cluster_key = s.cluster_key and l.location_key = s.location_key
    and l.status in ('ok', 'manual')
left join tickets.geo_clusters as c on c.cluster_key = s.cluster_key and c.status in ('ok', 'manual')
where t.ticket_id = s.ticket_id and (not $3 or t.source_key <= $2)
