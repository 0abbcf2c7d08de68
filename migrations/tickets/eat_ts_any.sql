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
