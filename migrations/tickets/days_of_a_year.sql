-- '01-01' to '12-31' without 29 February: the days that every year has. Folded to a constant where it is used.
create or replace function tickets.days_of_a_year() returns text[]
language sql immutable parallel safe
as $$
    select array_agg(lpad(month::text, 2, '0') || '-' || lpad(day::text, 2, '0') order by month, day)
    from generate_series(1, 12) as month
    cross join lateral generate_series(1,
        case when month = 2 then 28 when month in (4, 6, 9, 11) then 30 else 31 end) as day
$$;
