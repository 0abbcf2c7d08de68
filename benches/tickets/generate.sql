-- Stages `count` invented tickets of `dataset` (inc, crq) for the run `run`, with ids from `first` on, as of `now`
-- (EAT). Deterministic; spread over the year before 25 June 2026: 300 clusters, 30 % without created_at_service, 10 %
-- with a coordinate, `open_in_1000` of 1000 open.
insert into tickets.stage (run, line_no, ticket_id, raw, cluster_key, location_key)
select :'run'::uuid, g + 1, t.id,
    jsonb_build_object(
        'ticket_id', t.id, 'source_type', 'remedy', 'department', 'Fixed Access', 'service_type', 'FTTH',
        'normalized_status', t.status, 'raw_status', initcap(t.status),
        'bucket', (array['noc', 'customer', 'field'])[1 + g % 3],
        'is_actionable', case when g % 3 = 0 then 'true' else 'false' end,
        'is_alarm', 'false', 'is_auto_created', 'false', 'is_auto_closed', 'false',
        'cluster', t.cluster,
        'region', (array['COAST', 'nairobi south', 'Nairobi  East', 'Nyanza', 'north rift'])[1 + t.nth % 5],
        'location_name', 'FAT-' || (1000 + g % 9000) || ' ' || t.location,
        'latitude', case when g % 10 = 0 then round((-1.3 + (g % 1000) * 0.0003)::numeric, 6)::text end,
        'longitude', case when g % 10 = 0 then round((36.8 + (g % 777) * 0.0003)::numeric, 6)::text end,
        'assigned_team', 'Field Team ' || chr(65 + (g % 20)::integer),
        'owner', case when g % 4 > 0 then 'A. Person' || g % 60 end,
        'sla_status', case when t.closed then (array['met', 'missed'])[1 + g % 2] end,
        'mttr', case when t.closed then (g % 5000)::text end,
        'created_at_service', case when g % 10 >= 3 then to_char(t.at, 'YYYY-MM-DD HH24:MI:SS') end,
        'scheduled_at', null,
        'closed_at', case when t.closed
            then to_char(t.at + g % 5000 * interval '1 minute', 'YYYY-MM-DD HH24:MI:SS') end,
        'first_seen_at', to_char(t.at + interval '5 minutes', 'YYYY-MM-DD HH24:MI:SS'),
        'last_seen_at', :'now',
        'source_created_at', to_char(t.at, 'YYYY-MM-DD HH24:MI:SS'),
        'source_updated_at', to_char(:'now'::timestamp - interval '2 days', 'YYYY-MM-DD HH24:MI:SS'),
        'week_start', '2026-06-22', 'week_end', '2026-06-28', 'source_s3_bucket', 'upstream-exports',
        'source_s3_key', 'automations/inc/changes/2026-06-25T08-20-00.csv', 'source_snapshot_id', 'snap-' || :'now'),
    lower(t.cluster), lower(t.location)
from generate_series(:first::bigint, :first::bigint + :count - 1) as g
cross join lateral (
    select upper(:'dataset') || lpad(g::text, 12, '0') as id, (g * 7919) % 300 as nth,
        timestamp '2026-06-25 08:00' - ((g * 7907) % 525600) * interval '1 minute' as at,
        (g * 104729) % 1000 >= :open_in_1000 as closed
) as s
cross join lateral (
    select s.*, 'Cluster ' || s.nth as cluster, 'Estate ' || (g * 31) % 4000 as location,
        case when s.closed then (array['closed', 'closed', 'closed', 'closed', 'resolved', 'cancelled'])[1 + g % 6]
            else (array['open', 'assigned', 'in_progress', 'pending'])[1 + g % 4] end as status
) as t;
