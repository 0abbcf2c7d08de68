-- The years `first` to `last`, each of four digits. Folded to a constant where it is used.
create or replace function tickets.four_digits(first integer, last integer) returns text[]
language sql immutable parallel safe
as $$
    select array_agg(lpad(number::text, 4, '0') order by number) from generate_series(first, last) as number
$$;
