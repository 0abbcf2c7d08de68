-- Before a ticket is written: counts a reopening, and finds where it is (tickets.place_of).
create or replace function tickets.ticket_change() returns trigger
language plpgsql
as $$
declare
    place record;
begin
    if tg_op = 'UPDATE' and not old.is_open and tickets.is_open_raw(new.raw) then
        new.reopen_count := old.reopen_count + 1;
    end if;
    select * into place from tickets.place_of(new.raw, new.cluster_key, new.location_key);
    new.geo_lat := place.lat;
    new.geo_lng := place.lng;
    new.geo_source := place.source;
    return new;
end
$$;
