-- Features, as text and separated by commas, as the text of a GeoJSON FeatureCollection; `behind` is what follows the
-- list: the brace that closes the collection, and before it what else it is to hold. The text becomes jsonb once, as
-- part of the whole answer. In brackets from the right, so that the long list is copied as seldom as can be.
create or replace function tickets.feature_collection(features text, behind text) returns text
language sql immutable parallel safe
return '{"type":"FeatureCollection","features":[' || (coalesce(features, '') || (']' || behind));
