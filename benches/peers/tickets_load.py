"""Upserts the rows of change files, a transaction each, into the database of DATABASE_URL: tickets_load.py FILE.."""
import os
import sys

import measure
import psycopg
import tickets_frame

UPSERT = """
insert into tickets.inc (ticket_id, raw, cluster_key, location_key, source_key)
values (%s, %s::jsonb, %s, %s, %s)
on conflict (ticket_id) do update set raw = excluded.raw, source_key = excluded.source_key,
    cluster_key = excluded.cluster_key, location_key = excluded.location_key, ingested_at = now()
"""

meter = measure.Meter()
count = 0
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    for path in sys.argv[1:]:
        rows = [(*row, path) for row in tickets_frame.rows(path)]
        with connection.transaction(), connection.cursor() as cursor:
            cursor.executemany(UPSERT, rows)
        count += len(rows)
meter.report(rows=count)
