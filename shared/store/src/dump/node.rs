//! Network elements: whose identity a plan's element turns out to have, and what is known of it
//! (specs: dumps 3.5).

use chrono::{DateTime, Utc};
use landfall_domain::LoadId;
use serde_json::json;
use sqlx::PgConnection;

use super::link::audit;
use super::warning::{NewWarning, store_warnings};
use crate::StoreError;

/// What the node plugin found out about one network element.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NodeFacts {
    /// The file it was read from.
    pub chain_path: String,
    /// The name.
    pub ne_name: Option<String>,
    /// The identity: `name:`, `rid:` or `path:` and what follows.
    pub ne_key: String,
    /// The type.
    pub ne_type: Option<String>,
    /// The router id.
    pub router_id: Option<String>,
    /// The management address.
    pub mgmt_ip: Option<String>,
    /// Where it comes from.
    pub mgmt_ip_source: String,
    /// The version as written.
    pub version_raw: Option<String>,
    /// The version as compared.
    pub version: Option<String>,
    /// The build.
    pub version_build: Option<String>,
    /// The version of the network.
    pub network_version: Option<String>,
    /// The area.
    pub area_id: Option<String>,
    /// The administrative state.
    pub admin_state: Option<String>,
    /// The operational state.
    pub oper_state: Option<String>,
    /// Up time in seconds.
    pub uptime_s: Option<i64>,
}

/// Whether an identity was free within its load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityClash {
    /// It was.
    No,
    /// Another element of the same load has it: this one keeps the name that its path gives (`W_EXTRA_NODE`).
    Yes,
}

/// The network element of a plan's element, if it is resolved already.
pub async fn ne_of(
    conn: &mut PgConnection,
    load_id: LoadId,
    plan_ne: &str,
) -> Result<Option<i64>, StoreError> {
    let row = sqlx::query_scalar!(
        "select ne_id from dump.dump_node where load_id = $1 and plan_ne = $2",
        load_id.0,
        plan_ne
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.flatten())
}

/// The name and router id that node found for a plan's element, as far as it has.
pub async fn node_identity(
    conn: &mut PgConnection,
    load_id: LoadId,
    plan_ne: &str,
) -> Result<(Option<String>, Option<String>), StoreError> {
    let row = sqlx::query!(
        "select ne_name, router_id from dump.dump_node where load_id = $1 and plan_ne = $2",
        load_id.0,
        plan_ne
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map_or((None, None), |r| (r.ne_name, r.router_id)))
}

/// Finds or makes the network element with an identity and maps the plan's element to it.
pub async fn resolve_ne(
    conn: &mut PgConnection,
    network_id: i64,
    (load_id, plan_ne): (LoadId, &str),
    ne_key: &str,
) -> Result<(i64, IdentityClash), StoreError> {
    let mut ne_id = ensure_ne(conn, network_id, ne_key).await?;
    let taken = sqlx::query_scalar!(
        r#"select exists (
            select 1 from dump.dump_node where load_id = $1 and ne_id = $2 and plan_ne <> $3) as "taken!""#,
        load_id.0,
        ne_id,
        plan_ne
    )
    .fetch_one(&mut *conn)
    .await?;
    let mut clash = IdentityClash::No;
    if taken {
        ne_id = ensure_ne(conn, network_id, &format!("path:{plan_ne}")).await?;
        clash = IdentityClash::Yes;
    }
    sqlx::query!(
        "update dump.dump_node set ne_id = $3 where load_id = $1 and plan_ne = $2",
        load_id.0,
        plan_ne,
        ne_id
    )
    .execute(conn)
    .await?;
    Ok((ne_id, clash))
}

async fn ensure_ne(conn: &mut PgConnection, network_id: i64, ne_key: &str) -> Result<i64, StoreError> {
    let found = sqlx::query_scalar!(
        "select ne_id from dump.network_element where network_id = $1 and ne_key = $2",
        network_id,
        ne_key
    )
    .fetch_optional(&mut *conn)
    .await?;
    if let Some(ne_id) = found {
        return Ok(ne_id);
    }
    sqlx::query!(
        "insert into dump.network_element (network_id, ne_key) values ($1, $2) on conflict do nothing",
        network_id,
        ne_key
    )
    .execute(&mut *conn)
    .await?;
    let ne_id = sqlx::query_scalar!(
        "select ne_id from dump.network_element where network_id = $1 and ne_key = $2",
        network_id,
        ne_key
    )
    .fetch_one(conn)
    .await?;
    Ok(ne_id)
}

/// Stores what the node plugin found out.
pub async fn store_node(
    conn: &mut PgConnection,
    load_id: LoadId,
    plan_ne: &str,
    facts: &NodeFacts,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update dump.dump_node
         set chain_path = $3, ne_name = $4, ne_key = $5, ne_type = $6, router_id = $7, mgmt_ip = $8,
            mgmt_ip_source = $9, version_raw = $10, version = $11, version_build = $12, network_version = $13,
            area_id = $14, admin_state = $15, oper_state = $16, uptime_s = $17
         where load_id = $1 and plan_ne = $2",
        load_id.0,
        plan_ne,
        facts.chain_path,
        facts.ne_name,
        facts.ne_key,
        facts.ne_type,
        facts.router_id,
        facts.mgmt_ip,
        facts.mgmt_ip_source,
        facts.version_raw,
        facts.version,
        facts.version_build,
        facts.network_version,
        facts.area_id,
        facts.admin_state,
        facts.oper_state,
        facts.uptime_s
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A node of a load that becomes visible, beside what its network element holds now.
struct Publication {
    plan_ne: String,
    ne_id: i64,
    chain_path: Option<String>,
    router_id: Option<String>,
    stored_router_id: Option<String>,
}

/// Lets the network elements show what a load that becomes visible knows of them. A dump older than the newest
/// visible one of an element changes nothing there.
pub(super) async fn publish_columns(
    conn: &mut PgConnection,
    (dump_id, load_id, network_id): (i64, LoadId, i64),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    // Router ids are unique per network; without this two loads could hand one out at the same time.
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('dump routers', $1))", network_id)
        .execute(&mut *conn)
        .await?;
    let nodes = sqlx::query_as!(
        Publication,
        r#"select n.plan_ne, n.ne_id as "ne_id!", n.chain_path, n.router_id, e.router_id as stored_router_id
           from dump.dump_node n
           join dump.network_element e using (ne_id)
           join dump.capture_dump d on d.dump_id = $2
           left join dump.capture_dump shown on shown.dump_id = e.dump_id
           where n.load_id = $1 and n.ne_key is not null
              and (shown.dump_id is null or (shown.capture_ts, shown.dump_id) <= (d.capture_ts, d.dump_id))
           order by n.ne_id
           for no key update of e"#,
        load_id.0,
        dump_id
    )
    .fetch_all(&mut *conn)
    .await?;
    for node in &nodes {
        publish_one(conn, (dump_id, load_id, network_id), node, now).await?;
    }
    Ok(())
}

async fn publish_one(
    conn: &mut PgConnection,
    (dump_id, load_id, network_id): (i64, LoadId, i64),
    node: &Publication,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let holder = sqlx::query_scalar!(
        "select ne_id from dump.network_element where network_id = $1 and router_id = $2 and ne_id <> $3",
        network_id,
        node.router_id,
        node.ne_id
    )
    .fetch_optional(&mut *conn)
    .await?;
    let router_id = if holder.is_some() { None } else { node.router_id.as_deref() };
    if let (Some(holder), Some(wanted)) = (holder, &node.router_id) {
        let warning = NewWarning {
            plan_ne: node.plan_ne.clone(),
            plugin: "node".into(),
            chain_path: node.chain_path.clone().unwrap_or_default(),
            code: "W_ROUTER_ID_DUPLICATE".into(),
            line: 0,
            text: Some(format!("router id {wanted} is held by network element {holder}")),
        };
        if !is_warned(conn, load_id, &warning).await? {
            store_warnings(conn, load_id, &[warning]).await?;
        }
    }
    if let (Some(old), Some(new)) = (&node.stored_router_id, router_id)
        && old != new
    {
        let detail = json!({ "ne_id": node.ne_id, "old": old, "new": new });
        audit(conn, "router_id_changed", (None, Some(dump_id)), &detail, now).await?;
    }
    sqlx::query!(
        "update dump.network_element e
         set ne_name = n.ne_name, ne_type = n.ne_type, router_id = $4, mgmt_ip = n.mgmt_ip,
            mgmt_ip_source = n.mgmt_ip_source, version = n.version, dump_id = $5
         from dump.dump_node n
         where e.ne_id = $1 and n.load_id = $2 and n.plan_ne = $3",
        node.ne_id,
        load_id.0,
        node.plan_ne,
        router_id,
        dump_id
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether a load has this warning already: a load may end more than once.
async fn is_warned(
    conn: &mut PgConnection,
    load_id: LoadId,
    warning: &NewWarning,
) -> Result<bool, StoreError> {
    let warned = sqlx::query_scalar!(
        r#"select exists (select 1 from dump.parse_warning
            where load_id = $1 and plan_ne = $2 and plugin = $3 and code = $4) as "warned!""#,
        load_id.0,
        warning.plan_ne,
        warning.plugin,
        warning.code
    )
    .fetch_one(conn)
    .await?;
    Ok(warned)
}
