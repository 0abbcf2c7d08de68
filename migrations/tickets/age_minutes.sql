-- Whole minutes from `opened` to `at`, never negative; NULL if either is not known.
create or replace function tickets.age_minutes(opened timestamptz, at timestamptz) returns integer
language sql immutable parallel safe
return case
    when opened <= at then floor(date_part('epoch', at - opened) / 60)::integer
    when opened > at then 0
end;
