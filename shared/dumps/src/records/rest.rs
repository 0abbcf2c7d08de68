//! What a record says besides its key.

use std::hash::{Hash, Hasher};

use super::{
    AlarmRecord, DprLinkRecord, DprRecord, LspRecord, MaNotifRecord, NeaBucketRecord, Record,
    RouterMapRecord, ThreeRGroupRecord,
};

/// A record without what its key tells, for hashing: two records of one key that are alike in this are the same.
pub(crate) struct Rest<'r>(pub &'r Record);

// Every field is named below, so that none can be forgotten.
impl Hash for Rest<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.0 {
            Record::Lsp(record) => lsp(record, state),
            Record::Alarm(record) => alarm(record, state),
            Record::Dpr(record) => dpr(record, state),
            Record::NeaBucket(record) => nea_bucket(record, state),
            Record::MaNotif(record) => ma_notif(record, state),
            Record::ThreeRGroup(record) => three_r_group(record, state),
            Record::DprLink(record) => dpr_link(record, state),
            Record::RouterMap(RouterMapRecord { router_id: _, ne_name, mgmt_ip, is_local }) => {
                (ne_name, mgmt_ip.map(u32::from), is_local).hash(state);
            }
            // These are not many, or have keys that no other has.
            Record::Node(record) => record.hash(state),
            Record::NeaTrace(record) => record.hash(state),
        }
    }
}

fn lsp(record: &LspRecord, state: &mut impl Hasher) {
    let LspRecord {
        from_node: _,
        to_node: _,
        label: _,
        label_raw,
        lsp_name,
        tunnel_id,
        signal_type,
        role,
        state: lsp_state,
        protection,
    } = record;
    (label_raw, lsp_name, tunnel_id, signal_type, role, lsp_state, protection).hash(state);
}

fn alarm(record: &AlarmRecord, state: &mut impl Hasher) {
    let AlarmRecord {
        source: _,
        alarm_id,
        severity,
        condition: _,
        aid: _,
        // The access identifier, which is in the key, tells these.
        card: _,
        shelf: _,
        slot: _,
        port: _,
        service_affecting,
        raised_at: _,
        description,
    } = record;
    (alarm_id, severity, service_affecting, description).hash(state);
}

fn dpr(record: &DprRecord, state: &mut impl Hasher) {
    let DprRecord {
        dpr_id: _,
        dpr_type,
        local_router_id,
        remote_router_id,
        local_if,
        remote_if,
        cost,
        srlg,
        oper_state,
        seq,
        age_s,
    } = record;
    let routers = (u32::from(*local_router_id), remote_router_id.map(u32::from));
    (dpr_type, routers, local_if, remote_if, cost, srlg, oper_state, seq, age_s).hash(state);
}

fn nea_bucket(record: &NeaBucketRecord, state: &mut impl Hasher) {
    let NeaBucketRecord {
        bucket_id: _,
        bucket_name,
        size_bytes,
        capacity,
        used,
        free,
        peak,
        failures,
        // Computed of others.
        utilization_pct: _,
    } = record;
    (bucket_name, size_bytes, capacity, used, free, peak, failures).hash(state);
}

fn ma_notif(record: &MaNotifRecord, state: &mut impl Hasher) {
    let MaNotifRecord { bucket: _, received, sent, dropped, queued, max_queued, last_at } = record;
    let last_at = last_at.map(|at| at.timestamp_millis());
    (received, sent, dropped, queued, max_queued, last_at).hash(state);
}

fn three_r_group(record: &ThreeRGroupRecord, state: &mut impl Hasher) {
    let ThreeRGroupRecord { group_id: _, group_name, line_rate, redundancy, oper_state, members } = record;
    (group_name, line_rate, redundancy, oper_state, members).hash(state);
}

fn dpr_link(record: &DprLinkRecord, state: &mut impl Hasher) {
    let DprLinkRecord {
        src_node: _,
        src_if: _,
        dst_node: _,
        dst_if: _,
        link_type: _,
        bidirectional,
        cost,
        state: link_state,
    } = record;
    (bidirectional, cost, link_state).hash(state);
}
