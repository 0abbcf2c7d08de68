-- '00' to the number before `ends`. Folded to a constant where it is used.
create or replace function tickets.two_digits(ends integer) returns text[]
language sql immutable parallel safe
as $$
    select array_agg(lpad(number::text, 2, '0') order by number) from generate_series(0, ends - 1) as number
$$;
