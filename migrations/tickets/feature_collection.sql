-- Features, as text and separated by commas, as the text of a GeoJSON FeatureCollection. The text becomes jsonb once,
-- as part of the whole answer.
create or replace function tickets.feature_collection(features text) returns text
language sql immutable parallel safe
return '{"type":"FeatureCollection","features":[' || coalesce(features, '') || ']}';
