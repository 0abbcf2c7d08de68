-- Refuses to change or remove what was observed once.
create or replace function tickets.keep_closure_event() returns trigger
language plpgsql
as $$
begin
    raise exception 'tickets.closure_events is append-only' using errcode = 'insufficient_privilege';
end
$$;
