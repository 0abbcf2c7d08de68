-- {latitude, longitude} that the feed gave, if both are numbers and inside Kenya's box; else NULL. So 0/0 and a swapped
-- pair are ignored. It is called seven times a row, and most tickets have none: this function is inlined.
create or replace function tickets.feed_coord(raw jsonb) returns double precision[]
language sql immutable parallel safe
return tickets.feed_coord_given(raw ->> 'latitude', raw ->> 'longitude');
