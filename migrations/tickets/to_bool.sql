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
