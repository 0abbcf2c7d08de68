-- Places of open tickets that somebody can act on, without a point that can be used. $2: how regions begin whose city
-- is known. Places without an anchor come last; no_anchor counts all of them.
with waiting as (
    select cluster_key, location_key, count(*) as tickets
    from (
        select cluster_key, location_key, raw from tickets.inc
        where is_open and is_actionable and cluster_key is not null and location_key is not null
        union all
        select cluster_key, location_key, raw from tickets.crq
        where is_open and is_actionable and cluster_key is not null and location_key is not null
    ) as ticket
    where tickets.feed_coord(raw) is null
    group by cluster_key, location_key
),
ticket as (
    select cluster_key, region from tickets.inc where cluster_key is not null
    union all
    select cluster_key, region from tickets.crq where cluster_key is not null
),
area as (
    select distinct on (cluster_key) cluster_key, region
    from (select cluster_key, region, count(*) as tickets from ticket group by cluster_key, region) as counted
    order by cluster_key, region is null, tickets desc, region collate "C"
),
judged as (
    select waiting.cluster_key, waiting.location_key, waiting.tickets, area.region,
        case when cluster.status in ('ok', 'manual') then cluster.lat end as lat,
        case when cluster.status in ('ok', 'manual') then cluster.lng end as lng,
        cluster.city,
        case when known.status = 'error' then known.attempts else 0 end as errors,
        coalesce(cluster.status in ('ok', 'manual'), false) or cluster.city is not null
            or exists (select from unnest($2::text[]) as prefix where starts_with(area.region, prefix)) as has_anchor
    from waiting
    join area on area.cluster_key = waiting.cluster_key
    left join tickets.geo_clusters as cluster on cluster.cluster_key = waiting.cluster_key
    left join tickets.geo_locations as known
        on known.cluster_key = waiting.cluster_key and known.location_key = waiting.location_key
    where known.cluster_key is null
        or (known.status not in ('ok', 'manual') and coalesce(known.retry_after, $1) <= $1)
)
select cluster_key as "cluster_key!", location_key as "location_key!", region, lat, lng, city,
    errors as "errors!", has_anchor as "has_anchor!",
    count(*) filter (where not has_anchor) over () as "no_anchor!"
from judged
order by has_anchor desc, tickets desc, cluster_key, location_key
limit $3
