-- Tickets: the cache of the geocoder, the two tables of tickets, and the triggers that count reopenings and find
-- places.

create table tickets.cluster_alias (
    code text collate "C" primary key,
    name text not null
);

insert into tickets.cluster_alias (code, name) values ('qoa', 'Quarry Road'), ('ptmp', 'Pipeline');

create table tickets.geo_clusters (
    cluster_key     text collate "C" primary key,
    query           text,
    status          text not null check (status in ('ok', 'not_found', 'rejected_far', 'error', 'manual')),
    lat             double precision,
    lng             double precision,
    city            text,
    display_name    text,
    provider        text,
    attempts        integer not null default 0,
    last_attempt_at timestamptz,
    retry_after     timestamptz,
    raw             jsonb,
    constraint geo_clusters_point check (status not in ('ok', 'manual') or (lat is not null and lng is not null)),
    constraint geo_clusters_degrees check (lat between -90 and 90 and lng between -180 and 180)
);

create table tickets.geo_locations (
    cluster_key     text collate "C" not null,
    location_key    text collate "C" not null,
    query           text,
    status          text not null check (status in ('ok', 'not_found', 'rejected_far', 'error', 'manual')),
    lat             double precision,
    lng             double precision,
    city            text,
    display_name    text,
    provider        text,
    attempts        integer not null default 0,
    last_attempt_at timestamptz,
    retry_after     timestamptz,
    raw             jsonb,
    -- From the anchor that the answer was judged by.
    distance_km     double precision,
    primary key (cluster_key, location_key),
    constraint geo_locations_point check (status not in ('ok', 'manual') or (lat is not null and lng is not null)),
    constraint geo_locations_degrees check (lat between -90 and 90 and lng between -180 and 180)
);

-- Requests of a UTC day, by everything that geocodes.
create table tickets.geo_budget (
    day  date primary key,
    used integer not null default 0 check (used >= 0)
);

-- The current state of each ticket. raw holds what the source gave, and is the truth: the typed columns are made of it.
-- ticket_id, source_key and the two keys compare by bytes.
create table tickets.inc (
    ticket_id          text collate "C" primary key,
    raw                jsonb not null,
    source_key         text collate "C" not null,
    reopen_count       integer not null default 0,
    -- Computed by the engine.
    cluster_key        text collate "C",
    location_key       text collate "C",
    -- Set by the trigger and by tickets.resolve_ticket_geoms.
    geo_lat            double precision,
    geo_lng            double precision,
    geo_source         text check (geo_source in ('feed', 'location', 'cluster')),
    ingested_at        timestamptz not null default now(),
    normalized_status  text generated always as (lower(raw ->> 'normalized_status')) stored,
    raw_status         text generated always as (upper(raw ->> 'raw_status')) stored,
    bucket             text generated always as (raw ->> 'bucket') stored,
    is_actionable      boolean generated always as (tickets.to_bool(raw ->> 'is_actionable')) stored,
    cluster            text generated always as (raw ->> 'cluster') stored,
    region             text generated always as (tickets.word(raw ->> 'region')) stored,
    location_name      text generated always as (raw ->> 'location_name') stored,
    assigned_team      text generated always as (raw ->> 'assigned_team') stored,
    owner              text generated always as (raw ->> 'owner') stored,
    sla_status         text generated always as (raw ->> 'sla_status') stored,
    -- Minutes.
    mttr               integer generated always as (tickets.mttr_min(raw ->> 'mttr')) stored,
    created_at_service timestamptz generated always as (tickets.eat_ts(raw ->> 'created_at_service')) stored,
    scheduled_at       timestamptz generated always as (tickets.eat_ts(raw ->> 'scheduled_at')) stored,
    closed_at          timestamptz generated always as (tickets.eat_ts(raw ->> 'closed_at')) stored,
    first_seen_at      timestamptz generated always as (tickets.eat_ts(raw ->> 'first_seen_at')) stored,
    last_seen_at       timestamptz generated always as (tickets.eat_ts(raw ->> 'last_seen_at')) stored,
    source_created_at  timestamptz generated always as (tickets.eat_ts(raw ->> 'source_created_at')) stored,
    source_updated_at  timestamptz generated always as (tickets.eat_ts(raw ->> 'source_updated_at')) stored,
    is_open            boolean generated always as (tickets.is_open_raw(raw)) stored,
    latitude           double precision generated always as (coalesce((tickets.feed_coord(raw))[1], geo_lat)) stored,
    longitude          double precision generated always as (coalesce((tickets.feed_coord(raw))[2], geo_lng)) stored,
    geom               geometry(Point, 4326) generated always as (
        st_setsrid(st_makepoint(coalesce((tickets.feed_coord(raw))[2], geo_lng),
            coalesce((tickets.feed_coord(raw))[1], geo_lat)), 4326)) stored,
    geog               geography(Point, 4326) generated always as (
        st_setsrid(st_makepoint(coalesce((tickets.feed_coord(raw))[2], geo_lng),
            coalesce((tickets.feed_coord(raw))[1], geo_lat)), 4326)::geography) stored
);

create index inc_open on tickets.inc (is_open, cluster_key);
create index inc_closed_at on tickets.inc (closed_at);
create index inc_created_at_service on tickets.inc (created_at_service);
create index inc_place on tickets.inc (cluster_key, location_key);
create index inc_region on tickets.inc (region);
create index inc_assigned_team on tickets.inc (assigned_team);
create index inc_source_key on tickets.inc (source_key);
create index inc_geog on tickets.inc using gist (geog);

create table tickets.crq (like tickets.inc including all);

-- Before an update of a closed ticket that opens it again.
create or replace function tickets.count_reopening() returns trigger
language plpgsql
as $$
begin
    new.reopen_count := old.reopen_count + 1;
    return new;
end
$$;

-- Before a ticket is written, unless the statement found the places of all its tickets by itself
-- (set_config('tickets.places', 'given', true): two look-ups a row cost more than everything else of a ticket).
-- The feed's coordinate, else its location's, else its cluster's, else none.
create or replace function tickets.place_ticket() returns trigger
language plpgsql
as $$
declare
    given double precision[] := tickets.feed_coord(new.raw);
begin
    if given is not null then
        new.geo_lat := given[1];
        new.geo_lng := given[2];
        new.geo_source := 'feed';
        return new;
    end if;
    select l.lat, l.lng, 'location' into new.geo_lat, new.geo_lng, new.geo_source
    from tickets.geo_locations as l
    where l.cluster_key = new.cluster_key and l.location_key = new.location_key and l.status in ('ok', 'manual');
    if not found then
        select c.lat, c.lng, 'cluster' into new.geo_lat, new.geo_lng, new.geo_source
        from tickets.geo_clusters as c
        where c.cluster_key = new.cluster_key and c.status in ('ok', 'manual');
    end if;
    return new;
end
$$;

-- Brings the places of all tickets up to what the geocoder's cache knows now; gives the number of rows changed.
-- p_only_missing leaves tickets alone that have a place.
create or replace function tickets.resolve_ticket_geoms(p_only_missing boolean default false) returns bigint
language plpgsql
as $$
declare
    changed bigint := 0;
    more    bigint;
begin
    with place as (
        select t.ticket_id,
            coalesce(f.at[1], l.lat, c.lat) as lat,
            coalesce(f.at[2], l.lng, c.lng) as lng,
            case when f.at is not null then 'feed' when l.lat is not null then 'location'
                when c.lat is not null then 'cluster' end as source
        from tickets.inc as t
        cross join lateral (select tickets.feed_coord(t.raw) as at offset 0) as f
        left join tickets.geo_locations as l on l.cluster_key = t.cluster_key and l.location_key = t.location_key
            and l.status in ('ok', 'manual')
        left join tickets.geo_clusters as c on c.cluster_key = t.cluster_key and c.status in ('ok', 'manual')
        where not p_only_missing or t.geo_source is null
    )
    update tickets.inc as t set geo_lat = place.lat, geo_lng = place.lng, geo_source = place.source
    from place
    where place.ticket_id = t.ticket_id
        and (t.geo_lat, t.geo_lng, t.geo_source) is distinct from (place.lat, place.lng, place.source);
    get diagnostics changed = row_count;

    with place as (
        select t.ticket_id,
            coalesce(f.at[1], l.lat, c.lat) as lat,
            coalesce(f.at[2], l.lng, c.lng) as lng,
            case when f.at is not null then 'feed' when l.lat is not null then 'location'
                when c.lat is not null then 'cluster' end as source
        from tickets.crq as t
        cross join lateral (select tickets.feed_coord(t.raw) as at offset 0) as f
        left join tickets.geo_locations as l on l.cluster_key = t.cluster_key and l.location_key = t.location_key
            and l.status in ('ok', 'manual')
        left join tickets.geo_clusters as c on c.cluster_key = t.cluster_key and c.status in ('ok', 'manual')
        where not p_only_missing or t.geo_source is null
    )
    update tickets.crq as t set geo_lat = place.lat, geo_lng = place.lng, geo_source = place.source
    from place
    where place.ticket_id = t.ticket_id
        and (t.geo_lat, t.geo_lng, t.geo_source) is distinct from (place.lat, place.lng, place.source);
    get diagnostics more = row_count;
    return changed + more;
end
$$;

create trigger count_reopening before update of raw on tickets.inc
    for each row when (not old.is_open and tickets.is_open_raw(new.raw))
    execute function tickets.count_reopening();
create trigger place_ticket before insert or update of raw, cluster_key, location_key on tickets.inc
    for each row when (coalesce(current_setting('tickets.places', true), '') <> 'given')
    execute function tickets.place_ticket();
create trigger count_reopening before update of raw on tickets.crq
    for each row when (not old.is_open and tickets.is_open_raw(new.raw))
    execute function tickets.count_reopening();
create trigger place_ticket before insert or update of raw, cluster_key, location_key on tickets.crq
    for each row when (coalesce(current_setting('tickets.places', true), '') <> 'given')
    execute function tickets.place_ticket();
