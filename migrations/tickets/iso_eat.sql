-- A time as ISO 8601 text in EAT, to the second, whatever the session's TimeZone is.
create or replace function tickets.iso_eat(at timestamptz) returns text
language sql stable parallel safe
as $$ select to_char(at at time zone interval '03:00', 'YYYY-MM-DD"T"HH24:MI:SS"+03:00"') $$;
