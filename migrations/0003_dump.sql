-- Node dump archives. A load is one parse of one archive; what a load brought hangs on it and goes with it.
-- Strings in keys are never null: null is ''; a null time in a key is 1970-01-01. Keys compare by bytes.

create schema dump;

create table dump.customer (
    customer_id  bigint generated always as identity primary key,
    customer_key text collate "C" not null unique,
    name         text not null,
    country      text check (country ~ '^[A-Z]{2}$'),
    region       text,
    active       boolean not null default true
);

create table dump.customer_alias (
    alias       text collate "C" primary key,
    customer_id bigint not null references dump.customer on delete cascade
);

create table dump.network (
    network_id  bigint generated always as identity primary key,
    customer_id bigint not null references dump.customer,
    network_key text collate "C" not null,
    unique (customer_id, network_key)
);

create table dump.network_element (
    ne_id          bigint generated always as identity primary key,
    network_id     bigint not null references dump.network,
    ne_key         text collate "C" not null,
    ne_name        text,
    ne_type        text,
    router_id      text collate "C",
    mgmt_ip        text,
    mgmt_ip_source text,
    version        text,
    -- The dump whose visible load the columns above come from.
    dump_id        bigint,
    unique (network_id, ne_key)
);

create unique index network_element_router on dump.network_element (network_id, router_id)
    where router_id is not null;

create table dump.capture_dump (
    dump_id           bigint generated always as identity primary key,
    customer_id       bigint not null references dump.customer,
    network_id        bigint not null references dump.network,
    capture_ts        timestamptz not null,
    capture_precision text not null check (capture_precision in ('second', 'minute', 'day')),
    capture_ts_source text not null check (capture_ts_source in ('meta', 'name', 'log', 'upload')),
    origin            text collate "C" not null,
    snapshot_seq      integer not null,
    country           text,
    sha256            bytea not null,
    source_bucket     text not null,
    source_key        text not null,
    source_version    text not null,
    status            text not null check (status in ('RUNNING', 'COMPLETE', 'PARTIAL', 'FAILED')),
    load_id           bigint,
    row_version       bigint not null default 1,
    created_at        timestamptz not null,
    unique (customer_id, network_id, capture_ts, origin, snapshot_seq)
);

create index capture_dump_by_network on dump.capture_dump (customer_id, network_id, capture_ts);

create table dump.load (
    load_id           bigint generated always as identity primary key,
    dump_id           bigint not null references dump.capture_dump on delete cascade,
    object_id         bigint references ingest.object,
    run               integer not null,
    source_bucket     text not null,
    source_key        text not null,
    source_version    text not null,
    source_version_id text,
    source_etag       text,
    source_size       bigint not null,
    sha256            bytea not null check (length(sha256) = 32),
    capture_ts        timestamptz not null,
    capture_precision text not null,
    capture_ts_source text not null,
    origin            text collate "C" not null,
    country           text,
    plan_id           uuid not null,
    plan              jsonb not null,
    outer_whole       boolean not null,
    replaces          bigint,
    base_version      bigint,
    adopted           boolean not null default false,
    status            text not null check (status in ('RUNNING', 'COMPLETE', 'PARTIAL', 'FAILED')),
    open_units        integer not null check (open_units >= 0),
    created_at        timestamptz not null,
    ended_at          timestamptz
);

create index load_by_dump on dump.load (dump_id);
create index load_by_object on dump.load (object_id);
alter table dump.capture_dump add foreign key (load_id) references dump.load on delete set null;

create table dump.archive_sha256 (
    sha256  bytea primary key check (length(sha256) = 32),
    dump_id bigint not null references dump.capture_dump on delete cascade,
    load_id bigint not null references dump.load on delete cascade
);

create index archive_sha256_by_load on dump.archive_sha256 (load_id);

create table dump.dump_link (
    dump_id    bigint not null references dump.capture_dump on delete cascade,
    ticket     text collate "C" not null,
    hc_id      text collate "C" not null default '',
    object_id  bigint,
    created_at timestamptz not null,
    primary key (dump_id, ticket, hc_id)
);

create index dump_link_by_hc on dump.dump_link (hc_id) where hc_id <> '';

create table dump.dump_node (
    load_id         bigint not null references dump.load on delete cascade,
    plan_ne         text collate "C" not null,
    ne_id           bigint references dump.network_element,
    chain_path      text,
    ne_name         text,
    ne_key          text collate "C",
    ne_type         text,
    router_id       text collate "C",
    mgmt_ip         text,
    mgmt_ip_source  text check (mgmt_ip_source in ('reported', 'router_id', 'archive', 'none')),
    version_raw     text,
    version         text,
    version_build   text,
    network_version text,
    area_id         text,
    admin_state     text,
    oper_state      text,
    uptime_s        bigint,
    primary key (load_id, plan_ne)
);

create unique index dump_node_ne on dump.dump_node (load_id, ne_id) where ne_id is not null;

create table dump.plugin_ledger (
    load_id         bigint not null references dump.load on delete cascade,
    plan_ne         text collate "C" not null,
    plugin          text collate "C" not null,
    priority        integer not null,
    plan_id         uuid not null,
    plugin_version  integer not null,
    state           text not null check (state in ('PENDING', 'RUNNING', 'DONE', 'FAILED')),
    outcome         text check (outcome in ('ok', 'partial', 'empty', 'missing', 'failed')),
    attempts        integer not null default 0 check (attempts between 0 and 3),
    lease_owner     text,
    lease_until     timestamptz,
    next_attempt_at timestamptz,
    record_count    bigint not null default 0,
    warning_count   bigint not null default 0,
    error_code      text,
    error_text      text,
    started_at      timestamptz,
    finished_at     timestamptz,
    primary key (load_id, plan_ne, plugin)
);

create index plugin_ledger_open on dump.plugin_ledger (state, lease_until)
    where state = 'RUNNING';

create table dump.parse_warning (
    load_id    bigint not null references dump.load on delete cascade,
    plan_ne    text collate "C" not null default '',
    -- The plugin, or 'plan' for what the planning pass found.
    plugin     text collate "C" not null,
    chain_path text not null,
    code       text not null,
    line       bigint not null default 0,
    text       text
);

create index parse_warning_by_load on dump.parse_warning (load_id, plan_ne, plugin);

create table dump.audit_event (
    audit_id  bigint generated always as identity primary key,
    at        timestamptz not null,
    kind      text not null,
    object_id bigint,
    dump_id   bigint,
    detail    jsonb not null default '{}'
);

-- The record tables. Their keys hold per load and network element.

create table dump.lsp_entry (
    load_id     bigint not null references dump.load on delete cascade,
    ne_id       bigint not null references dump.network_element,
    plugin      text not null,
    chain_path  text not null,
    from_node   text collate "C" not null,
    to_node     text collate "C" not null,
    label       text collate "C" not null,
    label_raw   text,
    lsp_name    text,
    tunnel_id   numeric(20),
    signal_type text,
    role        text,
    state       text not null,
    protection  text,
    primary key (load_id, ne_id, from_node, to_node, label)
);

create table dump.alarm_state_entry (
    load_id           bigint not null references dump.load on delete cascade,
    ne_id             bigint not null references dump.network_element,
    plugin            text not null,
    chain_path        text not null,
    aid               text collate "C" not null,
    condition         text collate "C" not null,
    raised_at         timestamptz not null default '1970-01-01Z',
    severity          text not null,
    card              text,
    shelf             integer,
    slot              integer,
    port              text,
    alarm_id          numeric(20),
    service_affecting boolean,
    description       text,
    primary key (load_id, ne_id, aid, condition, raised_at)
);

create table dump.dpr_entry (
    load_id          bigint not null references dump.load on delete cascade,
    ne_id            bigint not null references dump.network_element,
    plugin           text not null,
    chain_path       text not null,
    dpr_id           numeric(20) not null,
    dpr_type         text not null,
    local_router_id  text not null,
    remote_router_id text,
    local_if         text,
    remote_if        text,
    cost             numeric(20),
    srlg             numeric(20)[] not null default '{}',
    oper_state       text not null,
    seq              numeric(20),
    age_s            bigint,
    primary key (load_id, ne_id, dpr_id)
);

create table dump.nea_trace (
    load_id    bigint not null references dump.load on delete cascade,
    ne_id      bigint not null references dump.network_element,
    plugin     text not null,
    chain_path text collate "C" not null,
    ordinal    bigint not null,
    ts         timestamptz not null,
    severity   text not null,
    module     text,
    event      text,
    seq        numeric(20),
    message    text not null,
    attrs      jsonb not null default '{}',
    primary key (load_id, ne_id, chain_path, ordinal)
);

create table dump.nea_bucket_count (
    load_id         bigint not null references dump.load on delete cascade,
    ne_id           bigint not null references dump.network_element,
    plugin          text not null,
    chain_path      text not null,
    bucket_id       numeric(20) not null,
    bucket_name     text,
    capacity        numeric(20) not null,
    used            numeric(20) not null,
    free            numeric(20) not null,
    size_bytes      numeric(20),
    peak            numeric(20),
    failures        numeric(20) not null default 0,
    utilization_pct numeric(12, 2),
    primary key (load_id, ne_id, bucket_id)
);

create table dump.ma_notif_bucket_count (
    load_id    bigint not null references dump.load on delete cascade,
    ne_id      bigint not null references dump.network_element,
    plugin     text not null,
    chain_path text not null,
    bucket     text collate "C" not null,
    received   numeric(20) not null,
    sent       numeric(20),
    dropped    numeric(20) not null default 0,
    queued     numeric(20),
    max_queued numeric(20),
    last_at    timestamptz,
    primary key (load_id, ne_id, bucket)
);

create table dump.three_r_group (
    load_id    bigint not null references dump.load on delete cascade,
    ne_id      bigint not null references dump.network_element,
    plugin     text not null,
    chain_path text not null,
    group_id   numeric(20) not null,
    group_name text,
    line_rate  text,
    redundancy text,
    oper_state text not null,
    primary key (load_id, ne_id, group_id)
);

create table dump.three_r_link (
    load_id   bigint not null,
    ne_id     bigint not null,
    group_id  numeric(20) not null,
    member_id numeric(20) not null,
    aid       text not null,
    role      text,
    state     text not null,
    label     text not null default '',
    primary key (load_id, ne_id, group_id, member_id),
    foreign key (load_id, ne_id, group_id) references dump.three_r_group on delete cascade
);

create table dump.dpr_link (
    load_id       bigint not null references dump.load on delete cascade,
    ne_id         bigint not null references dump.network_element,
    plugin        text not null,
    chain_path    text not null,
    src_node      text collate "C" not null,
    src_if        text collate "C" not null default '',
    dst_node      text collate "C" not null,
    dst_if        text collate "C" not null default '',
    link_type     text collate "C" not null,
    bidirectional boolean not null default false,
    cost          numeric(20),
    state         text not null,
    primary key (load_id, ne_id, src_node, src_if, dst_node, dst_if, link_type)
);

create table dump.dpr_router_map (
    load_id    bigint not null references dump.load on delete cascade,
    ne_id      bigint not null references dump.network_element,
    plugin     text not null,
    chain_path text not null,
    router_id  text collate "C" not null,
    ne_name    text not null,
    mgmt_ip    text,
    is_local   boolean not null,
    primary key (load_id, ne_id, router_id)
);
