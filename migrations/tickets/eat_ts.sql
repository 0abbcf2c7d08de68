-- A time of the source; East Africa Time (UTC+3 all year) where it names no offset. NULL for what is none. It is called
-- seven times a row and more, so the form that exports use is read first, and this function is inlined.
create or replace function tickets.eat_ts(t text) returns timestamptz
language sql immutable parallel safe
return coalesce(tickets.eat_ts_usual(t), tickets.eat_ts_any(t));
