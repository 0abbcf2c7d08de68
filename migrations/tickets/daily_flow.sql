-- Tickets opened, and closures observed, on each day (EAT) from `first` to `last`.
create or replace function tickets.daily_flow(p_dataset text, first date, last date)
returns table (day date, opened integer, closed integer)
language plpgsql stable
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
    since timestamptz := first::timestamp at time zone interval '03:00';
    until timestamptz := (last + 1)::timestamp at time zone interval '03:00';
begin
    return query
    with opened as (
        select tickets.eat_day(created_at_service) as day from tickets.all_tickets
        where dataset = p_dataset and created_at_service >= since and created_at_service < until
        union all
        select tickets.eat_day(first_seen_at) from tickets.all_tickets
        where dataset = p_dataset and created_at_service is null and first_seen_at >= since and first_seen_at < until
    ), closed as (
        select tickets.eat_day(closed_at) as day from tickets.closure_events
        where dataset = p_dataset and closed_at >= since and closed_at < until
    )
    select d.day,
        (select count(*) from opened as o where o.day = d.day)::integer,
        (select count(*) from closed as c where c.day = d.day)::integer
    from (select first + step as day from generate_series(0, last - first) as step) as d;
end
$$;
