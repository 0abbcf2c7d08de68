-- Dumps are listed newest first, page by page.
create index capture_dump_by_time on dump.capture_dump (capture_ts, dump_id);
