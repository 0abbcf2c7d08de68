insert into tickets.geo_locations as g (cluster_key, location_key, query, status, lat, lng, city, display_name,
    provider, attempts, last_attempt_at, retry_after, raw, distance_km)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
on conflict (cluster_key, location_key) do update set query = excluded.query, status = excluded.status,
    lat = excluded.lat, lng = excluded.lng, city = excluded.city, display_name = excluded.display_name,
    provider = excluded.provider, attempts = excluded.attempts, last_attempt_at = excluded.last_attempt_at,
    retry_after = excluded.retry_after, raw = excluded.raw, distance_km = excluded.distance_km
where g.status <> 'manual'
