-- The series of both kinds in one list.
create or replace view tickets.daily_snapshots as
select 'inc'::text as dataset, s.* from tickets.inc_daily_snapshot as s
union all
select 'crq'::text, s.* from tickets.crq_daily_snapshot as s;
