-- A decimal number, with blanks around it; NULL for what is none, and for more digits than any column holds.
create or replace function tickets.to_num(t text) returns numeric
language sql immutable parallel safe
return case
    when length(t) <= 1000 and t ~ '^\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)\s*$' then btrim(t, E' \t\r\n\f\v')::numeric
end;
