-- The geocoder's cache: 300 clusters, a tenth of them not found, and about 57,000 locations.
insert into tickets.geo_clusters (cluster_key, status, lat, lng)
select 'cluster ' || c, case when c % 10 = 0 then 'not_found' else 'ok' end, -1.2 + c * 0.001, 36.8 + c * 0.001
from generate_series(0, 299) as c;
insert into tickets.geo_locations (cluster_key, location_key, status, lat, lng)
select 'cluster ' || c, 'estate ' || e, 'ok', -1.2 + e * 0.0001, 36.8 + e * 0.0001
from generate_series(0, 299) as c, generate_series(0, 3999, 7) as e
where (c * 13 + e) % 3 = 0;
analyze tickets.geo_clusters, tickets.geo_locations;
