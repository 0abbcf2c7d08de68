-- The rows of the source, checked and brought to our columns, until the transaction ends. What is only compared is as the
-- source has it; a time or a number that does not read is infinity or NaN, which differs from all.
create temporary table adopt_import_meta (
    row_no bigint not null,
    dataset text,
    source_max_key text,
    content_max_ts timestamptz,
    metadata jsonb
) on commit drop;
create temporary table adopt_geo_clusters (
    row_no bigint not null,
    cluster_key text collate "C",
    query text,
    status text,
    lat double precision,
    lng double precision,
    city text,
    display_name text,
    provider text,
    attempts integer,
    last_attempt_at timestamptz,
    retry_after timestamptz,
    raw jsonb,
    given_key text
) on commit drop;
create temporary table adopt_geo_locations (
    row_no bigint not null,
    cluster_key text collate "C",
    location_key text collate "C",
    query text,
    status text,
    lat double precision,
    lng double precision,
    city text,
    display_name text,
    provider text,
    attempts integer,
    last_attempt_at timestamptz,
    retry_after timestamptz,
    raw jsonb,
    distance_km double precision,
    given_key text
) on commit drop;
create temporary table adopt_geo_budget (
    row_no bigint not null,
    day date,
    used integer
) on commit drop;
create temporary table adopt_inc (
    row_no bigint not null,
    ticket_id text collate "C",
    raw jsonb,
    source_key text collate "C",
    reopen_count integer,
    normalized_status text,
    raw_status text,
    bucket text,
    is_actionable text,
    cluster text,
    region text,
    location_name text,
    assigned_team text,
    owner text,
    sla_status text,
    mttr double precision,
    created_at_service timestamptz,
    scheduled_at timestamptz,
    closed_at timestamptz,
    first_seen_at timestamptz,
    last_seen_at timestamptz,
    source_created_at timestamptz,
    source_updated_at timestamptz,
    is_open text,
    latitude double precision,
    longitude double precision,
    cluster_key text collate "C",
    location_key text collate "C"
) on commit drop;
create temporary table adopt_crq (like adopt_inc) on commit drop;
create temporary table adopt_closure_events (
    row_no bigint not null,
    dataset text,
    ticket_id text collate "C",
    reopen_count integer,
    closed_at timestamptz,
    outcome text,
    mttr integer,
    cluster text,
    region text,
    assigned_team text,
    owner text,
    observed_at timestamptz,
    backfill boolean
) on commit drop;
create temporary table adopt_inc_daily_snapshot (
    row_no bigint not null,
    snapshot_date date,
    open_total integer,
    open_actionable integer,
    breached integer,
    at_risk integer,
    within integer,
    unknown integer,
    opened_count integer,
    closed_count integer,
    by_cluster jsonb,
    captured_at timestamptz
) on commit drop;
create temporary table adopt_crq_daily_snapshot (like adopt_inc_daily_snapshot) on commit drop;
