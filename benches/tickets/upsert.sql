-- The other way to apply: one statement, places by the trigger, row by row.
insert into tickets.inc as t (ticket_id, raw, source_key, cluster_key, location_key)
select distinct on (ticket_id) ticket_id, raw, $2, cluster_key, location_key from tickets.stage
where run = $1 order by ticket_id, line_no desc
on conflict (ticket_id) do update set raw = excluded.raw, source_key = excluded.source_key,
    cluster_key = excluded.cluster_key, location_key = excluded.location_key, ingested_at = now()
