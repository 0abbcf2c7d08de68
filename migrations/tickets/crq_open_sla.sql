-- Open change requests against their target, and where they stand with their appointment.
create or replace view tickets.crq_open_sla as
select ticket_id, cluster, region, location_name, assigned_team, owner, normalized_status, raw_status, bucket,
    is_actionable, scheduled_at, opened_at, opened_at_source, age_minutes, target_minutes, remaining_minutes, sla_state,
    clock_skew, latitude, longitude, geo_source, stage, overdue_minutes
from tickets.open_sla
where dataset = 'crq';
