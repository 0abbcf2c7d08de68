-- Areas without a point that can be used, with the region that most of their tickets name.
with ticket as (
    select cluster_key, region from tickets.inc where cluster_key is not null
    union all
    select cluster_key, region from tickets.crq where cluster_key is not null
),
area as (
    select distinct on (cluster_key) cluster_key, region
    from (select cluster_key, region, count(*) as tickets from ticket group by cluster_key, region) as counted
    order by cluster_key, region is null, tickets desc, region collate "C"
)
select area.cluster_key as "cluster_key!", area.region,
    case when known.status = 'error' then known.attempts else 0 end as "errors!"
from area
left join tickets.geo_clusters as known on known.cluster_key = area.cluster_key
where known.cluster_key is null
    or (known.status not in ('ok', 'manual') and coalesce(known.retry_after, $1) <= $1)
order by area.cluster_key
limit $2
