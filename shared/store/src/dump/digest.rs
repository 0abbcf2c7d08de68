//! What a load holds in short: rows per table, and its warnings by code with the first of each.

use landfall_domain::LoadId;
use sqlx::PgPool;

use super::RowCounts;
use crate::StoreError;

/// The warnings of one code.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct WarningGroup {
    /// The code.
    pub code: String,
    /// How many there are.
    pub count: i64,
    /// The first of them by network element, plugin, file and line.
    pub first: Vec<WarningLine>,
}

/// A stored warning, without its code.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct WarningLine {
    /// The network element; empty for one about the whole archive.
    pub ne: String,
    /// The plugin, or `plan`.
    pub plugin: String,
    /// The file, or the place in the archive.
    pub chain_path: String,
    /// The line, from 1; 0 where it is about the whole file.
    pub line: i64,
    /// What and why, where the code does not say it all.
    pub text: Option<String>,
}

/// The tables in which a load has rows, and how many.
pub async fn load_rows(pool: &PgPool, load_id: LoadId) -> Result<RowCounts, StoreError> {
    let rows = sqlx::query!(
        r#"select 'dump.dump_node' as "table!", count(*) as "n!" from dump.dump_node where load_id = $1
           union all select 'dump.lsp_entry', count(*) from dump.lsp_entry where load_id = $1
           union all select 'dump.alarm_state_entry', count(*) from dump.alarm_state_entry where load_id = $1
           union all select 'dump.dpr_entry', count(*) from dump.dpr_entry where load_id = $1
           union all select 'dump.nea_trace', count(*) from dump.nea_trace where load_id = $1
           union all select 'dump.nea_bucket_count', count(*) from dump.nea_bucket_count where load_id = $1
           union all select 'dump.ma_notif_bucket_count', count(*) from dump.ma_notif_bucket_count where load_id = $1
           union all select 'dump.three_r_group', count(*) from dump.three_r_group where load_id = $1
           union all select 'dump.three_r_link', count(*) from dump.three_r_link where load_id = $1
           union all select 'dump.dpr_link', count(*) from dump.dpr_link where load_id = $1
           union all select 'dump.dpr_router_map', count(*) from dump.dpr_router_map where load_id = $1"#,
        load_id.0
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().filter(|r| r.n > 0).map(|r| (r.table, r.n)).collect())
}

/// The warnings of a load by code, with the first `first` of each code.
pub async fn warning_groups(
    pool: &PgPool,
    load_id: LoadId,
    first: i64,
) -> Result<Vec<WarningGroup>, StoreError> {
    let rows = sqlx::query!(
        r#"select code as "code!", n as "n!", plan_ne as "plan_ne!", plugin as "plugin!",
               chain_path as "chain_path!", line as "line!", text from (
               select code, plan_ne, plugin, chain_path, line, text, count(*) over (partition by code) as n,
                   row_number() over (partition by code order by plan_ne, plugin, chain_path, line, text) as nth
               from dump.parse_warning where load_id = $1
           ) as w
           where nth <= $2 order by code, nth"#,
        load_id.0,
        first
    )
    .fetch_all(pool)
    .await?;
    let mut groups: Vec<WarningGroup> = Vec::new();
    for r in rows {
        let line = WarningLine {
            ne: r.plan_ne,
            plugin: r.plugin,
            chain_path: r.chain_path,
            line: r.line,
            text: r.text,
        };
        match groups.last_mut() {
            Some(group) if group.code == r.code => group.first.push(line),
            _ => groups.push(WarningGroup { code: r.code, count: r.n, first: vec![line] }),
        }
    }
    Ok(groups)
}
