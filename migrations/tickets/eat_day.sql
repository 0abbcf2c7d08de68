-- The day in EAT of a time.
create or replace function tickets.eat_day(at timestamptz) returns date
language sql immutable parallel safe
return (at at time zone interval '03:00')::date;
