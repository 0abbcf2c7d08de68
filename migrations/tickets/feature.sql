-- A ticket as a GeoJSON feature (RFC 7946: longitude, then latitude), as text.
create or replace function tickets.feature(
    dataset text, ticket_id text, latitude double precision, longitude double precision, cluster text, region text,
    location_name text, status text, raw_status text, is_actionable boolean, owner text, team text, geo_source text,
    age_minutes integer, sla_state text
) returns json
language sql stable parallel safe
return json_build_object('type', 'Feature', 'id', ticket_id,
    'geometry', json_build_object('type', 'Point', 'coordinates', json_build_array(longitude, latitude)),
    'properties', json_build_object('dataset', dataset, 'ticket_id', ticket_id, 'cluster', cluster, 'region', region,
        'location_name', location_name, 'status', status, 'raw_status', raw_status, 'is_actionable', is_actionable,
        'owner', owner, 'team', team, 'geo_source', geo_source, 'age_minutes', age_minutes, 'sla_state', sla_state));
