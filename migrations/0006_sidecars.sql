-- The sidecar whose values counted when an archive was judged: one row for each archive and run that had one.
-- What came too late to count is told by it: see the reasons `sidecar` and `late_sidecar` of ingest.object.
create table dump.sidecar_use (
    object_id bigint not null references ingest.object on delete cascade,
    run       integer not null,
    key       text collate "C" not null,
    -- As in ingest.object; the sidecar itself may not be entered there yet.
    version   text collate "C" not null,
    -- When the store says it was written, to the second.
    written   timestamptz not null,
    primary key (object_id, run)
);
