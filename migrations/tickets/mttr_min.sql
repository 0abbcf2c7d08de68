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
