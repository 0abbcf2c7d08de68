-- The tickets that the target does not have, with the places that the cache knows: the trigger stands back.
insert into tickets.{table} (ticket_id, raw, source_key, reopen_count, cluster_key, location_key, geo_lat, geo_lng,
    geo_source, ingested_at)
select s.ticket_id, s.raw, s.source_key, s.reopen_count, s.cluster_key, s.location_key,
    coalesce(s.feed[1], l.lat, c.lat), coalesce(s.feed[2], l.lng, c.lng),
    case when s.feed is not null then 'feed' when l.lat is not null then 'location'
        when c.lat is not null then 'cluster' end, $1
from (select *, tickets.feed_coord(raw) as feed from {stage} offset 0) as s
left join tickets.geo_locations as l on l.cluster_key = s.cluster_key and l.location_key = s.location_key
    and l.status in ('ok', 'manual')
left join tickets.geo_clusters as c on c.cluster_key = s.cluster_key and c.status in ('ok', 'manual')
where not exists (select from tickets.{table} as t where t.ticket_id = s.ticket_id)
