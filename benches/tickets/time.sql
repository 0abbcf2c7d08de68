-- Times statements inside the server: wall time, and the processor time of this backend (Linux, superuser).
create or replace function pg_temp.cpu_ms() returns integer
language sql volatile
as $$
    select (split_part(stat, ' ', 14)::integer + split_part(stat, ' ', 15)::integer) * 10
    from pg_read_file('/proc/self/stat') as stat
$$;
create or replace function pg_temp.timed(what text, statement text, runs integer) returns text
language plpgsql
as $$
declare
    walls   numeric[] := '{}';
    started timestamptz;
    cpu     integer := pg_temp.cpu_ms();
begin
    for run in 1 .. runs loop
        started := clock_timestamp();
        execute statement;
        walls := walls || round((extract(epoch from clock_timestamp() - started) * 1000)::numeric, 1);
    end loop;
    return format('%s: p50 %s ms, min %s ms, max %s ms, processor %s ms a run', rpad(what, 44),
        (select percentile_disc(0.5) within group (order by w) from unnest(walls) as w),
        (select min(w) from unnest(walls) as w), (select max(w) from unnest(walls) as w),
        (pg_temp.cpu_ms() - cpu) / runs);
end
$$;
