-- A ticket that has a place, as the text of a GeoJSON feature (RFC 7946: longitude, then latitude). It is put together
-- by hand, which takes a third of the time that the functions for JSON need: a dashboard has thousands of them. Keys
-- stand in the order in which jsonb keeps them, the shortest first: what is in order already is not sorted again.
create or replace function tickets.feature(
    dataset text, ticket_id text, latitude double precision, longitude double precision, cluster text, region text,
    location_name text, status text, raw_status text, is_actionable boolean, owner text, team text, geo_source text,
    age_minutes integer, sla_state text
) returns text
language sql stable parallel safe
return '{"id":' || to_json(ticket_id)
    || ',"type":"Feature","geometry":{"type":"Point","coordinates":[' || longitude || ',' || latitude
    || ']},"properties":{"team":' || coalesce(to_json(team)::text, 'null')
    || ',"owner":' || coalesce(to_json(owner)::text, 'null')
    || ',"region":' || coalesce(to_json(region)::text, 'null')
    || ',"status":' || coalesce(to_json(status)::text, 'null')
    || ',"cluster":' || coalesce(to_json(cluster)::text, 'null')
    || ',"dataset":"' || dataset || '","sla_state":' || coalesce('"' || sla_state || '"', 'null')
    || ',"ticket_id":' || to_json(ticket_id)
    || ',"geo_source":' || coalesce('"' || geo_source || '"', 'null')
    || ',"raw_status":' || coalesce(to_json(raw_status)::text, 'null')
    || ',"age_minutes":' || coalesce(age_minutes::text, 'null')
    || ',"is_actionable":' || coalesce(is_actionable::text, 'null')
    || ',"location_name":' || coalesce(to_json(location_name)::text, 'null') || '}}';
