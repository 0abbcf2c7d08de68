-- All forms of a time that tickets.eat_ts accepts:
--   YYYY-MM-DD                                  00:00 EAT
--   YYYY-MM-DD[ |T]HH:MM[:SS[.f to .ffffff]]    EAT, or with Z, +HH, +HHMM, +HH:MM (at most 15:59) that offset
--   DD/MM/YYYY[ HH:MM[:SS]]                     EAT, day first
-- It never raises: each number is in its range before anything is made of it. Whole minutes and seconds, most of what
-- comes here, are written in the form that eat_ts_usual reads; the patterns are for what is left.
create or replace function tickets.eat_ts_any(t text) returns timestamptz
language plpgsql immutable strict parallel safe
as $$
declare
    usual  text;
    at     timestamptz;
    zone   text;
    -- year, month, day, hour, minute, second with fraction, Z, sign, hours and minutes of the offset
    part   text[];
    shift  interval := interval '03:00';
    year   integer;
    month  integer;
    day    integer;
    hour   integer;
    minute integer;
    second double precision;
begin
    if length(t) > 40 then
        return null;
    end if;
    usual := case length(t)
        when 10 then case
            when t like '____-__-__' then t || ' 00:00:00'
            when t like '__/__/____' then format('%s-%s-%s 00:00:00', substr(t, 7, 4), substr(t, 4, 2), substr(t, 1, 2))
        end
        when 16 then case
            when t like '____-__-__ __:__' then t || ':00'
            when t like '____-__-__T__:__' then replace(t, 'T', ' ') || ':00'
            when t like '__/__/____ __:__' then format('%s-%s-%s %s:00', substr(t, 7, 4), substr(t, 4, 2),
                substr(t, 1, 2), substr(t, 12, 5))
        end
        when 19 then case
            when t like '____-__-__T__:__:__' then replace(t, 'T', ' ')
            when t like '__/__/____ __:__:__' then format('%s-%s-%s %s', substr(t, 7, 4), substr(t, 4, 2),
                substr(t, 1, 2), substr(t, 12, 8))
        end
        when 20 then case
            when t like '____-__-__T__:__:__Z' then replace(left(t, 19), 'T', ' ')
        end
        when 22 then replace(left(t, 19), 'T', ' ')
        when 24 then replace(left(t, 19), 'T', ' ')
        when 25 then replace(left(t, 19), 'T', ' ')
    end;
    at := tickets.eat_ts_usual(usual);
    if at is not null then
        if length(t) < 20 then
            return at;
        elsif length(t) = 20 then
            return at + interval '3 hours';
        end if;
        zone := substr(t, 20);
        if left(zone, 1) in ('+', '-') and (length(zone) < 6 or substr(zone, 4, 1) = ':')
            and substr(zone, 2, 2) = any (tickets.two_digits(16))
            and (length(zone) = 3 or right(zone, 2) = any (tickets.two_digits(60))) then
            shift := make_interval(hours => substr(zone, 2, 2)::integer,
                mins => case length(zone) when 3 then 0 else right(zone, 2)::integer end);
            return at + interval '3 hours' - case left(zone, 1) when '-' then -shift else shift end;
        end if;
    end if;
    part := regexp_match(t, '^([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T]([0-9]{2}):([0-9]{2})'
        || '(?::([0-9]{2}(?:\.[0-9]{1,6})?))? *(?:([Zz])|([+-])([0-9]{2})(?::?([0-9]{2}))?)?)?$');
    if part is null then
        part := regexp_match(t, '^([0-9]{2})/([0-9]{2})/([0-9]{4})(?: ([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?)?$');
        if part is null then
            return null;
        end if;
        part := array[part[3], part[2], part[1], part[4], part[5], part[6]];
    end if;
    year := part[1];
    month := part[2];
    day := part[3];
    hour := coalesce(part[4], '0');
    minute := coalesce(part[5], '0');
    second := coalesce(part[6], '0');
    if year = 0 or month not between 1 and 12 or day = 0 or hour > 23 or minute > 59 or second >= 60
        or day > make_date(year + month / 12, month % 12 + 1, 1) - make_date(year, month, 1) then
        return null;
    end if;
    if part[7] is not null then
        shift := interval '0';
    elsif part[8] is not null then
        if part[9]::integer > 15 or coalesce(part[10], '0')::integer > 59 then
            return null;
        end if;
        shift := make_interval(hours => part[9]::integer, mins => coalesce(part[10], '0')::integer);
        if part[8] = '-' then
            shift := -shift;
        end if;
    end if;
    return make_timestamp(year, month, day, hour, minute, second) at time zone shift;
end
$$;
