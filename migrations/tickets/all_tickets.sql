-- Both kinds of tickets in one list. A condition on dataset leaves one table to read.
create or replace view tickets.all_tickets as
select 'inc'::text as dataset, ticket_id, source_key, reopen_count, cluster_key, location_key, cluster, region,
    location_name, assigned_team, owner, normalized_status, raw_status, bucket, is_actionable, is_open, sla_status,
    mttr, created_at_service, first_seen_at, coalesce(created_at_service, first_seen_at) as opened_at, scheduled_at,
    closed_at, latitude, longitude, geo_source, geog
from tickets.inc
union all
select 'crq'::text, ticket_id, source_key, reopen_count, cluster_key, location_key, cluster, region,
    location_name, assigned_team, owner, normalized_status, raw_status, bucket, is_actionable, is_open, sla_status,
    mttr, created_at_service, first_seen_at, coalesce(created_at_service, first_seen_at), scheduled_at, closed_at,
    latitude, longitude, geo_source, geog
from tickets.crq;
