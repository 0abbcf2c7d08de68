-- Partitions are made ahead, but where nobody did so in time rows lie in a default partition, and then the server
-- refuses to make the partition that they belong to. They are moved into it.

create or replace function ops.ensure_partitions(at timestamptz, ahead integer) returns integer
language plpgsql as $$
declare
    parent      text;
    time_column text;
    month       timestamptz;
    following   timestamptz;
    child       text;
    made        integer := 0;
begin
    perform pg_advisory_xact_lock(hashtext('ops.ensure_partitions'));
    for parent, time_column in values ('ingest.event_log', 'at'), ('ingest.attempt', 'ended') loop
        for step in 0 .. ahead loop
            month := date_trunc('month', at at time zone 'UTC') at time zone 'UTC';
            month := (month at time zone 'UTC' + make_interval(months => step)) at time zone 'UTC';
            following := (month at time zone 'UTC' + interval '1 month') at time zone 'UTC';
            child := parent || '_' || to_char(month at time zone 'UTC', 'YYYYMM');
            if to_regclass(child) is null then
                execute format('create table %s (like %s including defaults including constraints)', child, parent);
                execute format('with stray as (delete from %s_default where %I >= %L and %I < %L returning *)
                    insert into %s select * from stray', parent, time_column, month, time_column, following, child);
                execute format('alter table %s attach partition %s for values from (%L) to (%L)', parent, child,
                    month, following);
                made := made + 1;
            end if;
        end loop;
    end loop;
    return made;
end
$$;
