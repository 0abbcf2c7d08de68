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
