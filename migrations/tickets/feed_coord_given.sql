-- What tickets.feed_coord gives for a ticket with both values. The box is checked on exact numbers, and the rounding
-- keeps the cast from an underflow.
create or replace function tickets.feed_coord_given(latitude text, longitude text) returns double precision[]
language plpgsql immutable strict parallel safe
as $$
declare
    lat numeric := tickets.to_num(latitude);
    lng numeric := tickets.to_num(longitude);
begin
    if lat between -5.0 and 5.5 and lng between 33.5 and 42.0 then
        return array[round(lat, 30)::double precision, round(lng, 30)::double precision];
    end if;
    return null;
end
$$;
