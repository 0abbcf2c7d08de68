-- Open tickets of both kinds against their targets. The source's sla_status plays no part: it says something of closed
-- tickets only. `offset 0` keeps the present from being read for each row.
create or replace view tickets.open_sla as
select t.dataset, t.ticket_id, t.cluster_key, t.cluster, t.region, t.location_name, t.assigned_team, t.owner,
    t.normalized_status, t.raw_status, t.bucket, t.is_actionable, t.scheduled_at, t.opened_at,
    case
        when t.created_at_service is not null then 'service'
        when t.first_seen_at is not null then 'first_seen'
        else 'none'
    end as opened_at_source,
    tickets.age_minutes(t.opened_at, at.now) as age_minutes,
    p.target_minutes,
    p.target_minutes - tickets.age_minutes(t.opened_at, at.now) as remaining_minutes,
    tickets.sla_state(tickets.age_minutes(t.opened_at, at.now), p.target_minutes, p.at_risk_fraction) as sla_state,
    coalesce(t.opened_at > at.now, false) as clock_skew,
    t.latitude, t.longitude, t.geo_source,
    case
        when t.scheduled_at is null then 'unscheduled'
        when t.scheduled_at < at.now then 'overdue'
        else 'scheduled'
    end as stage,
    case when t.scheduled_at < at.now then tickets.age_minutes(t.scheduled_at, at.now) end as overdue_minutes
from tickets.all_tickets as t
cross join (select tickets.now() as now offset 0) as at
left join tickets.sla_policy as p on p.dataset = t.dataset
where t.is_open;
