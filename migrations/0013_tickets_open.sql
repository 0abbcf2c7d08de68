-- Tickets: what is open, and how it stands against its target.

create table tickets.sla_policy (
    dataset          text primary key check (dataset in ('inc', 'crq')),
    target_minutes   integer not null check (target_minutes > 0),
    at_risk_fraction numeric not null default 0.75 check (at_risk_fraction > 0 and at_risk_fraction <= 1)
);

insert into tickets.sla_policy (dataset, target_minutes) values ('inc', 2880), ('crq', 10080);

-- Whole minutes from `opened` to `at`, never negative; NULL if either is not known.
create or replace function tickets.age_minutes(opened timestamptz, at timestamptz) returns integer
language sql immutable parallel safe
return case
    when opened <= at then floor(date_part('epoch', at - opened) / 60)::integer
    when opened > at then 0
end;

-- How an open ticket of this age (minutes; NULL: not known) stands against its target (minutes).
create or replace function tickets.sla_state(age integer, target integer, at_risk_fraction numeric) returns text
language sql immutable parallel safe
return case
    when age is null or target is null then 'unknown'
    when age > target then 'breached'
    when age >= at_risk_fraction * target then 'at_risk'
    else 'within'
end;

-- A cluster's name as cluster_key: lower case, trimmed, white space collapsed.
create or replace function tickets.place_key(name text) returns text
language sql immutable parallel safe
return nullif(btrim(regexp_replace(lower(name), '\s+', ' ', 'g')), '') collate "C";

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

-- Open incidents against their target.
create or replace view tickets.inc_open_sla as
select ticket_id, cluster, region, location_name, assigned_team, owner, normalized_status, raw_status, bucket,
    is_actionable, scheduled_at, opened_at, opened_at_source, age_minutes, target_minutes, remaining_minutes, sla_state,
    clock_skew, latitude, longitude, geo_source
from tickets.open_sla
where dataset = 'inc';

-- Open change requests against their target, and where they stand with their appointment.
create or replace view tickets.crq_open_sla as
select ticket_id, cluster, region, location_name, assigned_team, owner, normalized_status, raw_status, bucket,
    is_actionable, scheduled_at, opened_at, opened_at_source, age_minutes, target_minutes, remaining_minutes, sla_state,
    clock_skew, latitude, longitude, geo_source, stage, overdue_minutes
from tickets.open_sla
where dataset = 'crq';
