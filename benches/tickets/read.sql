begin;
select set_config('tickets.now', '2026-06-25T09:40:00+03:00', true) \g /dev/null
select pg_temp.timed('fn_inc_dashboard', 'select reporting.fn_inc_dashboard()', 15);
select pg_temp.timed('fn_inc_dashboard of one cluster', $$select reporting.fn_inc_dashboard('cluster 7')$$, 15);
select pg_temp.timed('fn_tickets_for_map, open', 'select reporting.fn_tickets_for_map()', 15);
select pg_temp.timed('fn_tickets_for_map, all', $$select reporting.fn_tickets_for_map(p_status => 'all')$$, 5);
select pg_temp.timed('inc_open_sla', 'select count(sla_state) from tickets.inc_open_sla', 15);
select pg_temp.timed('nearest_open', 'select count(*) from tickets.nearest_open(-1.25, 36.85)', 15);
select pg_temp.timed('resolve_ticket_geoms, nothing to do', 'select tickets.resolve_ticket_geoms()', 3);
select pg_temp.timed('capture_history, the first', 'select tickets.capture_history()', 1);
select pg_temp.timed('capture_history', 'select tickets.capture_history()', 3);
select 'answer of fn_inc_dashboard: ' || pg_size_pretty(length(d::text)::numeric) || ', '
    || jsonb_array_length(d #> '{open,features}') || ' + ' || jsonb_array_length(d #> '{closed,features}')
    || ' features'
from reporting.fn_inc_dashboard() as of(d);
create temp table texts on commit drop as
select to_char(timestamp '2026-01-01' + n * interval '97 seconds', 'YYYY-MM-DD HH24:MI:SS') as usual,
    to_char(timestamp '2026-01-01' + n * interval '97 seconds', 'DD/MM/YYYY HH24:MI') as other
from generate_series(1, 100000) as n;
select pg_temp.timed('100,000 texts, nothing done', 'select count(usual) from texts', 5);
select pg_temp.timed('eat_ts of 100,000 texts, the usual form', 'select count(tickets.eat_ts(usual)) from texts', 5);
select pg_temp.timed('eat_ts of 100,000 texts, day first', 'select count(tickets.eat_ts(other)) from texts', 5);
rollback;
