-- Lower case, trimmed, white space inside collapsed to one blank; NULL if nothing is left.
create or replace function tickets.word(t text) returns text
language sql immutable parallel safe
return case
    when t ~ '\s\s|[\t\r\n\f\v]|^\s|\s$' then nullif(btrim(regexp_replace(lower(t), '\s+', ' ', 'g')), '')
    else nullif(lower(t), '')
end;
