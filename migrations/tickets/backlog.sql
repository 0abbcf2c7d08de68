-- The backlog of this moment, as a row of a daily snapshot; its flow is not counted yet.
create or replace function tickets.backlog(p_dataset text, today date) returns tickets.inc_daily_snapshot
language sql stable
as $$
    with open as (
        select cluster_key, is_actionable, sla_state from tickets.open_sla where dataset = p_dataset
    ), by_cluster as (
        select coalesce(cluster_key, 'Unknown') as cluster, count(*) as open from open group by cluster_key
    )
    select today,
        count(*)::integer,
        (count(*) filter (where is_actionable))::integer,
        (count(*) filter (where sla_state = 'breached'))::integer,
        (count(*) filter (where sla_state = 'at_risk'))::integer,
        (count(*) filter (where sla_state = 'within'))::integer,
        (count(*) filter (where sla_state = 'unknown'))::integer,
        0, 0,
        coalesce((select jsonb_agg(jsonb_build_object('cluster', cluster, 'open', open) order by open desc, cluster)
            from by_cluster), '[]'),
        tickets.now()
    from open
$$;
