-- Tickets: how a value of the source becomes one of a typed column.

-- Only a superuser (or who is allowed to by the provider) may do this; it does nothing where PostGIS is there already.
create extension if not exists postgis;

create schema tickets;
create schema reporting;

-- The present, as all views and functions of tickets see it. A test fixes it for its own transaction:
-- select set_config('tickets.now', '2026-06-25T09:40:00+03:00', true)
create or replace function tickets.now() returns timestamptz
language sql stable parallel safe
return coalesce(nullif(current_setting('tickets.now', true), '')::timestamptz, pg_catalog.now());

-- '01-01' to '12-31' without 29 February: the days that every year has. Folded to a constant where it is used.
create or replace function tickets.days_of_a_year() returns text[]
language sql immutable parallel safe
as $$
    select array_agg(lpad(month::text, 2, '0') || '-' || lpad(day::text, 2, '0') order by month, day)
    from generate_series(1, 12) as month
    cross join lateral generate_series(1,
        case when month = 2 then 28 when month in (4, 6, 9, 11) then 30 else 31 end) as day
$$;

-- '00' to the number before `ends`. Folded to a constant where it is used.
create or replace function tickets.two_digits(ends integer) returns text[]
language sql immutable parallel safe
as $$
    select array_agg(lpad(number::text, 2, '0') order by number) from generate_series(0, ends - 1) as number
$$;

-- The years `first` to `last`, each of four digits. Folded to a constant where it is used.
create or replace function tickets.four_digits(first integer, last integer) returns text[]
language sql immutable parallel safe
as $$
    select array_agg(lpad(number::text, 4, '0') order by number) from generate_series(first, last) as number
$$;

-- All forms of a time that tickets.eat_ts accepts:
--   YYYY-MM-DD                                  00:00 EAT
--   YYYY-MM-DD[ |T]HH:MM[:SS[.f to .ffffff]]    EAT, or with Z, +HH, +HHMM, +HH:MM (at most 15:59) that offset
--   DD/MM/YYYY[ HH:MM[:SS]]                     EAT, day first
-- It never raises: each number is in its range before anything is made of it.
create or replace function tickets.eat_ts_any(t text) returns timestamptz
language plpgsql immutable strict parallel safe cost 100
as $$
declare
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

-- A decimal number, with blanks around it; NULL for what is none, and for more digits than any column holds.
create or replace function tickets.to_num(t text) returns numeric
language sql immutable parallel safe
return case
    when length(t) <= 1000 and t ~ '^\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)\s*$' then btrim(t, E' \t\r\n\f\v')::numeric
end;

-- true, t, 1, yes, y and false, f, 0, no, n in any case; NULL for everything else.
create or replace function tickets.to_bool(t text) returns boolean
language sql immutable parallel safe
return case lower(btrim(t) collate "C")
    when 'true' then true when 'false' then false
    when 't' then true when 'f' then false
    when '1' then true when '0' then false
    when 'yes' then true when 'no' then false
    when 'y' then true when 'n' then false
end;

-- Minutes to repair, rounded half away from zero; NULL for what is negative, no number, or beyond an integer.
create or replace function tickets.mttr_min(t text) returns integer
language plpgsql immutable strict parallel safe
as $$
declare
    minutes numeric := tickets.to_num(t);
begin
    return case when minutes >= 0 and minutes < 2147483647.5 then round(minutes)::integer end;
end
$$;

-- Lower case, trimmed, white space inside collapsed to one blank; NULL if nothing is left.
create or replace function tickets.word(t text) returns text
language sql immutable parallel safe
return case
    when t ~ '\s\s|[\t\r\n\f\v]|^\s|\s$' then nullif(btrim(regexp_replace(lower(t), '\s+', ' ', 'g')), '')
    else nullif(lower(t), '')
end;

-- Whether a ticket is open. The status wins over closed_at: a reopened ticket with an old closed_at is open. Without a
-- status that we know, a ticket is open as long as it has no closed_at.
create or replace function tickets.is_open_raw(raw jsonb) returns boolean
language plpgsql immutable strict parallel safe
as $$
begin
    return case lower((raw ->> 'normalized_status') collate "C")
        when 'closed' then false
        when 'open' then true
        when 'resolved' then false
        when 'cancelled' then false
        when 'canceled' then false
        when 'new' then true
        when 'assigned' then true
        when 'in_progress' then true
        when 'pending' then true
        when 'scheduled' then true
        else tickets.eat_ts(raw ->> 'closed_at') is null
    end;
end
$$;

-- {latitude, longitude} that the feed gave, if both are numbers and inside Kenya's box; else NULL. So 0/0 and a swapped
-- pair are ignored. The box is checked on exact numbers, and the rounding keeps the cast from an underflow.
create or replace function tickets.feed_coord(raw jsonb) returns double precision[]
language plpgsql immutable strict parallel safe
as $$
declare
    lat numeric;
    lng numeric;
begin
    if raw ->> 'latitude' is null or raw ->> 'longitude' is null then
        return null;
    end if;
    lat := tickets.to_num(raw ->> 'latitude');
    lng := tickets.to_num(raw ->> 'longitude');
    if lat between -5.0 and 5.5 and lng between 33.5 and 42.0 then
        return array[round(lat, 30)::double precision, round(lng, 30)::double precision];
    end if;
    return null;
end
$$;

-- Kilometres between two points in degrees, on a sphere of radius 6371.0088 km. It does not need PostGIS.
create or replace function tickets.haversine_km(
    lat1 double precision, lng1 double precision, lat2 double precision, lng2 double precision
) returns double precision
language sql immutable strict parallel safe
return 2 * 6371.0088 * asin(least(1, sqrt(
    sin(radians(lat2 - lat1) / 2) ^ 2
    + cos(radians(lat1)) * cos(radians(lat2)) * sin(radians(lng2 - lng1) / 2) ^ 2)));

-- A time as ISO 8601 text in EAT, to the second, whatever the session's TimeZone is.
create or replace function tickets.iso_eat(at timestamptz) returns text
language sql stable parallel safe
as $$ select to_char(at at time zone interval '03:00', 'YYYY-MM-DD"T"HH24:MI:SS"+03:00"') $$;

-- The day in EAT of a time.
create or replace function tickets.eat_day(at timestamptz) returns date
language sql immutable parallel safe
return (at at time zone interval '03:00')::date;
