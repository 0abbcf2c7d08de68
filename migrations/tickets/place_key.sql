-- A cluster's name as cluster_key: lower case, trimmed, white space collapsed.
create or replace function tickets.place_key(name text) returns text
language sql immutable parallel safe
return nullif(btrim(regexp_replace(lower(name), '\s+', ' ', 'g')), '') collate "C";
