-- A time of the source; East Africa Time (UTC+3 all year) where it names no offset. NULL for what is none.
--
-- It is called seven times a row and more, so the form that exports use, 'YYYY-MM-DD HH:MM:SS', is read first: by
-- fixed positions, and each part looked up in a hashed constant list, which costs less than a pattern and makes the
-- casts below safe. Everything else goes to tickets.eat_ts_any. The offset is an interval, never the name of a zone:
-- no setting of the session and no release of the time zone data changes the result.
create or replace function tickets.eat_ts(t text) returns timestamptz
language plpgsql immutable strict parallel safe cost 20
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
        else tickets.eat_ts_any(t)
    end;
end
$$;
