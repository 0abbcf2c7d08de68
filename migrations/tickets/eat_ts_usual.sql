-- 'YYYY-MM-DD HH:MM:SS' as a time in East Africa, for the years 1990 to 2089 without their 29 February; else NULL, and
-- tickets.eat_ts_any knows more.
--
-- By fixed positions, and each part looked up in a hashed constant list, which costs less than a pattern and makes the
-- casts below safe. The offset is an interval, never the name of a zone: no setting of the session and no release of
-- the time zone data changes the result.
create or replace function tickets.eat_ts_usual(t text) returns timestamptz
language plpgsql immutable strict parallel safe
as $$
begin
    return case
        when length(t) = 19
            and t like '____-__-__ __:__:__'
            and substr(t, 1, 4) = any (tickets.four_digits(1990, 2089))
            and substr(t, 6, 5) = any (tickets.days_of_a_year())
            and substr(t, 12, 2) = any (tickets.two_digits(24))
            and substr(t, 15, 2) = any (tickets.two_digits(60))
            and substr(t, 18, 2) = any (tickets.two_digits(60))
        then make_timestamp(substr(t, 1, 4)::integer, substr(t, 6, 2)::integer, substr(t, 9, 2)::integer,
                substr(t, 12, 2)::integer, substr(t, 15, 2)::integer, substr(t, 18, 2)::integer)
            at time zone interval '03:00'
    end;
end
$$;
