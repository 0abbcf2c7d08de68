-- The present, as all views and functions of tickets see it. A test fixes it for its own transaction:
-- select set_config('tickets.now', '2026-06-25T09:40:00+03:00', true)
create or replace function tickets.now() returns timestamptz
language sql stable parallel safe
return coalesce(nullif(current_setting('tickets.now', true), '')::timestamptz, pg_catalog.now());
