-- What readers see: the visible load of each dump, and nothing of loads that run or failed.

create view dump.dump_node_current as
select d.dump_id, r.* from dump.capture_dump d join dump.dump_node r on r.load_id = d.load_id;
create view dump.lsp_entry_current as
select d.dump_id, r.* from dump.capture_dump d join dump.lsp_entry r on r.load_id = d.load_id;
create view dump.alarm_state_entry_current as
select d.dump_id, r.* from dump.capture_dump d join dump.alarm_state_entry r on r.load_id = d.load_id;
create view dump.dpr_entry_current as
select d.dump_id, r.* from dump.capture_dump d join dump.dpr_entry r on r.load_id = d.load_id;
create view dump.nea_trace_current as
select d.dump_id, r.* from dump.capture_dump d join dump.nea_trace r on r.load_id = d.load_id;
create view dump.nea_bucket_count_current as
select d.dump_id, r.* from dump.capture_dump d join dump.nea_bucket_count r on r.load_id = d.load_id;
create view dump.ma_notif_bucket_count_current as
select d.dump_id, r.* from dump.capture_dump d join dump.ma_notif_bucket_count r on r.load_id = d.load_id;
create view dump.three_r_group_current as
select d.dump_id, r.* from dump.capture_dump d join dump.three_r_group r on r.load_id = d.load_id;
create view dump.three_r_link_current as
select d.dump_id, r.* from dump.capture_dump d join dump.three_r_link r on r.load_id = d.load_id;
create view dump.dpr_link_current as
select d.dump_id, r.* from dump.capture_dump d join dump.dpr_link r on r.load_id = d.load_id;
create view dump.dpr_router_map_current as
select d.dump_id, r.* from dump.capture_dump d join dump.dpr_router_map r on r.load_id = d.load_id;
create view dump.parse_warning_current as
select d.dump_id, r.* from dump.capture_dump d join dump.parse_warning r on r.load_id = d.load_id;

-- Per dump and plugin: FAILED if any network element is, DONE if all are, else RUNNING.
create view dump.plugin_status as
select d.dump_id, l.plugin,
    case
        when bool_or(l.state = 'FAILED' and l.attempts = 3) then 'FAILED'
        when bool_and(l.state = 'DONE') then 'DONE'
        else 'RUNNING'
    end as status,
    sum(l.record_count)::bigint as record_count,
    sum(l.warning_count)::bigint as warning_count
from dump.capture_dump d
join dump.plugin_ledger l on l.load_id = d.load_id
group by d.dump_id, l.plugin;
